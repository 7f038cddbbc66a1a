//! Rule 5, and much of everything: many bytes, many clients, and the client that never reads.

use crate::case::{Case, Drive, Trouble, Verdict};
use crate::client::{Client, PATIENCE};
use crate::evidence::Evidence;
use crate::limits::need_descriptors;
use crate::model;
use crate::processes;
use crate::report::grouped;
use crate::section;
use crate::server::Server;
use crate::text::{Text, text};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "unread-client",
        title: text(
            "a client that never reads is held back",
            "只说不听的客户端会被顶住",
        ),
        points: 4,
        teaches: text("back-pressure", "背压"),
        section: &section::UNREAD,
        drive: Drive::Server(unread_client),
    },
    Case {
        slug: "crowd",
        title: text("1,100 clients at once", "同时 1,100 个客户端"),
        points: 3,
        teaches: text("descriptors, backlog, fairness", "描述符、监听队列、公平"),
        section: &section::PROCESSES,
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
        section: &section::POOL,
        drive: Drive::Server(accept_burst),
    },
    Case {
        slug: "order-under-load",
        title: text(
            "twelve talk at once, each is answered in order",
            "十二个同时说，各自的回答都不乱",
        ),
        points: 2,
        teaches: text("conversations do not mix", "对话互不串线"),
        section: &section::PROCESSES,
        drive: Drive::Server(order_under_load),
    },
    Case {
        slug: "random-8mib",
        title: text(
            "8 MiB of random bytes, read while written",
            "8 MiB 随机字节，边写边读",
        ),
        points: 2,
        teaches: text(
            "no byte is special, and none is lost",
            "没有特殊的字节，也不丢一个字节",
        ),
        section: &section::CLIENT,
        drive: Drive::Server(|server| {
            let seed = seed();
            let mut bytes = vec![0; 8 << 20];
            fastrand::Rng::with_seed(seed).fill(&mut bytes);
            with_seed(server.connect()?.pour(&bytes, &STREAM), seed)
        }),
    },
    Case {
        slug: "lines-8mib",
        title: text("8 MiB of lines, read while written", "8 MiB 的行，边写边读"),
        points: 2,
        teaches: text("both directions flow at once", "两个方向同时在流"),
        section: &section::CLIENT,
        drive: Drive::Server(|server| {
            let seed = seed();
            let mut random = fastrand::Rng::with_seed(seed);
            let mut bytes = Vec::with_capacity((8 << 20) + 200);
            while bytes.len() < 8 << 20 {
                bytes.extend((0..random.usize(0..200)).map(|_| random.alphanumeric() as u8));
                bytes.push(b'\n');
            }
            with_seed(server.connect()?.pour(&bytes, &STREAM), seed)
        }),
    },
];

/// How many clients the crowd is: more than select(2) can watch, more than the backlog of 128 that
/// libraries ask for, more than the usual soft limit of descriptors.
const CROWD: usize = 1_100;

fn crowd(server: &mut Server) -> Verdict {
    let _alone = need_descriptors(CROWD as u64 + 200)?;
    let mut clients = Vec::with_capacity(CROWD);
    for _ in 0..CROWD {
        clients.push(server.connect()?);
    }
    for (number, client) in clients.iter_mut().enumerate() {
        client.say(format!("I am number {number}\n").as_bytes())?;
    }
    for client in &mut clients {
        client.hear(&CROWDED)?;
    }
    // The first one is still served while all the others are there.
    clients[0].ask(b"and still here\n", &CROWDED)
}

/// How many clients come in a burst.
const BURST: usize = 1_000;
/// Within what time all must be connected. A client whose request to connect finds the backlog
/// full is not told; its kernel asks again after a second, and less and less often.
const BURST_TIME: Duration = Duration::from_secs(2);

fn accept_burst(server: &mut Server) -> Verdict {
    let _alone = need_descriptors(BURST as u64 + 200)?;
    let start = Instant::now();
    let mut clients = Vec::with_capacity(BURST);
    for _ in 0..BURST {
        clients.push(server.connect()?);
        if start.elapsed() > BURST_TIME {
            break;
        }
    }
    let took = start.elapsed();
    if took <= BURST_TIME {
        return clients[0].ask(b"Anybody in?\n", &CROWDED);
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{BURST} clients connected within {BURST_TIME:?}"),
            format!("{BURST_TIME:?} 内连上 {BURST} 个客户端"),
        ),
        found: Text::new(
            format!("{} in {took:.1?}", clients.len()),
            format!("{took:.1?} 里连上 {} 个", clients.len()),
        ),
    };
    Err(Trouble::failed(evidence, &SHORT_BACKLOG))
}

