use crate::commands::grade::{by_command, foreign_program};
use anyhow::Result;
use grader::Program;
use grader::step::{Assignment, Step, StepProgram, Steps};
use starter::{Built, ForeignCopy, LIBRARY, StepCopy, Wanted};
use std::path::{Path, PathBuf};
use terminal::{NotBuilt, Text, Told};
use watcher::Sources;

/// What is watched, and judged at every save.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) root: PathBuf,
    pub(super) step: Step,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// A copy in Rust.
    Rust(StepCopy),
    /// One in another language.
    Foreign(ForeignCopy),
    /// A program that a command starts, and the folder that its sources are in.
    Command { command: String, folder: PathBuf },
}

/// Some of what is judged: a program by its name, or the step's library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) is_library: bool,
}

/// What has been built, or what the compiler said.
pub(super) type Attempt = Result<Made, String>;

/// Programs that have been built.
pub(super) struct Made {
    programs: Vec<(String, Program)>,
    pub(super) library: Option<PathBuf>,
}

impl Made {
    pub(super) fn program(&self, name: &str) -> Option<&Program> {
        let mut programs = self.programs.iter();
        programs
            .find(|(it, _)| it == name)
            .map(|(_, program)| program)
    }
}

impl Watched {
    /// What the options mean: the step's copy, in whatever language; one that is named; a command.
    pub(super) fn find(name: &str, bin: Option<&str>, folder: Option<&Path>) -> Result<Watched> {
        let (steps, root) = (Steps::read()?, terminal::workspace()?);
        if let Some(command) = bin {
            let (step, _) = steps.find(name)?;
            let folder = folder.unwrap_or(Path::new("."));
            let folder = folder
                .canonicalize()
                .map_err(|error| no_folder(folder, &error))?;
            let what = What::Command {
                command: command.to_owned(),
                folder,
            };
            return Ok(Watched::of(root, step, what));
        }
        if let Some(copy) = ForeignCopy::named(&root, name)? {
            let (step, _) = steps.find(&copy.step)?;
            return Ok(Watched::of(root, step, What::Foreign(copy)));
        }
        let (step, _) = steps.find(name)?;
        let copy = StepCopy::of(&root, step);
        if copy.exists() {
            return Ok(Watched::of(root, step, What::Rust(copy)));
        }
        let mut foreign = ForeignCopy::all_of(&root, step)?;
        match (foreign.pop(), foreign.is_empty()) {
            (Some(copy), true) => Ok(Watched::of(root, step, What::Foreign(copy))),
            (Some(copy), false) => Err(Told(which(&foreign, &copy)).into()),
            (None, _) => Err(Told(no_copy(step)).into()),
        }
    }

    fn of(root: PathBuf, step: &Step, what: What) -> Watched {
        Watched {
            root,
            step: step.clone(),
            what,
        }
    }

    /// How it is called.
    pub(super) fn shown(&self) -> String {
        match &self.what {
            What::Rust(copy) => copy.shown(),
            What::Foreign(copy) => copy.shown(),
            What::Command { command, .. } => command.clone(),
        }
    }

    /// The name of its folder in `work/`, by which progress is kept; none of a command.
    pub(super) fn kept_as(&self) -> Option<String> {
        let folder = match &self.what {
            What::Rust(copy) => &copy.folder,
            What::Foreign(copy) => &copy.folder,
            What::Command { .. } => return None,
        };
        Some(folder.file_name()?.to_string_lossy().into_owned())
    }

    /// Is the task of this place still as it was begun? Of a copy in another language, nobody knows.
    pub(super) fn is_untouched(&self, place: usize) -> Option<bool> {
        let What::Rust(copy) = &self.what else {
            return None;
        };
        let task = self.step.tasks.get(place)?;
        starter::is_untouched(&self.root, &self.step, copy, task).ok()
    }

    /// Do the lines still stand in it that a copy in Rust begins with?
    pub(super) fn allows_warnings(&self) -> bool {
        matches!(&self.what, What::Rust(copy) if copy.allows_warnings())
    }

    /// Are the files that its tasks name in it?
    pub(super) fn is_in_rust(&self) -> bool {
        matches!(self.what, What::Rust(_))
    }

    /// Does it have tasks?
    pub(super) fn has_tasks(&self) -> bool {
        !matches!(self.what, What::Command { .. }) && !self.step.tasks.is_empty()
    }

