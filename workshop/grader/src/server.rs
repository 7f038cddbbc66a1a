use crate::case::Trouble;
use crate::cleanup::Group;
use crate::client::{Client, PATIENCE};
use crate::evidence::Evidence;
use crate::program::Program;
use crate::text::{Text, text};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// How much of what a server prints is kept, in bytes.
const KEPT_OUTPUT: usize = 16 * 1024;

/// A running server, its descendants included: dropped, all of them are killed.
#[derive(Debug)]
pub struct Server {
    group: Group,
    address: SocketAddr,
    stdout: Arc<Mutex<Vec<u8>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    ended: Option<ExitStatus>,
}

impl Server {
    /// Starts `program --listen 127.0.0.1:0` and waits for the line that tells its address.
    ///
    /// # Errors
    ///
    /// A failed case: it cannot be started, ends at once, or does not say where it listens.
    pub fn start(program: &Program) -> Result<Server, Trouble> {
        Server::start_on(program, "127.0.0.1:0")
    }

    /// The same on another address.
    pub(crate) fn start_on(program: &Program, listen: &str) -> Result<Server, Trouble> {
        let mut command = Command::new(&program.path);
        command
            .args(&program.arguments)
            .args(["--listen", listen])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut group = Group::spawn(&mut command).map_err(|error| {
            let found = format!("cannot start {}: {error}", program.path.display());
            Trouble::failed(
                Evidence::Note(Text::new(found.clone(), found)),
                &CANNOT_START,
            )
        })?;
        // Both pipes are drained all the time: a server that prints much must not block on a full
        // pipe, which holds 64 KiB.
        let (sender, first_line) = mpsc::channel();
        let stdout = drain(group.leader().stdout.take().expect("piped"), Some(sender));
        let stderr = drain(group.leader().stderr.take().expect("piped"), None);
        let address = first_line.recv_timeout(PATIENCE);
        let mut server = Server {
            group,
            address: SocketAddr::from(([0; 4], 0)),
            stdout,
            stderr,
            ended: None,
        };
        let line = address.unwrap_or_default();
        match line.strip_prefix("listening on ").map(str::parse) {
            Some(Ok(address)) => {
                server.address = address;
                Ok(server)
            }
            _ => Err(server.no_address(&line)),
        }
    }

    fn no_address(&mut self, line: &str) -> Trouble {
        let line = line.escape_debug();
        let mut trouble = Trouble::failed(
            Evidence::Finding {
                expected: text(
                    "the line \"listening on ADDRESS:PORT\" on standard output, flushed",
                    "标准输出上一行 \"listening on 地址:端口\"，并立即刷新",
                ),
                found: Text::new(format!("\"{line}\""), format!("\"{line}\"")),
            },
            &CANNOT_START,
        );
        if let Trouble::Failed(failure) = &mut trouble {
            failure.notes = self.last_words();
        }
        trouble
    }

    /// The number of the process that was started.
    pub fn pid(&self) -> u32 {
        self.group.id()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A new client, connected.
    ///
    /// # Errors
    ///
    /// A failed case: the connection is refused or not made in time.
    pub fn connect(&self) -> Result<Client, Trouble> {
        Client::connect(self.address)
    }

    /// What it has printed on standard output so far.
    pub(crate) fn stdout(&self) -> Vec<u8> {
        self.stdout
            .lock()
            .expect("the drain does not panic")
            .clone()
    }

    /// What it has printed on standard error so far.
    pub(crate) fn stderr(&self) -> Vec<u8> {
        self.stderr
            .lock()
            .expect("the drain does not panic")
            .clone()
    }

    /// How the process ended; `None` while it lives.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.group.leader().try_wait().unwrap_or_default();
        }
        self.ended
    }

    /// How the process ended, if it does within `limit`.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        poll_until(deadline, || self.ended().is_some());
        self.ended
    }

    /// How the server ended, if it did, and the last line of its complaints: notes for a failure.
    pub(crate) fn last_words(&mut self) -> Vec<Text> {
        let mut notes = Vec::new();
        if let Some(status) = self.wait(Duration::from_millis(50)) {
            notes.push(how_it_ended(status));
        }
        let complaints = String::from_utf8_lossy(&self.stderr()).into_owned();
        if let Some(line) = complaints.lines().rfind(|line| !line.trim().is_empty()) {
            notes.push(Text::new(
                format!("on its standard error: {line}"),
                format!("它的标准错误：{line}"),
            ));
        }
        notes
    }
}

/// Asks again and again, a few milliseconds apart, until it holds or the deadline has passed.
///
/// For what the kernel tells nobody about, such as the end of somebody else's child.
pub(crate) fn poll_until(deadline: Instant, mut holds: impl FnMut() -> bool) -> bool {
    loop {
        if holds() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Keeps what comes from `pipe`; sends its first line, once complete, to `first_line`.
fn drain(
    mut pipe: impl Read + Send + 'static,
    mut first_line: Option<mpsc::Sender<String>>,
) -> Arc<Mutex<Vec<u8>>> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&kept);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let length = match pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            let mut kept = writer.lock().expect("nobody panics with it");
            let room = KEPT_OUTPUT - kept.len();
            kept.extend_from_slice(&buffer[..length.min(room)]);
            if let Some(newline) = kept.iter().position(|&byte| byte == b'\n')
                && let Some(sender) = first_line.take()
            {
                let _ = sender.send(String::from_utf8_lossy(&kept[..newline]).into_owned());
            }
        }
    });
    kept
}

fn how_it_ended(status: ExitStatus) -> Text {
    match status.signal() {
        Some(number) => {
            let name = nix::sys::signal::Signal::try_from(number)
                .map_or_else(|_| number.to_string(), |signal| signal.to_string());
            Text::new(
                format!("the server is dead: killed by {name}"),
                format!("服务器已经死了：被 {name} 杀死"),
            )
        }
        None => {
            let code = status.code().unwrap_or_default();
            Text::new(
                format!("the server has ended: exit status {code}"),
                format!("服务器已经退出：退出状态 {code}"),
            )
        }
    }
}

static CANNOT_START: Text = text(
    "Every server starts with --listen 127.0.0.1:0, takes any free port, and prints its address.",
    "每个服务器都用 --listen 127.0.0.1:0 启动，任取一个空闲端口，并打印出地址。",
);
