//! A step as its `step.toml` describes it: the one place that the workshop, the tests and the book
//! ask.

use crate::case::Case;
use crate::cases;
use crate::need::Need;
use crate::program::Program;
use anyhow::Result;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use terminal::{
    Executables, Explain, Terminal, Text, Told, cannot_read, cannot_understand, ensure, workspace,
};

pub use crate::mechanism::Mechanism;

/// One step of the tutorial.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its place in the progression.
    pub number: u8,
    /// Its lasting name, which is its package's, too.
    pub slug: String,
    /// Names that it had before: what is kept by one of them is kept of it.
    #[serde(default)]
    pub formerly: Vec<String>,
    /// What it is about.
    pub title: Text,
    /// Its programs, in the order of its chapter.
    #[serde(rename = "program")]
    pub programs: Vec<StepProgram>,
    /// What a learner writes in a copy of it, from easy to hard.
    #[serde(default, rename = "task")]
    pub tasks: Vec<Task>,
}

/// A part of a step that a learner writes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its lasting name.
    pub slug: String,
    /// What it is about.
    pub title: Text,
    /// What is to be written: it stands above the place.
    pub words: Text,
    /// How long it takes whoever has read the section, in minutes.
    pub minutes: u8,
    /// The heading's id in the step's chapter.
    pub section: String,
    /// The program whose cases it turns green; without one, the one that stands for the step.
    pub program: Option<String>,
    /// The slugs of those cases.
    pub cases: Vec<String>,
    /// Of a task in a library, the tests in the step's `tests/library.rs` that judge it, too.
    #[serde(default)]
    pub tests: Vec<String>,
    /// What a copy leaves out.
    pub regions: Vec<Region>,
    /// What the reference does otherwise than most who write it, and why: for after it is passed.
    pub compare: Text,
}

/// A piece of a step's source that a copy leaves out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// `FILE::function` or `FILE::Type::function`: the function's body. `FILE#name`: the lines between
    /// `ANCHOR: name` and its end.
    pub at: String,
    /// What stands there instead; without it, `todo!`.
    pub leaves: Option<String>,
}

/// A program of a step's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepProgram {
    /// The name of its binary.
    pub name: String,
    /// What it is about, if that is not what the step is.
    pub title: Option<Text>,
    /// What it is, and so which cases it has to pass.
    pub kind: Kind,
    /// What it does while it has nothing to do: a cell of the tour's table.
    #[serde(default)]
    pub waits_in: Text,
    /// How it serves several clients at once: a server's claim, which is checked.
    pub mechanism: Option<Mechanism>,
    /// What it needs that not every system has: where it is not to be had, all of its cases are skipped.
    pub needs: Option<Need>,
    /// What its mechanism cannot keep, and why.
    #[serde(default)]
    pub excepted: Vec<Exception>,
    /// What it fails on purpose, as it stands in its chapter to show that: it is checked that it does.
    #[serde(default)]
    pub fails: Vec<OnPurpose>,
}

/// A case that a program need not pass.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The case's slug.
    pub case: String,
    /// Why.
    pub reason: Text,
}

/// Cases that a program fails on purpose, for one reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnPurpose {
    /// The cases' slugs.
    pub cases: Vec<String>,
    /// What the program lacks.
    pub reason: Text,
}

/// A case for a program.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The case.
    pub case: &'static Case,
    /// What is expected to come of it.
    pub expected: Expected,
}

/// What is expected to come of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The program passes.
    Pass,
    /// It fails on purpose, and why.
    Failure(Text),
    /// It need not be tried, and why.
    Nothing(Text),
}

impl StepProgram {
    /// This program, to be found at `path`.
    pub fn program(&self, path: impl Into<PathBuf>) -> Program {
        Program {
            mechanism: self.mechanism.clone(),
            needs: self.needs,
            ..Program::new(path)
        }
    }

    /// Every case that is for this program, in order.
    ///
    /// # Errors
    ///
    /// When something special is expected of a case that there is not, or two things of one.
    pub fn assignments(&self) -> Result<Vec<Assignment>> {
        let mut cases = self.kind.cases();
        if self.kind == Kind::Server {
            cases.extend(cases::of_mechanism(self.mechanism.as_ref()));
        }
        let mut assignments: Vec<Assignment> = cases
            .into_iter()
            .map(|case| Assignment {
                case,
                expected: Expected::Pass,
            })
            .collect();
        for Exception { case, reason } in &self.excepted {
            self.expect(&mut assignments, case, Expected::Nothing(reason.clone()))?;
        }
        for OnPurpose { cases, reason } in &self.fails {
            for case in cases {
                self.expect(&mut assignments, case, Expected::Failure(reason.clone()))?;
            }
        }
        Ok(assignments)
    }

    fn expect(&self, all: &mut [Assignment], case: &str, expected: Expected) -> Result<()> {
        let assignment = all.iter_mut().find(|it| it.case.slug == case);
        let assignment = assignment.explain(|| {
            let name = &self.name;
            Text::new(
                format!("{name}: {case} is no case of its"),
                format!("{name}：没有 {case} 这个用例"),
            )
        })?;
        ensure(assignment.expected == Expected::Pass, || {
            let name = &self.name;
            Text::new(
                format!("{name}: two things are expected of {case}"),
                format!("{name}：对 {case} 有两种不同的要求"),
            )
        })?;
        assignment.expected = expected;
        Ok(())
    }

