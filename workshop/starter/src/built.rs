use crate::copy::StepCopy;
use crate::submission::Submission;
use anyhow::Result;
use grader::step::Step;
use std::path::{Path, PathBuf};
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

/// What is to be built of a copy, and how.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// These programs.
    pub programs: Vec<String>,
    /// [`LIBRARY`], too, if the step has it.
    pub library: bool,
    /// What was compiled the last time is used again, function by function: for whoever builds at every
    /// save.
    pub again_and_again: bool,
}

impl Wanted {
    /// All that is judged of the step.
    ///
    /// # Errors
    ///
    /// When a task names a program that there is not.
    pub fn all_of(step: &Step) -> Result<Wanted> {
        let programs = step.to_be_written()?.into_iter();
        Ok(Wanted {
            programs: programs.map(|program| program.name.clone()).collect(),
            library: true,
            again_and_again: false,
        })
    }
}

impl Built {
    /// The step's copy, if it has been begun, with the programs that are written in it.
    ///
    /// # Errors
    ///
    /// Those of [`Built::telling`].
    pub fn of(terminal: &Terminal, root: &Path, step: &Step) -> Result<Option<Built>> {
        let copy = StepCopy::of(root, step);
        if !copy.exists() {
            return Ok(None);
        }
        let shown = copy.shown();
        let spinner = terminal.spinner(&match terminal.language {
            Language::English => {
                format!("building {shown} (release; the first time takes a minute)")
            }
            Language::Chinese => format!("正在构建 {shown}（release；第一次要一分钟）"),
        });
        let progress = spinner.clone();
        let built = Built::telling(root, step, &Wanted::all_of(step)?, move |line| {
            progress.set_message(line.to_owned());
        });
        spinner.finish_and_clear();
        built.map(Some)
    }

    /// What is wanted of the step's copy, which has been begun. It is built where no editor builds, or
    /// holds cargo's lock. Each line that cargo says meanwhile is shown to `progress`.
    ///
    /// # Errors
    ///
    /// When what is handed in cannot be graded, or cargo cannot be run.
    pub fn telling(
        root: &Path,
        step: &Step,
        wanted: &Wanted,
        progress: impl FnMut(&str) + Clone + Send + 'static,
    ) -> Result<Built> {
        let copy = StepCopy::of(root, step);
        let target = Built::target_folder()?;
        let submission = Submission::lay_over(root, step, &copy, &target.join(&step.slug))?;
        let build = target.join("build").to_string_lossy().into_owned();
        let mut select = vec!["--target-dir", &build];
        if wanted.again_and_again {
            select.extend(["--config", "profile.release.incremental=true"]);
        }
        for program in &wanted.programs {
            select.extend(["--bin", program]);
        }
        let has_tests = step.tasks.iter().any(|task| !task.tests.is_empty());
        if wanted.library && has_tests {
            select.extend(["--test", LIBRARY]);
        }
        let offline = [&select[..], &["--offline"]].concat();
        let mut built = Executables::build_telling(&submission.folder, &offline, progress.clone());
        // What the tutorial's own programs need has been downloaded, unless they have never been built.
        if built.as_ref().is_err_and(lacks_something) {
            built = Executables::build_telling(&submission.folder, &select, progress);
        }
        let executables = match built {
            Ok(executables) => {
                let names = wanted.programs.iter().map(String::as_str);
                for name in names.chain([LIBRARY]) {
                    if let Ok(program) = executables.get(name) {
                        submission.check_sources(root, step, program)?;
                    }
                }
                Ok(executables)
            }
            Err(error) => Err(error.downcast::<NotBuilt>()?),
        };
        Ok(Built {
            copy,
            is_untouched: submission.is_untouched,
            executables,
        })
    }

    /// Where copies are built: their sources below it, each by its step's slug, and what cargo makes
    /// of them in `build`.
    ///
    /// # Errors
    ///
    /// When cargo cannot tell.
    pub fn target_folder() -> Result<PathBuf> {
        Ok(terminal::target_folder()?.join("work"))
    }
}

/// Has cargo not got what it needs, and was it not to ask for it? It says so itself.
fn lacks_something(error: &anyhow::Error) -> bool {
    let said = error.downcast_ref::<NotBuilt>();
    said.is_some_and(|NotBuilt(said)| said.contains("--offline"))
}
