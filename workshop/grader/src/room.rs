//! What the machine has room for: a right server is not blamed for a limit that is none of its own.

use crate::mechanism::Mechanism;
use crate::program::Program;
use crate::verdict::Trouble;
use crate::waiting::mention;
use std::sync::Mutex;
use subject::{processes, room_for_processes};
use terminal::{Text, grouped};

/// So many processes and threads are always enough: the largest crowd has 1,100 clients, and what is judged
/// beside it less.
const PLENTY: u64 = 3_000;
/// How many the judge and the server have, before any client is there, and a few more.
const OWN: u64 = 24;

/// Is there so little room for processes and threads that cases take it from each other? Then nothing is
/// judged beside something else.
pub fn is_cramped() -> bool {
    room().is_some()
}

fn room() -> Option<u64> {
    room_for_processes().filter(|&room| room < PLENTY)
}

/// How many clients at once a server can be asked to serve, of those that are wanted: it may need a process
/// or a thread for each.
///
/// # Errors
///
/// A skipped case, where those are fewer than `least`.
pub(crate) fn clients(program: &Program, wanted: usize, least: usize) -> Result<usize, Trouble> {
    if let Some(Mechanism::OneThread { .. } | Mechanism::ThreadPool) = program.mechanism {
        return Ok(wanted);
    }
    let Some(room) = room() else {
        return Ok(wanted);
    };
    let room = room.saturating_sub(OWN);
    let clients = wanted.min(usize::try_from(room).unwrap_or(wanted));
    if clients < least {
        return Err(Trouble::Skipped(Text::new(
            format!(
                "needs room for {least} processes or threads, and no more than {room} can be started here (ulimit -u, or pids.max of a cgroup)"
            ),
            format!(
                "要能启动 {least} 个进程或线程，这里最多还能启动 {room} 个（ulimit -u，或 cgroup 的 pids.max）"
            ),
        )));
    }
    if clients < wanted {
        let (clients, wanted) = (grouped(clients), grouped(wanted));
        adapted(Text::new(
            format!(
                "{clients} clients come at once here instead of {wanted}: no more processes and threads can be started (ulimit -u, or pids.max of a cgroup)"
            ),
            format!(
                "这里同时来 {clients} 个客户端，而不是 {wanted} 个：再多的进程和线程启动不了（ulimit -u，或 cgroup 的 pids.max）"
            ),
        ));
    }
    Ok(clients)
}

/// How many clients can come at once, of those that are wanted, if the server accepts none meanwhile and asks
/// for the longest backlog that there is.
pub(crate) fn in_backlog(wanted: usize) -> usize {
    let longest = processes::longest_backlog().unwrap_or(wanted);
    if longest < wanted {
        let (longest, wanted) = (grouped(longest), grouped(wanted));
        adapted(Text::new(
            format!(
                "{longest} clients come in a burst here instead of {wanted}: no backlog is longer (net.core.somaxconn)"
            ),
            format!(
                "这里一下子来 {longest} 个客户端，而不是 {wanted} 个：监听队列再长也只有这么长（net.core.somaxconn）"
            ),
        ));
    }
    longest.min(wanted)
}

/// Says, once, how a case is adapted to this machine.
fn adapted(how: Text) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap_or_else(|it| it.into_inner());
    if !said.iter().any(|said| *said == how.en) {
        said.push(how.en.to_string());
        mention(&how);
    }
}
