//! `epoll-floor [--listen ADDR]`: the floor, less work than any correct server can do.
//!
//! It receives, rotates in place, and sends: two system calls a piece, one more for all that are
//! ready, and nothing besides. It knows no lines: what is not yet a line is answered all the same,
//! and a line may be as long as it likes (rules 2 and 3 of the protocol); out of descriptors, it
//! does not rest (rule 6). What it costs, nobody else can save.

use std::process::ExitCode;

const NAME: &str = "epoll-floor";

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let about = "Answers every piece with its ROT13: raw epoll, no lines, no timers";
    shared::server::main(NAME, about, floor::serve)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    shared::server::unsupported(NAME, "epoll(7), which only Linux has")
}

#[cfg(target_os = "linux")]
mod floor {
    use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
    use std::io::{self, ErrorKind, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd;

    const RECEIVE_SIZE: usize = 64 * 1024;
    const EVENTS: usize = 512;

    struct Client {
        stream: TcpStream,
        /// What the kernel has not taken; while there is some, nothing is received.
        unsent: Vec<u8>,
    }

    pub(super) fn serve(listener: TcpListener) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let listening = listener.as_raw_fd() as u64;
        epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, listening))?;
        // By descriptor: the smallest number that is free is always given out next (`open(2)`).
        let mut clients: Vec<Option<Client>> = Vec::new();
        let mut events = [EpollEvent::empty(); EVENTS];
        let mut buffer = vec![0; RECEIVE_SIZE];
        shared::server::announce(listener.local_addr()?)?;
        loop {
            let ready = match epoll.wait(&mut events, EpollTimeout::NONE) {
                Err(nix::errno::Errno::EINTR) => continue,
                ready => ready?,
            };
            for event in &events[..ready] {
                if event.data() == listening {
                    accept(&listener, &epoll, &mut clients)?;
                    continue;
                }
                let slot = &mut clients[event.data() as usize];
                if let Some(client) = slot
                    && client.go_on(&epoll, &mut buffer).is_err()
                {
                    // Closing it ends its being watched, too.
                    *slot = None;
                }
            }
        }
    }

    fn accept(
        listener: &TcpListener,
        epoll: &Epoll,
        clients: &mut Vec<Option<Client>>,
    ) -> io::Result<()> {
        let Ok((stream, _)) = listener.accept() else {
            return Ok(());
        };
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let place = stream.as_raw_fd() as usize;
        epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?;
        if clients.len() <= place {
            clients.resize_with(place + 1, || None);
        }
        let unsent = Vec::new();
        clients[place] = Some(Client { stream, unsent });
        Ok(())
    }

    impl Client {
        /// An error means that the conversation is over.
        fn go_on(&mut self, epoll: &Epoll, buffer: &mut [u8]) -> io::Result<()> {
            if !self.unsent.is_empty() {
                return self.send_the_rest(epoll);
            }
            let length = match self.stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                length => length?,
            };
            rotate(&mut buffer[..length]);
            let sent = send(&self.stream, &buffer[..length])?;
            if sent < length {
                self.unsent = buffer[sent..length].to_vec();
                self.watch_for(epoll, EpollFlags::EPOLLOUT)?;
            }
            Ok(())
        }

        fn send_the_rest(&mut self, epoll: &Epoll) -> io::Result<()> {
            let sent = send(&self.stream, &self.unsent)?;
            self.unsent.drain(..sent);
            if self.unsent.is_empty() {
                self.unsent = Vec::new();
                self.watch_for(epoll, EpollFlags::EPOLLIN)?;
            }
            Ok(())
        }

        fn watch_for(&self, epoll: &Epoll, flags: EpollFlags) -> io::Result<()> {
            let mut event = EpollEvent::new(flags, self.stream.as_raw_fd() as u64);
            Ok(epoll.modify(&self.stream, &mut event)?)
        }
    }

    fn send(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        match stream.write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            taken => taken,
        }
    }

    /// Arithmetic on each byte alone, so that the compiler makes vector instructions of it.
    fn rotate(bytes: &mut [u8]) {
        for byte in bytes {
            let place = (*byte | 0x20).wrapping_sub(b'a');
            let by = if place < 13 { 13 } else { 0u8.wrapping_sub(13) };
            *byte = byte.wrapping_add(if place < 26 { by } else { 0 });
        }
    }
}
