mod meanings;
mod rendered;
mod table;

#[path = "../broken/client/bug.rs"]
mod client_bug;
#[path = "../broken/http_client/bug.rs"]
mod http_client_bug;
#[path = "../broken/server/bug.rs"]
mod server_bug;

use clap::ValueEnum;
use grader::report::Painter;
use grader::step::Mechanism;
use grader::{Case, Failure, Graded, Outcome, Program, Server, Sign, cases};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use meanings::Pair;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use table::Table;
use terminal::Language;

/// How many are graded side by side, unless the command line says otherwise. Nearly all of them
/// wait most of the time, for something that does not come.
const SIDE_BY_SIDE: usize = 32;

/// Keeps a processor busy all the time that it takes: of these, one at a time.
const BUSY_CASE: &str = "http-256mib";
static IN_TURN: Mutex<()> = Mutex::new(());

fn grade(case: &'static Case, program: &Program) -> Graded {
    let is_busy = case.slug == BUSY_CASE;
    let _turn = is_busy.then(|| IN_TURN.lock().unwrap_or_else(PoisonError::into_inner));
    case.grade(program)
}

/// One kind of program: its executable, its cases, what they must find, all its bugs.
struct Kind<Bug: 'static> {
    name: &'static str,
    executable: &'static str,
    /// How it claims to serve several clients at once.
    mechanism: fn() -> Option<Mechanism>,
    /// The option that makes it serve them that way, or break the claim in its bug's own way.
    arguments: &'static [&'static str],
    cases: fn() -> Vec<&'static Case>,
    table: Table<Bug>,
}

const SERVER: Kind<server_bug::Bug> = Kind {
    name: "server",
    executable: env!("CARGO_BIN_EXE_broken-server"),
    mechanism: || Some(Mechanism::ThreadEach),
    arguments: &[],
    cases: || {
        let mut all = cases::server();
        all.extend(cases::of_mechanism(Some(&Mechanism::ThreadEach)));
        all
    },
    table: table::SERVER,
};
const FORK: Kind<server_bug::Bug> = Kind {
    name: "fork",
    mechanism: || Some(Mechanism::ProcessEach),
    arguments: &["--processes"],
    cases: || {
        let mut all = cases::server();
        all.retain(|case| table::OF_FORKING.contains(&case.slug));
        all.extend(cases::of_mechanism(Some(&Mechanism::ProcessEach)));
        all
    },
    table: table::FORK,
    ..SERVER
};
const POOL: Kind<server_bug::Bug> = Kind {
    name: "pool",
    mechanism: || Some(Mechanism::ThreadPool),
    cases: || cases::of_mechanism(Some(&Mechanism::ThreadPool)),
    table: table::POOL,
    ..SERVER
};
const SELECT: Kind<server_bug::Bug> = Kind {
    name: "select",
    mechanism: || one_thread(&["select", "pselect6"]),
    arguments: &["--one-thread", "select"],
    cases: || cases::of_mechanism((SELECT.mechanism)().as_ref()),
    table: table::SELECT,
    ..SERVER
};
const BUSY: Kind<server_bug::Bug> = Kind {
    name: "busy",
    mechanism: || one_thread(&[]),
    arguments: &["--one-thread", "busy"],
    cases: || cases::of_mechanism((BUSY.mechanism)().as_ref()),
    table: table::BUSY,
    ..SERVER
};
const CLIENT: Kind<client_bug::Bug> = Kind {
    name: "client",
    executable: env!("CARGO_BIN_EXE_broken-client"),
    mechanism: || None,
    arguments: &[],
    cases: cases::client,
    table: table::CLIENT,
};
const HTTP_CLIENT: Kind<http_client_bug::Bug> = Kind {
    name: "http-client",
    executable: env!("CARGO_BIN_EXE_broken-http-client"),
    mechanism: || None,
    arguments: &[],
    cases: cases::http_client,
    table: table::HTTP_CLIENT,
};

