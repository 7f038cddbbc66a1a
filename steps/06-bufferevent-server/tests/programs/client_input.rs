//! How `bufferevent-client` reads its standard input: never much more than it can say.

use crate::client::{deserted, ended, server};
use grader::processes;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long it may take to fall asleep.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much is offered, and how much of it may be taken by one who cannot say it: what the kernel
/// keeps in two connections and a pipe is less.
const OFFERED: usize = 256 << 20;
const MAY_TAKE: usize = 128 << 20;

fn start(arguments: &[&str], input: Stdio) -> Child {
    Command::new(env!("CARGO_BIN_EXE_bufferevent-client"))
        .args(arguments)
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be started")
}

#[test]
fn what_cannot_be_said_is_not_read() {
    let (release, held) = mpsc::channel::<()>();
    let stubborn = server(move |stream| {
        // It neither reads nor closes before all is over.
        let _ = held.recv();
        drop(stream);
    });
    let mut child = start(&["--timeout", "1", &stubborn], Stdio::piped());
    let mut keyboard = child.stdin.take().expect("piped");
    let piece = [b'\n'; 1 << 16];
    let mut taken = 0;
    while taken < OFFERED && keyboard.write_all(&piece).is_ok() {
        taken += piece.len();
    }
    drop(keyboard);
    let ended = ended(&mut child);
    drop(release);
    assert!(taken < MAY_TAKE, "{taken} bytes were taken");
    assert_eq!(ended.and_then(|status| status.code()), Some(1));
}

/// It has nothing to say, and that is told as soon as there is somebody to be told.
#[cfg(target_os = "linux")]
#[test]
fn the_end_of_an_input_that_came_before_the_connection_is_told_after_it() {
    let (listener, address) = deserted();
    // A queue of 0 has room for one (`listen(2)`, and what the kernel makes of it).
    listener.listen(0).expect("it is bound");
    let _first = TcpStream::connect(&address).expect("it listens");
    let mut child = start(&[&address], Stdio::null());
    let deadline = Instant::now() + PATIENCE;
    // It waits for its connection, and its input has ended. The kernel asks once more after a
    // second (tcp(7)).
    while let Ok(call) = processes::system_call(child.id())
        && !call.is_some_and(|name| name.starts_with("epoll"))
    {
        assert!(Instant::now() < deadline, "it does not sleep");
        thread::sleep(Duration::from_millis(1));
    }
    listener.accept().expect("the first one");
    let (second, _) = listener.accept().expect("the second one");
    let mut second = TcpStream::from(second);
    second.set_read_timeout(Some(PATIENCE)).expect("a socket");
    assert_eq!(second.read(&mut [0]).expect("an end"), 0);
    drop(second);
    let ended = ended(&mut child);
    assert_eq!(ended.and_then(|status| status.code()), Some(0));
}
