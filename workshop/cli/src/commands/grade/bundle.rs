//! `--bundle`: what a dispute over a grade needs, in one file.

use anyhow::Result;
use grader::Program;
use grader::report::json;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use terminal::{Explain, cannot_read};

/// Grows when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// All of it. `workshop/grader/REPORT.md` explains the fields.
#[derive(Serialize)]
struct Contents<'a> {
    bundle: u32,
    command_line: Vec<String>,
    seed: &'a str,
    versions: &'a Versions,
    submission: &'a [Submitted],
    report: &'a json::Report,
    output: &'a str,
}

/// What the verdicts may depend on besides the submission.
#[derive(Serialize)]
struct Versions {
    judge: &'static str,
    rustc: Option<String>,
    kernel: Option<String>,
}

/// A file of what was graded.
#[derive(Serialize)]
struct Submitted {
    path: String,
    bytes: usize,
    sha256: String,
}

/// One that is to be written, and of which all is known that was there before the grade.
pub(super) struct Bundle {
    file: PathBuf,
    submission: Vec<Submitted>,
    versions: Versions,
}

impl Bundle {
    /// Reads the programs as they are before they are graded: the executables, and every argument that
    /// names a file, as in `python3 server.py`; and what else is handed in.
    pub(super) fn begin<'a>(
        file: &Path,
        handed_in: &[PathBuf],
        programs: impl Iterator<Item = &'a Program>,
    ) -> Result<Bundle> {
        terminal::can_be_written(file)?;
        let mut files: Vec<PathBuf> = handed_in.to_vec();
        for program in programs {
            let folder = program.folder.as_deref().unwrap_or(Path::new(""));
            let arguments = program.arguments.iter().map(|it| folder.join(it));
            let named = [program.path.clone()].into_iter().chain(arguments);
            for file in named.filter(|file| file.is_file()) {
                if !files.contains(&file) {
                    files.push(file);
                }
            }
        }
        let submission = files.iter().map(|file| submitted(file));
        Ok(Bundle {
            file: file.to_owned(),
            submission: submission.collect::<Result<_>>()?,
            versions: Versions {
                judge: env!("CARGO_PKG_VERSION"),
                rustc: first_line(Command::new("rustc").arg("-V")),
                kernel: first_line(Command::new("uname").arg("-srm")),
            },
        })
    }

    /// Writes it.
    pub(super) fn write(&self, report: &json::Report, output: &str) -> Result<()> {
        let word = |word: &OsStr| word.to_string_lossy().into_owned();
        let contents = Contents {
            bundle: VERSION,
            command_line: std::env::args_os().map(|it| word(&it)).collect(),
            seed: &report.seed,
            versions: &self.versions,
            submission: &self.submission,
            report,
            output,
        };
        let json = serde_json::to_string_pretty(&contents)? + "\n";
        Ok(terminal::replace_file(&self.file, json.as_bytes())?)
    }
}

fn submitted(file: &Path) -> Result<Submitted> {
    let path = file.display().to_string();
    let bytes = fs::read(file).explain(|| cannot_read(file))?;
    let hash = Sha256::digest(&bytes);
    Ok(Submitted {
        path,
        bytes: bytes.len(),
        sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

/// What a command says; `None` where there is none.
fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|it| it.status.success())?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines().next().map(str::to_owned)
}
