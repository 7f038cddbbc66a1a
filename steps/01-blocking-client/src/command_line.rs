// ANCHOR: arguments
use shared::command_line::{HTTP, HostPort, http_server, seconds};
use std::time::Duration;

#[derive(Debug, clap::Parser)]
pub(crate) struct CommandLine {
    /// Give up when a connection is not made, or nothing moves, for this long [default: wait for
    /// ever]
    ///
    /// Each address tried and each wait for data has all of this time. Resolving the name is not
    /// covered: the system's resolver has a time-out of its own.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    // No doc comment: rustdoc would take the brackets for a link.
    #[arg(help = "Whom to ask; an IPv6 address goes in brackets, as in [::1]:8080")]
    #[arg(value_name = "HOST[:PORT]", default_value = "www.example.com:80", value_parser = http_server)]
    pub(crate) server: HostPort,
    /// What to ask for
    #[arg(default_value = "/", value_parser = path)]
    path: String,
}
// ANCHOR_END: arguments

// ANCHOR: request
impl CommandLine {
    /// The request. In HTTP/1.0 the server closes when it has answered: the end of file is the end
    /// of the page. The Host header is younger, but many servers answer for more than one name.
    pub(crate) fn request(&self) -> String {
        format!(
            "GET {} HTTP/1.0\r\nHost: {}\r\n\r\n",
            self.path,
            self.host()
        )
    }

    /// The value of the Host header. The port of HTTP, and no other, is left out (RFC 9110, section
    /// 7.2).
    fn host(&self) -> String {
        let host = self.server.public_host();
        match self.server.port() {
            HTTP => host,
            port => format!("{host}:{port}"),
        }
    }
}
// ANCHOR_END: request

// ANCHOR: checks
/// A path that can stand in a request: whoever could put a line break into it could write headers.
fn path(text: &str) -> Result<String, String> {
    if text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("it must begin with / and be of visible ASCII (write a space as %20)".into())
    }
}
// ANCHOR_END: checks
