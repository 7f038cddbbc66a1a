//! `thread-server [--listen ADDR]`: a thread for every connection.

use fork_server::{Stream, converse};
use std::net::TcpListener;
use std::process::ExitCode;
use std::{io, thread};

const NAME: &str = "thread-server";

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: a thread for every connection";
    shared::server::main(NAME, about, serve)
}

// ANCHOR: serve
fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok((connection, _)) => {
                // Nobody joins this thread: what is left of it goes when it ends.
                let helper = thread::Builder::new().spawn(move || {
                    let _ = Stream::new(connection).and_then(converse);
                });
                if let Err(error) = helper {
                    shared::server::warn(
                        NAME,
                        &format!("a client is turned away: no thread: {error}"),
                    );
                }
            }
            Err(error) if shared::server::must_rest(&error) => thread::sleep(shared::server::REST),
            Err(_) => {}
        }
    }
}
// ANCHOR_END: serve
