mod narrow;

use crate::evidence::{End, Evidence, Exchange};
use crate::model;
use crate::verdict::{Trouble, Verdict};
use narrow::narrow;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};
use terminal::{Text, text};

/// How long the judge waits for something to happen before it gives up, each time.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How much is read at a time, in bytes.
const READ_SIZE: usize = 64 * 1024;

/// Connects to somebody. Where nobody listens, the kernel may choose for this end the very port that
/// is to be reached, and the judge would talk to itself. (The clients have the same from `shared`,
/// which the judge does not ask.)
pub(crate) fn reach(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    match stream.local_addr() {
        Ok(own) if own == address => Err(ErrorKind::ConnectionRefused.into()),
        _ => Ok(stream),
    }
}

/// The judge's end of a connection. It remembers what it has sent and received, and knows by the
/// model what it is owed.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    sent: Vec<u8>,
    finished: bool,
    received: Vec<u8>,
    end: End,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    ///
    /// A failed case: the connection is refused or not made in time.
    pub fn connect(address: SocketAddr) -> Result<Client, Trouble> {
        Client::over(address, reach(address))
    }

    /// Connects so that the kernel keeps little of what this client has not read yet: tens of
    /// KiB, where it would be megabytes.
    ///
    /// # Errors
    ///
    /// A failed case: the connection is refused.
    pub(crate) fn connect_narrow(address: SocketAddr) -> Result<Client, Trouble> {
        Client::over(address, narrow(address).map_err(io::Error::from))
    }

    fn over(address: SocketAddr, stream: io::Result<TcpStream>) -> Result<Client, Trouble> {
        let stream = stream
            .and_then(|stream| {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(PATIENCE))?;
                Ok(stream)
            })
            .map_err(|error| {
                let found = Text::new(
                    format!("cannot connect to {address}: {error}"),
                    format!("连不上 {address}：{error}"),
                );
                Trouble::failed(Evidence::Note(found), &NOT_ACCEPTED)
            })?;
        Ok(Client {
            stream,
            sent: Vec::new(),
            finished: false,
            received: Vec::new(),
            end: End::Open,
        })
    }

    /// Sends.
    ///
    /// # Errors
    ///
    /// A failed case: the server takes nothing more, or has closed.
    pub fn say(&mut self, bytes: &[u8]) -> Verdict {
        self.sent.extend_from_slice(bytes);
        self.stream
            .write_all(bytes)
            .map_err(|error| self.unsendable(&error))
    }

    /// Sends, and listens meanwhile: however much it is, it gets rid of it.
    ///
    /// # Errors
    ///
    /// A failed case: the server takes nothing more and says nothing either, or has closed.
    pub fn say_and_listen(&mut self, mut bytes: &[u8]) -> Verdict {
        self.sent.extend_from_slice(bytes);
        while !bytes.is_empty() {
            let mut stream = [PollFd::new(
                self.stream.as_fd(),
                PollFlags::POLLIN | PollFlags::POLLOUT,
            )];
            let patience = PollTimeout::try_from(PATIENCE).unwrap_or(PollTimeout::MAX);
            let _ = poll(&mut stream, patience);
            let ready = stream[0].revents().unwrap_or(PollFlags::empty());
            if ready.contains(PollFlags::POLLOUT) || ready.is_empty() {
                let _ = self.stream.set_nonblocking(true);
                let sent = self.stream.write(bytes);
                let _ = self.stream.set_nonblocking(false);
                bytes = &bytes[sent.map_err(|error| self.unsendable(&error))?..];
            } else {
                self.receive(PATIENCE);
            }
        }
        Ok(())
    }

    /// Half-closes: has said all.
    pub fn finish(&mut self) {
        self.finished = true;
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Reads until all that is owed so far has come; `meaning` says what it usually means when
    /// something else comes, or nothing.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn hear(&mut self, meaning: &Text) -> Verdict {
        let owed = model::owed(&self.sent, self.finished);
        while self.end == End::Open && self.received.len() < owed.len() {
            if !self.receive(PATIENCE) {
                break;
            }
        }
        if self.received == owed {
            Ok(())
        } else {
            Err(self.difference(&owed, meaning))
        }
    }

    /// Reads what is still owed, and then the server's end of file.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn hear_end(&mut self, meaning: &Text) -> Verdict {
        let owed = model::owed(&self.sent, self.finished);
        // What comes beyond what is owed need not be read to its end, if it has one.
        while self.end == End::Open && self.received.len() <= owed.len() {
            if !self.receive(PATIENCE) {
                break;
            }
        }
        if self.received == owed && self.end == End::Closed {
            Ok(())
        } else {
            Err(self.difference(&owed, meaning))
        }
    }

    /// Waits whether anything comes that is not owed.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn hear_nothing_for(&mut self, time: Duration, meaning: &Text) -> Verdict {
        let owed = model::owed(&self.sent, self.finished);
        self.receive(time);
        if self.received == owed && self.end == End::Open {
            Ok(())
        } else {
            Err(self.difference(&owed, meaning))
        }
    }

    /// All that is owed has come already.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub(crate) fn hear_no_more(&self, meaning: &Text) -> Verdict {
        let owed = model::owed(&self.sent, self.finished);
        if self.received == owed {
            return Ok(());
        }
        let end = match self.end {
            End::Open => End::OneReceive,
            end => end,
        };
        let exchange = Exchange::new(&self.sent, self.finished, &owed, &self.received, end);
        Err(Trouble::failed(exchange, meaning))
    }

    /// Waits whether anything comes, although an answer may be owed.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn hear_no_answer_for(&mut self, time: Duration, meaning: &Text) -> Verdict {
        let heard = self.received.len();
        self.receive(time);
        if self.received.len() == heard && self.end == End::Open {
            Ok(())
        } else {
            Err(self.difference(&self.received[..heard], meaning))
        }
    }

    /// One question, and its answer.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn ask(&mut self, bytes: &[u8], meaning: &Text) -> Verdict {
        self.say(bytes)?;
        self.hear(meaning)
    }

    /// Says `bytes` and has then said all, and listens all the while; then hears the end.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn pour(&mut self, bytes: &[u8], meaning: &Text) -> Verdict {
        self.sent.extend_from_slice(bytes);
        self.finished = true;
        let cloned = self.stream.try_clone();
        let mut writer = cloned.map_err(|error| self.unsendable(&error))?;
        thread::scope(|scope| {
            let sending = scope.spawn(move || {
                let sent = writer.write_all(bytes);
                let _ = writer.shutdown(Shutdown::Write);
                sent
            });
            let heard = self.hear_end(meaning);
            if heard.is_err() {
                // Lets the writer go, which may still wait for room.
                let _ = self.stream.shutdown(Shutdown::Both);
            }
            let sent = sending.join().expect("the writer does not panic");
            heard?;
            sent.map_err(|error| self.unsendable(&error))
        })
    }

    /// Leaves without a word: the server is sent a reset (RST) instead of an end of file.
    pub fn reset(self) {
        // Linger with a time of zero: close(2) throws away what is unsent and resets (socket(7)).
        let linger = nix::libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        let _ = setsockopt(&self.stream, sockopt::Linger, &linger);
    }

    /// How the connection stands.
    pub fn end(&self) -> End {
        self.end
    }

    /// The connection itself, for a case that must do something unusual with it.
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Reads once, for at most `time`; false if nothing came, not even an end.
    pub(crate) fn receive(&mut self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        let mut buffer = [0; READ_SIZE];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = left.max(Duration::from_millis(1));
            let _ = self.stream.set_read_timeout(Some(timeout));
            match self.stream.read(&mut buffer) {
                Ok(0) => self.end = End::Closed,
                Ok(length) => self.received.extend_from_slice(&buffer[..length]),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return false,
                    _ => self.end = End::Reset,
                },
            }
            return true;
        }
    }

    fn difference(&self, owed: &[u8], meaning: &Text) -> Trouble {
        let exchange = Exchange::new(&self.sent, self.finished, owed, &self.received, self.end);
        let meaning = match exchange.lacks_only_the_end() {
            true => &NOT_CLOSED, // whatever the case is about
            false => meaning,
        };
        Trouble::failed(exchange, meaning)
    }

    fn unsendable(&self, error: &io::Error) -> Trouble {
        // A time-out of the judge's own is no error of the server's: `error` would be EAGAIN.
        let found = match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Text::new(
                format!(
                    "cannot send: nothing more was taken for {} s",
                    PATIENCE.as_secs()
                ),
                format!("发不出去：{} 秒里对方什么也没有收", PATIENCE.as_secs()),
            ),
            _ => Text::new(
                format!("cannot send: {error}"),
                format!("发不出去：{error}"),
            ),
        };
        Trouble::failed(Evidence::Note(found), &NOT_TAKEN)
    }
}

/// What every case says when all that is missing is the end of file.
pub(crate) static NOT_CLOSED: Text = text(
    "When the client has said all, the server says the rest and closes. No end of file means that somebody still holds a copy of the connection (after fork, the parent has one, too), or that the end was never noticed: recv has returned 0. Rule 4.",
    "客户端说完之后，服务器答完就该关闭。等不到文件结束，说明还有谁攥着这条连接的副本（fork 之后，父进程手里也有一份），或者服务器根本没察觉对方说完了：recv 返回了 0。规则 4。",
);
static NOT_ACCEPTED: Text = text(
    "The server does not accept: it may have died, or sleep somewhere else than at its listener.",
    "服务器没有接受连接：它可能已经死了，或者睡在别的地方，没有守着监听套接字。",
);
static NOT_TAKEN: Text = text(
    "The server has closed the connection, or no longer reads from it, while the client had more to say.",
    "客户端话还没说完，服务器就关了连接，或者不再读了。",
);
