use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the soft limit of open descriptors to the hard one, for this process; the programs that
/// it starts inherit it. Where the system refuses, the old limit stays.
pub fn raise_descriptor_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // macOS calls its hard limit infinite and takes no more than OPEN_MAX.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
            .or_else(|_| setrlimit(Resource::RLIMIT_NOFILE, hard.min(10_240), hard));
    }
}

/// The soft limit of open descriptors in force.
pub fn descriptor_limit() -> u64 {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft)
}
