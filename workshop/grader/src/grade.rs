use crate::case::{Case, Drive, Graded, Outcome, Trouble, Verdict};
use crate::evidence::Evidence;
use crate::program::Program;
use crate::server::Server;
use crate::text::{Text, text};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// How many cases run side by side: most of a case's time is waiting, so more than there are cores.
const SIDE_BY_SIDE: usize = 6;

/// Runs every case against the program, several at a time; `finished` hears of each as it ends.
/// The results come in the order of the cases.
pub fn grade(
    program: &Program,
    cases: &[&'static Case],
    finished: impl Fn(&Graded) + Sync,
) -> Vec<Graded> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Graded>>> = Mutex::new(cases.iter().map(|_| None).collect());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE.min(cases.len()) {
            scope.spawn(|| {
                while let Some(&case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let graded = case.grade(program);
                    finished(&graded);
                    let index = cases.iter().position(|other| other.slug == case.slug);
                    let mut results = results.lock().expect("nobody panics with it");
                    results[index.expect("it is one of them")] = Some(graded);
                }
            });
        }
    });
    let results = results.into_inner().expect("nobody panicked with it");
    results.into_iter().flatten().collect()
}

impl Case {
    /// Runs this case alone.
    pub fn grade(&'static self, program: &Program) -> Graded {
        let start = Instant::now();
        let verdict = match self.drive {
            Drive::Server(drive) => on_fresh_server(program, |server| {
                drive(server)?;
                still_alive(server)
            }),
            Drive::Ending(drive) => on_fresh_server(program, drive),
            Drive::Program(drive) => drive(program),
        };
        let outcome = match verdict {
            Ok(()) => Outcome::Passed,
            Err(Trouble::Failed(failure)) => Outcome::Failed(failure),
            Err(Trouble::Skipped(reason)) => Outcome::Skipped(reason),
        };
        Graded {
            case: self,
            outcome,
            took: start.elapsed(),
        }
    }
}

fn on_fresh_server(program: &Program, drive: impl FnOnce(&mut Server) -> Verdict) -> Verdict {
    let mut server = Server::start(program)?;
    drive(&mut server).map_err(|trouble| match trouble {
        Trouble::Failed(mut failure) => {
            failure.notes.extend(server.last_words());
            Trouble::Failed(failure)
        }
        skipped => skipped,
    })
}

/// A server that gave every answer and is dead now has not passed.
fn still_alive(server: &mut Server) -> Verdict {
    if server.ended().is_none() {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: text("a server that goes on", "服务器继续运行"),
        found: text("a server that has ended", "服务器已经没有了"),
    };
    Err(Trouble::failed(evidence, &DIED))
}

static DIED: Text = text(
    "What one client does must never end the server. Rule 6.",
    "无论一个客户端做什么，都不该让整个服务器结束。规则 6。",
);
