//! Which programs are graded: the tutorial's own, a copy of the learner's, or one that was named.

use super::another_language;
use super::command::{find_executable, words};
use super::options::Options;
use super::output::Whose;
use anyhow::{Context, Result, ensure};
use grader::step::{Kind, Step, StepProgram};
use grader::{Place, Program};
use shared::client;
use shared::command_line::HostPort;
use starter::{Built, ForeignCopy, LIBRARY, Submission};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use terminal::{NotBuilt, Terminal, Text, Told};

/// A program that is to be graded, as what.
pub(super) struct Candidate<'a> {
    pub(super) name: String,
    pub(super) claims: &'a StepProgram,
    pub(super) program: Program,
}

/// What is to be graded.
pub(super) struct Subjects<'a> {
    pub(super) whose: Whose,
    pub(super) candidates: Vec<Candidate<'a>>,
    /// Of a copy, what is handed in.
    pub(super) files: Vec<PathBuf>,
    /// Of a copy in which a library is written, the tests of that.
    pub(super) library: Option<PathBuf>,
    /// What the compiler said, where they cannot be built.
    pub(super) not_built: Option<String>,
}

/// What the options ask for, built.
///
/// # Errors
///
/// When there is no such program, or it cannot be judged.
pub(super) fn subjects<'a>(
    terminal: &Terminal,
    options: &Options,
    step: &'a Step,
    programs: &[&'a StepProgram],
    named: Option<ForeignCopy>,
) -> Result<Subjects<'a>> {
    if options.bin.is_some() || options.address.is_some() {
        let claims = match programs {
            [program] => *program,
            _ => step.namesake()?,
        };
        let (name, program) = foreign(options, claims)?;
        return Ok(Subjects::of(
            Whose::Foreign,
            vec![Candidate {
                name,
                claims,
                program,
            }],
        ));
    }
    let root = terminal::workspace()?;
    if let Some(copy) = named {
        return in_another_language(terminal, &copy, step);
    }
    if options.reference {
        return reference(terminal, step, programs);
    }
    if let Some(built) = Built::of(terminal, &root, step)? {
        return of_a_copy(built, step, programs);
    }
    match ForeignCopy::all_of(&root, step)?.as_slice() {
        [] => reference(terminal, step, programs),
        [copy] => in_another_language(terminal, copy, step),
        several => Err(Told(which(several)).into()),
    }
}

fn reference<'a>(
    terminal: &Terminal,
    step: &'a Step,
    programs: &[&'a StepProgram],
) -> Result<Subjects<'a>> {
    let executables = Step::build(terminal, &[step])?;
    let candidates = programs
        .iter()
        .map(|claims| Candidate::at(claims, executables.get(&claims.name)?));
    let candidates = candidates.collect::<Result<_>>()?;
    Ok(Subjects::of(Whose::Reference, candidates))
}

fn of_a_copy<'a>(
    built: Built,
    step: &'a Step,
    programs: &[&'a StepProgram],
) -> Result<Subjects<'a>> {
    let whose = Whose::Copy {
        shown: built.copy.shown(),
        in_rust: true,
        is_untouched: built.is_untouched,
    };
    let mut claims = step.to_be_written()?;
    claims.retain(|it| programs.iter().any(|program| program.name == it.name));
    let candidates = claims.into_iter().map(|claims| {
        let path = match &built.executables {
            Ok(executables) => executables.get(&claims.name)?,
            Err(_) => Path::new(""),
        };
        let mut candidate = Candidate::at(claims, path)?;
        candidate.program.is_sealed = true;
        Ok(candidate)
    });
    let candidates = candidates.collect::<Result<_>>()?;
    let library = built.executables.as_ref().ok().map(|it| it.get(LIBRARY));
    Ok(Subjects {
        files: Submission::files(&built.copy)?,
        library: library.and_then(Result::ok).cloned(),
        not_built: built
            .executables
            .err()
            .map(|NotBuilt(complaints)| complaints),
        ..Subjects::of(whose, candidates)
    })
}

