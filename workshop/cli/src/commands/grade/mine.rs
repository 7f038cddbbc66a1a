//! A learner's copy: what is handed in of it, built.

use super::output::Whose;
use anyhow::Result;
use grader::step::Step;
use starter::{Copy, Submission};
use std::path::Path;
use terminal::{Executables, NotBuilt, Terminal};

/// The step's tests of its library.
pub(super) const LIBRARY: &str = "library";

/// A copy that is to be graded.
pub(super) struct Mine {
    pub(super) copy: Copy,
    /// Is it as the starter was?
    pub(super) is_untouched: bool,
    /// Its programs, or what the compiler said.
    pub(super) built: Result<Executables, NotBuilt>,
}

impl Mine {
    /// The step's copy, if it has been begun, with the programs that are written in it.
    ///
    /// # Errors
    ///
    /// When what is handed in cannot be graded, or cargo cannot be run.
    pub(super) fn build(terminal: &Terminal, root: &Path, step: &Step) -> Result<Option<Mine>> {
        let copy = Copy::of(root, step);
        if !copy.exists() {
            return Ok(None);
        }
        // No editor builds there, or holds cargo's lock of it.
        let target = terminal::target_folder()?.join("work");
        let submission = Submission::lay_over(root, step, &copy, &target.join(&step.slug))?;
        let build = target.join("build").to_string_lossy().into_owned();
        let mut select = vec!["--offline", "--target-dir", &build];
        let programs = step.to_be_written()?;
        for program in &programs {
            select.extend(["--bin", &program.name]);
        }
        if step.tasks.iter().any(|task| !task.tests.is_empty()) {
            select.extend(["--test", LIBRARY]);
        }
        let shown = copy.shown();
        let what = match terminal.language {
            terminal::Language::English => format!("building {shown} (release)"),
            terminal::Language::Chinese => format!("正在构建 {shown}（release）"),
        };
        let built = Executables::build_in(terminal, &what, &submission.folder, &select);
        let built = match built {
            Ok(executables) => {
                for program in &programs {
                    submission.check_sources(root, step, executables.get(&program.name)?)?;
                }
                if let Ok(library) = executables.get(LIBRARY) {
                    submission.check_sources(root, step, library)?;
                }
                Ok(executables)
            }
            Err(error) => Err(error.downcast::<NotBuilt>()?),
        };
        Ok(Some(Mine {
            copy,
            is_untouched: submission.is_untouched,
            built,
        }))
    }

    /// How the report calls it.
    pub(super) fn whose(&self) -> Whose {
        Whose::Copy {
            shown: self.copy.shown(),
            is_untouched: self.is_untouched,
        }
    }
}
