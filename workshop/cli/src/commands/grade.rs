mod output;

use anyhow::{Context, Result, bail, ensure};
use grader::report::Score;
use grader::step::{Kind, Step, StepProgram, Steps};
use grader::{Graded, Place, Program};
use output::Format;
pub(crate) use output::print_failures;
use shared::client;
use shared::command_line::{self, HostPort};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use terminal::Terminal;

/// What to grade, and how to tell.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step or one of its programs: 2, fork, or thread-server
    step: String,
    /// Grade this server instead of the step's own: a command, which may have arguments. It must
    /// honour --listen 127.0.0.1:0, unless --address tells the only address that it knows
    #[arg(long, value_name = "COMMAND", conflicts_with = "reference")]
    bin: Option<String>,
    /// Grade what listens here: with --bin, cases run one after another; without, a server that
    /// runs already, of which processes are not measured
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "reference", value_parser = command_line::server)]
    address: Option<HostPort>,
    /// Grade the step's own programs; that is what is done without --bin and --address, too
    #[arg(long)]
    reference: bool,
    /// How to tell
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A program that is to be graded, as what.
struct Candidate<'a> {
    name: String,
    claims: &'a StepProgram,
    program: Program,
}

/// The exit status of a judge who could not judge, or whose report is lost.
pub(crate) const COULD_NOT_JUDGE: u8 = 2;

/// `grade STEP`: exit status 0 only with full points, 1 without.
///
/// # Errors
///
/// What kept it from judging.
pub(crate) fn grade(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    subject::raise_descriptor_limit();
    let steps = Steps::read()?;
    let (step, programs) = steps.find(&options.step)?;
    let mut report = options
        .format
        .begin(terminal, step, options.output.as_deref())?;
    let mut full = true;
    for candidate in candidates(terminal, options, step, &programs)? {
        let start = Instant::now();
        let graded = judge(terminal, candidate.claims, &candidate.program)?;
        full &= Score::of(&graded).is_full();
        report.add(&candidate.name, graded, start.elapsed())?;
    }
    report.finish()?;
    Ok(if full {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn candidates<'a>(
    terminal: &Terminal,
    options: &Options,
    step: &Step,
    programs: &[&'a StepProgram],
) -> Result<Vec<Candidate<'a>>> {
    if options.bin.is_none() && options.address.is_none() {
        let executables = Step::build(terminal, &[step])?;
        let candidates = programs.iter().map(|&claims| {
            let program = claims.program(executables.get(&claims.name)?);
            Ok(Candidate {
                name: claims.name.clone(),
                claims,
                program,
            })
        });
        return candidates.collect();
    }
    let claims = programs.iter().find(|program| program.kind == Kind::Server);
    let claims = *claims
        .or(programs.first())
        .context("the step has no program")?;
    let (name, program) = foreign(options, claims)?;
    Ok(vec![Candidate {
        name,
        claims,
        program,
    }])
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
    let words = shell_words::split(command)
        .with_context(|| format!("cannot understand --bin {command}"))?;
    let [path, arguments @ ..] = words.as_slice() else {
        bail!("--bin wants a command");
    };
    let program = Program {
        arguments: arguments.iter().map(Into::into).collect(),
        place: match &options.address {
            None => Place::Told,
            Some(named) => Place::Fixed(where_it_will_listen(named)?),
        },
        ..claims.program(find_executable(path)?)
    };
    Ok((command.clone(), program))
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

/// As a shell finds it: a name is looked for on the PATH, anything with a slash stands as it is.
fn find_executable(name: &str) -> Result<PathBuf> {
    if !name.contains('/') {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|folder| folder.join(name));
        return found
            .into_iter()
            .find(|file| file.is_file())
            .with_context(|| {
                format!("there is no program {name} on the PATH (one in this folder is ./{name})")
            });
    }
    let file = Path::new(name);
    ensure!(file.is_file(), "there is no program {name}");
    Ok(std::path::absolute(file)?)
}

/// Runs every case that such a program has to pass, with a progress bar.
pub(crate) fn judge(
    terminal: &Terminal,
    claims: &StepProgram,
    program: &Program,
) -> Result<Vec<Graded>> {
    let assignments = claims.assignments()?;
    let what = format!("{} {}", terminal.say("grading", "正在评分"), claims.name);
    let bar = terminal.bar(&what, assignments.len());
    let graded = grader::grade(program, &assignments, |graded| {
        bar.set_message(graded.case.slug);
        bar.inc(1);
    });
    bar.finish_and_clear();
    Ok(graded)
}
