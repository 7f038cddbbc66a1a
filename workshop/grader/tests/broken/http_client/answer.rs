use crate::bug::Bug;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// How much is received at a time, in bytes.
const RECEIVE_SIZE: usize = 64 * 1024;
/// How rarely a byte is lost, in bytes.
const RARELY: usize = 5_000_000;

/// Receives the answer and prints it, until the server closes.
pub(crate) fn receive(mut server: TcpStream, address: SocketAddr, bug: Bug) -> Result<(), String> {
    let mut buffer = vec![0; RECEIVE_SIZE];
    let mut received = 0;
    let mut kept = Vec::new();
    let mut reader_has_gone = false;
    loop {
        let length = match server.read(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => match bug {
                Bug::InterruptedIsFailure => return Err(broken(address, &error, received, bug)),
                _ => continue,
            },
            Err(error) => match bug {
                Bug::ResetIsEnd if error.kind() == ErrorKind::ConnectionReset => 0,
                Bug::TimeoutIsEnd if error.kind() == ErrorKind::WouldBlock => 0,
                _ => return Err(broken(address, &error, received, bug)),
            },
        };
        if length == 0 && received == 0 && bug != Bug::EmptyAnswerIsSuccess {
            return Err(format!("cannot receive from {address}: nothing has come"));
        }
        received += length;
        let piece = &buffer[..length];
        let shown = match bug {
            Bug::TakesBytesForText => String::from_utf8_lossy(piece).into_owned().into(),
            Bug::StopsAtNul => piece.split(|&byte| byte == 0).next().unwrap_or(&[]).into(),
            Bug::NewlineAdded if length == 0 => b"\n".to_vec(),
            Bug::HeadersDropped if received == length => after_headers(piece).into(),
            Bug::LosesAByte if received / RARELY > (received - length) / RARELY => {
                piece[1..].into()
            }
            Bug::PrintsAtEnd | Bug::KeepsTheAnswer => {
                kept.extend_from_slice(piece);
                match bug {
                    Bug::PrintsAtEnd if length > 0 => vec![],
                    Bug::PrintsAtEnd => std::mem::take(&mut kept),
                    _ => piece.to_vec(),
                }
            }
            _ => piece.to_vec(),
        };
        if !reader_has_gone {
            reader_has_gone = !print(&shown, bug)?;
        }
        let is_end = bug == Bug::ShortReceiveIsEnd && length < RECEIVE_SIZE;
        if length == 0 || is_end || reader_has_gone && bug != Bug::ReceivesForNobody {
            return Ok(());
        }
    }
}

fn after_headers(piece: &[u8]) -> &[u8] {
    let end = piece.windows(4).position(|end| end == b"\r\n\r\n");
    end.map_or(&[], |end| &piece[end + 4..])
}

/// Why the answer has broken off.
fn broken(address: SocketAddr, error: &io::Error, received: usize, bug: Bug) -> String {
    let why = match error.kind() {
        ErrorKind::WouldBlock if bug != Bug::TimeoutMiscalled => "timed out".to_owned(),
        _ => error.to_string(),
    };
    match bug {
        Bug::ArrivedUncounted => format!("cannot receive from {address}: {why}"),
        _ => format!("cannot receive from {address}: {why} ({received} bytes had come)"),
    }
}

/// Prints a piece; false when nobody reads any more.
fn print(bytes: &[u8], bug: Bug) -> Result<bool, String> {
    let mut output = io::stdout().lock();
    let mut printed = output.write_all(bytes);
    if bug != Bug::NeverFlushes {
        printed = printed.and_then(|()| output.flush());
    }
    match printed {
        Ok(()) => Ok(true),
        Err(error) if bug == Bug::PipePanics => panic!("failed printing to stdout: {error}"),
        Err(error) if bug == Bug::PipeIsFailure => Err(format!("cannot print: {error}")),
        Err(_) => Ok(false),
    }
}
