//! What a check finds wrong, told so that an author can go there and mend it.

use std::fmt;
use std::path::Path;

/// One thing that is wrong with the book, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The source file or page, as a path that can be opened from the project's root or in the output.
    pub file: String,
    /// The line in that file, counted from 1, when the fault has one.
    pub line: Option<usize>,
    /// What is wrong: one line or several.
    pub what: String,
}

impl Fault {
    /// A fault at a line of a file.
    pub fn at(file: &str, line: usize, what: impl Into<String>) -> Self {
        Fault {
            file: file.to_owned(),
            line: Some(line),
            what: what.into(),
        }
    }

    /// A fault of a whole file.
    pub fn of(file: &str, what: impl Into<String>) -> Self {
        Fault {
            file: file.to_owned(),
            line: None,
            what: what.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// All that was found wrong, as the error that a failed build returns.
#[derive(Debug)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Passes when nothing was found.
    ///
    /// # Errors
    ///
    /// The faults themselves, when there are any.
    pub fn none(faults: Vec<Fault>) -> Result<(), Faults> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Faults(faults))
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.0 {
            writeln!(f, "{fault}")?;
        }
        match self.0.len() {
            1 => f.write_str("the book was not built: 1 fault"),
            n => write!(f, "the book was not built: {n} faults"),
        }
    }
}

impl std::error::Error for Faults {}

/// How a source file is called in messages: its path from the project's root, with `/` everywhere.
pub(crate) fn shown(project: &Path, path: &Path) -> String {
    let path = path.strip_prefix(project).unwrap_or(path);
    path.display().to_string().replace('\\', "/")
}
