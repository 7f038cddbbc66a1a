//! `bufferevent-client` with several servers at the same time.

use crate::client::{NO_SUCH_NAME, answer_all, deserted, one_line, run, server};
use grader::{Program, Server};
use predicates::prelude::*;
use predicates::str::contains;
use std::io::Read;
use std::sync::mpsc;

fn bufferevent_server() -> Server {
    let program = Program::new(env!("CARGO_BIN_EXE_bufferevent-server"));
    Server::start(&program).expect("it starts")
}

/// What a server has answered: the lines that begin with its name, without it.
fn answers(printed: &[u8], address: &str) -> Vec<u8> {
    let prefix = format!("{address}  ");
    let lines = printed.split_inclusive(|&byte| byte == b'\n');
    lines
        .filter_map(|line| line.strip_prefix(prefix.as_bytes()))
        .collect::<Vec<_>>()
        .concat()
}

#[test]
fn every_server_is_told_everything_and_every_answer_bears_its_name() {
    let servers = [(); 3].map(|()| bufferevent_server());
    let addresses = servers
        .each_ref()
        .map(|server| server.address().to_string());
    let assert = run(
        &addresses.each_ref().map(String::as_str),
        "Hello\n\nwithout an end",
    )
    .success()
    .stderr("");
    let printed = &assert.get_output().stdout;
    for address in &addresses {
        let answers = answers(printed, address);
        assert_eq!(
            String::from_utf8_lossy(&answers),
            "Uryyb\n\njvgubhg na raq\n"
        );
    }
    assert_eq!(printed.iter().filter(|&&byte| byte == b'\n').count(), 9);
}

#[test]
fn a_server_that_is_not_there_is_named_and_the_others_are_answered() {
    let served = bufferevent_server();
    let ((_holder, nobody), served) = (deserted(), served.address().to_string());
    for addresses in [[&nobody, &served], [&served, &nobody]] {
        let assert = run(&addresses.map(String::as_str), "Hello\nBye\n")
            .code(1)
            .stderr(one_line().and(contains(format!("{nobody}: cannot connect: "))));
        let printed = &assert.get_output().stdout;
        assert_eq!(
            String::from_utf8_lossy(&answers(printed, &served)),
            "Uryyb\nOlr\n"
        );
        assert_eq!(answers(printed, &nobody), b"");
    }
}

#[test]
fn a_server_that_cannot_be_found_is_named_and_the_others_are_answered() {
    let server = bufferevent_server();
    let served = server.address().to_string();
    let assert = run(&[NO_SUCH_NAME, &served], "Hello\n")
        .code(1)
        .stderr(one_line().and(contains(format!("{NO_SUCH_NAME}: cannot find its address"))));
    let answers = answers(&assert.get_output().stdout, &served);
    assert_eq!(String::from_utf8_lossy(&answers), "Uryyb\n");
}

#[test]
fn much_goes_to_two_servers_and_comes_back_from_both() {
    let servers = [(); 2].map(|()| bufferevent_server());
    let addresses = servers
        .each_ref()
        .map(|server| server.address().to_string());
    let lines =
        (0..100_000).map(|number| format!("This is line number {number}, and it is said twice\n"));
    let said: String = lines.collect();
    let mut owed = said.clone().into_bytes();
    conversation::rot13(&mut owed);
    let assert = run(&addresses.each_ref().map(String::as_str), said)
        .success()
        .stderr("");
    for address in &addresses {
        assert!(
            answers(&assert.get_output().stdout, address) == owed,
            "{address}"
        );
    }
}

#[test]
fn a_server_that_takes_nothing_does_not_keep_the_others_for_ever() {
    let (served, hold) = (bufferevent_server(), mpsc::channel::<()>());
    let (release, held) = hold;
    let stubborn = server(move |stream| {
        // It neither reads nor closes before all is over.
        let _ = held.recv();
        drop(stream);
    });
    let served = served.address().to_string();
    // More than the kernel has room for on the way to the stubborn one.
    let said = "Not everybody takes this.\n".repeat(1_000_000);
    let mut owed = said.clone().into_bytes();
    conversation::rot13(&mut owed);
    let assert = run(&["--timeout", "1", &stubborn, &served], said)
        .code(1)
        .stderr(
            one_line()
                .and(contains(stubborn.as_str()))
                .and(contains("--timeout")),
        );
    drop(release);
    assert!(answers(&assert.get_output().stdout, &served) == owed);
}

#[test]
fn a_server_that_leaves_in_the_middle_does_not_keep_the_others() {
    let leaves = server(|mut stream| {
        let _ = stream.read_exact(&mut [0; 100_000]);
    });
    let stays = server(answer_all);
    let said = "Not everybody takes this.\n".repeat(200_000);
    let mut owed = said.clone().into_bytes();
    conversation::rot13(&mut owed);
    let assert = run(&[&leaves, &stays], said)
        .code(1)
        .stderr(one_line().and(contains(leaves.as_str())));
    assert!(answers(&assert.get_output().stdout, &stays) == owed);
}
