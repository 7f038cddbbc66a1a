//! Rule 5: the client that never reads.

use super::rest::must_rest;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::client::Client;
use crate::deadline::Deadline;
use crate::evidence::Evidence;
use crate::limits::no_thread;
use crate::mechanism::Mechanism;
use crate::model;
use crate::patience::patience;
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use crate::waiting::mention;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};
use subject::{poll_until, processes};
use terminal::grouped;
use terminal::{Text, chinese, text};

const UNREAD: Section = Section {
    chapter: 2,
    id: "unread",
    title: text("The client that never reads", "只说不听的客户端"),
};

pub(super) const CASES: &[Case] = &[Case {
    slug: "unread-client",
    title: text(
        "a client that never reads is held back",
        "只说不听的客户端会被拦住",
    ),
    points: 4,
    teaches: text("back-pressure", "背压"),
    rule: Rule::Unread,
    stage: Stage::Hardening,
    section: &UNREAD,
    drive: Drive::Server(unread_client),
}];

/// How much the client that never reads offers, in bytes: far more than kernel buffers hold.
const OFFERED: usize = 64 << 20;
/// How much the server may hold of it, and grow meanwhile, in bytes.
const MAY_GROW: u64 = 2 << 20;
/// How much it may grow at the first such client where a garbage collector decides, in bytes.
const GARBAGE: u64 = 16 << 20;
/// After how many more such clients a heap that no longer grows must have been seen.
const ROUNDS: usize = 5;
/// For how long nothing must have been taken to be held back.
const HELD_BACK: Duration = Duration::from_millis(500);

/// What the client says, over and over: about 64 KiB of lines of all lengths, whole lines.
pub(super) fn babble() -> Vec<u8> {
    let mut lines = Vec::new();
    for length in (0..1_000).step_by(3).cycle() {
        lines.extend((b'a'..=b'z').cycle().take(length));
        lines.push(b'\n');
        if lines.len() > 64 << 10 {
            return lines;
        }
    }
    unreachable!("the lengths go round for ever")
}

fn unread_client(server: &mut Server) -> Verdict {
    let mut greedy = server.connect()?;
    greedy.ask(b"Hello\n", &FIRST)?;
    let memory = || processes::memory(server.pid().ok()?).ok();
    let before = memory();
    let babble = babble();
    let held_after = say_until_held_back(greedy.stream(), &babble)?;
    // Wherever it keeps them, and whether or not its memory can be read.
    if held_after >= OFFERED {
        return Err(match read_all_at_last(&greedy, &babble, held_after) {
            Err(trouble) if trouble.means(&SENT_IN_PART) => trouble,
            _ => never_held_back(held_after),
        });
    }

    let mut neighbour = server.connect()?;
    neighbour.ask(b"Do you notice?\n", &NEIGHBOUR)?;
    neighbour.finish();
    neighbour.hear_end(&NEIGHBOUR)?;
    let is_told = must_hold_little(&greedy, held_after)?;
    let growth = before
        .zip(memory())
        .map(|(before, after)| after.saturating_sub(before));
    match growth {
        // Of little that is held for the client, the rest may be garbage.
        Some(growth) if growth > if is_told { GARBAGE } else { MAY_GROW } => {
            return Err(grown(growth, held_after));
        }
        Some(_) => {}
        None => mention(&NOT_MEASURED),
    }
    // Who never sleeps does not rest here either: that is said of it where it is excepted.
    let claim = server.program().mechanism.as_ref();
    if !claim.is_some_and(Mechanism::never_sleeps) {
        rests_where_it_can_be_seen(must_rest(server, &SPINS))?;
    }
    read_all_at_last(&greedy, &babble, held_after)?;
    drop(greedy);
    match growth {
        Some(growth) if growth > MAY_GROW => grows_once(server, &babble, (growth, held_after)),
        _ => Ok(()),
    }
}

/// What was taken and has not come back lies in the queues of the kernel, or the server holds it. Answers
/// are as long as what they answer. Is it told at all?
fn must_hold_little(greedy: &Client, taken: usize) -> Result<bool, Trouble> {
    let held = || {
        let queued = processes::queued(greedy.connection()?)?;
        Some((taken as u64).saturating_sub(queued))
    };
    let Some(mut holds) = held() else {
        return Ok(false);
    };
    // What was received last may be on its way out still.
    poll_until(Instant::now() + patience(), || {
        holds = held().unwrap_or(holds);
        holds <= MAY_GROW
    });
    match holds <= MAY_GROW {
        true => Ok(true),
        false => Err(held_much(holds)),
    }
}

