use super::table::{Process, read};
use crate::unseen::NotSeen;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

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
        let sockets = sockets(pid);
        // Each may be on a network of its own.
        for table in ["tcp", "tcp6"] {
            let rows = read(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
            let rows = rows.lines().filter_map(listening);
            let own = rows.filter(|(inode, _)| sockets.contains(inode));
            found.extend(own.map(|(_, address)| Listener { pid, address }));
        }
    }
    Ok(found)
}

/// The inodes of the sockets that a process has open.
fn sockets(pid: u32) -> Vec<u64> {
    let open = fs::read_dir(format!("/proc/{pid}/fd"));
    let inodes = open.into_iter().flatten().filter_map(|descriptor| {
        let open = fs::read_link(descriptor.ok()?.path()).ok()?;
        let inode = open.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
        inode.parse().ok()
    });
    inodes.collect()
}

/// The inode and the address of a row of `/proc/net/tcp`, if that socket listens.
fn listening(row: &str) -> Option<(u64, SocketAddr)> {
    const LISTEN: &str = "0A";
    let columns: Vec<&str> = row.split_whitespace().collect();
    if *columns.get(3)? != LISTEN {
        return None;
    }
    Some((columns.get(9)?.parse().ok()?, address(columns[1])?))
}

/// `0100007F:1F90`: words of 32 bits, each as this machine would print the bytes that it holds.
fn address(shown: &str) -> Option<SocketAddr> {
    let (ip, port) = shown.split_once(':')?;
    let word = |index: usize| {
        let digits = ip.get(8 * index..8 * (index + 1))?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let ip: IpAddr = match ip.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let mut bytes = [0; 16];
            for (index, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(index)?);
            }
            Ipv6Addr::from(bytes).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_listens_is_read() {
        let row = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0";
        assert_eq!(
            listening(row),
            Some((4711, "127.0.0.1:8080".parse().expect("one")))
        );
        let connected = row.replace(" 0A ", " 01 ");
        assert_eq!(listening(&connected), None);
        assert_eq!(
            listening("  sl  local_address rem_address   st tx_queue"),
            None
        );
    }

    #[test]
    fn an_address_of_ipv6_is_four_words() {
        let loopback = address("00000000000000000000000001000000:0016");
        assert_eq!(loopback, Some("[::1]:22".parse().expect("one")));
        let mapped = address("0000000000000000FFFF00000100007F:0016");
        assert_eq!(mapped, Some("[::ffff:127.0.0.1]:22".parse().expect("one")));
    }
}
