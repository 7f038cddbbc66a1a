//! Does a server that has nothing to do really sleep?

use super::ending::WAKING;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::evidence::Evidence;
use crate::facts::Sign;
use crate::rule::Rule;
use crate::server::Server;
use crate::stage::Stage;
use std::collections::HashMap;
use std::thread;
use std::time::Duration;
use subject::processes::{self, Awake};
use terminal::{Text, text};

pub(super) const CASES: &[Case] = &[Case {
    slug: "idle-cpu",
    title: text(
        "three silent clients cost no processor time",
        "三个沉默的客户端不耗 CPU",
    ),
    points: 3,
    teaches: text("sleep until there is something to do", "没事就睡"),
    rule: Rule::Survives,
    stage: Stage::Hardening,
    section: &WAKING,
    drive: Drive::Server(idle_cpu),
}];

/// For how long it is watched.
const WATCHED: Duration = Duration::from_secs(1);
/// How much processor time it may use meanwhile: a few ticks of the clock that counts it.
const MAY_USE: Duration = Duration::from_millis(50);

/// Watches a server that has nothing to do. What it usually means when it does something all the
/// same, `meaning` says.
pub(super) fn must_rest(server: &Server, meaning: &Text) -> Verdict {
    let pid = server.pid()?;
    let (before, awake) = (processes::cpu(pid)?, processes::awake(pid)?);
    // What is measured is a stretch of time: nothing is waited for.
    thread::sleep(WATCHED);
    let used = processes::cpu(pid)?.saturating_sub(before);
    let sleepless = sleepless(&awake, &processes::awake(pid)?);
    if used <= MAY_USE && !sleepless {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("at most {MAY_USE:?} of processor time in {WATCHED:?} with nothing to do"),
            format!(
                "无事可做的 {} 秒里，最多用 {} 毫秒 CPU 时间",
                WATCHED.as_secs(),
                MAY_USE.as_millis()
            ),
        ),
        found: match sleepless {
            false => Text::new(format!("{used:?}"), format!("{} 毫秒", used.as_millis())),
            true => Text::new(
                format!("{used:?}, and a thread that never slept"),
                format!("{} 毫秒，而且有一个线程从没睡过", used.as_millis()),
            ),
        },
    };
    let trouble = Trouble::failed(evidence, meaning);
    Err(match sleepless {
        true => trouble.sign(Sign::NeverSleeps),
        false => trouble,
    })
}

/// Has one of the threads run without ever going to sleep? On a machine with no time for it, it may
/// have used hardly any.
fn sleepless(before: &HashMap<u32, Awake>, after: &HashMap<u32, Awake>) -> bool {
    after.iter().any(|(thread, now)| {
        before
            .get(thread)
            .is_some_and(|then| then.sleeps == now.sleeps && then.ran < now.ran)
    })
}

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

static SPINS: Text = text(
    "The server asks again and again instead of sleeping until something happens.",
    "服务器一遍又一遍地问；没事的时候，它该睡着。",
);
