use crate::complaints;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use terminal::Text;

/// What is known of a failure besides words: by this, failures of one cause are found
/// ([`crate::report::findings`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What was seen, where the evidence alone does not tell.
    pub sign: Option<Sign>,
    /// How the server ended, if it did.
    pub ended: Option<Ended>,
    /// Why something in the server broke off, in its own words, control characters escaped: the reason of a
    /// traceback, of a panic, or the last line of a server that has ended.
    pub reason: Option<String>,
    /// What the server had complained of when it was certain that nothing more would come of it; it
    /// lived then.
    pub(crate) complaints_while_still: Option<String>,
}

/// Something that was seen, which points at a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The program could not be started.
    NotStarted,
    /// It runs, or ran, and has not said where it listens; or nobody answers there.
    NeverListened,
    /// Started again, it could not listen: connections of the server before it kept the address busy.
    AddressKept,
    /// The server was told once (EPOLLET) that bytes are there, and sleeps although some are left.
    ReadsOnce,
    /// It sleeps, and bytes of a client that it has accepted lie unread.
    LeavesUnread,
    /// Connections were made only after seconds: the listener's backlog had overflowed.
    BacklogFull,
    /// All of it sleeps until it can send, to another client than the one that waits for it.
    SleepsInSend,
    /// This was seen of a client while others were there and said nothing.
    OneAtATime,
    /// More descriptors are open than were.
    DescriptorsKept,
    /// Descriptors had run out, and it did not recover: it may have given none back.
    DescriptorsRanOut,
    /// Children have ended, and nobody has asked how.
    Zombies,
    /// It has nothing to do, and was never seen asleep: it asks for something that is always ready.
    NeverSleeps,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// By itself, with this exit status.
    Exited(i32),
    /// By this signal.
    Killed(i32),
}

impl Facts {
    /// What a server's end, and what it has complained of, tell.
    pub(crate) fn learn(&mut self, ended: Option<ExitStatus>, complaints: &str) {
        self.ended = ended.map(Ended::from);
        if ended.is_some() || complaints::tell_of_a_crash(complaints) {
            self.reason = complaints::reason(complaints);
        }
    }
}

impl From<ExitStatus> for Ended {
    fn from(status: ExitStatus) -> Ended {
        match status.signal() {
            Some(signal) => Ended::Killed(signal),
            None => Ended::Exited(status.code().unwrap_or_default()),
        }
    }
}

impl Ended {
    /// As the standard library says it, and the same in Chinese.
    pub(crate) fn words(status: ExitStatus) -> Text {
        let ended = Ended::from(status);
        let zh = match (ended.signal(), ended) {
            (Some(name), _) => format!("被 {name} 杀死"),
            (None, Ended::Exited(code) | Ended::Killed(code)) => format!("退出状态 {code}"),
        };
        Text::new(status.to_string(), zh)
    }

    /// The signal's name, as in `SIGPIPE`.
    pub(crate) fn signal(self) -> Option<String> {
        let Ended::Killed(number) = self else {
            return None;
        };
        let name = nix::sys::signal::Signal::try_from(number);
        Some(name.map_or_else(|_| number.to_string(), |signal| signal.to_string()))
    }
}
