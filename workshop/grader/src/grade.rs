use crate::case::{Case, Drive, Graded, Outcome, Trouble, Verdict};
use crate::complaints;
use crate::deadline::Deadline;
use crate::evidence::Evidence;
use crate::facts::{Ended, Sign};
use crate::launch::CANNOT_BE_TOLD;
use crate::listening::must_be_there;
use crate::patience::at_most;
use crate::program::{Place, Program};
use crate::room::is_cramped;
use crate::server::Server;
use crate::step::{Assignment, Expected};
use std::process::ExitStatus;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use terminal::{Text, text};

/// How many cases run side by side: most of a case's time is waiting, so more than there are cores.
pub(crate) const SIDE_BY_SIDE: usize = 6;

/// After how long no other case is begun: far more than all cases take that are ended one after the other
/// for want of time, several at a time ([`crate::CASE_TIME`]), and than a right server needs on a tenth of
/// a processor.
pub const GRADE_TIME: Duration = Duration::from_secs(10 * 60);

/// Runs every case against the program, several at a time; `finished` hears of each as it ends.
/// The results come in the order of the cases.
pub fn grade(
    program: &Program,
    assignments: &[Assignment],
    finished: impl Fn(&Graded) + Sync,
) -> Vec<Graded> {
    run(program, assignments, finished, |_| false, GRADE_TIME)
}

/// The same as long as somebody wants to know: once `is_wanted` says no, no other case is begun.
pub fn grade_while_wanted(
    program: &Program,
    assignments: &[Assignment],
    finished: impl Fn(&Graded) + Sync,
    is_wanted: impl Fn() -> bool + Sync,
) -> Vec<Graded> {
    run(program, assignments, finished, |_| !is_wanted(), GRADE_TIME)
}

/// The same up to the first case that fails. Those beside it are run to their end, and none is begun
/// after it; what comes after it in the order of the cases is not among the results.
pub fn grade_to_first_failure(
    program: &Program,
    assignments: &[Assignment],
    finished: impl Fn(&Graded) + Sync,
) -> Vec<Graded> {
    let failed = |graded: &Graded| matches!(graded.outcome, Outcome::Failed(_));
    let mut graded = run(program, assignments, finished, failed, GRADE_TIME);
    if let Some(first) = graded.iter().position(failed) {
        graded.truncate(first + 1);
    }
    graded
}

