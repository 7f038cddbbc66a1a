//! A program that may execute nothing but itself.

use std::path::Path;
use std::process::Command;

/// From its start on, the program at `path` can execute (`execve(2)`) itself and no other program, and
/// neither can its children: what is handed in as somebody's own does not run somebody else's. Where the
/// system has no Landlock (`landlock(7)`, Linux 5.13), nothing is forbidden.
#[cfg(target_os = "linux")]
pub fn execute_only(command: &mut Command, path: &Path) {
    use crate::signals::before_exec;
    use nix::errno::Errno;
    use nix::libc;
    use std::os::fd::AsRawFd;

    let Some(ruleset) = ruleset(path) else {
        return;
    };
    before_exec(command, move || {
        nix::sys::prctl::set_no_new_privs()?;
        // SAFETY: a system call with a descriptor that is open, and no pointer.
        #[allow(unsafe_code)]
        let done =
            unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0) };
        Errno::result(done)?;
        Ok(())
    });
}

/// The same elsewhere.
#[cfg(not(target_os = "linux"))]
pub fn execute_only(_: &mut Command, _: &Path) {}

/// Where the loader of dynamically linked programs stands: the kernel executes it for them (`ld.so(8)`).
#[cfg(target_os = "linux")]
const LOADERS: [&str; 5] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store"];

#[cfg(target_os = "linux")]
fn ruleset(path: &Path) -> Option<std::os::fd::OwnedFd> {
    use landlock::{
        AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr,
    };

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
