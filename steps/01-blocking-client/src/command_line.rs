// ANCHOR: arguments
use clap::Parser;
use std::fmt::{self, Display};
use std::time::Duration;

/// The port of HTTP. It alone is left out of the Host header (RFC 9110, section 7.2).
const HTTP: u16 = 80;

/// Gets one page over HTTP with blocking calls, and prints the answer as it comes, headers
/// included
#[derive(Debug, Parser)]
#[command(name = "blocking-client", version)]
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
    #[arg(value_name = "HOST[:PORT]", default_value = "www.example.com:80", value_parser = host_and_port)]
    pub(crate) host: Host,
    /// What to ask for
    #[arg(default_value = "/", value_parser = path)]
    path: String,
}

/// The server that is asked, as the command line names it.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    /// A name or an address; an IPv6 address in its brackets.
    pub(crate) name: String,
    pub(crate) port: u16,
}
// ANCHOR_END: arguments

// ANCHOR: request
impl CommandLine {
    /// The request. In HTTP/1.0 the server closes when it has answered: the end of file is the end
    /// of the page. The Host header is younger, but many servers answer for more than one name.
    pub(crate) fn request(&self) -> String {
        format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", self.path, self.host)
    }
}

impl Display for Host {
    /// The value of a Host header.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Host { name, port } = self;
        match *port {
            HTTP => formatter.write_str(name),
            _ => write!(formatter, "{name}:{port}"),
        }
    }
}
// ANCHOR_END: request

// ANCHOR: checks
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be a whole number of seconds, from 1 to 4294967295".into()),
        // 32 bits of seconds are a century, and no clock overflows.
        Ok(seconds) => Ok(Duration::from_secs(u32::into(seconds))),
    }
}

/// `HOST` or `HOST:PORT`, checked as far as that goes without asking for the host's address.
fn host_and_port(text: &str) -> Result<Host, String> {
    if text.contains('/') {
        return Err("host and path stand apart, without http://, as in www.example.com /".into());
    }
    let (name, port) = match text.rsplit_once(':') {
        // What ends in a bracket is an address whose last colon is its own.
        Some((name, port)) if !text.ends_with(']') => {
            let port = port.parse().ok().filter(|&port| port != 0);
            let port = port.ok_or("the port must be a number from 1 to 65535")?;
            (name, port)
        }
        _ => (text, HTTP),
    };
    if name.is_empty() {
        return Err("a host is missing; write HOST:PORT, for example www.example.com:80".into());
    }
    if name.contains(':') && !(name.starts_with('[') && name.ends_with(']')) {
        return Err("an IPv6 address goes in brackets, for example [::1]:8080".into());
    }
    Ok(Host {
        name: name.to_owned(),
        port,
    })
}

/// A path that can stand in a request: whoever could put a line break into it could write headers.
fn path(text: &str) -> Result<String, String> {
    if text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("it must begin with / and be of visible ASCII (write a space as %20)".into())
    }
}
// ANCHOR_END: checks
