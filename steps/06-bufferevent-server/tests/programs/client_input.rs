//! How `bufferevent-client` reads its standard input: never much more than it can say.

use crate::client::{NO_SUCH_NAME, deserted, ended, server};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use subject::processes;

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

#[test]
fn a_server_that_closes_while_there_may_be_more_to_say_has_closed_early() {
    let answers_once = server(|mut stream| {
        let mut line = [0; 6];
        stream.read_exact(&mut line).expect("a line");
        conversation::rot13(&mut line);
        stream.write_all(&line).expect("there is room");
    });
    let mut child = start(&[&answers_once], Stdio::piped());
    let mut keyboard = child.stdin.take().expect("piped");
    keyboard.write_all(b"Hello\n").expect("it reads");
    let ended = ended(&mut child);
    drop(keyboard);
    assert_eq!(ended.and_then(|status| status.code()), Some(1));
}

#[test]
fn with_nobody_to_talk_to_it_does_not_wait_for_its_input() {
    let mut child = start(&[NO_SUCH_NAME], Stdio::piped());
    let keyboard = child.stdin.take().expect("piped");
    let ended = ended(&mut child);
    drop(keyboard);
    assert_eq!(ended.and_then(|status| status.code()), Some(1));
}

/// What comes before the connection is there is said over it, and then the end.
#[cfg(target_os = "linux")]
#[test]
fn what_was_read_before_the_connection_is_there_is_said_after_it() {
    for said in ["", "Hello\n"] {
        let (listener, address) = deserted();
        // A queue of 0 has room for one (`listen(2)`, and what the kernel makes of it).
        listener.listen(0).expect("it is bound");
        let _first = TcpStream::connect(&address).expect("it listens");
        let mut child = start(&[&address], Stdio::piped());
        let mut keyboard = child.stdin.take().expect("piped");
        keyboard.write_all(said.as_bytes()).expect("it reads");
        drop(keyboard);
        until_asleep(&child);
        // There is room in the queue again. The kernel asks once more after a second (tcp(7)).
        listener.accept().expect("the first one");
        let (second, _) = listener.accept().expect("the second one");
        let mut second = TcpStream::from(second);
        second.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let mut heard = String::new();
        second.read_to_string(&mut heard).expect("text, and an end");
        assert_eq!(heard, said);
        let answered = second.write_all(said.as_bytes());
        answered.expect("it still listens");
        drop(second);
        let ended = ended(&mut child);
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "{said:?}");
    }
}

/// Waits until it waits for something to happen.
#[cfg(target_os = "linux")]
fn until_asleep(child: &Child) {
    let deadline = Instant::now() + PATIENCE;
    while let Ok(call) = processes::system_call(child.id())
        && !call.is_some_and(|name| name.starts_with("epoll"))
    {
        assert!(Instant::now() < deadline, "it does not sleep");
        thread::sleep(Duration::from_millis(1));
    }
}
