use crate::file::Progress;
use anyhow::Result;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use terminal::{Explain, Text};

/// Where it is kept in a checkout.
const FILE: &str = "work/progress.toml";
/// Names another file; empty, it says that nothing is to be kept.
const ELSEWHERE: &str = "WORKSHOP_PROGRESS";
/// Whoever opens the file reads this first.
const HEAD: &str = "\
# What has been done here, and where to go on; `cargo run -- progress` shows it.
# It names everything by its lasting name. Deleted, it begins anew.
# 这里做过什么、从哪里接着做；用 `cargo run -- progress` 查看。删掉它就从头开始。
";

/// Where progress is kept.
#[derive(Clone, Debug)]
pub struct Kept(Option<PathBuf>);

impl Kept {
    /// Of the checkout at `root`, unless the environment names another file or none.
    pub fn of(root: &Path) -> Kept {
        Kept(match std::env::var_os(ELSEWHERE) {
            Some(nowhere) if nowhere.is_empty() => None,
            Some(file) => Some(file.into()),
            None => Some(root.join(FILE)),
        })
    }

    /// What has been done; nothing where nobody has begun.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or understood.
    pub fn read(&self) -> Result<Progress> {
        let Some(file) = &self.0 else {
            return Ok(Progress::default());
        };
        match fs::read_to_string(file) {
            Ok(text) => {
                let table = text.parse::<toml::Table>();
                Ok(Progress::of(table.explain(|| unreadable(file))?))
            }
            Err(error) if is_absent(&error) => Ok(Progress::default()),
            Err(error) => Err(error).explain(|| unreadable(file)),
        }
    }

    /// Changes what is kept. A file that cannot be understood is left as it is.
    ///
    /// # Errors
    ///
    /// Those of [`Kept::read`]; when it cannot be written.
    pub fn change(&self, change: impl FnOnce(&mut Progress)) -> Result<()> {
        let Some(file) = &self.0 else {
            return Ok(());
        };
        let _alone = lock(file);
        let before = self.read()?;
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let text = format!("{HEAD}\n{}", after.table());
        Ok(terminal::replace_file(file, text.as_bytes())?)
    }
}

/// Until it is dropped, no other program changes the file. Where locks cannot be had, or one is held
/// for longer than any change takes (by a program that was stopped), the last one wins.
fn lock(file: &Path) -> Option<Flock<File>> {
    for _ in 0..TRIES {
        // Of the folder: the file itself is another one after each change.
        let folder = File::open(file.parent()?).ok()?;
        match Flock::lock(folder, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Some(lock),
            Err((_, Errno::EWOULDBLOCK)) => thread::sleep(PAUSE),
            Err(_) => return None,
        }
    }
    None
}

/// How often the lock is asked for, and how long it is waited in between: for two seconds.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn unreadable(file: &Path) -> Text {
    let file = file.display();
    Text::new(
        format!(
            "cannot read your progress in {file}, and leave it as it is (mend it, or put it away to begin anew)"
        ),
        format!("读不懂 {file} 里的进度，原样留着没有动（请改好它，或者移走它重新开始）"),
    )
}
