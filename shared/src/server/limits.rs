use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises this process's soft limit of open descriptors to the hard one.
///
/// A login usually has a soft limit of 1,024, so that programs on select(2) do not stumble; a
/// server needs one descriptor per client. Where the system refuses, the old limit stays: the
/// server then serves as many clients as it can (`setrlimit(2)`).
pub fn raise_descriptor_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // macOS calls its hard limit infinite and takes no more than OPEN_MAX.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
            .or_else(|_| setrlimit(Resource::RLIMIT_NOFILE, hard.min(10_240), hard));
    }
}
