//! What programs are told on their command lines: addresses and time-outs, written the same way for
//! all of them.
//!
//! Each parser looks at the text alone, asks nobody, and says what to write instead. clap makes an
//! exit status of 2 of that.

use crate::server::warn;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Write};
use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;
use std::{process, vec};

/// The longest time-out, in seconds: more than a century, and no clock overflows.
const LONGEST: u32 = u32::MAX;

/// What a client does first: puts right what it has inherited of signals, and parses the command line
/// of the program `name` into `T`. Ends the process if that is wrong (exit status 2), or if it asks
/// for `--help` or `--version` (0, or 1 where that cannot be printed).
pub fn parse<T: clap::Parser>(name: &'static str, about: &'static str) -> T {
    // A client that is told to end has not done what it was asked for: the shell's custom.
    crate::signals::put_right(|signal| 128 + signal);
    parsed(name, about)
}

pub(crate) fn parsed<T: clap::Parser>(name: &'static str, about: &'static str) -> T {
    let command = T::command()
        .name(name)
        .bin_name(name)
        .version(env!("CARGO_PKG_VERSION"))
        .about(about);
    let matches = command.clone().try_get_matches();
    let parsed = matches.and_then(|matches| T::from_arg_matches(&matches));
    parsed.unwrap_or_else(|answer| process::exit(tell(name, &answer, command)))
}

/// Tells what is wrong with the command line, always with the usage, which clap leaves out when
/// only a value is wrong; or prints the help that was asked for. Returns the exit status.
fn tell(name: &str, answer: &clap::Error, mut command: clap::Command) -> i32 {
    let usage = command.render_usage().to_string();
    if answer.use_stderr() && !answer.to_string().contains(&usage) {
        let _ = writeln!(io::stderr(), "{usage}\n");
    }
    match answer.print().and_then(|()| io::stdout().flush()) {
        // Who has asked for it does not get it, and is to know.
        Err(error) if !answer.use_stderr() && error.kind() != ErrorKind::BrokenPipe => {
            warn(name, &format!("cannot write standard output: {error}"));
            1
        }
        _ => answer.exit_code(),
    }
}

/// `HOST:PORT`: a name or an address, and a port.
///
/// An IPv6 address stands in brackets, as in `[::1]:40713`, because its last colon would otherwise
/// pass for the one before the port; its zone, if it needs one, follows it: `[fe80::1%eth0]:80`
/// (RFC 4007, section 11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    host: String,
    port: u16,
}

impl HostPort {
    /// The host as it was given, an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The host as others may be told of it: without its zone, which names an interface of this
    /// machine and means nothing on any other (RFC 6874, section 1).
    pub fn public_host(&self) -> String {
        match self.host.split_once('%') {
            Some((address, _zone)) => format!("{address}]"),
            None => self.host.clone(),
        }
    }
}

impl Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl ToSocketAddrs for HostPort {
    type Iter = vec::IntoIter<SocketAddr>;

    /// Asks the system which addresses the host has (`getaddrinfo(3)`), which may take a while.
    fn to_socket_addrs(&self) -> io::Result<vec::IntoIter<SocketAddr>> {
        // The brackets are for people. In them, the system would not know a zone by its name.
        let host = self.host.strip_prefix('[').unwrap_or(&self.host);
        let host = host.strip_suffix(']').unwrap_or(host);
        (host, self.port).to_socket_addrs()
    }
}

/// What is wrong with an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongAddress {
    /// More than an address, as in `http://localhost:80/`; how to write it.
    Url(&'static str),
    /// No host; how to write it.
    NoHost(&'static str),
    /// No port; how to write it.
    NoPort(&'static str),
    /// No port that there is.
    Port {
        /// The least that may stand there.
        least: u16,
        /// What stands there.
        found: String,
    },
    /// Something else in brackets than an address of IPv6.
    NoIpv6(String),
    /// An address of IPv6 without brackets.
    NoBrackets,
    /// No name of a host.
    Host(String),
}

impl Display for WrongAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WrongAddress::Url(way) => {
                write!(f, "write {way}, without http:// and without a path")
            }
            WrongAddress::NoHost(way) => write!(f, "a host is missing; write {way}"),
            WrongAddress::NoPort(way) => write!(f, "a port is missing; write {way}"),
            WrongAddress::Port { least, found } => write!(
                f,
                "the port must be a number from {least} to 65535, not {found:?}"
            ),
            WrongAddress::NoIpv6(host) => write!(f, "{host:?} is no IPv6 address; one is [::1]"),
            WrongAddress::NoBrackets => {
                f.write_str("an IPv6 address goes in brackets, for example [::1]:40713")
            }
            WrongAddress::Host(host) => write!(
                f,
                "a host is an address or a name of ASCII letters, digits, '-', '.' and '_', not {host:?}"
            ),
        }
    }
}

