use crate::support::{Running, is_answered, leave};
use std::process::{Command, Stdio};

/// Sooner or later, one of them comes before the thread of the last one has been counted.
const CLIENTS: usize = 2_000;

const POOL: &str = env!("CARGO_BIN_EXE_thread-pool-server");

#[test]
fn whoever_comes_when_the_last_has_left_finds_a_thread() {
    let server = Running::start(Command::new(POOL).args(["--threads", "1"]));
    for _ in 0..CLIENTS {
        let client = server.connect();
        assert!(is_answered(&client));
        leave(client);
    }
    assert_eq!(server.complaints(), "");
}

#[test]
fn one_too_many_is_told_of_once() {
    let mut server = Running::start(Command::new(POOL).args(["--threads", "1"]));
    let first = server.connect();
    assert!(is_answered(&first));
    let (second, third) = (server.connect(), server.connect());
    // Accepted, and not served: that is when it is told.
    let told = server.first_complaint();
    assert_eq!(
        told,
        "thread-pool-server: all 1 threads are taken: clients wait\n"
    );
    for client in [first, second, third] {
        assert!(is_answered(&client));
        leave(client);
    }
    assert_eq!(server.complaints(), "");
}

/// It must not say that it listens, and then end.
#[test]
fn without_room_for_its_threads_it_does_not_listen() {
    // A hundred stacks of 2 MiB do not fit into 60 MB.
    let limited = "ulimit -v 60000 && exec \"$0\" \"$@\"";
    let ended = Command::new("sh")
        .args(["-c", limited, POOL, "--threads", "100"])
        .args(["--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .output()
        .expect("it can be started");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(ended.stdout.is_empty(), "{said}");
    assert!(
        said.contains("127.0.0.1:") && said.lines().count() == 1,
        "{said}"
    );
}
