//! Rule 6, when the system is out of something: descriptors, processes, threads.

use super::command_line::COMMAND_LINE;
use super::lines::PROCESSES;
use super::lots::{ASKED_AGAIN, SHORT_BACKLOG};
use super::rest::must_rest;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::client::Client;
use crate::evidence::{End, Evidence};
use crate::facts::{Ended, Sign};
use crate::patience::{PATIENCE, at_most};
use crate::program::Program;
use crate::room;
use crate::rule::Rule;
use crate::server::Server;
use crate::stage::Stage;
use std::process::Command;
use std::time::{Duration, Instant};
use subject::processes::Owner;
use subject::{Scarce, Start, descriptor_limit, poll_until, processes};
use terminal::{Text, text};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "raises-limit",
        title: text(
            "a low soft limit of descriptors is raised",
            "描述符的软上限太低，就自己调高",
        ),
        points: 1,
        teaches: text("soft and hard limits", "软上限与硬上限"),
        rule: Rule::CommandLine,
        stage: Stage::Hardening,
        section: &COMMAND_LINE,
        drive: Drive::Program(raises_limit),
    },
    Case {
        slug: "out-of-descriptors",
        title: text("more clients than descriptors", "客户端比描述符多"),
        points: 3,
        teaches: text("EMFILE, and service afterwards", "EMFILE，以及事后照常服务"),
        rule: Rule::Survives,
        stage: Stage::Hardening,
        section: &PROCESSES,
        drive: Drive::Program(|program| {
            let (server, _scarce) = crowded(program)?;
            server.judge(|server| {
                drop(come(server)?);
                let served = serves_again(server);
                served.map_err(|trouble| trouble.sign(Sign::DescriptorsRanOut))?;
                must_live(server, &STUCK)
            })?;
            let server = Server::start(program)?;
            server
                .judge(|server| run_out(server).map_err(|trouble| trouble.noted(NONE_LEFT.clone())))
        }),
    },
    Case {
        slug: "rests-when-scarce",
        title: text(
            "it rests while there are no descriptors",
            "没有描述符时歇着，不空转",
        ),
        points: 2,
        teaches: text("readiness that cannot be served", "就绪了，却无法服务"),
        rule: Rule::Survives,
        stage: Stage::Hardening,
        section: &PROCESSES,
        drive: Drive::Program(|program| {
            let (server, _scarce) = crowded(program)?;
            server.judge(|server| {
                let _clients = come(server)?;
                must_rest(server, &SPINS).map_err(|trouble| trouble.noted(crowd()))?;
                must_live(server, &STUCK)
            })
        }),
    },
];

/// The case of the servers that need somebody new for each client.
pub(super) static TURNED_AWAY: Case = Case {
    slug: "turned-away",
    title: text(
        "no process or thread to be had: that client is closed",
        "要不到进程或线程：只关掉这一个客户端",
    ),
    points: 3,
    teaches: text("EAGAIN from fork and clone", "fork 与 clone 的 EAGAIN"),
    rule: Rule::Survives,
    stage: Stage::Hardening,
    section: &PROCESSES,
    drive: Drive::Program(turned_away),
};

/// The soft limit with which the server starts.
const SOFT: u64 = 256;

fn raises_limit(program: &Program) -> Verdict {
    // The judge has raised its own: what it has is the hard limit.
    if descriptor_limit() <= SOFT {
        return Err(Trouble::Skipped(NO_ROOM.clone()));
    }
    let server = Server::start_under(program, with_descriptors(SOFT, descriptor_limit()))?;
    // One client served: all that is done at the start has been done.
    server.connect()?.ask(b"Hello\n", &STUCK)?;
    let soft = processes::descriptor_limit(server.pid()?)?;
    if soft > SOFT {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("more than the {SOFT} descriptors that it started with"),
            format!("比启动时的 {SOFT} 个描述符多"),
        ),
        found: Text::new(
            format!("a soft limit of {soft}"),
            format!("软上限是 {soft}"),
        ),
    };
    Err(Trouble::failed(evidence, &LEFT_LOW))
}

