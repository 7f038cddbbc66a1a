//! What is compared: the steps' servers, the peers, and a command of a learner's own.

mod libevent;

use anyhow::{Context, Result, ensure};
use grader::Program;
use grader::step::{Kind, StepProgram, Steps};
use starter::Built;
use std::collections::BTreeSet;
use terminal::{Executables, Terminal, Text};

/// The peers that are binaries of this package, by the names that people give them.
const PEERS: [(&str, &str); 3] = [
    ("floor", "epoll-floor"),
    ("mio", "mio-peer"),
    ("tokio", "tokio-peer"),
];
const LIBEVENT: &str = "libevent";

/// A server that takes part.
#[derive(Clone, Debug)]
pub(crate) struct Contestant {
    /// As it was named on the command line.
    pub(crate) name: String,
    /// How it is started; or why it cannot be.
    pub(crate) program: Result<Program, Text>,
}

/// A binary of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Binary<'a> {
    package: &'a str,
    name: &'a str,
}

/// Where it comes from.
enum Origin<'a> {
    /// With arguments that its name was followed by.
    Step(Binary<'a>, &'a StepProgram, Vec<String>),
    Peer(Binary<'a>),
    Libevent,
    Command(Program),
}

/// Finds every program that is named, and builds what has to be built, for speed.
///
/// # Errors
///
/// A name that nobody has, or a build that fails. A peer in C that cannot be built here only does
/// not take part.
pub(crate) fn find_all(
    terminal: &Terminal,
    names: &[String],
    mine: bool,
) -> Result<Vec<Contestant>> {
    let steps = Steps::read()?;
    let origins: Vec<Origin> = names
        .iter()
        .map(|name| find(&steps, name))
        .collect::<Result<_>>()?;
    let binaries: BTreeSet<Binary> = origins
        .iter()
        .filter_map(|origin| match origin {
            Origin::Step(binary, ..) | Origin::Peer(binary) => Some(*binary),
            Origin::Libevent | Origin::Command(_) => None,
        })
        .collect();
    let executables = build(terminal, &binaries)?;
    let copies = match mine {
        true => copies(terminal, &steps, &origins)?,
        false => Vec::new(),
    };
    let contestants = names.iter().zip(origins).map(|(name, origin)| {
        let program = match origin {
            Origin::Step(binary, claims, arguments) => {
                let mut program = claims.program(executables.get(binary.name)?);
                program.arguments = arguments.into_iter().map(Into::into).collect();
                match program.cannot_run() {
                    None => Ok(program),
                    Some(reason) => Err(left_out(reason)),
                }
            }
            Origin::Peer(binary) => Ok(Program::new(executables.get(binary.name)?)),
            Origin::Libevent => libevent::build(&terminal::workspace()?).map(Program::new),
            Origin::Command(program) => Ok(program),
        };
        Ok(Contestant {
            name: name.clone(),
            program,
        })
    });
    let contestants: Vec<Contestant> = contestants.collect::<Result<_>>()?;
    Ok(contestants.into_iter().chain(copies).collect())
}

/// The learner's own copies of the steps whose servers take part.
fn copies(terminal: &Terminal, steps: &Steps, origins: &[Origin]) -> Result<Vec<Contestant>> {
    let root = terminal::workspace()?;
    let mut copies = Vec::new();
    for origin in origins {
        let Origin::Step(binary, claims, arguments) = origin else {
            continue;
        };
        let (step, _) = steps.find(binary.package)?;
        let Some(built) = Built::of(terminal, &root, step)? else {
            continue;
        };
        let name = format!("{}/{}", built.copy.shown(), claims.name);
        let mut program = claims.program(built.executables?.get(&claims.name)?);
        program.arguments = arguments.iter().map(Into::into).collect();
        let program = match program.cannot_run() {
            None => Ok(program),
            Some(reason) => Err(left_out(reason)),
        };
        copies.push(Contestant { name, program });
    }
    ensure!(
        !copies.is_empty(),
        "--mine: there is no copy of any of these steps in work/ (cargo run -- start 5)"
    );
    Ok(copies)
}

/// Builds them for speed.
fn build(terminal: &Terminal, binaries: &BTreeSet<Binary>) -> Result<Executables> {
    let packages: BTreeSet<&str> = binaries.iter().map(|binary| binary.package).collect();
    let packages = packages
        .into_iter()
        .flat_map(|package| ["--package", package]);
    let names = binaries.iter().flat_map(|binary| ["--bin", binary.name]);
    let select: Vec<&str> = packages.chain(names).collect();
    let what = terminal.say(
        "building the servers (release)",
        "正在构建各个服务器（release）",
    );
    Executables::build(terminal, what, &select)
}

fn left_out(reason: &Text) -> Text {
    Text::new(
        format!("left out: {}", reason.en),
        format!("未参加：{}", reason.zh),
    )
}

