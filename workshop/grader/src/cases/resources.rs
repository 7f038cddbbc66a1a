//! A server at rest, and at its end.

use super::rest::must_rest;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::client::PATIENCE;
use crate::evidence::{End, Evidence};
use crate::launch::CANNOT_BE_TOLD;
use crate::processes;
use crate::program::Place;
use crate::section;
use crate::server::{Server, poll_until};
use crate::text::{Text, text};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::{Duration, Instant};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "idle-cpu",
        title: text(
            "three silent clients cost no processor time",
            "三个沉默的客户端不耗 CPU",
        ),
        points: 3,
        teaches: text("sleep until there is something to do", "没事就睡"),
        section: &section::WAKING,
        drive: Drive::Server(idle_cpu),
    },
    Case {
        slug: "quiet",
        title: text(
            "one line on standard output, and no more",
            "标准输出上只有一行",
        ),
        points: 1,
        teaches: text("output is an interface", "输出也是接口"),
        section: &section::COMMAND_LINE,
        drive: Drive::Server(quiet),
    },
    Case {
        slug: "sigterm",
        title: text(
            "SIGTERM ends the server and every child",
            "SIGTERM 让服务器和所有子进程都结束",
        ),
        points: 2,
        teaches: text("signals and process trees", "信号与进程树"),
        section: &section::WAKING,
        drive: Drive::Ending(|server| ends_on(server, Signal::SIGTERM)),
    },
    Case {
        slug: "sigint",
        title: text("so does SIGINT (Ctrl-C)", "SIGINT（Ctrl-C）也一样"),
        points: 1,
        teaches: text("signals and process trees", "信号与进程树"),
        section: &section::WAKING,
        drive: Drive::Ending(|server| ends_on(server, Signal::SIGINT)),
    },
];

/// How long nothing must be printed to be no output.
const SILENCE: Duration = Duration::from_millis(200);

fn idle_cpu(server: &mut Server) -> Verdict {
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.connect()?;
        client.ask(b"Hello\n", &SPINS)?;
        client.say(b"and then")?;
        clients.push(client);
    }
    must_rest(server, &SPINS)
}

fn quiet(server: &mut Server) -> Verdict {
    if server.program().place != Place::Told {
        return Err(Trouble::Skipped(CANNOT_BE_TOLD.clone()));
    }
    let mut client = server.connect()?;
    client.ask(b"Hello\n", &CHATTY)?;
    client.finish();
    client.hear_end(&CHATTY)?;
    server.connect()?.ask(b"Hello\n", &CHATTY)?;
    let line = format!("listening on {}\n", server.address());
    // What has been printed may still be in the pipe, and nothing tells that no more is to come.
    poll_until(Instant::now() + SILENCE, || server.stdout() != line);
    let printed = server.stdout();
    if printed == line {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{line:?} on standard output"),
            format!("标准输出上是 {line:?}"),
        ),
        found: Text::new(format!("{printed:?}"), format!("{printed:?}")),
    };
    Err(Trouble::failed(evidence, &CHATTY))
}

/// How soon everything must be gone.
const SOON: Duration = Duration::from_secs(1);

fn ends_on(server: &mut Server, signal: Signal) -> Verdict {
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.connect()?;
        client.ask(b"Hello\n", &REMAINS)?;
        clients.push(client);
    }
    // Elsewhere than on Linux, the end of the server and of the connections is all that is seen.
    let pid = server.pid()?;
    let family = processes::tree(pid).unwrap_or_default();
    let asked = Instant::now();
    let _ = kill(Pid::from_raw(pid as i32), signal);
    let ended = server.wait(SOON);
    let mut left = Vec::new();
    let gone = poll_until(asked + SOON, || {
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
                format!("{signal} 之后 {SOON:?} 内，服务器和所有子进程都不在了"),
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
    let good = status.success()
        || std::os::unix::process::ExitStatusExt::signal(&status) == Some(signal as i32);
    if !good {
        let evidence = Evidence::Finding {
            expected: Text::new(
                format!("exit status 0, or death by {signal}"),
                format!("退出状态 0，或死于 {signal}"),
            ),
            found: Text::new(status.to_string(), status.to_string()),
        };
        return Err(Trouble::failed(evidence, &NO_ERROR));
    }
    for client in &mut clients {
        while client.end() == End::Open && client.receive(PATIENCE) {}
        if client.end() == End::Open {
            let evidence = Evidence::Note(text("a connection is still open", "还有连接开着"));
            return Err(Trouble::failed(evidence, &REMAINS));
        }
    }
    Ok(())
}

/// A zombie does not live: where nobody reaps orphans, as in some containers, they stay.
fn lives(pid: u32) -> bool {
    let tree = processes::tree(pid).unwrap_or_default();
    tree.first().is_some_and(|process| process.state != 'Z')
}

static SPINS: Text = text(
    "The server asks again and again instead of sleeping until something happens.",
    "服务器一遍又一遍地问；没事的时候，它该睡着。",
);
static CHATTY: Text = text(
    "Programs read a server's standard output: one line that tells the address, and no more; all else goes to standard error.",
    "别的程序会读服务器的标准输出：只有一行地址，再没有别的；其余写到标准错误。",
);
static NO_ERROR: Text = text(
    "To be told to end is no error: exit status 0, or death by that very signal.",
    "奉命结束不是出错：退出状态 0，或者就死于这个信号。",
);
static REMAINS: Text = text(
    "The server does not end: wherever it sleeps, a signal must find it there.",
    "服务器没有结束：不管它睡在哪里，信号都要能叫醒它。",
);
static ORPHANS: Text = text(
    "The server itself has ended, its children live on: they must be ended as well, before it goes.",
    "服务器自己结束了，子进程还活着：它走之前，要让子进程也都结束。",
);