fn with_descriptors(soft: u64, hard: u64) -> Start {
    Start {
        descriptors: Some((soft, hard)),
        ..Start::default()
    }
}

/// How many descriptors the server may have open.
const LIMIT: usize = 64;
/// How many clients come.
const CLIENTS: usize = 100;
/// How long a server may take to accept until it has run out.
const RUNNING_OUT: Duration = Duration::from_secs(2);

/// Within what time all of them must be connected: a backlog that has room for them needs none.
const CONNECTING: Duration = Duration::from_secs(3);

fn not_connected(number: usize) -> Trouble {
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{CLIENTS} clients connected within {CONNECTING:?}, if not accepted"),
            format!(
                "{} 秒内 {CLIENTS} 个客户端都连上，可以还没有被接受",
                CONNECTING.as_secs()
            ),
        ),
        found: Text::new(format!("{number}"), format!("{number} 个")),
    };
    Trouble::failed(evidence, &SHORT_BACKLOG).sign(Sign::BacklogFull)
}

/// A server with fewer descriptors than clients will come: from the start, or where so few are not enough
/// to start with, as for `go run`, which compiles it first, as soon as it listens.
fn crowded(program: &Program) -> Result<(Server, Option<Scarce>), Trouble> {
    room::clients(program, CLIENTS, CLIENTS)?;
    let limit = LIMIT as u64;
    let not_started = match Server::start_under(program, with_descriptors(limit, limit)) {
        Ok(server) => return Ok((server, None)),
        Err(trouble) => trouble,
    };
    let Ok(server) = Server::start(program) else {
        return Err(not_started);
    };
    let Some(Owner::Theirs(listening)) = server.owner() else {
        return Err(not_started);
    };
    let scarce = Scarce::at(&listening, limit).map_err(|_| not_started)?;
    Ok((server, Some(scarce)))
}

/// Another client, of a server that is out of descriptors or has been.
fn next(server: &Server) -> Result<Client, Trouble> {
    let client = server.connect();
    client.map_err(|trouble| trouble.meaning(&STUCK))
}

/// All of the clients, who have said something.
fn come(server: &Server) -> Result<Vec<Client>, Trouble> {
    let mut clients = Vec::new();
    let start = Instant::now();
    let mut has_overflowed = false;
    for number in 0..CLIENTS {
        // Where nobody had to ask again, it is the machine that is slow.
        if has_overflowed && start.elapsed() > at_most(CONNECTING) {
            return Err(not_connected(number));
        }
        let asked = Instant::now();
        let mut client = next(server)?;
        has_overflowed |= asked.elapsed() >= ASKED_AGAIN;
        // Whoever comes first is served, if anybody is. What is opened once, at the first need, is open then.
        let said = match number {
            0 => client.ask(b"Hello\n", &STUCK),
            _ => client.say(b"Hello\n"),
        };
        said.map_err(|trouble| trouble.meaning(&STUCK))?;
        clients.push(client);
    }
    // Where it can be seen: until the server has really run out.
    if let Ok(pid) = server.pid() {
        poll_until(Instant::now() + RUNNING_OUT, || {
            processes::descriptors(pid).is_ok_and(|open| open >= LIMIT)
        });
    }
    Ok(clients)
}

/// For how long a server that cannot accept is left to it. A right one passes with any time, or none;
/// too little would only let a wrong one slip through.
const MEANWHILE: Duration = Duration::from_millis(200);

