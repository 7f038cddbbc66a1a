use nix::libc;
use std::io;

/// Why there is no io_uring here, and what can be done about it (`io_uring_setup(2)`).
pub fn why_not(error: io::Error) -> io::Error {
    let why = match error.raw_os_error() {
        Some(libc::ENOSYS) => {
            "this kernel has none (it takes Linux 6.1 or later), or a filter hides it"
        }
        Some(libc::EPERM) => {
            "it is forbidden here, by a container's filter (run it outside) or by the \
             administrator (sysctl kernel.io_uring_disabled=0)"
        }
        Some(libc::EINVAL) => "this kernel is too old; it takes Linux 6.1 or later",
        Some(libc::ENOMEM) => {
            "there is not enough memory, or not enough that may be locked (ulimit -l)"
        }
        _ => "the kernel refuses it",
    };
    io::Error::new(error.kind(), format!("cannot use io_uring: {why}: {error}"))
}
