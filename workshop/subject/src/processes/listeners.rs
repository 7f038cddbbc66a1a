use super::sockets;
use super::table::{Process, read};
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
