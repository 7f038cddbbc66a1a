//! Many sockets, read in a loop that never sleeps: what it costs to ask.
//!
//! `cargo run -p busy-poll-server --example busy_read_many`

mod speakers;

fn main() -> std::io::Result<()> {
    let start = speakers::Start::now()?;
    read_many(speakers::connect()?).print(&start)
}

// ANCHOR: read
/// Reads every socket to its end. In every round each of them is asked, whether it has anything or
/// not.
fn read_many(mut sockets: Vec<std::net::TcpStream>) -> speakers::Cost {
    use std::io::{ErrorKind, Read};

    let mut cost = speakers::Cost::default();
    let mut buffer = [0; 1024];
    while !sockets.is_empty() {
        cost.rounds += 1;
        sockets.retain_mut(|socket| {
            cost.reads += 1;
            match socket.read(&mut buffer) {
                Ok(0) => return false,
                Ok(length) => cost.bytes += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => cost.in_vain += 1,
                Err(_) => return false,
            }
            true
        });
    }
    cost
}
// ANCHOR_END: read
