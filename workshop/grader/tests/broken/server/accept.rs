use crate::bug::Bug;
use crate::conversation::converse;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio, exit};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// How long to rest when the system is out of something.
const REST: Duration = Duration::from_millis(100);
/// How long it takes to accept a client, for one who takes his time.
const SLOW: Duration = Duration::from_millis(5);

/// Accepts clients for ever, and gives each a thread of its own, or one of a pool.
pub(crate) fn serve(listener: &TcpListener, threads: Option<usize>, bug: Bug) {
    match (bug, threads) {
        (Bug::OneAfterTheOther, _) => serve_in_turn(listener, bug),
        (Bug::SelectOnce, _) => converse(accept(listener, bug), bug),
        (Bug::PoolOfThree, _) => serve_from_pool(listener, 3, bug),
        (Bug::PoolInSecret, _) => serve_from_pool(listener, 64, bug),
        (Bug::PoolGrows, _) | (_, None) => serve_side_by_side(listener, bug),
        (_, Some(threads)) => serve_from_pool(listener, threads, bug),
    }
}

/// Who finds no thread free waits in a queue.
fn serve_from_pool(listener: &TcpListener, threads: usize, bug: Bug) {
    let (queue, waiting) = mpsc::channel();
    let (waiting, there) = (Mutex::new(waiting), AtomicUsize::new(0));
    let next = || waiting.lock().ok()?.recv().ok();
    thread::scope(|pool| {
        for _ in 0..threads {
            pool.spawn(|| {
                while let Some(stream) = next() {
                    converse(stream, bug);
                    there.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
        loop {
            let stream = accept(listener, bug);
            if bug == Bug::PoolTurnsAway && there.load(Ordering::SeqCst) >= threads {
                continue;
            }
            there.fetch_add(1, Ordering::SeqCst);
            let _ = queue.send(stream);
        }
    });
}

fn serve_side_by_side(listener: &TcpListener, bug: Bug) {
    let mut kept = Vec::new();
    for number in 1.. {
        let stream = accept(listener, bug);
        match bug {
            Bug::FdsetOverflow if number > 1_000 => {
                kept.push(stream);
                continue;
            }
            Bug::ClosesPastThousand if number > 1_000 => continue,
            Bug::ForkFdLeak | Bug::KeepsTurnedAway => kept.extend(stream.try_clone()),
            Bug::ForkZombies => start_child("true", Stdio::null()),
            Bug::ChildOutlivesServer => start_child("exec sleep 600", Stdio::null()),
            Bug::OrphanKeepsConnection => give_to_orphan(&stream),
            Bug::PrintsClients => println!("client {number} has come"),
            _ => {}
        }
        // Where no thread is to be had, the client is closed.
        let helper = thread::Builder::new().spawn(move || converse(stream, bug));
        match bug {
            Bug::NoThreadPanics => drop(helper.expect("there is a thread")),
            Bug::KeepsTurnedAway if helper.is_ok() => drop(kept.pop()),
            _ => {}
        }
    }
}

fn serve_in_turn(listener: &TcpListener, bug: Bug) {
    loop {
        converse(accept(listener, bug), bug);
    }
}

pub(crate) fn accept(listener: &TcpListener, bug: Bug) -> TcpStream {
    if bug == Bug::ShortBacklog {
        thread::sleep(SLOW);
    }
    loop {
        match listener.accept() {
            Ok((stream, _)) => return stream,
            Err(_) if bug == Bug::EmfileSpin => {}
            Err(error) if bug == Bug::EmfileEndsServer => {
                eprintln!("broken-server: accept: {error}");
                exit(1);
            }
            Err(_) => thread::sleep(REST),
        }
    }
}

/// Starts a child that nobody will ask how it ended.
fn start_child(script: &str, stdin: Stdio) {
    let _ = Command::new("sh").args(["-c", script]).stdin(stdin).spawn();
}

/// The shell that starts it ends at once, and is waited for: the sleeper is nobody's child.
fn give_to_orphan(stream: &TcpStream) {
    if let Ok(copy) = stream.try_clone() {
        // What a shell sends to the background has its standard input taken away.
        let _ = Command::new("sh")
            .args(["-c", "exec 3<&0; sleep 600 <&3 &"])
            .stdin(OwnedFd::from(copy))
            .status();
    }
}
