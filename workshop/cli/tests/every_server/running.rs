//! A server that was started in some way or other, or was not.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use subject::{Group, Start, processes};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Running {
    group: Group,
    address: SocketAddr,
}

/// What is left of a program that has ended before it listened.
#[derive(Debug)]
pub(crate) struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// How it is started, and what is to be known of that.
pub(crate) struct Launch {
    pub(crate) command: Command,
    pub(crate) inherits: Start,
}

impl From<Command> for Launch {
    fn from(command: Command) -> Launch {
        Launch {
            command,
            inherits: Start::default(),
        }
    }
}

impl Running {
    /// Starts it; when it ends instead of listening, how it has.
    pub(crate) fn start(launch: impl Into<Launch>) -> Result<Result<Running, Ended>, String> {
        let Launch {
            mut command,
            inherits,
        } = launch.into();
        // Without a standard output it cannot say where it listens: it is told an address.
        let is_mute = inherits.closed.contains(&1);
        let address = match is_mute {
            true => free_address().to_string(),
            false => "127.0.0.1:0".to_owned(),
        };
        command
            .args(["--listen", &address])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let group = inherits.spawn(&mut command);
        let mut group = group.map_err(|it| format!("{command:?}: {it}"))?;
        let (stdout, stderr) = (group.stdout(), group.stderr());
        if is_mute {
            let address: SocketAddr = address.parse().expect("it is one");
            until(|| TcpStream::connect(address).is_ok()).ok_or("nobody listens there")?;
            return Ok(Ok(Running { group, address }));
        }
        let (told, line) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout.expect("piped")).read_line(&mut line);
            let _ = told.send(line);
        });
        let line = line.recv_timeout(PATIENCE);
        let line = line.map_err(|_| "it says nothing, and goes on".to_owned())?;
        if let Some(address) = line.trim_end().strip_prefix("listening on ") {
            let address = address.parse().map_err(|it| format!("{line}: {it}"))?;
            return Ok(Ok(Running { group, address }));
        }
        let status = until_some(|| group.ended()).ok_or("it closes standard output, and lives")?;
        let mut said = String::new();
        let read = stderr.expect("piped").read_to_string(&mut said);
        read.map_err(|it| it.to_string())?;
        Ok(Err(Ended {
            status,
            stdout: line,
            stderr: said,
        }))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's own number: whoever has started it may wait for it.
    pub(crate) fn pid(&self) -> u32 {
        let leader = self.group.id();
        let waits = |name: &str| matches!(name.trim(), "unshare" | "sh");
        let name = std::fs::read_to_string(format!("/proc/{leader}/comm")).unwrap_or_default();
        let tree = processes::tree(leader).unwrap_or_default();
        match tree.get(1) {
            Some(child) if waits(&name) => child.pid,
            _ => leader,
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill(Pid::from_raw(self.pid() as i32), signal);
    }

    /// Does it talk with a client to the end?
    pub(crate) fn serves(&self) -> Result<(), String> {
        let mut client = connect(self.address);
        ask(&client)?;
        client
            .shutdown(std::net::Shutdown::Write)
            .map_err(|it| it.to_string())?;
        let mut rest = Vec::new();
        let end = client.read_to_end(&mut rest);
        end.map_err(|it| format!("no end: {it}"))?;
        match rest.is_empty() {
            true => Ok(()),
            false => Err(format!("it says more than was asked: {rest:?}")),
        }
    }

    /// How it has ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.group.ended()
    }

    pub(crate) fn is_gone(&mut self) -> Option<ExitStatus> {
        until_some(|| self.group.ended())
    }

    /// Changes its limit of descriptors while it runs, as an administrator can (`prlimit(1)`).
    pub(crate) fn limit_descriptors(&self, soft: u64, hard: u64) {
        let status = Command::new("prlimit")
            .args([
                format!("--pid={}", self.pid()),
                format!("--nofile={soft}:{hard}"),
            ])
            .status();
        assert!(status.expect("util-linux has it").success());
    }
}

impl Ended {
    /// Exit status 1, nothing on standard output, and one line of explanation.
    pub(crate) fn is_one_line_that_names(&self, what: &str) -> Result<(), String> {
        let Ended {
            status,
            stdout,
            stderr,
        } = self;
        let is_right = status.code() == Some(1)
            && stdout.is_empty()
            && stderr.ends_with('\n')
            && stderr.lines().count() == 1
            && stderr.contains(what);
        is_right.then_some(()).ok_or_else(|| format!("{self:?}"))
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect_timeout(&address, PATIENCE).expect("it listens");
    client.set_read_timeout(Some(PATIENCE)).expect("a socket");
    client
}

pub(crate) fn ask(mut client: &TcpStream) -> Result<(), String> {
    client.write_all(b"Hello\n").map_err(|it| it.to_string())?;
    hear(client)
}

pub(crate) fn hear(mut client: &TcpStream) -> Result<(), String> {
    let mut answer = [0; 6];
    let heard: io::Result<()> = client.read_exact(&mut answer);
    match heard {
        Ok(()) if &answer == b"Uryyb\n" => Ok(()),
        Ok(()) => Err(format!("{:?}", String::from_utf8_lossy(&answer))),
        Err(error) => Err(format!("no answer: {error}")),
    }
}

pub(crate) fn until(mut holds: impl FnMut() -> bool) -> Option<()> {
    until_some(|| holds().then_some(()))
}

/// Looks again and again, as nobody tells: the kernel has no call for it.
fn until_some<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match look() {
            None if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            found => return found,
        }
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound")
}
