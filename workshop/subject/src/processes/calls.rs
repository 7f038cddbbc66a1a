//! The system calls in which a process may sleep: the one place that knows their names, and what
//! stands in their arguments.

use std::time::Duration;

/// A system call that a thread is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// As in `poll`; "another system call" if it is none of those in which a server waits.
    pub name: &'static str,
    /// What it was called with, as it stands in the processor's registers; pointers too.
    pub arguments: Vec<u64>,
    /// For how long it sleeps if nothing happens.
    pub time_out: TimeOut,
}

impl Call {
    /// Where in the process's memory the signals stand that it waits for (`sigtimedwait(2)`).
    pub(super) fn signals(&self) -> Option<u64> {
        let is_it = self.name == "rt_sigtimedwait";
        self.arguments.first().copied().filter(|_| is_it)
    }

    /// Does it wait for room in what its first argument is, a descriptor?
    pub(super) fn writes(&self) -> bool {
        ["write", "writev"].contains(&self.name)
    }
}

/// For how long a call sleeps if nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeOut {
    /// For ever.
    Never,
    /// As it was called: some of that may be over.
    After(Duration),
    /// For a time that stands in the process's memory, or of which nothing is known.
    Unknown,
}

/// What is said of a call without a name.
pub(super) const ANOTHER: &str = "another system call";

/// Where a call has its time-out.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code))] // both tables are empty there
enum Limit {
    /// It has none.
    No,
    /// This argument: milliseconds, negative for none.
    Milliseconds(usize),
    /// This argument: a pointer, null for none.
    Pointer(usize),
    /// It always ends by itself.
    Always,
}

/// A call: its name, how many arguments it has, and where its time-out stands.
type Known = (i64, &'static str, usize, Limit);

/// The call of this number, decoded.
pub(super) fn decode(number: i64, registers: &[u64]) -> Call {
    let mut all = WAITING_CALLS.iter().chain(FURTHER_CALLS);
    let Some(&(_, name, count, limit)) = all.find(|known| known.0 == number) else {
        return Call {
            name: ANOTHER,
            arguments: registers.to_vec(),
            time_out: TimeOut::Unknown,
        };
    };
    let argument = |index: usize| registers.get(index).copied().unwrap_or_default();
    Call {
        name,
        arguments: registers.iter().copied().take(count).collect(),
        time_out: match limit {
            Limit::No => TimeOut::Never,
            // An int: the upper half of the register is nobody's.
            Limit::Milliseconds(index) => match u64::try_from(argument(index) as u32 as i32) {
                Ok(milliseconds) => TimeOut::After(Duration::from_millis(milliseconds)),
                Err(_) => TimeOut::Never,
            },
            Limit::Pointer(index) if argument(index) == 0 => TimeOut::Never,
            Limit::Pointer(_) | Limit::Always => TimeOut::Unknown,
        },
    }
}

/// The name of a call in which a server may wait.
pub(super) fn waiting(number: i64) -> &'static str {
    let known = WAITING_CALLS.iter().find(|known| known.0 == number);
    known.map_or(ANOTHER, |known| known.1)
}

/// The system calls that a server may wait in. Some are not there on every processor, where the
/// newer one of each kind does the work.
#[cfg(target_os = "linux")]
const WAITING_CALLS: &[Known] = {
    use nix::libc;
    &[
        (libc::SYS_accept, "accept", 3, Limit::No),
        (libc::SYS_accept4, "accept4", 4, Limit::No),
        (
            libc::SYS_epoll_pwait,
            "epoll_pwait",
            6,
            Limit::Milliseconds(3),
        ),
        (libc::SYS_epoll_pwait2, "epoll_pwait2", 6, Limit::Pointer(3)),
        #[cfg(target_arch = "x86_64")]
        (
            libc::SYS_epoll_wait,
            "epoll_wait",
            4,
            Limit::Milliseconds(3),
        ),
        (libc::SYS_futex, "futex", 6, Limit::Pointer(3)),
        // A time-out may be among what has been submitted.
        (libc::SYS_io_uring_enter, "io_uring_enter", 6, Limit::Always),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_poll, "poll", 3, Limit::Milliseconds(2)),
        (libc::SYS_ppoll, "ppoll", 5, Limit::Pointer(2)),
        (libc::SYS_pselect6, "pselect6", 6, Limit::Pointer(4)),
        (libc::SYS_read, "read", 3, Limit::No),
        (libc::SYS_recvfrom, "recvfrom", 6, Limit::No),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_select, "select", 5, Limit::Pointer(4)),
    ]
};