fn run(
    program: &Program,
    assignments: &[Assignment],
    finished: impl Fn(&Graded) + Sync,
    is_enough: impl Fn(&Graded) -> bool + Sync,
    time: Duration,
) -> Vec<Graded> {
    if let Some(graded) = told_once(program, assignments) {
        graded.iter().for_each(finished);
        return graded;
    }
    let start = Instant::now();
    let order = order(program, assignments);
    let next = AtomicUsize::new(0);
    let enough = AtomicBool::new(false);
    // One that knows only one address can be there only once.
    let side_by_side = match program.place == Place::Told && !is_cramped() {
        true => SIDE_BY_SIDE,
        false => 1,
    };
    let results: Mutex<Vec<Option<Graded>>> = Mutex::new(vec![None; assignments.len()]);
    let work = || {
        while !enough.load(Ordering::Relaxed) {
            let next = next.fetch_add(1, Ordering::Relaxed);
            let Some(&index) = order.get(next) else {
                return;
            };
            let graded = match start.elapsed() < at_most(time) {
                true => assignments[index].grade(program),
                false => assignments[index].too_late(),
            };
            finished(&graded);
            if is_enough(&graded) {
                enough.store(true, Ordering::Relaxed);
            }
            results.lock().expect("nobody panics with it")[index] = Some(graded);
        }
    };
    thread::scope(|scope| {
        // This thread works, too: where there are no others to be had, it does all of it.
        for _ in 1..side_by_side.min(assignments.len()) {
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    let results = results.into_inner().expect("nobody panicked with it");
    results.into_iter().flatten().collect()
}

/// In which order the cases are run. Where a server ends before its clients, its end of their
/// connections keeps a fixed address busy for a minute (TIME_WAIT): such cases come last.
fn order(program: &Program, assignments: &[Assignment]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..assignments.len()).collect();
    if matches!(program.place, Place::Fixed(_)) {
        order.sort_by_key(|&index| matches!(assignments[index].case.drive, Drive::Ending(_)));
    }
    order
}

/// What came of a server that does not start at all: why is told once, by the first case, in the time
/// that one start takes. `None` of all others, and of those that cannot be asked.
fn told_once(program: &Program, assignments: &[Assignment]) -> Option<Vec<Graded>> {
    let is_started = |it: &Assignment| {
        it.expected == Expected::Pass && !matches!(it.case.drive, Drive::Program(_))
    };
    let first = assignments.iter().find(|it| is_started(it))?.case;
    if program.place != Place::Told || program.cannot_run().is_some() {
        return None;
    }
    let start = Instant::now();
    let Err(Trouble::Failed(failure)) = Server::start(program) else {
        return None;
    };
    let took = start.elapsed();
    let mut not_tried = failure.clone();
    not_tried.evidence = Evidence::Note(NOT_TRIED.clone());
    not_tried.notes.clear();
    let graded = assignments.iter().map(|it| {
        let is_first = it.case.slug == first.slug;
        let outcome = match &it.expected {
            Expected::Nothing(reason) => Outcome::Excepted(reason.clone()),
            _ if is_first => Outcome::Failed(failure.clone()),
            _ => Outcome::Failed(not_tried.clone()),
        };
        Graded {
            case: it.case,
            outcome,
            took: if is_first { took } else { Duration::ZERO },
            unharmed_by: None,
        }
    });
    Some(graded.collect())
}

/// What comes of a program that cannot be built: nothing of it can be tried, and `complaints` is what
/// the compiler said.
pub fn not_built(assignments: &[Assignment], complaints: &str) -> Vec<Graded> {
    let evidence = || {
        let words = format!("{}\n{complaints}", NOT_BUILT.en);
        Evidence::Note(Text::new(words, format!("{}\n{complaints}", NOT_BUILT.zh)))
    };
    let graded = assignments.iter().map(|it| Graded {
        case: it.case,
        outcome: match &it.expected {
            Expected::Nothing(reason) => Outcome::Excepted(reason.clone()),
            _ => match Trouble::failed(evidence(), &BUILD_FIRST).sign(Sign::NotStarted) {
                Trouble::Failed(failure) => Outcome::Failed(failure),
                Trouble::Skipped(reason) => Outcome::Skipped(reason),
            },
        },
        took: Duration::ZERO,
        unharmed_by: None,
    });
    graded.collect()
}

static NOT_BUILT: Text = text("it does not build", "编译不通过");
static BUILD_FIRST: Text = text(
    "What does not compile cannot be tried: begin with the compiler's first error.",
    "编译不通过就没法试：先看编译器报的第一个错误。",
);

static NOT_TRIED: Text = text(
    "not tried: the server does not start, see the first case",
    "没有试：服务器启动不了，见第一个用例",
);

static TOO_LATE: Text = text(
    "not tried: the time for all cases together was up, see those that took longest",
    "没有试：全部用例的总时间用完了，见用时最长的那些用例",
);
static TAKES_LONG: Text = text(
    "A program that takes so long for each case is not judged to the end.",
    "每个用例都要这么久的程序，不会评完。",
);

impl Assignment {
    /// What came of a case for which there was no time left.
    fn too_late(&self) -> Graded {
        let outcome = match &self.expected {
            Expected::Nothing(reason) => Outcome::Excepted(reason.clone()),
            _ => match Trouble::failed(Evidence::Note(TOO_LATE.clone()), &TAKES_LONG) {
                Trouble::Failed(failure) => Outcome::Failed(failure),
                Trouble::Skipped(reason) => Outcome::Skipped(reason),
            },
        };
        Graded {
            case: self.case,
            outcome,
            took: Duration::ZERO,
            unharmed_by: None,
        }
    }

    /// Runs the case, unless the program is excused from it, or cannot run here at all.
    pub fn grade(&self, program: &Program) -> Graded {
        let untried = match (&self.expected, program.cannot_run()) {
            (Expected::Nothing(reason), _) => Outcome::Excepted(reason.clone()),
            (_, Some(reason)) => Outcome::Skipped(reason.clone()),
            (Expected::Pass, None) => return self.case.grade(program),
            (Expected::Failure(why), None) => return fails(why, self.case.grade(program)),
        };
        Graded {
            case: self.case,
            outcome: untried,
            took: Duration::ZERO,
            unharmed_by: None,
        }
    }
}

/// What came of a case that the program fails on purpose: if it passes, the book is wrong.
fn fails(why: &Text, graded: Graded) -> Graded {
    let outcome = match graded.outcome {
        Outcome::Failed(failure) => Outcome::FailedOnPurpose(why.clone(), failure),
        Outcome::Passed => {
            let evidence = Evidence::Finding {
                expected: text("a failure, on purpose", "有意不通过"),
                found: text("the case passes", "用例通过了"),
            };
            match Trouble::failed(evidence, &NOT_ON_PURPOSE).noted(why.clone()) {
                Trouble::Failed(failure) => Outcome::Failed(failure),
                Trouble::Skipped(reason) => Outcome::Skipped(reason),
            }
        }
        other => other,
    };
    Graded { outcome, ..graded }
}

static NOT_ON_PURPOSE: Text = text(
    "The program's step.toml says that it fails this case on purpose, and its chapter relies on it: one of the two has to change.",
    "这个程序的 step.toml 里说它有意不通过这个用例，那一章也这么讲：两者必须改一个。",
);

/// How long a server that answers nobody any more may take to be gone.
const DYING: Duration = Duration::from_millis(100);

impl Case {
    /// Runs this case alone.
    pub fn grade(&'static self, program: &Program) -> Graded {
        let start = Instant::now();
        Deadline::begin(program);
        let mut unharmed_by = None;
        let verdict = match self.drive {
            Drive::Server(drive) => on_fresh_server(program, |server| {
                drive(server)?;
                still_alive(server)?;
                unharmed_by = complaints::of_a_crash(&server.stderr());
                Ok(())
            }),
            Drive::Ending(drive) => on_fresh_server(program, drive),
            Drive::Program(drive) if program.place == Place::Told => drive(program),
            Drive::Program(_) => Err(Trouble::Skipped(CANNOT_BE_TOLD.clone())),
        };
        let outcome = match verdict.map_err(|trouble| Deadline::end(program, trouble)) {
            Ok(()) => Outcome::Passed,
            Err(Trouble::Failed(failure)) => Outcome::Failed(failure),
            Err(Trouble::Skipped(reason)) => Outcome::Skipped(reason),
        };
        Graded {
            case: self,
            outcome,
            took: start.elapsed(),
            unharmed_by,
        }
    }
}

fn on_fresh_server(program: &Program, drive: impl FnOnce(&mut Server) -> Verdict) -> Verdict {
    let mut server = Server::start(program)?;
    // Some start late, and were waited for.
    Deadline::begin_again();
    let verdict = match drive(&mut server) {
        // Of what has ended nothing is to be seen: that is no want of the system's.
        Err(Trouble::Skipped(reason)) => match server.ended() {
            Some(status) => Err(has_died(status)),
            None => Err(Trouble::Skipped(reason)),
        },
        verdict => verdict,
    };
    verdict.map_err(|trouble| server.explain(trouble))
}

/// A server that gave every answer and is dead now, or deaf, has not passed.
///
/// It is asked once more: a server that dies of its last client's leaving may need a moment for it.
fn still_alive(server: &mut Server) -> Verdict {
    let asked = server
        .connect()
        .and_then(|mut client| client.ask(b"Still there?\n", &DIED));
    if asked.is_ok() {
        return must_be_there(server);
    }
    match server.wait(DYING) {
        Some(status) => Err(has_died(status)),
        None => asked,
    }
}

fn has_died(status: ExitStatus) -> Trouble {
    let evidence = Evidence::Finding {
        expected: text("a server that goes on", "服务器继续运行"),
        found: Ended::words(status),
    };
    Trouble::failed(evidence, &DIED)
}

static DIED: Text = text(
    "What one client does must never end the server. Rule 6.",
    "无论一个客户端做什么，都不该让整个服务器结束。规则 6。",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    #[test]
    fn what_there_is_no_time_for_has_failed_and_says_so() {
        let cases = cases::server().into_iter().take(3);
        let assignments: Vec<_> = cases
            .map(|case| Assignment {
                case,
                expected: Expected::Pass,
            })
            .collect();
        // A server that would start.
        let program = Program {
            arguments: ["-c", "echo listening on 127.0.0.1:1; sleep 10"]
                .map(Into::into)
                .to_vec(),
            ..Program::new("sh")
        };
        let graded = run(&program, &assignments, |_| {}, |_| false, Duration::ZERO);
        assert_eq!(graded.len(), 3);
        for graded in graded {
            let Outcome::Failed(failure) = graded.outcome else {
                panic!("{:?}", graded.outcome);
            };
            assert!(matches!(failure.evidence, Evidence::Note(told) if told.en == TOO_LATE.en));
        }
    }
}
