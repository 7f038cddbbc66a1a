//! The system calls of the model: those that can sleep, that move bytes, or that change who is
//! watched and who runs.

use crate::process::Program;
use std::fmt::{self, Display, Formatter};

/// A descriptor. The listener's is [`LISTENER`]; a client's is found nowhere else while it is open.
pub(crate) type Fd = usize;

/// The listening socket of every server.
pub(crate) const LISTENER: Fd = 3;
/// The pipe into which a handler writes when a child has ended (the self-pipe trick). As a number it is
/// out of the way: what one wants to see are the clients' numbers.
pub(crate) const SIGNALS: Fd = 1000;

/// What a descriptor is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interest {
    /// Can something be received, or accepted?
    pub(crate) read: bool,
    /// Is there room to send?
    pub(crate) write: bool,
}

impl Interest {
    /// Only whether something can be received.
    pub(crate) const READ: Interest = Interest {
        read: true,
        write: false,
    };

    /// Nothing at all; a broken connection is reported all the same.
    pub(crate) fn is_nothing(self) -> bool {
        !self.read && !self.write
    }
}

/// A system call, with what it is given.
pub(crate) enum Call {
    /// `accept(2)`.
    Accept { sleeps: bool },
    /// `recv(2)`.
    Recv { fd: Fd, size: usize, sleeps: bool },
    /// `send(2)`. Where it sleeps, until all has been taken: `taken` has.
    Send {
        fd: Fd,
        bytes: Vec<u8>,
        taken: usize,
        sleeps: bool,
    },
    /// `close(2)`.
    Close { fd: Fd },
    /// `fork(2)`: what the child does.
    Fork(Program),
    /// `clone(2)`: what the thread does.
    Thread(Program),
    /// `waitpid(2)` with WNOHANG.
    Reap,
    /// `futex(2)`: the next connection of a queue that threads share.
    Take,
    /// `futex(2)`: a connection for that queue.
    Put { fd: Fd },
    /// `select(2)`.
    Select { asked: Vec<(Fd, Interest)> },
    /// `poll(2)`.
    Poll { asked: Vec<(Fd, Interest)> },
    /// `epoll_ctl(2)`, with EPOLL_CTL_ADD or EPOLL_CTL_MOD.
    Watch {
        fd: Fd,
        interest: Interest,
        edge: bool,
        is_new: bool,
    },
    /// `epoll_ctl(2)` with EPOLL_CTL_DEL.
    Unwatch { fd: Fd },
    /// `epoll_wait(2)`; with no time to spend, where it does not sleep.
    EpollWait { sleeps: bool },
    /// `io_uring_enter(2)`: hands over what was started, and sleeps until something is done.
    Enter { started: Vec<Operation> },
    /// `exit(2)`.
    Exit,
}

/// What is handed to a ring.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Accepts clients, again and again.
    Accept,
    /// Receives once.
    Recv {
        /// From whom.
        fd: Fd,
    },
    /// Sends as much as there is room for.
    Send {
        /// To whom.
        fd: Fd,
        /// What.
        bytes: Vec<u8>,
    },
    /// Asks the kernel to let go of what was started for this descriptor.
    Cancel {
        /// Whose.
        fd: Fd,
    },
}

/// What has become of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// A client, by the descriptor of its connection.
    Accepted(Fd),
    /// What has been received; nothing at the end of the stream.
    Received(Fd, Result<Vec<u8>, Errno>),
    /// How much the kernel has taken.
    Sent(Fd, Result<usize, Errno>),
}

/// Why a call has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errno {
    /// It would have had to sleep: EAGAIN.
    WouldBlock,
    /// The client has reset the connection: ECONNRESET.
    Reset,
    /// The same, where that has been told before, or the client had half-closed: EPIPE.
    Pipe,
    /// It was asked to let go: ECANCELED.
    Canceled,
}

/// What a call has returned.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Done,
    Fd(Fd),
    Count(usize),
    Bytes(Vec<u8>),
    Ready(Vec<(Fd, Interest)>),
    Completions(Vec<Completion>),
    /// The number of the child that has ended, if one has.
    Child(Option<usize>),
    Failed(Errno),
}

impl Call {
    /// Does it return at once when there is nothing to do?
    pub(crate) fn only_asks(&self) -> bool {
        matches!(
            self,
            Call::Accept { sleeps: false }
                | Call::Recv { sleeps: false, .. }
                | Call::Send { sleeps: false, .. }
        )
    }

