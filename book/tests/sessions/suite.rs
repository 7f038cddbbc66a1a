//! One test for each session file, and one more where it shows something else in Chinese.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use book::edition::Edition;
use book::session::parse;
use libtest_mimic::{Arguments, Failed, Trial};

use crate::builds::Builds;
use crate::environment::{cannot_be_had, missing};
use crate::player::{Failure, Player};
use crate::record::recorded;

/// More than there are cores: a session waits most of the time, for what a sleeping program says.
const SIDE_BY_SIDE: usize = 5;

/// Runs the tests that the command line asks for.
pub(crate) fn run() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    obey_the_keyboard().expect("handlers for SIGINT and SIGQUIT");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let project = project.canonicalize().expect("the project's root");
    let files = files(&project.join("book/sessions"));
    let builds = Arc::new(Builds::of(&files));
    let trials = files
        .into_iter()
        .flat_map(|file| trials(&project, &file, &builds));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// A test that was started in the background has SIGINT ignored, and so would all that it starts:
/// Ctrl-C in a terminal would end nothing. What is handled, though, is as new for a new program; and
/// this handler does what would be done without it.
fn obey_the_keyboard() -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGQUIT};
    let always = Arc::new(AtomicBool::new(true));
    for signal in [SIGINT, SIGQUIT] {
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&always))?;
    }
    Ok(())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of the sessions");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "session"));
    files.sort();
    assert!(
        !files.is_empty(),
        "there are no sessions in {}",
        folder.display()
    );
    files
}

/// How a session is played.
#[derive(Clone, Copy)]
enum Play {
    /// All of it, and what is shown is compared.
    InEnglish,
    /// As far as something differs.
    InChinese,
    /// All of it in both languages, and what is shown is written into the file.
    Recording,
}

fn trials(project: &Path, file: &Path, builds: &Arc<Builds>) -> Vec<Trial> {
    let name = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let text = fs::read_to_string(file).unwrap_or_default();
    let session = parse(&text).unwrap_or_default();
    let mut needs = session.needs.clone();
    // Whatever is typed, a shell reads it.
    needs.push("bash".to_owned());
    let impossible = cannot_be_had(&needs);
    let missing = missing(&needs).join(", ");
    let required = std::env::var_os("SESSIONS").is_some_and(|value| value == "required");
    let ignored = impossible.is_some() || (!missing.is_empty() && !required);
    if let Some(reason) = impossible {
        eprintln!("NOT PLAYED: {name}.session needs {reason}");
    } else if ignored {
        eprintln!(
            "NOT PLAYED: {name}.session needs {missing}; SESSIONS=required makes this a failure"
        );
    }
    let recording = std::env::var_os("RECORD").is_some_and(|value| value == "1");
    let mut plays = match recording {
        true => vec![(name.clone(), Play::Recording)],
        false => vec![(name.clone(), Play::InEnglish)],
    };
    if !recording && session.differs_in_chinese() {
        plays.push((format!("{name} in Chinese"), Play::InChinese));
    }
    let trials = plays.into_iter().map(|(name, play)| {
        let (project, file) = (project.to_owned(), file.to_owned());
        let (builds, missing) = (Arc::clone(builds), missing.clone());
        let test = move || {
            if !missing.is_empty() {
                return Err(Failed::from(format!("not on the PATH: {missing}")));
            }
            test(&project, &file, play, &builds).map_err(Failed::from)
        };
        Trial::test(name, test).with_ignored_flag(ignored)
    });
    trials.collect()
}

fn test(project: &Path, file: &Path, how: Play, builds: &Builds) -> Result<(), String> {
    let name = file.strip_prefix(project).unwrap_or(file).display();
    let text = fs::read_to_string(file).map_err(|error| format!("cannot read {name}: {error}"))?;
    let session = parse(&text).map_err(|mistakes| {
        let lines = mistakes
            .iter()
            .map(|(line, what)| format!("{name}:{line}: {what}"));
        lines.collect::<Vec<_>>().join("\n")
    })?;
    builds.finish(project)?;
    let told = |failure: Failure| format!("{name}:{}: {}", failure.line, failure.what);
    let player = |edition, recording| Player::new(project, edition, recording);
    match how {
        Play::InEnglish => {
            let played = player(Edition::English, false).play(&session);
            played.map_err(told)?;
        }
        Play::InChinese => {
            let mut player = player(Edition::Chinese, false);
            player.play_what_differs(&session).map_err(told)?;
        }
        Play::Recording => {
            // All terminals of the first are closed, and their programs gone, before the second.
            let english = player(Edition::English, true).play(&session);
            let chinese = player(Edition::Chinese, true).play(&session);
            let (english, chinese) = (english.map_err(told)?, chinese.map_err(told)?);
            let new = recorded(&text, &session.marks, &english, &chinese).map_err(told)?;
            if new != text {
                fs::write(file, new).map_err(|error| format!("cannot write {name}: {error}"))?;
            }
        }
    }
    Ok(())
}
