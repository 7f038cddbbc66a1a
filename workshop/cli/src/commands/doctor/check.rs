//! What a check is: data, and a function that looks.

use super::look::on_the_path;
use super::system::System;
use grader::Need;
use std::path::PathBuf;
use terminal::Text;

/// One thing that somebody who follows the tutorial has, or lacks.
pub(super) struct Check {
    /// What is looked for.
    pub(super) name: Text,
    /// Can nothing be followed without it?
    pub(super) must: bool,
    /// What it is for: which step, which command.
    pub(super) what_for: Text,
    /// How it is to be had, if the look itself knows no better.
    pub(super) mend: Mend,
    /// Before what it is looked for without being asked: only what takes no time.
    pub(super) before: fn(Before) -> bool,
    pub(super) look: fn(&Place) -> Found,
}

/// What a look found.
pub(super) enum Found {
    /// It is as it should be.
    Fine(Text),
    /// It is not.
    Lacking(Text),
    /// It is not, and why, so what mends it is known as well.
    Diagnosed(Text, Mend),
}

/// What mends it.
pub(super) enum Mend {
    /// Packages, by their names on Debian, on Fedora, on Arch and in Homebrew.
    Packages([&'static str; 4]),
    /// Of these programs, the packages of those that are missing.
    Programs(&'static [Tool]),
    /// A command on each of these.
    Commands([&'static str; 4]),
    /// The same command on each of them.
    Command(&'static str),
    /// One that only a look knows.
    Known(String),
    /// What is done elsewhere than in this shell.
    Words(Text),
}

/// A program, and its packages, by the names that they have on each of these systems; "" where it is
/// there already, or is not to be had.
pub(super) struct Tool {
    pub(super) program: &'static str,
    pub(super) packages: [&'static str; 4],
}

impl Tool {
    pub(super) fn is_missing(&self) -> bool {
        on_the_path(self.program).is_none()
    }
}

/// Which of them are missing, if any are: their names with a comma between, in each language.
pub(super) fn missing<'a>(tools: impl IntoIterator<Item = &'a Tool>) -> Found {
    let (missing, there): (Vec<&Tool>, Vec<&Tool>) =
        tools.into_iter().partition(|tool| tool.is_missing());
    let names = |some: &[&Tool], comma: &str| {
        let names: Vec<&str> = some.iter().map(|tool| tool.program).collect();
        names.join(comma)
    };
    match missing.as_slice() {
        [] => Found::Fine(Text::new(names(&there, ", "), names(&there, "、"))),
        missing => Found::Lacking(Text::new(
            format!("not on the PATH: {}", names(missing, ", ")),
            format!("PATH 上没有 {}", names(missing, "、")),
        )),
    }
}

/// Where everything is looked for.
pub(super) struct Place {
    /// The checkout.
    pub(super) root: PathBuf,
    pub(super) system: System,
}

/// What somebody is about to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before<'a> {
    /// To see everything.
    Tour,
    /// To write a step with programs that need this.
    Step(&'a [Need]),
    /// To write one in another language, as `--lang` names it.
    Language(&'a str),
}

/// Not worth a word until somebody asks.
pub(super) const NEVER: fn(Before) -> bool = |_| false;
/// Nothing works without it.
pub(super) const ALWAYS: fn(Before) -> bool = |_| true;
/// Only the tour has all cases.
pub(super) const TOUR: fn(Before) -> bool = |before| before == Before::Tour;

impl Mend {
    /// What is typed on such a system, to get all of it or what is missing; nothing where there is
    /// nothing to type.
    pub(super) fn on(&self, system: System, all: bool) -> Option<String> {
        let place = match system {
            System::Debian => 0,
            System::Fedora => 1,
            System::Arch => 2,
            System::MacOs => 3,
            System::Other => return None,
        };
        let (tool, words) = match self {
            Mend::Packages(names) => (INSTALL[place], names[place].to_owned()),
            Mend::Programs(tools) => {
                let wanted = tools.iter().filter(|tool| all || tool.is_missing());
                let names = wanted.map(|tool| tool.packages[place]);
                let mut names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
                names.dedup();
                (INSTALL[place], names.join(" "))
            }
            Mend::Commands(commands) => ("", commands[place].to_owned()),
            Mend::Command(command) => ("", (*command).to_owned()),
            Mend::Known(command) => ("", command.clone()),
            Mend::Words(_) => return None,
        };
        (!words.is_empty()).then(|| format!("{tool}{words}"))
    }
}

const INSTALL: [&str; 4] = [
    "sudo apt install ",
    "sudo dnf install ",
    "sudo pacman -S ",
    "brew install ",
];
