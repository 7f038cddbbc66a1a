use std::error::Error;
use std::fmt;

/// It cannot be built: all that cargo and the compiler said.
#[derive(Debug)]
pub struct NotBuilt(pub String);

impl fmt::Display for NotBuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cargo build has failed:\n{}", self.0)
    }
}

impl Error for NotBuilt {}