impl std::error::Error for WrongAddress {}

/// Where to listen: `HOST:PORT`, where port 0 stands for any that is free.
///
/// # Errors
///
/// What is wrong with it, and what to write.
pub fn where_to_listen(text: &str) -> Result<HostPort, WrongAddress> {
    host_and_port(text, "HOST:PORT, for example 127.0.0.1:40713", None, 0)
}

/// A server to connect to: `HOST:PORT`.
///
/// # Errors
///
/// What is wrong with it, and what to write.
pub fn server(text: &str) -> Result<HostPort, WrongAddress> {
    host_and_port(text, "HOST:PORT, for example 127.0.0.1:40713", None, 1)
}

/// A server to connect to: `HOST:PORT`, or `HOST` alone, which stands for the port of HTTP.
///
/// # Errors
///
/// What is wrong with it, and what to write.
pub fn http_server(text: &str) -> Result<HostPort, WrongAddress> {
    host_and_port(
        text,
        "HOST:PORT, for example www.example.com:80",
        Some(HTTP),
        1,
    )
}

/// The port of HTTP.
pub const HTTP: u16 = 80;

/// `way` is the way to write it. Without a `default` the port must be there; none is below `least`.
fn host_and_port(
    text: &str,
    way: &'static str,
    default: Option<u16>,
    least: u16,
) -> Result<HostPort, WrongAddress> {
    if text.contains('/') {
        return Err(WrongAddress::Url(way));
    }
    let (host, port) = match text.rsplit_once(':') {
        // What ends in a bracket is an address whose last colon is its own.
        Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    if host.is_empty() {
        return Err(WrongAddress::NoHost(way));
    }
    check_host(host)?;
    let port = match (port, default) {
        (Some(port), _) => number(port)
            .filter(|&number| number >= least)
            .ok_or_else(|| WrongAddress::Port {
                least,
                found: port.to_owned(),
            })?,
        (None, Some(default)) => default,
        (None, None) => return Err(WrongAddress::NoPort(way)),
    };
    Ok(HostPort {
        host: host.to_owned(),
        port,
    })
}

/// Digits and nothing else: `parse` alone would take `+1`.
fn number(port: &str) -> Option<u16> {
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| port.parse().ok()).flatten()
}

/// Could this be a host? It goes into the header of a request, where a line break would begin
/// another one; so what cannot be part of a name is not let through.
fn check_host(host: &str) -> Result<(), WrongAddress> {
    if let Some(address) = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        let (address, zone) = address.split_once('%').unwrap_or((address, "lo"));
        let is_zone = |byte: u8| byte.is_ascii_graphic() && !b"[]%".contains(&byte);
        if address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty() && zone.bytes().all(is_zone) {
            return Ok(());
        }
        return Err(WrongAddress::NoIpv6(host.to_owned()));
    }
    if host.contains(':') {
        return Err(WrongAddress::NoBrackets);
    }
    let may_be_in_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !host.bytes().all(may_be_in_a_name) {
        return Err(WrongAddress::Host(host.to_owned()));
    }
    Ok(())
}

