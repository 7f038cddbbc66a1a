use std::ffi::OsString;
use std::path::PathBuf;

/// A program under test: how it is started.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Arguments that go before those of a case.
    pub arguments: Vec<OsString>,
}

impl Program {
    /// The program at `path`, which needs no arguments of its own.
    pub fn new(path: impl Into<PathBuf>) -> Program {
        Program {
            path: path.into(),
            arguments: Vec::new(),
        }
    }
}
