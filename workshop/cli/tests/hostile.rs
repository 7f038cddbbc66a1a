//! The tool grades programs that attack it (`hostile/`), written by somebody who did not know how it defends
//! itself: each gets its just verdict in a whole report, and no process and no file of it is left. As
//! whoever runs the tests, and where that is root, as an ordinary user as well.
#![cfg(target_os = "linux")]

mod support;

use grader::cases;
use grader::step::Mechanism;
use nix::unistd::geteuid;
use std::collections::VecDeque;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use subject::{Start, poll_until};
use support::{Verdict, has};
use tempfile::TempDir;

/// Ordinary users, whom nobody is, one for each program: a limit of processes counts all of a user's.
const SOMEBODY: u32 = 54_400;
/// A whole grade beside others, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(400);
/// How many are graded at once: they wait most of the time.
const AT_ONCE: usize = 4;
/// How long what has been killed may take to be gone.
const DYING: Duration = Duration::from_secs(5);
/// As an ordinary user, a half of them is graded, for the time that it takes: those that attack by what
/// an ordinary user's rights decide. Set to `all`, this grades all of them.
const ALL: &str = "HOSTILE";

/// A program, and what it deserves.
struct Hostile {
    name: &'static str,
    language: Language,
    /// Whose mechanism it has.
    step: &'static str,
    /// The cases that it must fail.
    fails: &'static [&'static str],
    /// It must fail all of a server that has a thread for each client, but for these.
    fails_all_but: Option<&'static [&'static str]>,
    /// Those that it may fail: either is just.
    may_fail: &'static [&'static str],
    /// Those that may be skipped, because nobody can see what they ask.
    may_skip: &'static [&'static str],
    /// A case that fails with these words is just as well.
    may_be_told: Option<&'static str>,
    /// Do the rights of whoever grades it matter?
    is_of_rights: bool,
}

/// What it is started with.
#[derive(Clone, Copy, PartialEq)]
enum Language {
    C,
    Go,
    Perl,
    Python,
    Node,
    Shell,
}

const NONE: Hostile = Hostile {
    name: "",
    language: Language::C,
    step: "thread-server",
    fails: &[],
    fails_all_but: None,
    may_fail: &[],
    may_skip: &[],
    may_be_told: None,
    is_of_rights: false,
};