/// Garbage is collected at some time, and its room is used again: sooner or later another client of this
/// kind does not make the server grow. What is kept of every client goes on growing.
fn grows_once(server: &Server, babble: &[u8], first: (u64, usize)) -> Verdict {
    for _ in 0..ROUNDS {
        let mut another = server.connect()?;
        another.ask(b"Hello\n", &FIRST)?;
        let before = processes::memory(server.pid()?)?;
        say_until_held_back(another.stream(), babble)?;
        let after = processes::memory(server.pid()?)?;
        if after.saturating_sub(before) <= MAY_GROW {
            return Ok(());
        }
    }
    let (growth, taken) = first;
    Err(grown(growth, taken).noted(EACH_TIME.clone()))
}

/// Where /proc is missing, the bytes are judged all the same.
fn rests_where_it_can_be_seen(rests: Verdict) -> Verdict {
    match rests {
        Err(Trouble::Skipped(_)) => Ok(()),
        seen => seen,
    }
}

/// Says the babble over and over until the server takes no more, or [`OFFERED`] bytes are gone;
/// returns how many were taken.
pub(super) fn say_until_held_back(mut stream: &TcpStream, babble: &[u8]) -> Result<usize, Trouble> {
    // Asked for room, and not made to wait in a call with a time-out: that is cut short, and begins anew,
    // whenever the judge is stopped and goes on (`signal(7)`).
    let _ = stream.set_nonblocking(true);
    let deadline = Deadline::of_case();
    let (mut taken, mut last) = (0, Instant::now());
    while taken < OFFERED {
        deadline.check()?;
        match stream.write(&babble[taken % babble.len()..]) {
            Ok(length) => (taken, last) = (taken + length, Instant::now()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let left = HELD_BACK.saturating_sub(last.elapsed());
                if left.is_zero() {
                    break;
                }
                let mut room = [PollFd::new(stream.as_fd(), PollFlags::POLLOUT)];
                let _ = poll(
                    &mut room,
                    PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX),
                );
            }
            Err(error) => return Err(Trouble::failed(thrown_out(&error), &THROWN_OUT)),
        }
    }
    let _ = stream.set_nonblocking(false);
    Ok(taken)
}

/// Says the rest, up to [`OFFERED`] bytes and to the end of a babble, and reads every answer.
fn read_all_at_last(greedy: &Client, babble: &[u8], taken: usize) -> Verdict {
    let total = OFFERED.next_multiple_of(babble.len()).max(taken);
    let answer = model::owed(babble, false);
    thread::scope(|scope| {
        let writing = thread::Builder::new().spawn_scoped(scope, move || {
            let mut stream = greedy.stream();
            let mut said = taken;
            while said < total {
                match stream.write(&babble[said % babble.len()..]) {
                    Ok(length) => said += length,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(_) => return, // the reader will see why
                }
            }
            let _ = stream.shutdown(Shutdown::Write);
        });
        writing.map_err(|error| no_thread(&error))?;
        let heard = hear_all(greedy.stream(), &answer, total);
        // Lets the writer go, which may still wait for room.
        let _ = greedy.stream().shutdown(Shutdown::Both);
        heard
    })
}

/// Reads `total` bytes, the answer over and over, and then the end.
fn hear_all(mut stream: &TcpStream, answer: &[u8], total: usize) -> Verdict {
    let _ = stream.set_read_timeout(Some(patience()));
    let mut buffer = vec![0; 64 << 10];
    let deadline = Deadline::of_case();
    let mut heard = 0;
    loop {
        deadline.check()?;
        let length = match stream.read(&mut buffer) {
            Ok(0) if heard == total => return Ok(()),
            Ok(length) if length > 0 => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(_) => return Err(broke_off(heard, total, THEN_END)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(broke_off(heard, total, then_nothing()));
            }
            Err(error) => {
                let then = Text::new(
                    format!("then: {error}"),
                    format!("然后：{}", chinese(&error)),
                );
                return Err(broke_off(heard, total, then));
            }
        };
        for &byte in &buffer[..length] {
            if heard == total || byte != answer[heard % answer.len()] {
                return Err(broke_off(heard, total, THEN_WRONG).meaning(&SENT_IN_PART));
            }
            heard += 1;
        }
    }
}

fn never_held_back(taken: usize) -> Trouble {
    let taken = mib(taken);
    let evidence = Evidence::Finding {
        expected: text(
            "a client that sends and reads nothing is held back",
            "只发不读的客户端会被拦住",
        ),
        found: Text::new(
            format!("all of its {taken} MiB were taken: nothing held it back"),
            format!("它的 {taken} MiB 全都收下了，没有拦住它"),
        ),
    };
    Trouble::failed(evidence, &UNBOUNDED)
}

