//! What a server prints while it runs.

use super::command_line::COMMAND_LINE;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::evidence::Evidence;
use crate::launch::CANNOT_BE_TOLD;
use crate::patience::patience;
use crate::program::Place;
use crate::rule::Rule;
use crate::server::Server;
use crate::stage::Stage;
use std::time::{Duration, Instant};
use subject::poll_until;
use terminal::{Text, text};

pub(super) const CASES: &[Case] = &[Case {
    slug: "quiet",
    title: text(
        "one line on standard output, and no more",
        "标准输出上只有一行",
    ),
    points: 1,
    teaches: text("output is an interface", "输出也是接口"),
    rule: Rule::CommandLine,
    stage: Stage::Hardening,
    section: &COMMAND_LINE,
    drive: Drive::Server(quiet),
}];

/// How long nothing must be printed to be no output.
const SILENCE: Duration = Duration::from_millis(200);

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
        return falls_silent(server);
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

/// Nobody says anything any more, and so neither does the server. What it has had to say of the clients
/// before may still come.
fn falls_silent(server: &Server) -> Verdict {
    let mut before = server.stderr_length();
    let mut since = Instant::now();
    let is_silent = poll_until(since + patience(), || {
        let now = server.stderr_length();
        if now != before {
            (before, since) = (now, Instant::now());
        }
        since.elapsed() >= SILENCE
    });
    if is_silent {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: text(
            "nothing is printed while nobody says anything",
            "没有人说话的时候，什么也不打印",
        ),
        found: Text::new(
            format!("{before} bytes on standard error by now, and more and more"),
            format!("标准错误上已有 {before} 字节，还在不停地增加"),
        ),
    };
    Err(Trouble::failed(evidence, &BABBLES))
}

static BABBLES: Text = text(
    "An idle server prints nothing: what is printed for no reason hides what is printed for one.",
    "闲着的服务器什么也不打印：没事也打印，有事的那一行就埋没了。",
);
static CHATTY: Text = text(
    "Programs read a server's standard output: one line that tells the address, and no more; all else goes to standard error.",
    "别的程序会读服务器的标准输出：只有一行地址，再没有别的；其余写到标准错误。",
);
