use crate::accept::accept;
use crate::bug::Bug;
use crate::conversation::converse;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, fork};
use std::net::TcpListener;
use std::process::exit;

/// Accepts clients for ever, and gives each a process of its own.
#[allow(unsafe_code)]
pub(crate) fn serve(listener: TcpListener, bug: Bug) -> ! {
    // Nobody asks how the children end, and none of them stays as a zombie (`sigaction(2)`).
    // SAFETY: no handler runs.
    let _ = unsafe { signal(Signal::SIGCHLD, SigHandler::SigIgn) };
    let mut kept = Vec::new();
    loop {
        let stream = accept(&listener, bug);
        // SAFETY: no other thread runs, whose lock could stay locked in the child for ever.
        match unsafe { fork() } {
            Ok(ForkResult::Parent { .. }) => {}
            Ok(ForkResult::Child) => {
                match bug {
                    Bug::ListenerInChildren => std::mem::forget(listener),
                    _ => drop(listener),
                }
                converse(stream, bug);
                exit(0);
            }
            Err(_) if bug == Bug::KeepsTurnedAway => kept.push(stream),
            Err(_) => {}
        }
    }
}
