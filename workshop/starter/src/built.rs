use crate::copy::StepCopy;
use crate::submission::Submission;
use anyhow::Result;
use grader::step::Step;
use std::path::Path;
use terminal::{Executables, Language, NotBuilt, Terminal};

/// What cargo calls the step's tests of its library.
pub const LIBRARY: &str = "library";

/// What is handed in of a copy, built for speed.
#[derive(Debug)]
pub struct Built {
    /// The copy.
    pub copy: StepCopy,
    /// Is it as the starter was?
    pub is_untouched: bool,
    /// Its programs, and [`LIBRARY`] if there is one; or what the compiler said.
    pub executables: Result<Executables, NotBuilt>,
}

impl Built {
    /// The step's copy, if it has been begun, with the programs that are written in it. It is built where
    /// no editor builds, or holds cargo's lock.
    ///
    /// # Errors
    ///
    /// When what is handed in cannot be graded, or cargo cannot be run.
    pub fn of(terminal: &Terminal, root: &Path, step: &Step) -> Result<Option<Built>> {
        let copy = StepCopy::of(root, step);
        if !copy.exists() {
            return Ok(None);
        }
        let target = terminal::target_folder()?.join("work");
        let submission = Submission::lay_over(root, step, &copy, &target.join(&step.slug))?;
        let build = target.join("build").to_string_lossy().into_owned();
        let mut select = vec!["--target-dir", &build];
        let programs = step.to_be_written()?;
        for program in &programs {
            select.extend(["--bin", &program.name]);
        }
        if step.tasks.iter().any(|task| !task.tests.is_empty()) {
            select.extend(["--test", LIBRARY]);
        }
        let shown = copy.shown();
        let what = match terminal.language {
            Language::English => {
                format!("building {shown} (release; the first time takes a minute)")
            }
            Language::Chinese => format!("正在构建 {shown}（release；第一次要一分钟）"),
        };
        let offline = [&select[..], &["--offline"]].concat();
        let mut built = Executables::build_in(terminal, &what, &submission.folder, &offline);
        // What the tutorial's own programs need has been downloaded, unless they have never been built.
        if built.as_ref().is_err_and(lacks_something) {
            built = Executables::build_in(terminal, &what, &submission.folder, &select);
        }
        let executables = match built {
            Ok(executables) => {
                let names = programs.iter().map(|program| program.name.as_str());
                for name in names.chain([LIBRARY]) {
                    if let Ok(program) = executables.get(name) {
                        submission.check_sources(root, step, program)?;
                    }
                }
                Ok(executables)
            }
            Err(error) => Err(error.downcast::<NotBuilt>()?),
        };
        Ok(Some(Built {
            copy,
            is_untouched: submission.is_untouched,
            executables,
        }))
    }
}

/// Has cargo not got what it needs, and was it not to ask for it? It says so itself.
fn lacks_something(error: &anyhow::Error) -> bool {
    let said = error.downcast_ref::<NotBuilt>();
    said.is_some_and(|NotBuilt(said)| said.contains("--offline"))
}
