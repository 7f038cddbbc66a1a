use super::sockets;
use super::table::{Process, all, read};
use crate::unseen::NotSeen;
use std::net::SocketAddr;

/// A socket that waits for connections, and a process that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The process's number. Several may have the same socket.
    pub pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Who of these listens where, by TCP, in the order of the processes.
///
/// # Errors
///
/// Where there is no /proc. A process that goes meanwhile listens nowhere.
pub fn listeners(processes: &[Process]) -> Result<Vec<Listener>, NotSeen> {
    // As a probe: whether there is anything to be read at all.
    read("/proc/self/net/tcp")?;
    let mut found = Vec::new();
    for &Process { pid, .. } in processes {
        let open = sockets::sockets_of(&pid.to_string());
        // Each may be on a network of its own.
        let rows = sockets::rows(pid).into_iter();
        let listening = rows.filter(|row| row.is_listening() && open.contains(&row.inode));
        found.extend(listening.map(|row| Listener {
            pid,
            address: row.local,
        }));
    }
    Ok(found)
}

/// A process that listens on this port, by TCP, on the network that this one is on. Of other users'
/// processes, only root is told.
///
/// # Errors
///
/// Where there is no /proc.
pub fn who_listens(port: u16) -> Result<Option<u32>, NotSeen> {
    // The network's sockets once: of each process they would be the same, and there may be thousands.
    let rows = sockets::rows(std::process::id()).into_iter();
    let listening = rows.filter(|row| row.is_listening() && row.local.port() == port);
    let sockets: Vec<u64> = listening.map(|row| row.inode).collect();
    let has_one = |process: &Process| {
        let open = sockets::sockets_of(&process.pid.to_string());
        sockets.iter().any(|socket| open.contains(socket))
    };
    Ok(all()?.iter().find(|it| has_one(it)).map(|it| it.pid))
}
