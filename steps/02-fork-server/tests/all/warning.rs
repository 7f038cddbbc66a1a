use nix::sys::socket::{AddressFamily, SockFlag, SockType, recv, socketpair};
use nix::sys::socket::{MsgFlags, setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike};
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

/// A line in several pieces is torn apart by whoever else writes there.
#[test]
fn a_line_on_standard_error_is_one_write() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    // Of such a socket, each read brings what one write has brought.
    let (ours, theirs) = socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    )
    .expect("two sockets");
    let patience = TimeVal::seconds(10);
    setsockopt(&ours, sockopt::ReceiveTimeout, &patience).expect("a socket");
    let status = Command::new(env!("CARGO_BIN_EXE_fork-server"))
        .args(["--listen", &address])
        .stdout(Stdio::null())
        .stderr(theirs)
        .status();
    assert_eq!(status.expect("it ends").code(), Some(1));
    let mut piece = [0; 1024];
    let length = recv(ours.as_raw_fd(), &mut piece, MsgFlags::empty()).expect("a piece");
    let piece = String::from_utf8_lossy(&piece[..length]);
    assert!(piece.contains(&address) && piece.ends_with('\n'), "{piece}");
}

/// Help that nobody gets is no help: a disk that is full.
#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_printed_is_a_failure() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    let output = Command::new(env!("CARGO_BIN_EXE_fork-server"))
        .arg("--help")
        .stdout(full.expect("Linux has it"))
        .output()
        .expect("it can be started");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.starts_with("fork-server: cannot write standard output: "),
        "{told}"
    );
}