pub(crate) fn main() -> ExitCode {
    subject::signals::put_right();
    subject::raise_descriptor_limit();
    if let Err(error) = subject::kill_all_on_interrupt(|| {}) {
        eprintln!("cannot catch Ctrl-C: {error}");
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    // The longest first.
    let mut tests = HTTP_CLIENT.tests();
    tests.extend(SERVER.tests());
    tests.extend(FORK.tests());
    tests.extend(POOL.tests());
    tests.extend(SELECT.tests());
    tests.extend(BUSY.tests());
    tests.extend(CLIENT.tests());
    tests.push(Trial::test("table_has_every_bug", || {
        let server = [
            SERVER.table,
            FORK.table,
            POOL.table,
            SELECT.table,
            BUSY.table,
        ]
        .concat();
        every_bug_is_found(&server, table::SERVER_UNFOUND)?;
        every_bug_is_found(CLIENT.table, table::CLIENT_UNFOUND)?;
        every_bug_is_found(HTTP_CLIENT.table, &[])
    }));
    let pairs = [
        SERVER.pairs(),
        FORK.pairs(),
        POOL.pairs(),
        SELECT.pairs(),
        BUSY.pairs(),
        CLIENT.pairs(),
        HTTP_CLIENT.pairs(),
    ]
    .concat();
    let of_table = pairs.clone();
    tests.push(Trial::test("meanings_are_those_of_the_table", move || {
        meanings::are_complete(&of_table)
    }));
    tests.extend(rendered::tests());
    let conclusion = libtest_mimic::run(&arguments, tests);
    if let Err(error) = meanings::record(&pairs) {
        eprintln!("cannot record what failures mean: {error}");
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

impl<Bug: ValueEnum + PartialEq + Send + Sync> Kind<Bug> {
    fn tests(&'static self) -> Vec<Trial> {
        let complete = format!("{}::table_is_complete", self.name);
        let mut tests = vec![Trial::test(complete, || self.table_is_complete())];
        for (slug, bugs) in self.table {
            // A slug that is none is told by the test that the table is complete.
            let Some(case) = self.case(slug) else {
                continue;
            };
            for bug in *bugs {
                let bug = slug_of(bug);
                let name = format!("{}::{bug}::{slug}", self.name);
                tests.push(Trial::ignorable_test(name, move || {
                    must_fail(&grade(case, &self.program(&bug)), &self.pair(slug, &bug))
                }));
            }
        }
        // What cannot start fails every case, and would be a proof of each. Servers alone claim something.
        let bugs = self.table.iter().flat_map(|(_, bugs)| bugs.iter());
        let bugs: BTreeSet<String> = bugs.map(slug_of).collect();
        for bug in bugs.into_iter().filter(|_| (self.mechanism)().is_some()) {
            let name = format!("{}::{bug}::starts", self.name);
            tests.push(Trial::test(name, move || {
                must_start(&self.program(&bug), &bug)
            }));
        }
        for case in (self.cases)() {
            let name = format!("{}::none::{}", self.name, case.slug);
            tests.push(Trial::ignorable_test(name, || {
                must_pass(&grade(case, &self.program("none")))
            }));
        }
        tests
    }

    fn pair(&self, case: &str, bug: &str) -> Pair {
        [self.name, case, bug].map(str::to_owned)
    }

    fn pairs(&self) -> Vec<Pair> {
        let bugs = |(slug, bugs): &(&'static str, &'static [Bug])| {
            let slug = *slug;
            bugs.iter().map(move |bug| self.pair(slug, &slug_of(bug)))
        };
        self.table.iter().flat_map(bugs).collect()
    }

    fn case(&self, slug: &str) -> Option<&'static Case> {
        (self.cases)().into_iter().find(|case| case.slug == slug)
    }

    fn program(&self, bug: &str) -> Program {
        let bug = ["--bug", bug].into_iter();
        Program {
            arguments: bug
                .chain(self.arguments.iter().copied())
                .map(Into::into)
                .collect(),
            mechanism: (self.mechanism)(),
            ..Program::new(self.executable)
        }
    }

    /// A new case without a proof fails the build.
    fn table_is_complete(&self) -> Result<(), Failed> {
        let cases: BTreeSet<_> = (self.cases)().iter().map(|case| case.slug).collect();
        let proven = self.table.iter().filter(|(_, bugs)| !bugs.is_empty());
        let proven: BTreeSet<_> = proven.map(|(slug, _)| *slug).collect();
        let wrong: Vec<String> = cases
            .symmetric_difference(&proven)
            .map(|slug| format!("{slug}: a case without a bug, or a bug for no case"))
            .collect();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n").into())
        }
    }
}

fn one_thread(sleeps_in: &[&str]) -> Option<Mechanism> {
    let sleeps_in = sleeps_in.iter().map(|&call| call.to_owned()).collect();
    Some(Mechanism::OneThread { sleeps_in })
}

/// A bug that no case is asked to find is either forgotten or known.
fn every_bug_is_found<Bug: ValueEnum + PartialEq>(
    table: &[(&str, &[Bug])],
    unfound: &[Bug],
) -> Result<(), Failed> {
    for bug in Bug::value_variants() {
        let slug = slug_of(bug);
        let is_found = table.iter().any(|(_, bugs)| bugs.contains(bug));
        if slug != "none" && is_found == unfound.contains(bug) {
            return Err(format!("{slug}: which case is to find it?").into());
        }
    }
    Ok(())
}

fn slug_of(bug: &impl ValueEnum) -> String {
    let value = bug.to_possible_value();
    value.expect("no bug is hidden").get_name().to_owned()
}

/// The bugs that are in the start itself: of these alone, a server that does not start is a proof.
const AT_THE_START: &[&str] = &["address-untold", "ipv4-only", "needs-a-thread"];

/// Whatever is wrong with it, it can be talked to; but for one that does not say where.
fn must_start(program: &Program, bug: &str) -> Result<(), Failed> {
    match Server::start(program) {
        Ok(_) if bug == "address-untold" => Err("it has said where it listens".into()),
        Err(trouble) if bug != "address-untold" => Err(format!("{trouble:?}").into()),
        _ => Ok(()),
    }
}

/// Nothing of the case has been seen, as the program did not start.
fn never_ran(failure: &Failure) -> bool {
    matches!(
        failure.facts.sign,
        Some(Sign::NotStarted | Sign::NeverListened)
    )
}

/// It failed, by what it did, and is said to mean what is recorded, in words of both languages.
fn must_fail(graded: &Graded, pair: &Pair) -> Result<Completion, Failed> {
    let bug = pair[2].as_str();
    match &graded.outcome {
        Outcome::Passed => Err("the case passed: it does not find the bug".into()),
        Outcome::Skipped(reason)
        | Outcome::Excepted(reason)
        | Outcome::FailedOnPurpose(reason, _) => Ok(skipped(reason)),
        Outcome::Failed(failure) => {
            let rendered = [Language::English, Language::Chinese]
                .map(|language| Painter::plain(language).failure(graded));
            if std::env::var_os("SHOW_FAILURES").is_some() {
                println!("{}\n", rendered.join("\n"));
            }
            if never_ran(failure) != AT_THE_START.contains(&bug) {
                let wrong = "whether it started is not what the bug is about";
                return Err(format!("{wrong}:\n{}", rendered.join("\n")).into());
            }
            let words = std::iter::once(&failure.meaning).chain(&failure.notes);
            for words in words {
                if words.en.is_empty() || words.zh.is_ascii() {
                    return Err(format!("words are missing:\n{}", rendered.join("\n")).into());
                }
            }
            meanings::compare(pair, &failure.meaning.en).map_err(|told| {
                format!(
                    "{}\n{}",
                    told.message().unwrap_or_default(),
                    rendered.join("\n")
                )
            })?;
            Ok(Completion::Completed)
        }
    }
}

fn must_pass(graded: &Graded) -> Result<Completion, Failed> {
    match &graded.outcome {
        Outcome::Passed => Ok(Completion::Completed),
        Outcome::Skipped(reason)
        | Outcome::Excepted(reason)
        | Outcome::FailedOnPurpose(reason, _) => Ok(skipped(reason)),
        Outcome::Failed(_) => Err(Painter::plain(Language::English).failure(graded).into()),
    }
}

fn skipped(reason: &terminal::Text) -> Completion {
    Completion::ignored_with(format!("skipped: {}", reason.get(Language::English)))
}