const HOSTILE: &[Hostile] = &[
    Hostile {
        name: "impostor",
        // The threads of the one who waits are counted, and its descriptors: what the accomplice loses is not
        // seen yet. Where processes are limited, there may be none for the accomplice.
        fails: &["sigterm", "sigint", "mechanism"],
        may_fail: &["descriptors-given-back", "turned-away"],
        may_skip: &["turned-away"],
        is_of_rights: true,
        ..NONE
    },
    Hostile {
        name: "daemon",
        language: Language::Perl,
        step: "select-server",
        fails: &["sigterm", "sigint"],
        may_skip: &["descriptors-given-back", "raises-limit", "mechanism"],
        // While it is looked at it hops on, and may be taken for somebody else.
        may_be_told: Some("which the program did not start"),
        is_of_rights: true,
        ..NONE
    },
    Hostile {
        name: "dripper",
        language: Language::Go,
        step: "async-server",
        fails: &[
            "pipelined",
            "one-piece",
            "max-line-minus-one",
            "max-line",
            "max-line-plus-one",
            "long-line",
            "any-cut",
            "half-close-answers-owed",
            "unread-client",
            "order-under-load",
            "random-8mib",
            "lines-8mib",
        ],
        ..NONE
    },
    Hostile {
        name: "babbler",
        language: Language::Node,
        step: "event-loop-server",
        fails: &[
            "silent-neighbour",
            "any-cut",
            "half-close",
            "half-close-tail",
            "half-close-at-once",
            "half-close-answers-owed",
            "unread-client",
            "order-under-load",
            "random-8mib",
            "lines-8mib",
            "vanishing-clients",
            "descriptors-given-back",
            "children-given-back",
            "quiet",
        ],
        // Its standard output is full soon, and then it hardly uses the processor; how soon, is the machine's.
        may_fail: &["idle-cpu", "rests-when-scarce"],
        ..NONE
    },
    Hostile {
        name: "forkbomb",
        fails: &["sigterm", "sigint"],
        is_of_rights: true,
        ..NONE
    },
    Hostile {
        name: "neverlistens",
        language: Language::Shell,
        // Whoever cannot be reached passes what needs no client, and nothing else.
        fails_all_but: Some(&["help", "version", "wrong-option", "turned-away"]),
        // An ordinary user may make no network: it does not start, and nothing else is tried.
        may_fail: &["help", "version", "wrong-option", "turned-away"],
        may_skip: &["turned-away"],
        is_of_rights: true,
        ..NONE
    },
    Hostile {
        name: "stderrflood",
        language: Language::Go,
        step: "async-server",
        fails: &["quiet"],
        // What it prints takes some processor time, more or less of it.
        may_fail: &["idle-cpu", "rests-when-scarce"],
        ..NONE
    },
    Hostile {
        name: "parentkiller",
        is_of_rights: true,
        ..NONE
    },
    Hostile {
        name: "forger",
        language: Language::Python,
        // Even the cases that send no letter ask at last whether a line is still answered.
        fails_all_but: Some(&["turned-away"]),
        may_fail: &["turned-away"],
        may_skip: &["turned-away"],
        is_of_rights: true,
        ..NONE
    },
    Hostile {
        name: "halfcloser",
        language: Language::Python,
        fails: &[
            "long-line",
            "any-cut",
            "half-close-answers-owed",
            "unread-client",
            "order-under-load",
            "random-8mib",
            "lines-8mib",
        ],
        may_skip: &["turned-away"],
        ..NONE
    },
    Hostile {
        name: "closedstreams",
        fails: &[
            "silent-neighbour",
            "last-comes-first",
            "any-cut",
            "crowd",
            "order-under-load",
            "descriptors-given-back",
            "mechanism",
        ],
        // Here it depends on how soon clients that have left are forgotten.
        may_fail: &[
            "byte-at-a-time",
            "unread-client",
            "accept-burst",
            "reset-client",
            "vanishing-clients",
            "children-given-back",
            "out-of-descriptors",
            "rests-when-scarce",
            "raises-limit",
            "idle-cpu",
            "quiet",
            "sigterm",
            "sigint",
            "turned-away",
        ],
        ..NONE
    },
    Hostile {
        name: "wronghost",
        language: Language::Python,
        may_skip: &["turned-away"],
        ..NONE
    },
    Hostile {
        name: "undumpable",
        may_skip: &["descriptors-given-back"],
        is_of_rights: true,
        ..NONE
    },
    Hostile {
        name: "stopper",
        language: Language::Perl,
        step: "select-server",
        fails: &["sigterm", "sigint"],
        is_of_rights: true,
        ..NONE
    },
    Hostile {
        name: "firstclients",
        language: Language::Node,
        step: "event-loop-server",
        // No case has a client who comes after so many and says more than one line: full points, so far. The
        // heap of some versions of the engine grows by more than a client that does not read may cost.
        may_fail: &["crowd", "unread-client"],
        ..NONE
    },
    Hostile {
        name: "sigcatcher",
        language: Language::Go,
        step: "async-server",
        fails: &["sigterm", "sigint"],
        ..NONE
    },
    Hostile {
        name: "wrapper",
        language: Language::Shell,
        step: "select-server",
        ..NONE
    },
];

impl Language {
    fn tool(self) -> &'static str {
        match self {
            Language::C => "cc",
            Language::Go => "go",
            Language::Perl => "/usr/bin/perl",
            Language::Python => interpreter(),
            Language::Node => "node",
            Language::Shell => "/bin/sh",
        }
    }

    /// `STARTERS=required` demands some.
    fn is_there(self) -> bool {
        let there = self == Language::Shell || has(self.tool());
        let is_required = matches!(self, Language::C | Language::Go | Language::Node);
        let required = is_required && std::env::var_os("STARTERS").is_some();
        assert!(there || !required, "{} is not there", self.tool());
        there
    }
}

/// One that any user may run, if there is one.
fn interpreter() -> &'static str {
    match Path::new("/usr/bin/python3").exists() {
        true => "/usr/bin/python3",
        false => "python3",
    }
}

