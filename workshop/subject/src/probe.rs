use crate::signals::before_exec;
use nix::errno::Errno;
use nix::libc;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

/// What came of a call that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It has worked.
    Works,
    /// It has failed.
    Fails(Errno),
    /// Whoever makes it is killed: by a filter (`seccomp(2)`), as a container may have one.
    Kills,
}

/// Can a ring of `io_uring(7)` be made, with what came last of all that a program may ask for
/// (IORING_SETUP_SINGLE_ISSUER and _DEFER_TASKRUN, Linux 6.1)? `None` where nothing can be tried.
///
/// It is tried by a copy of this process: one that is killed for it must not be this one.
pub fn try_io_uring() -> Option<Tried> {
    in_a_copy(|| {
        const FLAGS: u32 = 1 << 12 | 1 << 13;
        // `struct io_uring_params`, of which the third word is for flags.
        let mut parameters = [0_u32; 30];
        parameters[2] = FLAGS;
        // SAFETY: the kernel writes into the parameters, for which there is room, and keeps no pointer.
        #[allow(unsafe_code)]
        let ring = unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, parameters.as_mut_ptr()) };
        Errno::result(ring).map(drop)
    })
}

/// `call` may do only what is safe after `fork(2)`. It is made between that and `execve(2)`, and what it
/// came to is the reason for which no program is executed.
fn in_a_copy(call: fn() -> nix::Result<()>) -> Option<Tried> {
    /// No call that is tried fails so.
    const WORKED: Errno = Errno::ECANCELED;
    let mut nothing = Command::new("/");
    nothing.stdin(Stdio::null());
    before_exec(&mut nothing, move || {
        call()?;
        Err(WORKED.into())
    });
    match nothing.spawn() {
        Ok(mut copy) => {
            let ended = copy.wait().ok()?;
            ended.signal().map(|_| Tried::Kills)
        }
        Err(error) => Some(match Errno::from_raw(error.raw_os_error()?) {
            WORKED => Tried::Works,
            error => Tried::Fails(error),
        }),
    }
}