    /// Does it stand in its chapter to show what it cannot do?
    pub fn fails_on_purpose(&self) -> bool {
        !self.fails.is_empty()
    }
}

/// What a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A server of the ROT13 line protocol.
    Server,
    /// The client that talks to one.
    Client,
    /// A client of HTTP that prints what it gets.
    HttpClient,
}

impl Step {
    /// Reads `step.toml` in the step's folder.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not as it should be.
    pub fn read(folder: &Path) -> Result<Step> {
        let file = folder.join("step.toml");
        let toml = fs::read_to_string(&file).explain(|| cannot_read(&file))?;
        toml::from_str(&toml).explain(|| cannot_understand(&file))
    }

    /// The program by which the step is called, and as which a stranger's is judged.
    ///
    /// # Errors
    ///
    /// When there is none of that name.
    pub fn namesake(&self) -> Result<&StepProgram> {
        let program = self.programs.iter().find(|it| it.name == self.slug);
        program.explain(|| {
            let folder = self.folder();
            Text::new(
                format!("{folder} has no program of that name"),
                format!("{folder} 里没有同名的程序"),
            )
        })
    }

    /// The program whose cases a task turns green.
    ///
    /// # Errors
    ///
    /// When there is none of that name.
    pub fn program_of(&self, task: &Task) -> Result<&StepProgram> {
        let Some(name) = &task.program else {
            return self.namesake();
        };
        let program = self.programs.iter().find(|it| it.name == *name);
        program.explain(|| {
            let task = &task.slug;
            Text::new(
                format!("task {task}: there is no program {name}"),
                format!("任务 {task}：没有 {name} 这个程序"),
            )
        })
    }

    /// The programs that are judged in a learner's copy: those that tasks are about.
    ///
    /// # Errors
    ///
    /// When a task names one that there is not.
    pub fn to_be_written(&self) -> Result<Vec<&StepProgram>> {
        let mut programs: Vec<&StepProgram> = Vec::new();
        for task in &self.tasks {
            let program = self.program_of(task)?;
            if !programs.iter().any(|it| it.name == program.name) {
                programs.push(program);
            }
        }
        Ok(programs)
    }

    /// The programs of one kind.
    pub fn programs(&self, kind: Kind) -> impl Iterator<Item = &StepProgram> {
        self.programs
            .iter()
            .filter(move |program| program.kind == kind)
    }

    /// Has cargo build all programs of these steps.
    ///
    /// # Errors
    ///
    /// When they cannot be built.
    pub fn build(terminal: &Terminal, steps: &[&Step]) -> Result<Executables> {
        let packages = steps.iter().flat_map(|step| ["--package", &step.slug]);
        let select: Vec<&str> = ["--bins"].into_iter().chain(packages).collect();
        let what = terminal.say("building the steps (release)", "正在构建各步（release）");
        Executables::build(terminal, what, &select)
    }

    /// Its folder's name, as in `02-fork-server`.
    pub fn folder(&self) -> String {
        format!("{:02}-{}", self.number, self.slug)
    }

    /// Is this the step that somebody means who says `2`, `02`, `fork`, `fork-server` or
    /// `02-fork-server`?
    fn is_called(&self, name: &str) -> bool {
        name.parse() == Ok(self.number)
            || name == self.folder()
            || name == self.slug
            || self
                .slug
                .strip_suffix("-server")
                .or(self.slug.strip_suffix("-client"))
                == Some(name)
    }
}

impl Kind {
    /// The cases for a program of this kind.
    pub fn cases(self) -> Vec<&'static Case> {
        match self {
            Kind::Server => cases::server(),
            Kind::Client => cases::client(),
            Kind::HttpClient => cases::http_client(),
        }
    }
}

/// Every step that there is, in order.
#[derive(Clone, Debug)]
pub struct Steps(pub Vec<Step>);

impl Steps {
    /// Reads the steps of the workspace that one stands in.
    ///
    /// # Errors
    ///
    /// When one stands in none, or a `step.toml` is not as it should be.
    pub fn read() -> Result<Steps> {
        let folder = workspace()?.join("steps");
        let entries = fs::read_dir(&folder).explain(|| cannot_read(&folder))?;
        let mut steps = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.join("step.toml").exists() {
                steps.push(Step::read(&path)?);
            }
        }
        steps.sort_by_key(|step| step.number);
        Ok(Steps(steps))
    }

    /// The step that somebody calls `name`, and those of its programs that are meant: the one of
    /// that name, or all.
    ///
    /// # Errors
    ///
    /// When there is none: names those that there are.
    pub fn find(&self, name: &str) -> Result<(&Step, Vec<&StepProgram>)> {
        for step in &self.0 {
            if step.is_called(name) {
                return Ok((step, step.programs.iter().collect()));
            }
            if let Some(program) = step.programs.iter().find(|program| program.name == name) {
                return Ok((step, vec![program]));
            }
        }
        let all: Vec<_> = self.0.iter().map(Step::folder).collect();
        let (en, zh) = (all.join(", "), all.join("、"));
        Err(Told(Text::new(
            format!("there is no step {name:?}; there is {en} (the number will do)"),
            format!("没有“{name}”这一步；有 {zh}（写编号也行）"),
        ))
        .into())
    }
}
