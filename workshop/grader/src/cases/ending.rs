//! A server that is told to end.

use crate::case::{Case, Drive, Trouble, Verdict};
use crate::evidence::{End, Evidence};
use crate::facts::Ended;
use crate::patience::at_most;
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::{Duration, Instant};
use subject::{poll_until, processes};
use terminal::{Text, text};

pub(super) const WAKING: Section = Section {
    chapter: 2,
    id: "waking",
    title: text("A sleeper with two alarm clocks", "睡着的人有两只闹钟"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "sigterm",
        title: text(
            "SIGTERM ends the server and every child",
            "SIGTERM 让服务器和所有子进程都结束",
        ),
        points: 2,
        teaches: text("signals and process trees", "信号与进程树"),
        rule: Rule::CommandLine,
        stage: Stage::CommandLine,
        section: &WAKING,
        drive: Drive::Ending(|server| ends_on(server, Signal::SIGTERM)),
    },
    Case {
        slug: "sigint",
        title: text("so does SIGINT (Ctrl-C)", "SIGINT（Ctrl-C）也一样"),
        points: 1,
        teaches: text("signals and process trees", "信号与进程树"),
        rule: Rule::CommandLine,
        stage: Stage::CommandLine,
        section: &WAKING,
        drive: Drive::Ending(|server| ends_on(server, Signal::SIGINT)),
    },
];

/// How soon everything must be gone.
const SOON: Duration = Duration::from_secs(1);

fn ends_on(server: &mut Server, signal: Signal) -> Verdict {
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.connect()?;
        client.ask(b"Hello\n", &REMAINS)?;
        clients.push(client);
    }
    // Elsewhere than on Linux, the end of the server and of the connections is all that is seen. A
    // wrapper that waits for the server ends after it.
    let pid = server.pid()?;
    let is_wrapped = server.is_wrapped();
    let family = processes::tree(pid).unwrap_or_default();
    // A shell lets what it starts in the background ignore SIGINT: then it is the shell that is to hear it.
    let told = match processes::ignores(pid, signal) {
        true => server.leader().unwrap_or(pid),
        false => pid,
    };
    let asked = Instant::now();
    let _ = kill(Pid::from_raw(told as i32), signal);
    let ended = server.wait(at_most(SOON));
    let mut left = Vec::new();
    let gone = poll_until(asked + at_most(SOON), || {
        left = family
            .iter()
            .map(|process| process.pid)
            .filter(|&pid| lives(pid))
            .collect();
        left.is_empty()
    });
    if ended.is_none() || !gone {
        let evidence = Evidence::Finding {
            expected: Text::new(
                format!("the server and every child gone within {SOON:?} of {signal}"),
                format!(
                    "{signal} 之后 {} 秒内，服务器和所有子进程都不在了",
                    SOON.as_secs()
                ),
            ),
            found: Text::new(
                format!("{} of {} processes still there", left.len(), family.len()),
                format!("{} 个进程里还剩 {} 个", family.len(), left.len()),
            ),
        };
        let meaning = if ended.is_some() { &ORPHANS } else { &REMAINS };
        return Err(Trouble::failed(evidence, meaning));
    }
    let status = ended.expect("just seen");
    // A runtime that catches the signal says so as a shell would.
    let good = status.success()
        || std::os::unix::process::ExitStatusExt::signal(&status) == Some(signal as i32)
        || status.code() == Some(128 + signal as i32);
    // Of a wrapper, it is its own word for how the server ended: a shell says 143, others 1.
    if !good && !is_wrapped {
        let evidence = Evidence::Finding {
            expected: Text::new(
                format!("exit status 0, or death by {signal}"),
                format!("退出状态 0，或死于 {signal}"),
            ),
            found: Ended::words(status),
        };
        return Err(Trouble::failed(evidence, &NO_ERROR));
    }
    for client in &mut clients {
        while client.end() == End::Open && client.receive_patiently() {}
        if client.end() == End::Open {
            let evidence = Evidence::Note(text("a connection is still open", "还有连接开着"));
            return Err(Trouble::failed(evidence, &HELD));
        }
    }
    Ok(())
}

/// A zombie does not live: where nobody reaps orphans, as in some containers, they stay.
fn lives(pid: u32) -> bool {
    let tree = processes::tree(pid).unwrap_or_default();
    tree.first().is_some_and(|process| process.state != 'Z')
}

static NO_ERROR: Text = text(
    "To be told to end is no error: exit status 0, death by that very signal, or 128 and its number, as a shell puts it.",
    "奉命结束不是出错：退出状态 0，或者就死于这个信号，或者像 shell 那样用 128 加信号的编号。",
);
static REMAINS: Text = text(
    "The server does not end: wherever it sleeps, a signal must find it there.",
    "服务器没有结束：不管它睡在哪里，信号都要能叫醒它。",
);
static HELD: Text = text(
    "The server has ended, and a connection has not: a process that is no longer its child holds a copy of the descriptor. It must be ended as well, before the server goes.",
    "服务器结束了，连接却还在：有个已经不是它子进程的进程，手里还有描述符的副本。服务器走之前，也要让那个进程结束。",
);
static ORPHANS: Text = text(
    "The server itself has ended, its children live on: they must be ended as well, before it goes.",
    "服务器自己结束了，子进程还活着：它走之前，要让子进程也都结束。",
);
