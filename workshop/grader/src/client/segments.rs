//! In how many segments of TCP the answers came.

use std::net::TcpStream;

/// How many segments with bytes in them have arrived on this connection so far; `None` where the system
/// does not tell. Two that arrive one right after the other are one receive, and two segments.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(super) fn arrived(stream: &TcpStream) -> Option<u32> {
    use nix::libc;
    use std::mem::{offset_of, size_of};
    use std::os::fd::AsRawFd;
    // SAFETY: it is made of integers alone, of which all may be zero.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut length = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: there is room for `length` bytes at `info`, and the kernel says how many it wrote.
    let result = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast(),
            &mut length,
        )
    };
    // Kernels before 4.6 end before it.
    let is_told =
        length as usize >= offset_of!(libc::tcp_info, tcpi_data_segs_in) + size_of::<u32>();
    (result == 0 && is_told).then_some(info.tcpi_data_segs_in)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn arrived(_: &TcpStream) -> Option<u32> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::arrived;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn two_sends_are_two_segments_and_may_be_one_receive() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let client = listener.local_addr().and_then(TcpStream::connect);
        let mut client = client.expect("somebody listens");
        let (mut server, _) = listener.accept().expect("it has come");
        server.set_nodelay(true).expect("a socket of TCP");
        assert_eq!(arrived(&client), Some(0));
        server.write_all(b"Uryyb").expect("there is room");
        server.write_all(b"\n").expect("there is room");
        client.read_exact(&mut [0; 6]).expect("it has been sent");
        assert_eq!(arrived(&client), Some(2));
    }
}
