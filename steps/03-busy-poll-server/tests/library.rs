//! A turn, from outside: what a copy's tasks are judged by where no client can tell.
//! `cargo test --test library`

#![cfg(unix)]

use busy_poll_server::{on_readable, prepare};
use conversation::{Conversation, RECEIVES_PER_TURN};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// What is received into, in bytes: much less than what has come.
const LITTLE: usize = 16;
const MUCH: usize = 1_000;

#[test]
fn however_much_has_come_a_turn_has_so_many_receives() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are ports");
    let address = listener.local_addr().expect("it is bound");
    let mut client = TcpStream::connect(address).expect("it listens");
    let (mut stream, _) = listener.accept().expect("somebody has connected");
    client.write_all(&[b'x'; MUCH]).expect("there is room");
    drop(client);
    while stream.peek(&mut [0; MUCH]).expect("it is open") < MUCH {}
    prepare(&stream).expect("it is open");
    on_readable(&stream, &mut Conversation::new(), &mut [0; LITTLE]);
    // The rest is for the next turn, when the others have had theirs.
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("it has ended");
    assert_eq!(rest.len(), MUCH - RECEIVES_PER_TURN * LITTLE);
}