    /// What is saved when somebody writes it.
    pub(super) fn sources(&self) -> Sources {
        let roots = match &self.what {
            What::Rust(copy) => vec![copy.folder.join("src")],
            What::Foreign(copy) => vec![copy.folder.clone()],
            What::Command { command, folder } => {
                // The program itself, which somebody builds elsewhere, as well.
                let program = command.split_whitespace().next().map(PathBuf::from);
                let program = program.filter(|it| it.is_file());
                [Some(folder.clone()), program]
                    .into_iter()
                    .flatten()
                    .collect()
            }
        };
        Sources::new(roots, |_| false)
    }

    /// All that is judged, and the cases of each.
    pub(super) fn units(&self) -> Result<Vec<(Unit, Vec<Assignment>)>> {
        let claims = match self.what {
            What::Rust(_) => self.step.to_be_written()?,
            What::Foreign(_) | What::Command { .. } => vec![self.step.namesake()?],
        };
        let mut units = Vec::new();
        for claims in claims {
            let unit = Unit {
                name: claims.name.clone(),
                is_library: false,
            };
            units.push((unit, claims.assignments()?));
        }
        let tests = grader::library::assignments(&self.step);
        if self.is_in_rust() && !tests.is_empty() {
            let unit = Unit {
                name: grader::library::name(&self.step),
                is_library: true,
            };
            units.push((unit, tests));
        }
        Ok(units)
    }

    /// Builds these. Each line that is said meanwhile is shown to `progress`.
    pub(super) fn make(
        &self,
        units: &[Unit],
        progress: impl FnMut(&str) + Clone + Send + 'static,
    ) -> Result<Attempt> {
        match &self.what {
            What::Rust(_) => self.make_rust(units, progress),
            What::Foreign(copy) => {
                // It may say something else by now.
                let copy = ForeignCopy::read(&copy.folder)?.unwrap_or_else(|| copy.clone());
                let claims = self.step.namesake()?;
                if let Some(said) = crate::commands::grade::build_foreign(&copy)? {
                    return Ok(Err(said));
                }
                Ok(Ok(made(claims, foreign_program(&copy, claims)?)))
            }
            What::Command { command, .. } => {
                let claims = self.step.namesake()?;
                Ok(Ok(made(claims, by_command(command, None, claims)?)))
            }
        }
    }

    fn make_rust(
        &self,
        units: &[Unit],
        progress: impl FnMut(&str) + Clone + Send + 'static,
    ) -> Result<Attempt> {
        let programs = units.iter().filter(|unit| !unit.is_library);
        let wanted = Wanted {
            programs: programs.map(|unit| unit.name.clone()).collect(),
            library: units.iter().any(|unit| unit.is_library),
            again_and_again: true,
        };
        let built = Built::telling(&self.root, &self.step, &wanted, progress)?;
        let executables = match built.executables {
            Ok(executables) => executables,
            Err(NotBuilt(said)) => return Ok(Err(said)),
        };
        let mut programs = Vec::new();
        for name in wanted.programs {
            let claims = self.step.programs.iter().find(|it| it.name == name);
            let claims = claims.expect("a unit is one of the step's programs");
            let mut program = claims.program(executables.get(&name)?);
            program.is_sealed = true;
            programs.push((name, program));
        }
        Ok(Ok(Made {
            programs,
            library: executables.get(LIBRARY).ok().cloned(),
        }))
    }
}

fn made(claims: &StepProgram, program: Program) -> Made {
    Made {
        programs: vec![(claims.name.clone(), program)],
        library: None,
    }
}

fn no_copy(step: &Step) -> Text {
    let (number, slug) = (step.number, &step.slug);
    Text::new(
        format!(
            "there is no copy of {slug} to be watched yet: cargo run -- start {number}; for a program of \
             yours elsewhere: watch {number} --bin COMMAND --folder DIR"
        ),
        format!(
            "还没有 {slug} 的副本可以盯着：cargo run -- start {number}；程序写在别处的话：watch {number} --bin 命令 --folder 目录"
        ),
    )
}

fn which(others: &[ForeignCopy], last: &ForeignCopy) -> Text {
    let names: Vec<String> = others
        .iter()
        .chain([last])
        .map(ForeignCopy::shown)
        .collect();
    let first = &names[0];
    Text::new(
        format!("which copy: {}? Name it: watch {first}", names.join(", ")),
        format!(
            "盯着哪一份副本：{}？请写明：watch {first}",
            names.join("、")
        ),
    )
}

fn no_folder(folder: &Path, error: &std::io::Error) -> Told {
    let folder = folder.display();
    Told(Text::new(
        format!("cannot watch the folder {folder}: {error}"),
        format!("没法盯着目录 {folder}：{}", terminal::chinese(error)),
    ))
}
