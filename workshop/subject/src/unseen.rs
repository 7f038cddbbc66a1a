use std::fmt;
use std::io;
use std::path::PathBuf;

/// What cannot be seen: there is no `/proc` (only Linux has it), it may not be read, or the process
/// has gone.
#[derive(Debug)]
pub struct NotSeen {
    /// What was to be read.
    pub file: PathBuf,
    /// Why it could not be.
    pub reason: io::Error,
}

impl NotSeen {
    pub(crate) fn new(file: impl Into<PathBuf>, reason: io::Error) -> NotSeen {
        NotSeen {
            file: file.into(),
            reason,
        }
    }

    /// It was read, and does not say.
    pub(crate) fn silent(file: impl Into<PathBuf>) -> NotSeen {
        NotSeen::new(file, io::ErrorKind::InvalidData.into())
    }
}

impl fmt::Display for NotSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.file.display(), self.reason)
    }
}

impl std::error::Error for NotSeen {}
