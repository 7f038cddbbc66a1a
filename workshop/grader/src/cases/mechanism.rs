//! A step must be what it says: a thread for every client is no way to pass for select(2).

use super::lines::PROCESSES;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::client::Client;
use crate::evidence::Evidence;
use crate::facts::Sign;
use crate::mechanism::Mechanism;
use crate::patience::PATIENCE;
use crate::room;
use crate::rule::Rule;
use crate::server::Server;
use crate::stage::Stage;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use subject::processes::Waiter;
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
const POOL: usize = 30;
/// How many threads a language's runtime may start for itself, or end, while clients come: helpers that
/// collect garbage, compile, look up names. Far fewer than there are clients, or threads in the pool.
const HELPERS: usize = 20;

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

    /// The same, but for a runtime's helpers.
    fn is_about(self, other: Family) -> bool {
        self.children == other.children && self.threads.abs_diff(other.threads) <= HELPERS
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
    room::clients(&program, CLIENTS, CLIENTS)?;
    let small_pool;
    let server = match mechanism {
        Mechanism::ThreadPool => {
            small_pool = Server::start_with(&program, &["--threads", &POOL.to_string()])?;
            &small_pool
        }
        _ => &*server,
    };
    let alone = Family::settled(server)?;
    let Family { children, threads } = alone;
    let expected = match mechanism {
        Mechanism::ProcessEach => Family {
            children: children + CLIENTS,
            ..alone
        },
        Mechanism::ThreadEach => Family {
            threads: threads + CLIENTS,
            ..alone
        },
        // It may make its threads when the first clients come.
        Mechanism::ThreadPool => Family {
            threads: threads.max(1 + POOL),
            ..alone
        },
        Mechanism::OneThread { .. } => alone,
    };
    // Those for whom the pool has no thread wait, and are not answered.
    let served = match mechanism {
        Mechanism::ThreadPool => POOL,
        _ => CLIENTS,
    };
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let mut client = server.connect()?;
        if number < served {
            client.ask(b"Hello\n", &NOT_ITS_NAME)?;
        }
        clients.push(client);
    }
    let mut found = Family::of(server)?;
    poll_until(Instant::now() + SETTLING, || {
        found = Family::of(server).unwrap_or(found);
        found.is_about(expected)
    });
    if !found.is_about(expected) {
        return Err(Trouble::failed(census(expected, found), &NOT_ITS_NAME));
    }
    let clients = &clients[..];
    match mechanism {
        Mechanism::ProcessEach => Ok(()),
        Mechanism::ThreadEach | Mechanism::ThreadPool => one_by_one(server, clients, served),
        Mechanism::OneThread { sleeps_in } if sleeps_in.is_empty() => {
            is_never_asleep(server, clients)
        }
        Mechanism::OneThread { sleeps_in } => waits_for_all(server, clients, sleeps_in),
    }
}

/// How long a number of helpers must have been the same to be the one that stays.
const SETTLED: Duration = Duration::from_millis(200);
/// How long the last client's helper may take to be there, or to be gone.
const SETTLING: Duration = PATIENCE;
/// For how long a server that never sleeps is watched. However many others want the processor, it is
/// never seen asleep; one that naps between two rounds is.
const WATCHED: Duration = Duration::from_millis(300);

/// The threads of a server, wherever they come from, that wait for its clients, and the others.
struct Waits {
    /// How many threads sleep in this call for so many of the clients; for no number where that is not
    /// told.
    waiting: BTreeMap<(&'static str, Option<usize>), usize>,
    /// The calls in which the others sleep.
    others: BTreeSet<&'static str>,
}

impl Waits {
    /// `None` where it is not told whose the connections are.
    fn of(server: &Server, clients: &[Client]) -> Result<Option<Waits>, Trouble> {
        let connections: Vec<_> = clients.iter().filter_map(Client::connection).collect();
        let all = server.processes().unwrap_or_default();
        let Some(waiters) = processes::waiters(&all, &connections)? else {
            return Ok(None);
        };
        let mut waits = Waits {
            waiting: BTreeMap::new(),
            others: BTreeSet::new(),
        };
        for Waiter { call, connections } in waiters {
            match (call, connections) {
                (None, _) => {}
                (Some(call), Some(0)) => {
                    waits.others.insert(call);
                }
                (Some(call), some) => *waits.waiting.entry((call, some)).or_default() += 1,
            }
        }
        Ok(Some(waits))
    }

    /// Is there a thread for each of so many clients, which waits for nobody else?
    fn is_one_by_one(&self, clients: usize) -> bool {
        self.waiting.keys().all(|&(_, some)| some == Some(1))
            && self.waiting.values().sum::<usize>() == clients
    }

    /// Is there one thread that waits for all of so many clients, in one of these calls?
    fn is_one_for_all(&self, clients: usize, calls: &[String]) -> bool {
        let mut waiting = self.waiting.iter();
        let (Some((&(call, some), 1)), None) = (waiting.next(), waiting.next()) else {
            return false;
        };
        some.is_none_or(|some| some == clients) && calls.iter().any(|claimed| claimed == call)
    }