fn find<'a>(steps: &'a Steps, name: &str) -> Result<Origin<'a>> {
    if name == LIBEVENT {
        return Ok(Origin::Libevent);
    }
    if let Some(&(_, binary)) = PEERS.iter().find(|(peer, _)| *peer == name) {
        return Ok(Origin::Peer(Binary {
            package: env!("CARGO_PKG_NAME"),
            name: binary,
        }));
    }
    let Some((package, program)) = server(steps, name) else {
        return if name.contains(['/', ' ']) {
            command(steps, name)
        } else {
            Err(anyhow::anyhow!(unknown(steps, name)))
        };
    };
    Ok(step(package, program, Vec::new()))
}

fn step<'a>(package: &'a str, program: &'a StepProgram, arguments: Vec<String>) -> Origin<'a> {
    let name = &program.name;
    Origin::Step(Binary { package, name }, program, arguments)
}

/// The step's server that somebody calls so, and the package that has it.
fn server<'a>(steps: &'a Steps, name: &str) -> Option<(&'a str, &'a StepProgram)> {
    // A program's own name goes before that of a step: several programs may belong to one.
    let by_name = servers(steps).find(|(_, program)| program.name == name);
    by_name.or_else(|| {
        // The programs that are meant: all of a step's, or a single one, which is no server here.
        let (step, meant) = steps.find(name).ok()?;
        meant.iter().find(|program| program.kind == Kind::Server)?;
        let program = step.namesake().ok()?;
        Some((step.slug.as_str(), program))
    })
}

/// Every server of the steps, and the package that has it.
fn servers(steps: &Steps) -> impl Iterator<Item = (&str, &StepProgram)> {
    let steps = steps.0.iter();
    steps.flat_map(|step| {
        step.programs(Kind::Server)
            .map(|program| (step.slug.as_str(), program))
    })
}

fn unknown(steps: &Steps, name: &str) -> String {
    let servers: Vec<&str> = servers(steps)
        .map(|(_, program)| program.name.as_str())
        .collect();
    let mut peers = vec![LIBEVENT];
    peers.extend(PEERS.map(|(peer, _)| peer));
    peers.sort_unstable();
    format!(
        "there is no server {name:?}; there are the steps' {}, the peers {}, \
         and any command with a slash or an argument in it, as in \"./{name}\"",
        servers.join(", "),
        peers.join(", ")
    )
}

/// A step's server with arguments, wherever cargo puts it; or a command that is none of ours. Both
/// are told where to listen.
fn command<'a>(steps: &'a Steps, line: &str) -> Result<Origin<'a>> {
    let words = shell_words::split(line)
        .with_context(|| format!("cannot understand the command {line}"))?;
    let [path, arguments @ ..] = words.as_slice() else {
        anyhow::bail!("a command is empty");
    };
    if let Some((package, program)) = server(steps, path) {
        return Ok(step(package, program, arguments.to_vec()));
    }
    let mut program = Program::new(path);
    if path.contains('/') {
        program.path = std::path::absolute(path)?;
        ensure!(program.path.is_file(), "there is no program {path}");
    }
    program.arguments = arguments.iter().map(Into::into).collect();
    Ok(Origin::Command(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> String {
        let steps = Steps::read().expect("the workspace is there");
        match find(&steps, name) {
            Ok(Origin::Step(binary, _, arguments)) if !arguments.is_empty() => {
                format!("{} {} {arguments:?}", binary.package, binary.name)
            }
            Ok(Origin::Step(binary, ..) | Origin::Peer(binary)) => {
                format!("{} {}", binary.package, binary.name)
            }
            Ok(Origin::Libevent) => "in C".to_owned(),
            Ok(Origin::Command(program)) => {
                format!("{} {:?}", program.path.display(), program.arguments)
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn programs_peers_and_commands_are_told_apart() {
        assert_eq!(found("thread-server"), "fork-server thread-server");
        assert_eq!(found("2"), "fork-server fork-server");
        assert_eq!(found("select"), "select-server select-server");
        assert_eq!(found("poll-server"), "select-server poll-server");
        assert_eq!(found("floor"), "bench epoll-floor");
        assert_eq!(found("libevent"), "in C");
        assert_eq!(
            found("thread-pool-server --threads 2"),
            "fork-server thread-pool-server [\"--threads\", \"2\"]"
        );
        assert_eq!(found("/bin/sh -c 'a b'"), "/bin/sh [\"-c\", \"a b\"]");
        assert_eq!(found("sh -c x"), "sh [\"-c\", \"x\"]");
    }

    #[test]
    fn what_nobody_is_called_is_told_with_those_that_there_are() {
        for name in ["nonesuch", "rot13-client", "1"] {
            let told = found(name);
            for part in [name, "select-server", "libevent", "tokio", "./"] {
                assert!(told.contains(part), "{part}: {told}");
            }
        }
        assert!(found("/no/such/server").contains("there is no program /no/such/server"));
        assert!(found("a 'b").contains("cannot understand"));
    }
}