/// How many clients talk at once.
const TALKERS: usize = 12;

fn order_under_load(server: &mut Server) -> Verdict {
    let mut clients = Vec::new();
    for _ in 0..TALKERS {
        clients.push(server.connect()?);
    }
    thread::scope(|scope| {
        let talkers: Vec<_> = clients
            .iter_mut()
            .enumerate()
            .map(|(talker, client)| {
                scope.spawn(move || {
                    let lines: Vec<u8> = (0..5_000)
                        .flat_map(|line| format!("talker {talker}, line {line}\n").into_bytes())
                        .collect();
                    client
                        .pour(&lines, &MIXED)
                        .map_err(|trouble| trouble.noted(one_of(talker)))
                })
            })
            .collect();
        let heard = talkers
            .into_iter()
            .map(|talker| talker.join().expect("it does not panic"));
        heard.collect::<Verdict>()
    })
}

fn one_of(talker: usize) -> Text {
    Text::new(
        format!("{TALKERS} clients talk at once; this is number {talker}"),
        format!("{TALKERS} 个客户端同时在说，这是第 {talker} 号"),
    )
}

/// How much the client that never reads offers, in bytes: far more than kernel buffers hold.
const OFFERED: usize = 64 << 20;
/// How much the server may grow meanwhile, in bytes.
const MAY_GROW: u64 = 2 << 20;
/// For how long nothing must have been taken to be held back.
const HELD_BACK: Duration = Duration::from_millis(500);

/// For how long a server is watched that can neither send nor should receive.
const WATCHED: Duration = Duration::from_secs(1);
/// How much processor time it may use meanwhile.
const MAY_USE: Duration = Duration::from_millis(50);

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
    greedy.ask(b"Hello\n", &STREAM)?;
    let before = server.pid().and_then(processes::memory);
    let babble = babble();
    let held_after = say_until_held_back(greedy.stream(), &babble)?;

    rests_meanwhile(server)?;
    let mut neighbour = server.connect()?;
    neighbour.ask(b"Do you notice?\n", &NEIGHBOUR)?;
    neighbour.finish();
    neighbour.hear_end(&NEIGHBOUR)?;
    // Where /proc is missing, the bytes are judged all the same.
    if let (Ok(before), Ok(after)) = (before, server.pid().and_then(processes::memory)) {
        let growth = after.saturating_sub(before);
        if growth > MAY_GROW {
            return Err(grown(growth, held_after));
        }
    }
    read_all_at_last(&greedy, &babble, held_after)
}

/// A server that waits for room must not ask for it again and again.
fn rests_meanwhile(server: &Server) -> Verdict {
    let cpu = || server.pid().and_then(processes::cpu);
    let Ok(before) = cpu() else {
        return Ok(());
    };
    // What is measured is a stretch of time: nothing is waited for.
    thread::sleep(WATCHED);
    let used = cpu()?.saturating_sub(before);
    if used <= MAY_USE {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("at most {MAY_USE:?} of processor time in {WATCHED:?} while it is held back"),
            format!("被顶住的 {WATCHED:?} 里，最多用 {MAY_USE:?} CPU 时间"),
        ),
        found: Text::new(format!("{used:?}"), format!("{used:?}")),
    };
    Err(Trouble::failed(evidence, &SPINS))
}

/// Says the babble over and over until the server takes no more, or [`OFFERED`] bytes are gone;
/// returns how many were taken.
pub(super) fn say_until_held_back(mut stream: &TcpStream, babble: &[u8]) -> Result<usize, Trouble> {
    let _ = stream.set_write_timeout(Some(HELD_BACK));
    let mut taken = 0;
    while taken < OFFERED {
        match stream.write(&babble[taken % babble.len()..]) {
            Ok(length) => taken += length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                break;
            }
            Err(error) => return Err(Trouble::failed(thrown_out(&error), &THROWN_OUT)),
        }
    }
    let _ = stream.set_write_timeout(Some(PATIENCE));
    Ok(taken)
}

/// Says the rest, up to [`OFFERED`] bytes and to the end of a babble, and reads every answer.
fn read_all_at_last(greedy: &Client, babble: &[u8], taken: usize) -> Verdict {
    let total = OFFERED.next_multiple_of(babble.len()).max(taken);
    let answer = model::owed(babble, false);
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut stream = greedy.stream();
            let mut said = taken;
            while said < total {
                match stream.write(&babble[said % babble.len()..]) {
                    Ok(length) => said += length,
                    Err(_) => return, // the reader will see why
                }
            }
            let _ = stream.shutdown(Shutdown::Write);
        });
        let heard = hear_all(greedy.stream(), &answer, total);
        // Lets the writer go, which may still wait for room.
        let _ = greedy.stream().shutdown(Shutdown::Both);
        heard
    })
}