    fn told(&self) -> Text {
        if self.waiting.is_empty() && self.others.is_empty() {
            return text("running, in no system call", "在运行，没有睡在系统调用里");
        }
        if self.waiting.is_empty() {
            let calls: Vec<&str> = self.others.iter().copied().collect();
            return Text::new(
                format!(
                    "no thread waits for a client; asleep in {}",
                    calls.join(", ")
                ),
                format!("没有线程在等客户端，都睡在 {} 里", calls.join("、")),
            );
        }
        let (mut en, mut zh) = (Vec::new(), Vec::new());
        for ((call, some), threads) in &self.waiting {
            let each = if *threads == 1 { "" } else { " each" };
            let some = some.map(|some| {
                let clients = if some == 1 { "client" } else { "clients" };
                (
                    format!(", for {some} {clients}{each}"),
                    format!(
                        "，{}等 {some} 个客户端",
                        if *threads == 1 { "" } else { "每个" }
                    ),
                )
            });
            let (for_whom, whom) = some.unwrap_or_default();
            let noun = if *threads == 1 { "thread" } else { "threads" };
            en.push(format!("{threads} {noun} in {call}{for_whom}"));
            zh.push(format!("{threads} 个线程睡在 {call} 里{whom}"));
        }
        Text::new(en.join("; "), zh.join("；"))
    }
}

/// Threads that have run at every look so far.
struct Sleepless(Option<BTreeSet<u32>>);

impl Sleepless {
    fn look(&mut self, pid: u32) {
        let awake = processes::awake(pid).unwrap_or_default();
        let all = || awake.keys().copied().collect();
        let before = self.0.get_or_insert_with(all);
        before.retain(|thread| awake.contains_key(thread));
    }

    fn is_any(&self) -> bool {
        self.0.as_ref().is_none_or(|threads| !threads.is_empty())
    }
}

/// Each client that is served has a thread that sleeps until it says something. Where it is not told for
/// whom somebody waits, their number must do.
fn one_by_one(server: &Server, clients: &[Client], served: usize) -> Verdict {
    let mut waits = Waits::of(server, clients).ok().flatten();
    let is_so = poll_until(Instant::now() + SETTLING, || {
        waits = Waits::of(server, clients).ok().flatten();
        let waits = waits.as_ref();
        waits.is_none_or(|waits| waits.is_one_by_one(served))
    });
    match waits {
        Some(waits) if !is_so => {
            let evidence = Evidence::Finding {
                expected: Text::new(
                    format!("{served} threads, each of which waits for one client"),
                    format!("{served} 个线程，每个等一个客户端"),
                ),
                found: waits.told(),
            };
            Err(Trouble::failed(evidence, &NOT_ITS_NAME))
        }
        _ => Ok(()),
    }
}

fn is_never_asleep(server: &Server, clients: &[Client]) -> Verdict {
    let pid = server.pid()?;
    let waits = Waits::of(server, clients)?; // skipped where nothing can be told
    let mut sleepless = Sleepless(None);
    poll_until(Instant::now() + WATCHED, || {
        sleepless.look(pid);
        !sleepless.is_any()
    });
    let waits = waits.filter(|waits| !waits.waiting.is_empty());
    if sleepless.is_any() && waits.is_none() {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: text("always running", "一直在运行"),
        found: waits.map_or(text("asleep", "睡着了"), |waits| waits.told()),
    };
    Err(Trouble::failed(evidence, &NOT_ITS_NAME))
}

fn waits_for_all(server: &Server, clients: &[Client], calls: &[String]) -> Verdict {
    let pid = server.pid()?;
    let mut call = processes::system_call(pid)?;
    let (mut waits, mut sleepless) = (Waits::of(server, clients)?, Sleepless(None));
    let is_so = poll_until(Instant::now() + SETTLING, || {
        sleepless.look(pid);
        waits = Waits::of(server, clients).ok().flatten();
        call = processes::system_call(pid).unwrap_or(call);
        match &waits {
            Some(waits) => waits.is_one_for_all(clients.len(), calls),
            None => call.is_some_and(|call| calls.iter().any(|claimed| claimed == call)),
        }
    });
    if is_so {
        return Ok(());
    }
    let count = clients.len();
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!(
                "one thread, asleep in {}, for all {count} clients",
                calls.join(" or ")
            ),
            format!(
                "一个线程睡在 {} 里，等全部 {count} 个客户端",
                calls.join(" 或 ")
            ),
        ),
        found: match (waits, call) {
            (Some(waits), _) => waits.told(),
            (None, Some(call)) => Text::new(format!("in {call}"), format!("在 {call} 里")),
            (None, None) => text("running, in no system call", "在运行，没有睡在系统调用里"),
        },
    };
    Err(match sleepless.is_any() {
        false => Trouble::failed(evidence, &NOT_ITS_NAME),
        true => Trouble::failed(evidence, &NEVER_SLEEPS).sign(Sign::NeverSleeps),
    })
}

fn census(expected: Family, found: Family) -> Evidence {
    let en = |Family { children, threads }, more| {
        format!("{children} children and {threads} threads{more} with {CLIENTS} silent clients")
    };
    let zh = |Family { children, threads }, more| {
        format!("有 {CLIENTS} 个沉默的客户端时，{children} 个子进程，{threads} 个线程{more}")
    };
    Evidence::Finding {
        expected: Text::new(
            en(expected, " (give or take a few)"),
            zh(expected, "（差几个无妨）"),
        ),
        found: Text::new(en(found, ""), zh(found, "")),
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