/// Whoever accepts has no descriptor left, while it runs: a parent that forks gives back each
/// connection, and never runs out by itself, as many clients as there may be.
fn run_out(server: &mut Server) -> Verdict {
    let mut first = server.connect()?;
    first.ask(b"Hello\n", &STUCK)?;
    let Some(Owner::Theirs(listening)) = server.owner() else {
        return Ok(());
    };
    let Ok(scarce) = Scarce::of(&listening) else {
        return Ok(());
    };
    let mut waiting = Vec::new();
    for _ in 0..3 {
        // It may have ended by now, or closed: that is looked at below.
        if let Ok(mut client) = server.connect() {
            let _ = client.say(b"Hello\n");
            waiting.push(client);
        }
    }
    server.wait(MEANWHILE);
    drop(scarce);
    must_live(server, &STUCK)?;
    // Some accept again when somebody leaves.
    drop((first, waiting));
    serves_again(server)?;
    must_live(server, &STUCK)
}

/// A client that comes when others have left is served. Some servers close on whom they have no descriptor
/// for, as libuv does, and may hear of the new client before they hear that the others have left.
fn serves_again(server: &mut Server) -> Verdict {
    let serve = |server: &Server| next(server)?.ask(b"And now?\n", &STUCK);
    let mut served = serve(server);
    poll_until(Instant::now() + PATIENCE, || {
        if served.is_err() && server.ended().is_none() {
            served = serve(server);
        }
        served.is_ok() || server.ended().is_some()
    });
    served
}

fn crowd() -> Text {
    Text::new(
        format!("{CLIENTS} clients are there, and {LIMIT} descriptors are allowed"),
        format!("来了 {CLIENTS} 个客户端，只允许打开 {LIMIT} 个描述符"),
    )
}

fn turned_away(program: &Program) -> Verdict {
    let (alone, needed) = without_processes(program)?;
    let server = Server::start_under(program, alone)
        .map_err(|trouble| trouble.noted(no_more_than(needed)).meaning(&STARTS_ONE))?;
    server.judge(|server| close_for_want(server, needed))
}

fn close_for_want(server: &mut Server, needed: u64) -> Verdict {
    // Those that it needs itself are its own from here on.
    poll_until(Instant::now() + PATIENCE, || {
        everybody(server).is_none_or(|there| there >= needed)
    });
    for _ in 0..3 {
        let client = server.connect();
        let mut client = client.map_err(|trouble| trouble.meaning(&HANGS))?;
        // The server may close before it is said.
        let _ = client.say(b"Hello\n");
        client.receive_patiently();
        if client.end() == End::Open {
            let evidence = Evidence::Finding {
                expected: text("the connection is closed", "连接关了"),
                found: text("it stays open, or is answered", "连接还开着，或者有人回答"),
            };
            return Err(Trouble::failed(evidence, &HANGS));
        }
    }
    must_live(server, &HANGS)
}

/// How long a number of processes and threads must have been the same to be the one that stays.
const SETTLED: Duration = Duration::from_millis(200);

/// No process and no thread is left to the program but those that it has when nobody is there: with
/// how many that is. For root there is no such limit: the program is then started as a user whom
/// nobody is. What cannot be started as that user at all is skipped, and what ends for want of more
/// has failed.
fn without_processes(program: &Program) -> Result<(Start, u64), Trouble> {
    let nobody = || fastrand::u32(10_000..60_000);
    let user = nix::unistd::geteuid().is_root().then(nobody);
    let limited = |processes| Start {
        processes,
        user,
        ..Start::default()
    };
    let alone = limited(Some(1));
    let runs = |line| {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]);
        let trial = alone.spawn_and_read(&mut shell);
        let status = trial.ok().and_then(|mut trial| trial.group.wait(PATIENCE));
        status.is_some_and(|status| status.success())
    };
    // A shell is started, and cannot start another process: the limit holds.
    if !runs(":") || runs(": | :") {
        return Err(Trouble::Skipped(NO_LIMIT.clone()));
    }
    // The same without the limit: files that only their owner may read are no want of processes.
    let Ok(server) = Server::start_under(program, limited(None)) else {
        return Err(Trouble::Skipped(NOT_AS_ANOTHER.clone()));
    };
    let mut needed = everybody(&server).unwrap_or(1);
    let mut since = Instant::now();
    poll_until(since + PATIENCE, || {
        let now = everybody(&server).unwrap_or(needed);
        if now != needed {
            (needed, since) = (now, Instant::now());
        }
        since.elapsed() >= SETTLED
    });
    // Those of an ordinary user are counted together, whatever else they are: there is a limit for none,
    // and for one that needs some there is none that others do not change.
    match user {
        Some(_) => Ok((limited(Some(needed)), needed)),
        None if needed <= 1 => Ok((alone, needed)),
        None => Err(Trouble::Skipped(NEEDS_HELPERS.clone())),
    }
}

