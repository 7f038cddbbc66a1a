//! Many clients.

use super::lines::PROCESSES;
use super::pool::POOL;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::deadline::{CASE_TIME, Deadline};
use crate::evidence::Evidence;
use crate::facts::Sign;
use crate::limits::need_descriptors;
use crate::patience::at_most;
use crate::room;
use crate::rule::Rule;
use crate::server::Server;
use crate::stage::Stage;
use std::time::{Duration, Instant};
use subject::processes;
use terminal::{Text, text};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "crowd",
        title: text("1,100 clients at once", "同时 1,100 个客户端"),
        points: 3,
        teaches: text("descriptors, backlog, fairness", "描述符、监听队列、公平"),
        rule: Rule::Survives,
        stage: Stage::Many,
        section: &PROCESSES,
        drive: Drive::Server(crowd),
    },
    Case {
        slug: "accept-burst",
        title: text(
            "a burst of 1,000 clients gets in at once",
            "一下子涌来 1,000 个客户端，都进得来",
        ),
        points: 2,
        teaches: text("the backlog of a listener", "监听队列的长度"),
        rule: Rule::Survives,
        stage: Stage::Many,
        section: &POOL,
        drive: Drive::Server(accept_burst),
    },
];

/// How many clients the crowd is: more than select(2) can watch, more than the backlog of 128 that
/// libraries ask for, more than the usual soft limit of descriptors.
const CROWD: usize = 1_100;
/// How many are a crowd where there is no room for more.
const SMALL: usize = 40;

/// How many come at once at most.
const WAVE: usize = 275;

/// Within what time all of the crowd must have been answered: far more than a server needs, and an
/// end for one that takes a second for each.
const CROWD_TIME: Duration = CASE_TIME;

fn crowd(server: &mut Server) -> Verdict {
    let crowd = room::clients(server.program(), CROWD, SMALL)?;
    let _alone = need_descriptors(crowd as u64 + 200)?;
    // It comes in waves: where no backlog is long enough for a crowd, and so that a machine on which nobody
    // gets a processor is noticed before all are there.
    let wave = processes::longest_backlog().map_or(WAVE, |longest| WAVE.min(longest / 2));
    let start = Instant::now();
    let family = server.watched().map(|server| server.family);
    let deadline = Deadline::of_case().of(family);
    let in_time = |done: usize, what: &Text| match deadline.is_over() {
        true => Err(too_slow(done, crowd, what)),
        false => Ok(()),
    };
    let full = |trouble: Trouble| trouble.sign(Sign::BacklogFull);
    let mut clients = Vec::with_capacity(crowd);
    let mut overflows = 0;
    for number in 0..crowd {
        in_time(number, &CONNECTED).map_err(full)?;
        let asked = Instant::now();
        clients.push(server.connect()?);
        overflows += usize::from(asked.elapsed() >= ASKED_AGAIN);
        let so_far = start.elapsed();
        let all = so_far.mul_f64(crowd as f64 / clients.len() as f64);
        if overflows >= OVERFLOWS && all > at_most(CROWD_TIME) * 2 {
            let pace = at_this_pace(crowd, clients.len(), overflows, so_far, all);
            return Err(full(pace));
        }
        if clients.len().is_multiple_of(wave.max(1)) {
            clients[number].ask(b"Are we all in?\n", &CROWDED)?;
            if deadline.is_extended() {
                break; // no time is left for more: those who are there are the crowd
            }
        }
    }
    for (number, client) in clients.iter_mut().enumerate() {
        client.say(format!("I am number {number}\n").as_bytes())?;
    }
    for (number, client) in clients.iter_mut().enumerate() {
        in_time(number, &ANSWERED)?;
        client.hear(&CROWDED)?;
    }
    // The first one is still served while all the others are there.
    clients[0].ask(b"and still here\n", &CROWDED)
}

/// When the system of a client asks again that found the backlog full (Linux; RFC 6298).
pub(super) const ASKED_AGAIN: Duration = Duration::from_secs(1);
/// After how many who found it full the end is foreseen, where all would take twice the time.
const OVERFLOWS: usize = 4;

fn at_this_pace(
    crowd: usize,
    done: usize,
    overflows: usize,
    so_far: Duration,
    all: Duration,
) -> Trouble {
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{crowd} clients connected within {CROWD_TIME:?}"),
            format!("{} 秒内 {crowd} 个客户端都连上", CROWD_TIME.as_secs()),
        ),
        found: Text::new(
            format!(
                "{done} in {so_far:.0?}, and {overflows} times the backlog was full: at this pace, all take {all:.0?}"
            ),
            format!(
                "{:.1} 秒里连上 {done} 个，监听队列满了 {overflows} 次：照这样，全部连上要 {:.1} 秒",
                so_far.as_secs_f64(),
                all.as_secs_f64()
            ),
        ),
    };
    Trouble::failed(evidence, &SHORT_BACKLOG)
}

fn too_slow(done: usize, crowd: usize, what: &Text) -> Trouble {
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{crowd} clients {} within {CROWD_TIME:?}", what.en),
            format!(
                "{} 秒内 {crowd} 个客户端都{}",
                CROWD_TIME.as_secs(),
                what.zh
            ),
        ),
        found: Text::new(format!("{done}"), format!("{done} 个")),
    };
    Trouble::failed(evidence, &SHORT_BACKLOG)
}

static CONNECTED: Text = text("connected", "连上");
static ANSWERED: Text = text("answered", "得到回答");

/// How many clients come in a burst.
const BURST: usize = 1_000;
/// Within what time all must be connected. A client whose request to connect finds the backlog
/// full is not told; its kernel asks again after a second, and less and less often.
const BURST_TIME: Duration = Duration::from_secs(2);

fn accept_burst(server: &mut Server) -> Verdict {
    let burst = room::in_backlog(room::clients(server.program(), BURST, SMALL)?);
    let _alone = need_descriptors(burst as u64 + 200)?;
    let start = Instant::now();
    let mut clients = Vec::with_capacity(burst);
    let mut has_overflowed = false;
    for _ in 0..burst {
        let asked = Instant::now();
        clients.push(server.connect()?);
        has_overflowed |= asked.elapsed() >= ASKED_AGAIN;
        if has_overflowed && start.elapsed() > at_most(BURST_TIME) {
            break;
        }
    }
    let took = start.elapsed();
    // Where nobody had to ask again, it is the machine that is slow.
    if !has_overflowed || took <= at_most(BURST_TIME) {
        return clients[0].ask(b"Anybody in?\n", &CROWDED);
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{burst} clients connected within {BURST_TIME:?}"),
            format!("{} 秒内连上 {burst} 个客户端", BURST_TIME.as_secs()),
        ),
        found: Text::new(
            format!("{} in {took:.1?}", clients.len()),
            format!("{:.1} 秒里连上 {} 个", took.as_secs_f64(), clients.len()),
        ),
    };
    Err(Trouble::failed(evidence, &SHORT_BACKLOG).sign(Sign::BacklogFull))
}

pub(super) static SHORT_BACKLOG: Text = text(
    "Connections that nobody has accepted yet wait in the listener's backlog: where it is short, or the server takes its time to accept, a burst overflows it, and clients try again seconds later.",
    "还没有人接受的连接排在监听队列里：队列太短，或者接受得太慢，人一多就溢出，客户端要过几秒才会再试。",
);
static CROWDED: Text = text(
    "A client in a crowd got no answer: a limit of descriptors, processes or of select(2) was hit without a word.",
    "一大群客户端里有人没得到回答：服务器撞上了描述符数、进程数或 select(2) 的上限，却一声不吭。",
);