/// Reads `total` bytes, the answer over and over, and then the end.
fn hear_all(mut stream: &TcpStream, answer: &[u8], total: usize) -> Verdict {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let mut buffer = vec![0; 64 << 10];
    let mut heard = 0;
    loop {
        let length = match stream.read(&mut buffer) {
            Ok(0) if heard == total => return Ok(()),
            Ok(length) if length > 0 => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(_) => return Err(broke_off(heard, total, THEN_END)),
            Err(error) => {
                let then = Text::new(format!("then: {error}"), format!("然后：{error}"));
                return Err(broke_off(heard, total, then));
            }
        };
        for &byte in &buffer[..length] {
            if heard == total || byte != answer[heard % answer.len()] {
                return Err(broke_off(heard, total, THEN_WRONG));
            }
            heard += 1;
        }
    }
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

fn thrown_out(error: &std::io::Error) -> Evidence {
    Evidence::Note(Text::new(
        format!("the client's connection ended while it was sending: {error}"),
        format!("客户端正在发送，连接却断了：{error}"),
    ))
}

fn mib(bytes: usize) -> usize {
    bytes >> 20
}

/// A fresh one for each run, or the one that a failure printed: `GRADER_SEED=…`.
fn seed() -> u64 {
    let given = std::env::var("GRADER_SEED").ok();
    given
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..))
}

fn with_seed(verdict: Verdict, seed: u64) -> Verdict {
    verdict.map_err(|trouble| match trouble {
        Trouble::Failed(mut failure) => {
            failure.notes.push(Text::new(
                format!("the same bytes again: GRADER_SEED={seed}"),
                format!("重现同样的字节：GRADER_SEED={seed}"),
            ));
            Trouble::Failed(failure)
        }
        skipped => skipped,
    })
}

const THEN_END: Text = text("then FIN", "然后 FIN");
const THEN_WRONG: Text = text("then a wrong one", "下一个就不对了");
static STREAM: Text = text(
    "Every byte counts, and a server that must send goes on receiving for the others: nothing is lost, doubled or reordered.",
    "每个字节都算数，不能丢、不能重、不能乱序；服务器忙着发给一个，也要照收别人的。",
);
static SHORT_BACKLOG: Text = text(
    "Connections that nobody has accepted yet wait in the listener's backlog: where it is short, or the server takes its time to accept, a burst overflows it, and clients try again seconds later.",
    "还没有人接受的连接排在监听队列里：队列太短，或者接受得太慢，人一多就溢出，客户端要过几秒才会再试。",
);
static MIXED: Text = text(
    "Each client gets its own answers, in its own order, however many talk at once: is anything shared between conversations that should not be? Rule 2.",
    "不管多少个客户端同时说，各人得到各人的回答，次序也不变：是不是有什么不该共用的，被几场对话共用了？规则 2。",
);
static CROWDED: Text = text(
    "A client among 1,100 got no answer: a limit of descriptors, processes or of select(2) was hit without a word.",
    "1,100 个客户端里有人没得到回答：服务器撞上了描述符数、进程数或 select(2) 的上限，却一声不吭。",
);
static NEIGHBOUR: Text = text(
    "One client does not read, and another one suffers for it. Rule 5.",
    "一个客户端不读，另一个却跟着受罪。规则 5。",
);
static UNBOUNDED: Text = text(
    "A client that sends and never reads must be held back: stop receiving from it while much of its answers waits to be sent. Rule 5.",
    "只发不读的客户端必须被顶住：它的回答还堆着的时候，就不要再收。规则 5。",
);
static SPINS: Text = text(
    "While a client is held back there is nothing to do for it: do not watch for what will not be received, and sleep until there is room. Rule 5.",
    "客户端被顶住的时候，没有事情可做：不打算收，就别去问有没有数据；睡到有空位为止。规则 5。",
);
static LOST: Text = text(
    "Being held back must cost a client nothing: when it reads at last, every byte is there. Rule 5.",
    "被顶住的客户端什么也不该损失：等它终于来读，每个字节都还在。规则 5。",
);
static THROWN_OUT: Text = text(
    "A client that does not read is held back, not thrown out. Rule 5.",
    "不读的客户端，该顶住，不该赶走。规则 5。",
);
