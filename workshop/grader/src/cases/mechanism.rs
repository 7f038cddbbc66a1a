//! A step must be what it says: a thread for every client is no way to pass for select(2).

use super::lines::PROCESSES;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::evidence::Evidence;
use crate::facts::Sign;
use crate::mechanism::Mechanism;
use crate::patience::PATIENCE;
use crate::rule::Rule;
use crate::server::Server;
use crate::stage::Stage;
use std::time::{Duration, Instant};
use subject::{poll_until, processes};
use terminal::{Text, text};

/// The case of every server that claims a mechanism.
pub(super) static CASE: Case = Case {
    slug: "mechanism",
    title: text("it works the way it says", "说是怎么做，就是怎么做"),
    points: 3,
    teaches: text("what the kernel is asked to wait for", "让内核替我们等什么"),
    rule: Rule::Exceptions,
    stage: Stage::Many,
    section: &PROCESSES,
    drive: Drive::Server(mechanism),
};

/// How many clients are there, and silent.
const CLIENTS: usize = 50;
/// How many threads the pool is told to have.
const POOL: usize = 3;

/// What a server's own process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Family {
    children: usize,
    threads: usize,
}

impl Family {
    fn of(server: &Server) -> Result<Family, Trouble> {
        let pid = server.pid()?;
        Ok(Family {
            children: processes::children(pid)?,
            threads: processes::threads(pid)?,
        })
    }

    /// The same, once it has stayed the same for a while: whoever served a client that has just left,
    /// if only to see whether the server is up, may be about to end.
    fn settled(server: &Server) -> Result<Family, Trouble> {
        let mut found = Family::of(server)?;
        let mut since = Instant::now();
        poll_until(since + SETTLING, || {
            let now = Family::of(server).unwrap_or(found);
            if now != found {
                (found, since) = (now, Instant::now());
            }
            since.elapsed() >= SETTLED
        });
        Ok(found)
    }
}

fn mechanism(server: &mut Server) -> Verdict {
    let program = server.program().clone();
    let Some(mechanism) = &program.mechanism else {
        return Err(Trouble::Skipped(text(
            "nobody has said which mechanism it should have",
            "没有人说过它该用哪种机制",
        )));
    };
    let small_pool;
    let server = match mechanism {
        Mechanism::ThreadPool => {
            small_pool = Server::start_with(&program, &["--threads", &POOL.to_string()])?;
            &small_pool
        }
        _ => &*server,
    };
    let alone = Family::settled(server)?;
    let (expected, sleeps_in) = match mechanism {
        Mechanism::ProcessEach => {
            let children = alone.children + CLIENTS;
            (Family { children, ..alone }, None)
        }
        Mechanism::ThreadEach => {
            let threads = alone.threads + CLIENTS;
            (Family { threads, ..alone }, None)
        }
        // It may make its threads when the first clients come.
        Mechanism::ThreadPool => {
            let threads = alone.threads.max(1 + POOL);
            (Family { threads, ..alone }, None)
        }
        Mechanism::OneThread { sleeps_in } => {
            let one = Family {
                children: 0,
                threads: 1,
            };
            (one, Some(sleeps_in.as_slice()))
        }
    };
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let mut client = server.connect()?;
        // Those for whom the pool has no thread wait, and are not answered.
        if number < POOL || *mechanism != Mechanism::ThreadPool {
            client.ask(b"Hello\n", &NOT_ITS_NAME)?;
        }
        clients.push(client);
    }
    let mut found = Family::of(server)?;
    poll_until(Instant::now() + SETTLING, || {
        found = Family::of(server).unwrap_or(found);
        found == expected
    });
    if found != expected {
        return Err(Trouble::failed(census(expected, found), &NOT_ITS_NAME));
    }
    match sleeps_in {
        None => Ok(()),
        Some([]) => is_never_asleep(server),
        Some(calls) => is_asleep_in(server, calls),
    }
}

/// How long a number of helpers must have been the same to be the one that stays.
const SETTLED: Duration = Duration::from_millis(200);
/// How long the last client's helper may take to be there, or to be gone.
const SETTLING: Duration = PATIENCE;
/// For how long a server that never sleeps is watched. However many others want the processor, it is
/// never seen asleep; one that naps between two rounds is.
const WATCHED: Duration = Duration::from_millis(300);

fn is_never_asleep(server: &Server) -> Verdict {
    let pid = server.pid()?;
    processes::system_call(pid)?; // skipped where nothing can be told
    let is_asleep = || {
        let family = processes::tree(pid).unwrap_or_default();
        family.first().is_some_and(|process| process.state == 'S')
    };
    if !poll_until(Instant::now() + WATCHED, is_asleep) {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: text("always running", "一直在运行"),
        found: text("asleep", "睡着了"),
    };
    Err(Trouble::failed(evidence, &NOT_ITS_NAME))
}

fn is_asleep_in(server: &Server, calls: &[String]) -> Verdict {
    let pid = server.pid()?;
    let (mut found, mut sleeps) = (processes::system_call(pid)?, false);
    let asleep = poll_until(Instant::now() + SETTLING, || {
        found = processes::system_call(pid).unwrap_or(found);
        let family = processes::tree(pid).unwrap_or_default();
        sleeps |= family.first().is_some_and(|process| process.state == 'S');
        found.is_some_and(|call| calls.iter().any(|claimed| claimed == call))
    });
    if asleep {
        return Ok(());
    }
    let found = found.map_or(
        text("running, in no system call", "在运行，没有睡在系统调用里"),
        |call| Text::new(format!("in {call}"), format!("在 {call} 里")),
    );
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("asleep in {}", calls.join(" or ")),
            format!("睡在 {} 里", calls.join(" 或 ")),
        ),
        found,
    };
    Err(match sleeps {
        true => Trouble::failed(evidence, &NOT_ITS_NAME),
        false => Trouble::failed(evidence, &NEVER_SLEEPS).sign(Sign::NeverSleeps),
    })
}

fn census(expected: Family, found: Family) -> Evidence {
    let en = |Family { children, threads }| {
        format!("{children} children and {threads} threads with {CLIENTS} silent clients")
    };
    let zh = |Family { children, threads }| {
        format!("有 {CLIENTS} 个沉默的客户端时，{children} 个子进程，{threads} 个线程")
    };
    Evidence::Finding {
        expected: Text::new(en(expected), zh(expected)),
        found: Text::new(en(found), zh(found)),
    }
}

static NEVER_SLEEPS: Text = text(
    "With nothing to do, the server should sleep there, and is always awake: it may ask for what is nearly always ready, as the right to write is, or give no time to its wait.",
    "没事可做的时候，服务器该睡在那里，它却一直醒着：也许它问了几乎总是就绪的事，比如能不能写；也许它等待的时间是零。",
);
static NOT_ITS_NAME: Text = text(
    "The answers may be right, but the clients are not served by the mechanism that this step is about.",
    "回答也许都对，可服务客户端靠的不是这一步要讲的机制。",
);