fn grown(growth: u64, taken: usize) -> Trouble {
    let (growth, taken) = (mib(growth as usize), mib(taken));
    let evidence = Evidence::Finding {
        expected: text(
            "the server's processes grow by less than 2 MiB",
            "服务器全部进程的内存增长不到 2 MiB",
        ),
        found: Text::new(
            format!("they grew by {growth} MiB while a client sent {taken} MiB and read nothing"),
            format!("一个客户端说了 {taken} MiB，什么也不读，内存就涨了 {growth} MiB"),
        ),
    };
    Trouble::failed(evidence, &UNBOUNDED)
}

fn held_much(bytes: u64) -> Trouble {
    let holds = mib(bytes as usize);
    let evidence = Evidence::Finding {
        expected: text(
            "the server holds less than 2 MiB for a client that reads nothing",
            "客户端什么也不读，服务器为它存着的不到 2 MiB",
        ),
        found: Text::new(
            format!("it holds {holds} MiB, beside what lies in the queues of the kernel"),
            format!("内核的队列以外，服务器手里还存着 {holds} MiB"),
        ),
    };
    Trouble::failed(evidence, &UNBOUNDED)
}

fn broke_off(heard: usize, total: usize, then: Text) -> Trouble {
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{} bytes of answers, then FIN", grouped(total)),
            format!("{} 字节的回答，然后 FIN", grouped(total)),
        ),
        found: Text::new(
            format!("{} right bytes, {}", grouped(heard), then.en),
            format!("{} 个正确的字节，{}", grouped(heard), then.zh),
        ),
    };
    Trouble::failed(evidence, &LOST)
}

fn then_nothing() -> Text {
    let limit = patience().as_secs();
    Text::new(
        format!("then nothing for {limit} s"),
        format!("然后 {limit} 秒没有动静"),
    )
}

fn thrown_out(error: &std::io::Error) -> Evidence {
    Evidence::Note(Text::new(
        format!("the client's connection ended while it was sending: {error}"),
        format!("客户端正在发送，连接却断了：{}", chinese(error)),
    ))
}

fn mib(bytes: usize) -> usize {
    bytes >> 20
}

static FIRST: Text = text(
    "The first line of a client is answered, however much it will say later. Rule 2.",
    "客户端的第一行要作答，不管它后面还要说多少。规则 2。",
);
const THEN_END: Text = text("then FIN", "然后 FIN");
const THEN_WRONG: Text = text("then a wrong one", "下一个就不对了");
static NEIGHBOUR: Text = text(
    "One client does not read, and another one suffers for it. Rule 5.",
    "一个客户端不读，另一个却受了影响。规则 5。",
);
static NOT_MEASURED: Text = text(
    "not measured: how much memory the server holds for a client that never reads; it may not be read here",
    "没有测：服务器为只说不听的客户端占多少内存，这里读不到",
);
static EACH_TIME: Text = text(
    "and as much again for each further client of this kind: it is no garbage that is collected at some time",
    "之后每来一个这样的客户端都再涨一截：不是早晚会回收的垃圾",
);
static UNBOUNDED: Text = text(
    "A client that sends and never reads must be held back: stop receiving from it while much of its answers waits to be sent. Rule 5.",
    "只发不读的客户端必须拦住：它的回答还堆着的时候，就不要再收。规则 5。",
);
static SPINS: Text = text(
    "While a client is held back there is nothing to do for it: do not watch for what will not be received, and sleep until there is room. Rule 5.",
    "客户端被拦住的时候，没有事情可做：不打算收，就别去问有没有数据；睡到有空位为止。规则 5。",
);
static LOST: Text = text(
    "Being held back must cost a client nothing: when it reads at last, every byte is there. Rule 5.",
    "被拦住的客户端什么也不该损失：等它终于来读，每个字节都还在。规则 5。",
);
static SENT_IN_PART: Text = text(
    "There was no room for a whole answer: send takes what fits, and returns how much that was. The rest must be kept and sent later, and meanwhile nothing is received from this client. Rule 5.",
    "放不下整个回答的时候，send 只收下放得下的部分，并返回收了多少。剩下的要留着以后再发，这期间不再收这个客户端的数据。规则 5。",
);
static THROWN_OUT: Text = text(
    "A client that does not read is held back, not thrown out. Rule 5.",
    "不读的客户端，该拦住，不该断开。规则 5。",
);
