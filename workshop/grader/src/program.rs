use crate::mechanism::Mechanism;
use crate::need::Need;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use terminal::Text;

/// A program under test: how it is started, and what it says of itself.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Arguments that go before those of a case.
    pub arguments: Vec<OsString>,
    /// May it execute no program but itself? So it is with what is handed in as somebody's own.
    pub is_sealed: bool,
    /// Where it runs, if not where the judge does.
    pub folder: Option<PathBuf>,
    /// Who chooses the address that it listens on.
    pub place: Place,
    /// How it claims to serve several clients at once, if it does.
    pub mechanism: Option<Mechanism>,
    /// What it needs that not every system has.
    pub needs: Option<Need>,
}

/// Who chooses the address that a server listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is told by `--listen`, and says where it listens.
    Told,
    /// It knows only this one, and says nothing. Its cases run one after another.
    Fixed(SocketAddr),
    /// It runs already, and is not started at all.
    Running(SocketAddr),
}

impl Program {
    /// The program at `path`, which needs no arguments of its own and is told where to listen.
    pub fn new(path: impl Into<PathBuf>) -> Program {
        Program {
            path: path.into(),
            arguments: Vec::new(),
            is_sealed: false,
            folder: None,
            place: Place::Told,
            mechanism: None,
            needs: None,
        }
    }

    /// Why it cannot run here; `None` if it can. One that runs already needs nothing.
    pub fn cannot_run(&self) -> Option<&'static Text> {
        let needs = self.needs?;
        match self.place {
            Place::Told | Place::Fixed(_) => needs.missing(),
            Place::Running(_) => None,
        }
    }

    /// The program with its own arguments; those of a case are to be appended.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        if self.is_sealed {
            subject::execute_only(&mut command, &self.path);
        }
        // A thousand children that panic would look for a thousand backtraces, each for longer than the
        // conversation takes; and where it panicked is said without one.
        command.env("RUST_BACKTRACE", "0");
        command
    }
}
