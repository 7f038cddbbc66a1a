//! Much of everything: many bytes, many clients.

use crate::case::{Case, Drive, Trouble, Verdict};
use crate::evidence::Evidence;
use crate::limits::need_descriptors;
use crate::section;
use crate::seed::seed;
use crate::server::Server;
use crate::text::{Text, text};
use std::thread;
use std::time::{Duration, Instant};

pub(super) const CASES: &[Case] = &[
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
