//! Clients of which a server serves only some.
#![cfg(unix)]

use load::{Crowd, Lines, Load, Measured, Reading, Times, Trouble};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

/// A server that serves one client at a time: the others have connected, and wait.
fn one_at_a_time(answer: fn(&[u8]) -> Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("any port will do");
    let address = listener.local_addr().expect("it has one");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut lines = BufReader::new(&client);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|it| it > 0) {
                // Who leaves before the answer is no reason to stop.
                if (&client).write_all(&answer(&line)).is_err() {
                    break;
                }
                line.clear();
            }
        }
    });
    address
}

fn rotated(line: &[u8]) -> Vec<u8> {
    grader::model::owed(line, false)
}

/// All of them speak for a moment.
fn speak(crowd: Crowd) -> Result<Measured, Trouble> {
    let load: Load = "3x64x1".parse().expect("a load");
    let times = Times {
        warm_up: Duration::ZERO,
        measured: Duration::from_millis(50),
    };
    crowd.speak(&load, &Lines::new(&load, 1), &times, Reading::default)
}

#[test]
fn who_is_not_served_is_no_trouble_among_clients_who_only_connect() {
    let address = one_at_a_time(rotated);
    let crowd = Crowd::connect(address, 3, Duration::from_secs(10)).expect("they connect");
    let measured = speak(crowd).expect("one of them is answered");
    assert!(measured.lines > 0, "{measured:?}");
}

#[test]
fn who_is_not_served_is_told_among_clients_who_are_gathered() {
    let address = one_at_a_time(rotated);
    let gathered = Crowd::gather(address, 3, 0, Duration::from_millis(200));
    let trouble = gathered.expect_err("the second one waits for the first");
    assert!(trouble.is_of_number(), "{trouble}");
    assert!(
        trouble.to_string().starts_with("client 2 of 3 "),
        "{trouble}"
    );
}

#[test]
fn a_wrong_answer_is_found_whoever_is_served() {
    let address = one_at_a_time(<[u8]>::to_vec);
    let crowd = Crowd::connect(address, 3, Duration::from_secs(10)).expect("they connect");
    let trouble = speak(crowd).expect_err("nothing is rotated");
    assert!(
        matches!(trouble, Trouble::Wrong { connection: 1, .. }),
        "{trouble}"
    );
}
