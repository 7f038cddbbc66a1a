use crate::system;
use crate::text::Text;
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A result that could not be written where it was to go.
#[derive(Debug)]
pub struct Lost {
    /// `None`: standard output.
    file: Option<PathBuf>,
    error: io::Error,
    /// For programs, of whom none wants only its beginning.
    is_for_programs: bool,
}

impl Lost {
    /// The exit status of a program whose results are lost: 1 would say that they are bad.
    pub const STATUS: u8 = 2;

    pub(crate) fn on_standard_output(error: io::Error) -> Lost {
        Lost {
            file: None,
            error,
            is_for_programs: false,
        }
    }

    pub(crate) fn in_file(path: &Path) -> impl FnOnce(io::Error) -> Lost {
        let file = Some(path.to_owned());
        |error| Lost {
            file,
            error,
            is_for_programs: false,
        }
    }

    /// The same of a report for programs: that nobody reads it is told as well.
    pub fn for_programs(self) -> Lost {
        Lost {
            is_for_programs: true,
            ..self
        }
    }

    /// What to say of it; nothing where somebody has read as much as they wanted (`| head`).
    pub fn told(&self) -> Option<Text> {
        let nobody_reads = self.file.is_none() && self.error.kind() == ErrorKind::BrokenPipe;
        let nobody_reads = nobody_reads && !self.is_for_programs;
        (!nobody_reads).then(|| self.words())
    }

    pub(crate) fn words(&self) -> Text {
        let (error, chinese) = (&self.error, system::chinese(&self.error));
        match &self.file {
            None => Text::new(
                format!("cannot write to standard output: {error}"),
                format!("无法写到标准输出：{chinese}"),
            ),
            Some(file) => Text::new(
                format!("cannot write {}: {error}", file.display()),
                format!("无法写入 {}：{chinese}", file.display()),
            ),
        }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().en)
    }
}

impl Error for Lost {}
