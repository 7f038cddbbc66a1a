//! Operations that have failed, and can be started again.

use completion_server::is_transient;
use nix::libc;
use std::io::Error;

#[test]
fn a_signal_and_a_want_of_buffers_pass_and_a_reset_does_not() {
    for errno in [libc::EINTR, libc::EAGAIN, libc::ENOBUFS] {
        assert!(is_transient(&Error::from_raw_os_error(errno)), "{errno}");
    }
    for errno in [libc::ECONNRESET, libc::EPIPE, libc::ETIMEDOUT] {
        assert!(!is_transient(&Error::from_raw_os_error(errno)), "{errno}");
    }
}
