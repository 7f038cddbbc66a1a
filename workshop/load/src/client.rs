use super::lines::Lines;
use super::trouble::Trouble;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// One client under load: what it has said, what it has heard.
#[derive(Debug)]
pub(super) struct Client<S> {
    pub(super) stream: S,
    /// Its number in messages, from 1.
    number: usize,
    /// Where in the prepared lines it began.
    start: u64,
    /// Bytes that it means to say: whole lines.
    meant: u64,
    /// Bytes of them that the kernel has taken.
    sent: u64,
    /// Bytes that have been answered, rightly.
    heard: u64,
    /// When each line in flight was said, the oldest first.
    said_at: VecDeque<Instant>,
}

/// What a receive has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) bytes: usize,
    /// How many answers it has completed.
    pub(super) lines: usize,
}

impl<S: Read + Write> Client<S> {
    pub(super) fn new(stream: S, number: usize, lines: &Lines) -> Client<S> {
        Client {
            stream,
            number,
            start: lines.start_of(number),
            meant: 0,
            sent: 0,
            heard: 0,
            said_at: VecDeque::new(),
        }
    }

    /// How many bytes it is still owed.
    pub(super) fn owed(&self) -> u64 {
        self.meant - self.heard
    }

    /// Says `count` more lines: now, or when the kernel has room.
    pub(super) fn say(&mut self, lines: &Lines, count: usize, now: Instant) -> Result<(), Trouble> {
        self.meant += (count * lines.length()) as u64;
        self.said_at.extend(std::iter::repeat_n(now, count));
        self.send(lines)
    }

    /// Hands the kernel what is not yet sent, as far as it has room.
    pub(super) fn send(&mut self, lines: &Lines) -> Result<(), Trouble> {
        while self.sent < self.meant {
            let unsent = (self.meant - self.sent) as usize;
            match self
                .stream
                .write(lines.said(self.start + self.sent, unsent))
            {
                Ok(taken) => self.sent += taken as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.closed(Some(error))),
            }
        }
        Ok(())
    }

    /// Receives what has come and checks it; `on_line` is told how long each line took whose answer
    /// that completes.
    pub(super) fn hear(
        &mut self,
        lines: &Lines,
        buffer: &mut [u8],
        mut on_line: impl FnMut(Duration),
    ) -> Result<Heard, Trouble> {
        let mut all = Heard::default();
        loop {
            let count = match self.stream.read(buffer) {
                Ok(0) => return Err(self.closed(None)),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(all),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.closed(Some(error))),
            };
            let now = Instant::now();
            self.check(lines, &buffer[..count])?;
            let length = lines.length() as u64;
            let completed = (self.heard + count as u64) / length - self.heard / length;
            self.heard += count as u64;
            for said_at in self.said_at.drain(..completed as usize) {
                on_line(now - said_at);
            }
            all.bytes += count;
            all.lines += completed as usize;
            // A receive that does not fill the buffer has emptied the socket: whatever comes later
            // is told anew.
            if count < buffer.len() {
                return Ok(all);
            }
        }
    }

    fn check(&self, lines: &Lines, came: &[u8]) -> Result<(), Trouble> {
        let connection = self.number;
        let owed = lines.owed(
            self.start + self.heard,
            came.len().min(self.owed() as usize),
        );
        let right = came.starts_with(owed);
        if right && came.len() == owed.len() {
            return Ok(());
        }
        let same = came.iter().zip(owed).take_while(|(a, b)| a == b).count();
        let offset = self.heard + same as u64;
        Err(if right {
            Trouble::TooMuch {
                connection,
                offset,
                found: came[same..].to_vec(),
            }
        } else {
            Trouble::Wrong {
                connection,
                offset,
                expected: owed[same..].to_vec(),
                found: came[same..].to_vec(),
            }
        })
    }

    /// It has been hung up on.
    fn closed(&self, error: Option<io::Error>) -> Trouble {
        Trouble::Closed {
            connection: self.number,
            offset: self.heard,
            missing: self.owed(),
            error,
        }
    }

    /// It has waited in vain.
    pub(super) fn stalled(&self, patience: Duration) -> Trouble {
        Trouble::Stalled {
            patience,
            connection: self.number,
            offset: self.heard,
            missing: self.owed(),
        }
    }

    /// It has said all, has been answered, and more has come.
    pub(super) fn too_much(&self, found: &[u8]) -> Trouble {
        Trouble::TooMuch {
            connection: self.number,
            offset: self.heard,
            found: found.to_vec(),
        }
    }

    /// It has said all, has been answered, and waits for the end in vain.
    pub(super) fn not_closed(&self, patience: Duration) -> Trouble {
        Trouble::NotClosed {
            patience,
            connection: self.number,
        }
    }
}

#[cfg(test)]
mod tests;
