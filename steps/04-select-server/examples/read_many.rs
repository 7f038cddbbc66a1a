//! The same sockets as in step 03, read when select(2) says so: what it costs to be told.
//!
//! `cargo run -p select-server --example read_many`

#[path = "../../03-busy-poll-server/examples/speakers/mod.rs"]
mod speakers;

fn main() -> std::io::Result<()> {
    let start = speakers::Start::now()?;
    read_many(speakers::connect()?).print(&start)
}

// ANCHOR: read
/// Reads every socket to its end. In every round those are asked that have something.
fn read_many(mut sockets: Vec<std::net::TcpStream>) -> speakers::Cost {
    use std::io::{ErrorKind, Read};

    let mut cost = speakers::Cost::default();
    let mut buffer = [0; 1024];
    while !sockets.is_empty() {
        cost.rounds += 1;
        let mut readable = wait(&sockets).into_iter();
        sockets.retain_mut(|socket| {
            if readable.next() != Some(true) {
                return true;
            }
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

// ANCHOR: wait
/// Sleeps until a socket has something, and tells of each whether it has.
fn wait(sockets: &[std::net::TcpStream]) -> Vec<bool> {
    use nix::sys::select::{FdSet, select};
    use std::os::fd::AsFd;

    let mut readable = FdSet::new();
    for socket in sockets {
        readable.insert(socket.as_fd());
    }
    match select(None, &mut readable, None, None, None) {
        Ok(_) => sockets
            .iter()
            .map(|socket| readable.contains(socket.as_fd()))
            .collect(),
        // A signal: nobody is known to have anything.
        Err(_) => Vec::new(),
    }
}
// ANCHOR_END: wait