/// A copy that is not in Rust is one program: the one that stands for the step.
fn in_another_language<'a>(
    terminal: &Terminal,
    copy: &ForeignCopy,
    step: &'a Step,
) -> Result<Subjects<'a>> {
    let claims = step.namesake()?;
    let not_built = another_language::build_shown(terminal, copy)?;
    let program = match not_built {
        Some(_) => claims.program(""),
        None => another_language::program(copy, claims)?,
    };
    let whose = Whose::Copy {
        shown: copy.shown(),
        in_rust: false,
        is_untouched: copy.is_untouched(step),
    };
    let candidate = Candidate {
        name: claims.name.clone(),
        claims,
        program,
    };
    Ok(Subjects {
        not_built,
        ..Subjects::of(whose, vec![candidate])
    })
}

/// Several copies in other languages, and none in Rust: which is meant?
fn which(several: &[ForeignCopy]) -> Text {
    let names: Vec<String> = several.iter().map(ForeignCopy::shown).collect();
    let first = &names[0];
    Text::new(
        format!("which copy: {}? Name it: grade {first}", names.join(", ")),
        format!("评哪一份副本：{}？请写明：grade {first}", names.join("、")),
    )
}

impl<'a> Subjects<'a> {
    fn of(whose: Whose, candidates: Vec<Candidate<'a>>) -> Subjects<'a> {
        Subjects {
            whose,
            candidates,
            files: Vec::new(),
            library: None,
            not_built: None,
        }
    }
}

impl<'a> Candidate<'a> {
    fn at(claims: &'a StepProgram, path: &Path) -> Result<Candidate<'a>> {
        Ok(Candidate {
            name: claims.name.clone(),
            claims,
            program: claims.program(path),
        })
    }
}

/// A program that is none of ours.
fn foreign(options: &Options, claims: &StepProgram) -> Result<(String, Program)> {
    ensure!(
        claims.kind == Kind::Server || options.address.is_none(),
        "--address is for servers; {} is none",
        claims.name
    );
    let Some(command) = &options.bin else {
        let named = options.address.as_ref();
        let named = named.context("neither --bin nor --address")?;
        let address = client::find(named).with_context(|| format!("cannot find {named}"))?;
        let place = Place::Running(address);
        return Ok((
            named.to_string(),
            Program {
                place,
                ..claims.program("")
            },
        ));
    };
    let program = by_command(command, options.address.as_ref(), claims)?;
    Ok((command.clone(), program))
}

/// A program that a command starts, as what it is judged, and the only address that it knows, if it
/// knows only one.
pub(crate) fn by_command(
    command: &str,
    address: Option<&HostPort>,
    claims: &StepProgram,
) -> Result<Program> {
    let (path, arguments) = words(command)?;
    Ok(Program {
        arguments,
        place: match address {
            None => Place::Told,
            Some(named) => Place::Fixed(where_it_will_listen(named)?),
        },
        ..claims.program(find_executable(&path)?)
    })
}

/// Where a program will be reached that knows only this address and does not run yet. Of
/// `localhost`'s addresses it is the one of IPv4, at which a server that listens at `[::]` is
/// reached as well (`ipv6(7)`, IPV6_V6ONLY).
fn where_it_will_listen(named: &HostPort) -> Result<SocketAddr> {
    let found = named.to_socket_addrs();
    let addresses: Vec<SocketAddr> = found
        .with_context(|| format!("cannot find {named}"))?
        .collect();
    let ipv4 = addresses.iter().find(|address| address.is_ipv4());
    let address = ipv4.or(addresses.first()).copied();
    address.with_context(|| format!("{named} has no address"))
}

impl Candidate<'_> {
    /// What tells it from others.
    pub(super) fn known_as(&self, whose: &Whose) -> String {
        known_as(&self.name, &self.claims.name, self.program.place, whose)
    }
}

/// What tells a program from others: from another one, from the same as another step's, from somebody
/// else's.
pub(super) fn known_as(name: &str, claims: &str, place: Place, whose: &Whose) -> String {
    let known = format!("{name}, {place:?}, as {claims}");
    match whose {
        Whose::Copy { shown, .. } => format!("{known}, in {shown}"),
        Whose::Reference | Whose::Foreign => known,
    }
}