    /// For a line of the log, and for the box of the process that sleeps in it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Call::Accept { .. } => "accept",
            Call::Recv { .. } => "recv",
            Call::Send { .. } => "send",
            Call::Close { .. } => "close",
            Call::Fork(_) => "fork",
            Call::Thread(_) => "clone",
            Call::Reap => "waitpid",
            Call::Take | Call::Put { .. } => "futex",
            Call::Select { .. } => "select",
            Call::Poll { .. } => "poll",
            Call::Watch { .. } | Call::Unwatch { .. } => "epoll_ctl",
            Call::EpollWait { .. } => "epoll_wait",
            Call::Enter { .. } => "io_uring_enter",
            Call::Exit => "exit",
        }
    }
}

/// A descriptor, as the log names it.
pub(crate) type Name<'a> = &'a dyn Fn(Fd) -> String;

/// A call, and what it was given that one wants to see.
pub(crate) fn written(call: &Call, name: Name) -> String {
    let of = |asked: &[(Fd, Interest)]| {
        let asked = asked
            .iter()
            .map(|&(fd, interest)| marked(name(fd), interest));
        asked.collect::<Vec<_>>().join(" ")
    };
    let inside = match call {
        Call::Accept { .. } => name(LISTENER),
        Call::Recv { fd, .. } | Call::Close { fd } | Call::Put { fd } => name(*fd),
        Call::Send { fd, bytes, .. } => format!("{}, {}", name(*fd), bytes.len()),
        Call::Select { asked } | Call::Poll { asked } => of(asked),
        Call::Watch {
            fd,
            interest,
            edge,
            is_new,
        } => {
            let how = if *is_new { "add" } else { "mod" };
            let edge = if *edge { " edge" } else { "" };
            format!("{how} {}{edge}", marked(name(*fd), *interest))
        }
        Call::Unwatch { fd } => format!("del {}", name(*fd)),
        Call::EpollWait { sleeps: false } => "0".to_owned(),
        Call::Enter { started } => {
            let started = started.iter().map(|it| match it {
                Operation::Accept => "accept".to_owned(),
                Operation::Recv { fd } => format!("recv {}", name(*fd)),
                Operation::Send { fd, bytes } => format!("send {} {}", name(*fd), bytes.len()),
                Operation::Cancel { fd } => format!("cancel {}", name(*fd)),
            });
            started.collect::<Vec<_>>().join(", ")
        }
        Call::Fork(_)
        | Call::Thread(_)
        | Call::Reap
        | Call::Take
        | Call::EpollWait { sleeps: true }
        | Call::Exit => String::new(),
    };
    format!("{}({inside})", call.name())
}

fn marked(name: String, interest: Interest) -> String {
    match (interest.read, interest.write) {
        (true, false) => name,
        (false, true) => format!("{name}w"),
        (true, true) => format!("{name}rw"),
        (false, false) => format!("{name}-"),
    }
}

/// What a call has returned.
pub(crate) fn answered(answer: &Answer, name: Name) -> String {
    match answer {
        Answer::Done => "0".to_owned(),
        Answer::Fd(fd) => name(*fd),
        Answer::Count(count) => count.to_string(),
        Answer::Bytes(bytes) => bytes.len().to_string(),
        Answer::Ready(ready) => {
            let ready = ready
                .iter()
                .map(|&(fd, interest)| marked(name(fd), interest));
            format!("[{}]", ready.collect::<Vec<_>>().join(" "))
        }
        Answer::Completions(done) => {
            let done = done.iter().map(|it| match it {
                Completion::Accepted(fd) => format!("accept {}", name(*fd)),
                Completion::Received(fd, Ok(bytes)) => {
                    format!("recv {} {}", name(*fd), bytes.len())
                }
                Completion::Sent(fd, Ok(count)) => format!("send {} {count}", name(*fd)),
                Completion::Received(fd, Err(errno)) | Completion::Sent(fd, Err(errno)) => {
                    format!("{} {errno}", name(*fd))
                }
            });
            format!("[{}]", done.collect::<Vec<_>>().join(", "))
        }
        Answer::Child(child) => child.map_or("0".to_owned(), |child| format!("child {child}")),
        Answer::Failed(errno) => errno.to_string(),
    }
}

impl Display for Errno {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Errno::WouldBlock => "EAGAIN",
            Errno::Reset => "ECONNRESET",
            Errno::Pipe => "EPIPE",
            Errno::Canceled => "ECANCELED",
        })
    }
}
