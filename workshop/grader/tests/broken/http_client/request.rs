use crate::bug::Bug;
use crate::command_line::CommandLine;
use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::process::exit;

/// A buffer of 1,024 bytes without its terminator.
const SHORT: usize = 1_023;

/// Finds the addresses, and the first of them that answers.
pub(crate) fn connect(line: &CommandLine, bug: Bug) -> Result<(TcpStream, SocketAddr), String> {
    let mut addresses = resolve(&line.host, bug)?;
    match bug {
        Bug::FirstAddressOnly => addresses.truncate(1),
        Bug::HttpNoIpv6 => addresses.retain(SocketAddr::is_ipv4),
        _ => {}
    }
    let mut failures = Vec::new();
    for address in addresses {
        let connected = match line.timeout() {
            Some(timeout) if bug != Bug::ConnectsForEver => {
                TcpStream::connect_timeout(&address, timeout)
            }
            _ => TcpStream::connect(address),
        };
        match connected.and_then(|server| prepare(server, line, bug)) {
            Ok(server) => return Ok((server, address)),
            Err(error) => failures.push(refused(address, &error, bug)),
        }
    }
    Err(failures.join("; "))
}

fn resolve(host: &str, bug: Bug) -> Result<Vec<SocketAddr>, String> {
    if bug == Bug::NumbersOnly {
        let address = host.parse().map_err(|_| format!("{host} is no address"))?;
        return Ok(vec![address]);
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    match (host.to_socket_addrs(), bug) {
        (Ok(addresses), _) => Ok(addresses.collect()),
        (Err(error), Bug::UnresolvablePanics) => unwrapped(&error),
        (Err(error), Bug::UnresolvableUnnamed) => Err(format!("cannot resolve: {error}")),
        (Err(error), _) => Err(format!("cannot resolve {name}: {error}")),
    }
}

fn prepare(server: TcpStream, line: &CommandLine, bug: Bug) -> io::Result<TcpStream> {
    if bug != Bug::TimeoutIgnored {
        server.set_read_timeout(line.timeout())?;
        server.set_write_timeout(line.timeout())?;
    }
    Ok(server)
}

fn refused(address: SocketAddr, error: &io::Error, bug: Bug) -> String {
    match bug {
        Bug::RefusedPanics => unwrapped(error),
        Bug::RefusedUnnamed => format!("cannot connect: {error}"),
        Bug::RefusedExits0 => {
            eprintln!("broken-http-client: cannot connect to {address}: {error}");
            exit(0)
        }
        _ => format!("cannot connect to {address}: {error}"),
    }
}

fn unwrapped(error: &io::Error) -> ! {
    panic!("called `Result::unwrap()` on an `Err` value: {error:?}")
}

/// Sends the request, all of it.
pub(crate) fn send(
    server: &mut TcpStream,
    address: SocketAddr,
    line: &CommandLine,
    bug: Bug,
) -> Result<(), String> {
    let request = request(line, bug);
    let mut rest = match bug {
        Bug::RequestCut => &request.as_bytes()[..request.len().min(SHORT)],
        _ => request.as_bytes(),
    };
    while !rest.is_empty() {
        match server.write(rest) {
            Ok(_) if bug == Bug::ShortSend => break,
            Ok(taken) => rest = &rest[taken..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(format!("cannot send to {address}: {error}")),
        }
    }
    Ok(())
}

fn request(line: &CommandLine, bug: Bug) -> String {
    let path = match bug {
        Bug::PathIgnored => "/",
        _ => &line.path,
    };
    let version = match bug {
        Bug::HttpOneOne => "1.1",
        _ => "1.0",
    };
    let host = line.host.strip_suffix(":80").unwrap_or(&line.host);
    let host = match (bug, host.rsplit_once(':')) {
        (Bug::HostWithoutPort, Some((name, _))) => name.to_owned(),
        (Bug::HostWithoutBrackets, _) => host.replace(['[', ']'], ""),
        _ => host.to_owned(),
    };
    match bug {
        Bug::BareNewlines => format!("GET {path} HTTP/{version}\nHost: {host}\n\n"),
        Bug::NoHost => format!("GET {path} HTTP/{version}\r\n\r\n"),
        Bug::NoBlankLine => format!("GET {path} HTTP/{version}\r\nHost: {host}\r\n"),
        _ => format!("GET {path} HTTP/{version}\r\nHost: {host}\r\n\r\n"),
    }
}