/// A folder that any user may read: the tool, the programs, and as much of the checkout as a grade asks for.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place {
            folder: open_folder(0o755),
        };
        fs::copy(env!("CARGO_BIN_EXE_workshop"), place.path("workshop")).expect("it is copied");
        fs::write(place.path("Cargo.toml"), "[workspace]\n").expect("it is written");
        let steps = fs::read_dir(ours("../../steps")).expect("they are there");
        for step in steps.map(|step| step.expect("an entry")) {
            let to = place.path("steps").join(step.file_name());
            fs::create_dir_all(&to).expect("a folder");
            // Not everything in it is a step.
            let _ = fs::copy(step.path().join("step.toml"), to.join("step.toml"));
        }
        let sources = fs::read_dir(ours("tests/hostile")).expect("they are there");
        for source in sources.map(|source| source.expect("an entry")) {
            fs::copy(source.path(), place.path("").join(source.file_name())).expect("it is copied");
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command that starts it, with what a compiler makes of it; nothing where its language is not there.
    fn command(&self, hostile: &Hostile) -> Option<String> {
        let Hostile { name, language, .. } = *hostile;
        if !language.is_there() {
            return None;
        }
        let script = |more: &[&str], ending: &str| {
            let script = self.path(&format!("{name}.{ending}")).display().to_string();
            shell_words::join([&[language.tool()], more, &[&script]].concat())
        };
        let compiled = |arguments: &[&str], sources: &[&str]| {
            let program = self.path(name);
            let mut compiler = assert_cmd::Command::new(language.tool());
            compiler.args(arguments).arg(&program).args(sources);
            compiler.current_dir(ours("tests/hostile"));
            compiler.timeout(PATIENCE).assert().success();
            shell_words::quote(&program.display().to_string()).into_owned()
        };
        Some(match language {
            Language::C => compiled(&C, &[&format!("{name}.c")]),
            Language::Go => compiled(&["build", "-o"], &[&format!("{name}.go"), "right.go"]),
            Language::Perl => script(&[], "pl"),
            Language::Python => script(&["-B"], "py"),
            Language::Node => script(&[], "js"),
            Language::Shell => script(&[], "sh"),
        })
    }
}

const C: [&str; 6] = ["-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o"];

fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn open_folder(mode: u32) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(mode)).expect("it is ours");
    folder
}

/// Grades it, and says what is not as it deserves.
fn judge(place: &Place, hostile: &Hostile, user: Option<u32>) -> Result<(), String> {
    let Some(command) = place.command(hostile) else {
        return Ok(());
    };
    let (temporary, reports) = (open_folder(0o777), open_folder(0o777));
    let report = reports.path().join("report.json");
    let complaints = File::create(place.path(&format!("{}-{user:?}.log", hostile.name)));
    let mut tool = Command::new(place.path("workshop"));
    tool.args(["grade", hostile.step, "--format", "json", "--bin", &command])
        .arg("--output")
        .arg(&report)
        .current_dir(place.folder.path())
        .env("TMPDIR", temporary.path())
        .env("HOME", temporary.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(complaints.map_err(|it| it.to_string())?);
    let start = Start {
        user,
        ..Start::default()
    };
    let mut group = start.spawn(&mut tool).map_err(|it| it.to_string())?;
    let status = group.wait(PATIENCE).ok_or("the judge does not end")?;

    let alive = || {
        let all = group.processes().expect("Linux tells");
        all.into_iter()
            .filter(|it| it.state != 'Z')
            .collect::<Vec<_>>()
    };
    let is_gone = poll_until(Instant::now() + DYING, || alive().is_empty());
    is_gone
        .then_some(())
        .ok_or_else(|| format!("left behind: {:?}", alive()))?;
    let left = fs::read_dir(temporary.path()).map_err(|it| it.to_string())?;
    let left: Vec<PathBuf> = left.flatten().map(|entry| entry.path()).collect();
    left.is_empty()
        .then_some(())
        .ok_or_else(|| format!("left behind: {left:?}"))?;

    let bytes = fs::read(&report).map_err(|it| format!("no report, {status}: {it}"))?;
    if String::from_utf8_lossy(&bytes).contains("all cases: 1000") {
        return Err("the report is forged".to_owned());
    }
    let verdict = Verdict::read(&bytes, status.success())?;
    hostile.deserves(&verdict)
}

impl Hostile {
    /// By the judge's own list, and not by the report, which may have been tampered with.
    fn fails(&self) -> Vec<&'static str> {
        let Some(others) = self.fails_all_but else {
            return self.fails.to_vec();
        };
        let mut all = cases::server();
        all.extend(cases::of_mechanism(Some(&Mechanism::ThreadEach)));
        let slugs = all.iter().map(|case| case.slug);
        slugs.filter(|slug| !others.contains(slug)).collect()
    }

    fn deserves(&self, verdict: &Verdict) -> Result<(), String> {
        let failed = verdict.slugs("failed");
        let fails = self.fails();
        let missed = fails.iter().filter(|slug| !failed.contains(slug));
        let missed: Vec<_> = missed.collect();
        let is_expected = |slug: &str| fails.contains(&slug) || self.may_fail.contains(&slug);
        let others = failed.iter().filter(|slug| !is_expected(slug));
        let others = others.map(|slug| verdict.message(slug));
        let is_told = |message: &str| {
            let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
            self.may_be_told.is_some_and(|it| words.contains(it))
        };
        let unjust: Vec<_> = others.filter(|message| !is_told(message)).collect();
        let mut skipped = verdict.slugs("skipped");
        skipped.retain(|slug| !self.may_skip.contains(slug));
        let is_just = missed.is_empty() && unjust.is_empty() && skipped.is_empty();
        if is_just && verdict.full == failed.is_empty() {
            return Ok(());
        }
        let unjust = unjust.join("\n");
        Err(format!(
            "not seen: {missed:?}; skipped: {skipped:?}; all failed: {failed:?}\n{unjust}"
        ))
    }
}

