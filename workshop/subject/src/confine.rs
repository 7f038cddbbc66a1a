//! What a program under test may not do, where the system has Landlock (`landlock(7)`). Elsewhere nothing
//! is forbidden.

use std::path::Path;
use std::process::Command;

/// From its start on, the program at `path` can execute (`execve(2)`) itself and no other program, and
/// neither can its children: what is handed in as somebody's own does not run somebody else's. Since Linux
/// 5.13.
pub fn execute_only(command: &mut Command, path: &Path) {
    #[cfg(target_os = "linux")]
    if let Some(ruleset) = linux::executes_only(path) {
        linux::restrict(command, ruleset);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (command, path);
}

/// From its start on, neither the program nor what it starts can send a signal to anybody else, stop it as a
/// debugger does or reach into its memory (`ptrace(2)`): this process is out of its reach, even if both are
/// root's. Since Linux 6.12.
pub(crate) fn keep_off_others(command: &mut Command) {
    #[cfg(target_os = "linux")]
    if let Some(ruleset) = linux::signals_no_others() {
        linux::restrict(command, ruleset);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}

#[cfg(target_os = "linux")]
mod linux {
    use crate::signals::before_exec;
    use landlock::{
        AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, Scope,
    };
    use nix::errno::Errno;
    use nix::libc;
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::path::Path;
    use std::process::Command;

    /// Where the loader of dynamically linked programs stands: the kernel executes it for them (`ld.so(8)`).
    const LOADERS: [&str; 5] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store"];

    pub(super) fn executes_only(path: &Path) -> Option<OwnedFd> {
        let ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::Execute)
            .ok()?;
        let mut ruleset = ruleset.create().ok()?;
        for allowed in [path].into_iter().chain(LOADERS.iter().map(Path::new)) {
            if let Ok(allowed) = PathFd::new(allowed) {
                let rule = PathBeneath::new(allowed, AccessFs::Execute);
                ruleset = ruleset.add_rule(rule).ok()?;
            }
        }
        ruleset.into()
    }

    /// Rights to files are not among these: with them, a wrapper could mount nothing, which some have to.
    pub(super) fn signals_no_others() -> Option<OwnedFd> {
        let ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .scope(Scope::Signal)
            .ok()?;
        ruleset.create().ok()?.into()
    }

    pub(super) fn restrict(command: &mut Command, ruleset: OwnedFd) {
        before_exec(command, move || {
            // Root may without, and need not give up that a program may run as its owner (`sudo(8)`).
            if restrict_self(&ruleset) == Err(Errno::EPERM) {
                nix::sys::prctl::set_no_new_privs()?;
                restrict_self(&ruleset)?;
            }
            Ok(())
        });
    }

    fn restrict_self(ruleset: &OwnedFd) -> nix::Result<()> {
        // SAFETY: a system call with a descriptor that is open, and no pointer.
        #[allow(unsafe_code)]
        let done =
            unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0) };
        Errno::result(done).map(drop)
    }
}