/// Others, in which no server waits for its clients.
#[cfg(target_os = "linux")]
const FURTHER_CALLS: &[Known] = {
    use nix::libc;
    &[
        (
            libc::SYS_clock_nanosleep,
            "clock_nanosleep",
            4,
            Limit::Always,
        ),
        (libc::SYS_connect, "connect", 3, Limit::No),
        (libc::SYS_readv, "readv", 3, Limit::No),
        (libc::SYS_recvmsg, "recvmsg", 3, Limit::No),
        (libc::SYS_sendmsg, "sendmsg", 3, Limit::No),
        (libc::SYS_waitid, "waitid", 5, Limit::No),
        (libc::SYS_writev, "writev", 3, Limit::No),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_pause, "pause", 0, Limit::No),
        (libc::SYS_rt_sigsuspend, "rt_sigsuspend", 2, Limit::No),
        (libc::SYS_nanosleep, "nanosleep", 2, Limit::Always),
        // Whichever it was that a stop has cut in two.
        (
            libc::SYS_restart_syscall,
            "restart_syscall",
            0,
            Limit::Always,
        ),
        (
            libc::SYS_rt_sigtimedwait,
            "rt_sigtimedwait",
            4,
            Limit::Pointer(2),
        ),
        (libc::SYS_sendto, "sendto", 6, Limit::No),
        (libc::SYS_wait4, "wait4", 4, Limit::No),
        (libc::SYS_write, "write", 3, Limit::No),
    ]
};

#[cfg(not(target_os = "linux"))]
const WAITING_CALLS: &[Known] = &[];
#[cfg(not(target_os = "linux"))]
const FURTHER_CALLS: &[Known] = &[];

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use nix::libc;

    fn time_out(number: i64, registers: [u64; 6]) -> TimeOut {
        decode(number, &registers).time_out
    }

    #[test]
    fn milliseconds_are_an_int() {
        let wait =
            |milliseconds| time_out(libc::SYS_epoll_pwait, [4, 0x7000, 8, milliseconds, 0, 8]);
        assert_eq!(wait(0xFFFF_FFFF), TimeOut::Never);
        assert_eq!(wait(u64::MAX), TimeOut::Never);
        assert_eq!(wait(0), TimeOut::After(Duration::ZERO));
        assert_eq!(wait(250), TimeOut::After(Duration::from_millis(250)));
    }

    #[test]
    fn where_a_pointer_leads_is_not_known() {
        let wait = |pointer| time_out(libc::SYS_pselect6, [4, 0x7000, 0, 0, pointer, 0]);
        assert_eq!(wait(0), TimeOut::Never);
        assert_eq!(wait(0x7000), TimeOut::Unknown);
        assert_eq!(time_out(libc::SYS_recvfrom, [1; 6]), TimeOut::Never);
        assert_eq!(
            time_out(libc::SYS_clock_nanosleep, [0; 6]),
            TimeOut::Unknown
        );
    }

    #[test]
    fn only_a_calls_own_arguments_are_told() {
        let accept = decode(libc::SYS_accept, &[3, 0, 0, 7, 7, 7]);
        assert_eq!((accept.name, accept.arguments), ("accept", vec![3, 0, 0]));
        let unknown = decode(libc::SYS_getpid, &[7; 6]);
        assert_eq!((unknown.name, unknown.arguments), (ANOTHER, vec![7; 6]));
    }

    #[test]
    fn a_server_waits_in_few_of_them() {
        assert_eq!(waiting(libc::SYS_accept), "accept");
        assert_eq!(waiting(libc::SYS_clock_nanosleep), ANOTHER);
    }
}