/// How many processes and threads all of it has; `None` where that is not told.
fn everybody(server: &Server) -> Option<u64> {
    let processes = server.processes()?;
    let threads = processes
        .iter()
        .filter_map(|process| processes::threads(process.pid).ok());
    Some(threads.sum::<usize>() as u64)
}

fn no_more_than(count: u64) -> Text {
    Text::new(
        format!(
            "it was started with a limit of {count} processes and threads (RLIMIT_NPROC), which are as many as it has when nobody is there; without that limit it starts"
        ),
        format!(
            "启动它时限制了进程和线程数（RLIMIT_NPROC）：最多 {count} 个，正好是没有客户端时它自己的数目；不限制的话它启动得了"
        ),
    )
}

fn must_live(server: &mut Server, meaning: &Text) -> Verdict {
    match server.ended() {
        None => Ok(()),
        Some(status) => {
            let evidence = Evidence::Finding {
                expected: text("a server that goes on", "服务器继续运行"),
                found: Ended::words(status),
            };
            Err(Trouble::failed(evidence, meaning))
        }
    }
}

static NO_LIMIT: Text = text(
    "needs a system that holds to the limit of processes",
    "系统要真的限制进程数",
);
static NOT_AS_ANOTHER: Text = text(
    "root has no limit of processes, and as another user the program cannot be started at all",
    "root 不受进程数的限制，而换成别的用户，程序根本启动不了",
);
static NEEDS_HELPERS: Text = text(
    "it needs processes or threads of its own to start with, and an ordinary user has no limit that leaves just those",
    "它一启动就需要自己的进程或线程，而普通用户没有刚好只留下这些的限制",
);
static NO_ROOM: Text = text(
    "the hard limit of descriptors is too low here to be told from a soft one",
    "这里描述符的硬上限太低，和软上限分不开",
);
static NONE_LEFT: Text = text(
    "the process that listens was left no descriptor, while it ran (prlimit), and clients came",
    "运行当中，监听的那个进程一个描述符也要不到了（prlimit），这时来了客户端",
);
static LEFT_LOW: Text = text(
    "A login's soft limit is often 1,024 descriptors: a server raises its own to the hard one when it starts (setrlimit).",
    "登录之后，软上限常常只有 1,024 个描述符：服务器一启动就要把它提到硬上限（setrlimit）。",
);
static STUCK: Text = text(
    "Out of descriptors, a server must live on, and serve again when they have been given back. Rule 6.",
    "描述符用完了，服务器也要活着；还回来之后，要照常服务。规则 6。",
);
static SPINS: Text = text(
    "accept fails for want of a descriptor, the client stays in the queue, and the server asks again at once, and again: better to leave the listener alone for a moment. Rule 6.",
    "没有描述符，accept 就失败，客户端还在队列里，服务器马上又问，一遍接一遍：不如先别理监听套接字，歇一会儿。规则 6。",
);
static STARTS_ONE: Text = text(
    "At its start the server asks for a process or a thread that it does not keep, and ends when there is none to be had: do without it. Rule 6.",
    "服务器启动时要了一个用完就不留的进程或线程，要不到就退出了：不要它也得能启动。规则 6。",
);
static HANGS: Text = text(
    "A client for whom there is no process and no thread must be closed, and only that client: it must not wait for ever, and the server must not end. Rule 6.",
    "要不到进程或线程，就该关掉这个客户端，也只关这一个：不能让它永远等下去，服务器也不能因此结束。规则 6。",
);