/// One user's grades after the other's: at most so many at once.
static TURN: Mutex<()> = Mutex::new(());

fn judge_all(user: Option<u32>, is_wanted: impl Fn(&Hostile) -> bool) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let place = Place::new();
    if let Some(user) = user
        && !may_run(&place, user)
    {
        eprintln!(
            "SKIPPED: another user cannot run what stands in {}",
            place.path("").display()
        );
        return;
    }
    let all = HOSTILE.iter().zip(0..);
    let wanted: VecDeque<(&Hostile, u32)> = all.filter(|it| is_wanted(it.0)).collect();
    let (wanted, unjust) = (Mutex::new(wanted), Mutex::new(Vec::new()));
    let next = || wanted.lock().expect("nobody panics").pop_front();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((hostile, number)) = next() {
                    let user = user.map(|first| first + number);
                    if let Err(why) = judge(&place, hostile, user) {
                        unjust
                            .lock()
                            .expect("nobody panics")
                            .push(format!("{}: {why}", hostile.name));
                    }
                }
            });
        }
    });
    let unjust = unjust.into_inner().expect("nobody panics");
    assert!(unjust.is_empty(), "{}", unjust.join("\n\n"));
}

/// The folder of temporary files may be root's alone.
fn may_run(place: &Place, user: u32) -> bool {
    let start = Start {
        user: Some(user),
        ..Start::default()
    };
    let mut tool = Command::new(place.path("workshop"));
    tool.arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    start.spawn(&mut tool).is_ok()
}

/// An ordinary user's programs cannot look into the judge. Root's can, unless the kernel keeps them off
/// (`landlock(7)`, scopes).
fn is_kept_off() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0u32);
    (next(), next()) >= (6, 12)
}

#[test]
fn each_gets_its_just_verdict() {
    let root_is_kept_off = !geteuid().is_root() || is_kept_off();
    judge_all(None, |hostile| {
        let reaches_the_judge = ["forger", "stopper"].contains(&hostile.name);
        let is_wanted = root_is_kept_off || !reaches_the_judge;
        if !is_wanted {
            eprintln!(
                "SKIPPED: {} of root's is kept off the judge since Linux 6.12",
                hostile.name
            );
        }
        is_wanted
    });
}

#[test]
fn each_gets_it_from_an_ordinary_user() {
    if !geteuid().is_root() {
        return; // the other test's user is one
    }
    let all = std::env::var_os(ALL).is_some_and(|value| value == "all");
    judge_all(Some(SOMEBODY), |hostile| all || hostile.is_of_rights);
}
