use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use subject::Group;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A server, killed with its children when it is dropped.
pub(crate) struct Running {
    pub(crate) group: Group,
    pub(crate) address: SocketAddr,
    _stdout: ChildStdout,
    stderr: Option<ChildStderr>,
}

impl Running {
    /// Starts `command --listen 127.0.0.1:0`, and reads where it listens.
    pub(crate) fn start(command: &mut Command) -> Running {
        command
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut group = Group::spawn(command).expect("it can be started");
        let mut stdout = group.stdout().expect("piped");
        let stderr = group.stderr();
        let mut line = String::new();
        BufReader::new(&mut stdout)
            .read_line(&mut line)
            .expect("text");
        let address = line.trim_end().strip_prefix("listening on ");
        let address = address.expect(&line).parse().expect("an address");
        Running {
            group,
            address,
            _stdout: stdout,
            stderr,
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(self.address).expect("it listens");
        client.set_read_timeout(Some(PATIENCE)).expect("a socket");
        client
    }

    /// The first line that it says on standard error.
    pub(crate) fn first_complaint(&mut self) -> String {
        let mut stderr = self.stderr.take().expect("piped");
        let (told, line) = mpsc::channel();
        thread::spawn(move || {
            // Byte by byte: what comes after it is left where it is.
            let mut line = Vec::new();
            let mut byte = [0];
            while line.last() != Some(&b'\n') && matches!(stderr.read(&mut byte), Ok(1)) {
                line.push(byte[0]);
            }
            let _ = told.send((line, stderr));
        });
        let (line, stderr) = line.recv_timeout(PATIENCE).expect("it says something");
        self.stderr = Some(stderr);
        String::from_utf8(line).expect("text")
    }

    /// Kills it; what else it has said on standard error.
    pub(crate) fn complaints(mut self) -> String {
        let mut stderr = self.stderr.take().expect("piped");
        drop(self.group);
        let mut said = String::new();
        stderr.read_to_string(&mut said).expect("text");
        said
    }
}

/// Says a line; is it answered?
pub(crate) fn is_answered(mut client: &TcpStream) -> bool {
    let mut answer = [0; 6];
    let asked = client.write_all(b"Hello\n");
    asked.and_then(|()| client.read_exact(&mut answer)).is_ok() && &answer == b"Uryyb\n"
}

/// Has said all, and waits until the server has closed.
pub(crate) fn leave(mut client: TcpStream) {
    client.shutdown(Shutdown::Write).expect("it is open");
    client.read_to_end(&mut Vec::new()).expect("an end");
}