/// A time-out in seconds: digits, with a fraction if need be, as in `0.5`.
///
/// # Errors
///
/// What is wrong with it, and what to write.
pub fn seconds(text: &str) -> Result<Duration, String> {
    // `parse` alone would take `1e3`, `+1`, `inf` and `NaN`.
    let is_number = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let seconds = is_number.then(|| text.parse().ok()).flatten();
    seconds
        .filter(|&seconds: &f64| seconds <= f64::from(LONGEST))
        .map(Duration::from_secs_f64)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            format!("write a number of seconds above 0, at most {LONGEST}, as in 0.5, not {text:?}")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parser = fn(&str) -> Result<HostPort, WrongAddress>;

    #[test]
    fn what_is_right_is_taken_as_it_stands() {
        for text in [
            "127.0.0.1:40713",
            "localhost:1",
            "a-b.example_c.:65535",
            "[::1]:8080",
            "[fe80::1%eth0.2]:80",
        ] {
            for parse in [where_to_listen, server, http_server] as [Parser; 3] {
                assert_eq!(parse(text).map(|it| it.to_string()).as_deref(), Ok(text));
            }
        }
        assert_eq!(where_to_listen("[::]:0").map(|it| it.port()), Ok(0));
        for (text, host) in [("a.example", "a.example"), ("[::1]", "[::1]")] {
            let server = http_server(text).expect(text);
            assert_eq!((server.host(), server.port()), (host, HTTP));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        for (text, told) in [
            ("127.0.0.1:+1", "from 1 to 65535, not \"+1\""),
            ("127.0.0.1:+0", "from 1 to 65535"),
            ("127.0.0.1:-1", "from 1 to 65535"),
            ("127.0.0.1: 80", "from 1 to 65535, not \" 80\""),
            ("127.0.0.1:80 ", "from 1 to 65535"),
            ("127.0.0.1:65536", "from 1 to 65535"),
            ("127.0.0.1:٣", "from 1 to 65535"),
            ("127.0.0.1:", "from 1 to 65535"),
            ("::1", "in brackets, for example [::1]:"),
            ("::1:8080", "in brackets"),
            ("[::1]8080", "in brackets"),
            ("[::1:8080", "in brackets"),
            ("[localhost]:80", "no IPv6 address"),
            ("[fe80::1%]:80", "no IPv6 address"),
            ("[fe80::1%a\r\nb]:80", "no IPv6 address"),
            ("", "a host is missing; write HOST:PORT"),
            (":80", "a host is missing; write HOST:PORT"),
            ("http://127.0.0.1:80", "without http://"),
            ("127.0.0.1:80/index.html", "without a path"),
            ("a b:80", "not \"a b\""),
            ("a\r\nX-Evil: yes\r\n:80", "in brackets"),
            ("a\r\nX-Evil:80", "not \"a\\r\\nX-Evil\""),
            ("me@example.com:80", "a host is"),
            ("a\0:80", "a host is"),
            ("例子:80", "a host is"),
        ] {
            for (parse, least) in [
                (where_to_listen as Parser, "from 0"),
                (server, "from 1"),
                (http_server, "from 1"),
            ] {
                let error = parse(text).expect_err(text).to_string();
                let told = told.replace("from 1", least);
                assert!(error.contains(&told), "{text}: {error}");
            }
        }
        for parse in [server, http_server] as [Parser; 2] {
            let error = parse("127.0.0.1:0")
                .expect_err("nobody listens there")
                .to_string();
            assert!(error.contains("from 1 to 65535"), "{error}");
        }
        for parse in [where_to_listen, server] as [Parser; 2] {
            for text in ["127.0.0.1", "localhost", "[::1]", "80"] {
                let error = parse(text).expect_err(text).to_string();
                assert!(
                    error.contains("a port is missing; write HOST:PORT"),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn a_zone_stays_on_this_machine() {
        let host = |text| http_server(text).map(|it| it.public_host());
        assert_eq!(host("[fe80::1%eth0]:8080").as_deref(), Ok("[fe80::1]"));
        assert_eq!(host("[fe80::1]:8080").as_deref(), Ok("[fe80::1]"));
        assert_eq!(host("localhost").as_deref(), Ok("localhost"));
    }

    #[test]
    fn an_address_is_found_without_asking_anybody() {
        for text in ["127.0.0.1:1", "[::1]:2"] {
            let found: Vec<_> = server(text)
                .expect(text)
                .to_socket_addrs()
                .expect("it is an address")
                .map(|address| address.to_string())
                .collect();
            assert_eq!(found, [text]);
        }
    }

    /// The loopback interface is the one whose name is known.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_zone_is_an_interface() {
        let address = server("[fe80::1%lo]:2").expect("it is an address");
        let found = address
            .to_socket_addrs()
            .expect("there is a loopback")
            .next();
        assert!(
            matches!(found, Some(SocketAddr::V6(address)) if address.scope_id() == 1),
            "{found:?}"
        );
    }

    #[test]
    fn a_time_out_is_a_number_of_seconds_above_0() {
        for (text, milliseconds) in [
            ("1", 1_000),
            ("0.5", 500),
            (".5", 500),
            ("5.", 5_000),
            ("007", 7_000),
            ("4294967295", 4_294_967_295_000),
        ] {
            let expected = Duration::from_millis(milliseconds);
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            ".",
            "0",
            "0.0",
            "0.0000000001",
            "-1",
            "+1",
            "1e3",
            "1s",
            " 1",
            "1,5",
            "1.2.3",
            "inf",
            "nan",
            "NaN",
            "4294967296",
            "99999999999999999999999",
            "soon",
            "一",
        ] {
            let error = seconds(text).expect_err(text);
            assert!(
                error.contains("above 0, at most 4294967295, as in 0.5"),
                "{error}"
            );
        }
        let long = "9".repeat(400); // more than a float holds
        assert!(seconds(&long).is_err());
    }
}
