//! Who listens at the address of a server: what is judged is the program that was started, and no
//! other that it knows of.

use crate::evidence::Evidence;
use crate::facts::Ended;
use crate::server::Server;
use crate::verdict::{Trouble, Verdict};
use crate::waiting::mention;
use std::net::SocketAddr;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use subject::poll_until;
use subject::processes::{Holder, Owner};
use terminal::{Text, harmless, text};

/// How long a listener may take to go from one process to another, and a process to end that has handed
/// it on.
const HANDING_ON: Duration = Duration::from_millis(500);
/// How much is shown of how somebody was started, in characters.
const WIDEST: usize = 50;
/// It has been said that it is not known.
static IS_SAID: AtomicBool = AtomicBool::new(false);

/// Whoever listens there must be a process of the program that was started; and that program must still
/// be there. Where it cannot be known it is no fault, and said. Where nobody listens, whoever connects
/// will tell.
pub(crate) fn must_be_its_own(server: &mut Server) -> Verdict {
    let mut owner = None;
    poll_until(Instant::now() + HANDING_ON, || {
        owner = server.owner();
        !matches!(owner, Some(Owner::Others(_)))
    });
    match owner {
        Some(Owner::Others(holder)) => Err(somebody_elses(server.address(), holder)),
        Some(Owner::Theirs(_)) => {
            if !server.is_led() {
                server.wait(HANDING_ON);
            }
            must_be_there(server)
        }
        Some(Owner::NotKnown) => {
            if !IS_SAID.swap(true, Relaxed) {
                mention(&NOT_KNOWN);
            }
            Ok(())
        }
        Some(Owner::Nobody) | None => Ok(()),
    }
}

/// The program that was started must not have ended, and left somebody behind who answers.
pub(crate) fn must_be_there(server: &mut Server) -> Verdict {
    match server.ended() {
        Some(status) => Err(left_behind(server, status)),
        None => Ok(()),
    }
}

fn somebody_elses(address: SocketAddr, holder: Option<Holder>) -> Trouble {
    let who = holder.map_or(SOMEBODY.clone(), |Holder { pid, command }| {
        let mut shown: String = harmless(&command).chars().take(WIDEST).collect();
        if shown.len() < command.len() {
            shown.push('…');
        }
        Text::new(
            format!("process {pid} ({shown})"),
            format!("进程 {pid}（{shown}）"),
        )
    });
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("the program listens at {address} itself"),
            format!("程序自己在 {address} 上监听"),
        ),
        found: Text::new(
            format!("{} listens there, which the program did not start", who.en),
            format!("在那里监听的是{}，它不是这个程序启动的", who.zh),
        ),
    };
    Trouble::failed(evidence, &SOMEBODY_ELSES)
}

fn left_behind(server: &Server, status: ExitStatus) -> Trouble {
    let address = server.address();
    let ended = Ended::words(status);
    let who = server.listener().map_or(SOMEBODY.clone(), |pid| {
        Text::new(format!("process {pid}"), format!("进程 {pid}"))
    });
    let evidence = Evidence::Finding {
        expected: text("the program that was started goes on", "启动的程序继续运行"),
        found: Text::new(
            format!(
                "it has ended ({}), and {}, which it has left behind, listens at {address}",
                ended.en, who.en
            ),
            format!(
                "它已经结束（{}），在 {address} 上监听的是它留下的{}",
                ended.zh, who.zh
            ),
        ),
    };
    Trouble::failed(evidence, &IN_THE_FOREGROUND)
}

const SOMEBODY: Text = text("a process of somebody else's", "别人的进程");
static NOT_KNOWN: Text = text(
    "not known: whether it is this program that listens at its address; the descriptors of its processes may not be read (another user's, or PR_SET_DUMPABLE)",
    "不知道在这个地址上监听的是不是这个程序：它的进程的描述符不让读（属于别的用户，或者用了 PR_SET_DUMPABLE）",
);
static SOMEBODY_ELSES: Text = text(
    "A server prints the address of its own listening socket (getsockname): what is judged is the program that was started, and no other that answers.",
    "服务器打印的地址，要是它自己的监听套接字的地址（getsockname）：评判的是启动的这个程序，别的程序回答得再对也不算。",
);
static IN_THE_FOREGROUND: Text = text(
    "A server stays in the foreground: whoever started it waits for it, reads what it prints, and ends it by a signal.",
    "服务器要留在前台运行：启动它的人要等它结束、读它的输出、用信号叫它退出。",
);
