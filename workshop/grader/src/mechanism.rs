use serde::Deserialize;

/// How a server serves several clients at once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// A process for each client.
    ProcessEach,
    /// A thread for each client.
    ThreadEach,
    /// As many threads as `--threads` says, and one that accepts.
    ThreadPool,
    /// A single thread.
    #[serde(rename_all = "kebab-case")]
    OneThread {
        /// The system calls that it may sleep in while all clients are silent; with none, it never
        /// sleeps at all.
        sleeps_in: Vec<String>,
    },
}

impl Mechanism {
    /// Is it one of a server that never sleeps?
    pub fn never_sleeps(&self) -> bool {
        matches!(self, Mechanism::OneThread { sleeps_in } if sleeps_in.is_empty())
    }

    /// Is it one of a server that sleeps in this system call?
    pub fn sleeps_in(&self, call: &str) -> bool {
        matches!(self, Mechanism::OneThread { sleeps_in } if sleeps_in.iter().any(|it| it == call))
    }
}
