//! Rules 6 and 7: clients that leave, and what must be given back.

use super::unread;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::client::Client;
use crate::evidence::Evidence;
use crate::facts::Sign;
use crate::mechanism::Mechanism;
use crate::patience::patience;
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use std::time::{Duration, Instant};
use subject::processes::Owner;
use subject::{poll_until, processes};
use terminal::{Text, text};

/// How long a server may take to forget its first client.
const SETTLING: Duration = Duration::from_millis(100);

const LEAVING: Section = Section {
    chapter: 2,
    id: "leaving",
    title: text("The client that leaves", "不辞而别的客户端"),
};
const COPIES: Section = Section {
    chapter: 2,
    id: "copies",
    title: text("Two copies of everything", "什么都有两份"),
};
const REAPING: Section = Section {
    chapter: 2,
    id: "reaping",
    title: text("The dead must be asked", "收尸"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "reset-client",
        title: text(
            "a client that resets with answers on the way",
            "回答还在路上，客户端就重置了连接",
        ),
        points: 2,
        teaches: text("EPIPE, ECONNRESET, SIGPIPE", "EPIPE、ECONNRESET 与 SIGPIPE"),
        rule: Rule::Survives,
        stage: Stage::Hardening,
        section: &LEAVING,
        drive: Drive::Server(reset_client),
    },
    Case {
        slug: "vanishing-clients",
        title: text(
            "200 clients that leave within a line",
            "200 个客户端话说到一半就走",
        ),
        points: 2,
        teaches: text("a client may leave at any moment", "客户端随时会走"),
        rule: Rule::Survives,
        stage: Stage::Hardening,
        section: &LEAVING,
        drive: Drive::Server(|server| {
            for number in 0..200 {
                let mut client = next(server)?;
                client.say(b"I was about to say")?;
                match number % 3 {
                    0 => client.reset(),
                    1 => {
                        client.finish();
                        client.hear_end(&MUST_GO_ON)?;
                    }
                    _ => drop(client),
                }
            }
            next(server)?.ask(b"Anybody left?\n", &MUST_GO_ON)
        }),
    },
    Case {
        slug: "descriptors-given-back",
        title: text(
            "100 clients later, no descriptor more",
            "100 个客户端来了又走，描述符一个不多",
        ),
        points: 3,
        teaches: text(
            "who holds a copy of a descriptor",
            "哪些进程手里还有描述符的副本",
        ),
        rule: Rule::GivenBack,
        stage: Stage::Hardening,
        section: &COPIES,
        drive: Drive::Server(|server| {
            given_back(server, &OPEN)?;
            helpers_close_the_listener(server)
        }),
    },
    Case {
        slug: "children-given-back",
        title: text(
            "100 clients later, no child and no zombie",
            "100 个客户端来了又走，没有子进程，也没有僵尸",
        ),
        points: 3,
        teaches: text("SIGCHLD and waitpid", "SIGCHLD 与 waitpid"),
        rule: Rule::GivenBack,
        stage: Stage::Hardening,
        section: &REAPING,
        drive: Drive::Server(|server| given_back(server, &BORN)),
    },
];

/// Another client, after some that have left.
fn next(server: &Server) -> Result<Client, Trouble> {
    let client = server.connect();
    client.map_err(|trouble| trouble.meaning(&MUST_GO_ON))
}

/// So many bytes find room in the server's receive queue at once.
const FEW: usize = 3_000;

fn reset_client(server: &mut Server) -> Verdict {
    let lines = b"answers that nobody will read\n".repeat(10_000);
    for _ in 0..10 {
        let mut client = next(server)?;
        client
            .ask(b"Hello\n", &MUST_GO_ON)
            .map_err(|trouble| trouble.noted(BYSTANDER.clone()))?;
        let said = client.say(&lines);
        said.map_err(|trouble| trouble.meaning(&MUST_GO_ON))?;
        client.reset();
    }
    // Who has said all, and is reset before it was answered: only then does the first send fail with
    // EPIPE, and kill whoever has not ignored SIGPIPE (of a reset alone, ECONNRESET is told first).
    for _ in 0..HALF_CLOSED_AND_RESET {
        let mut client = next(server)?;
        client
            .ask(b"Hello\n", &MUST_GO_ON)
            .map_err(|trouble| trouble.noted(BYSTANDER.clone()))?;
        let said = client.say(&lines[..FEW]);
        said.map_err(|trouble| trouble.meaning(&MUST_GO_ON))?;
        client.finish();
        client.reset();
    }
    // And one that has been held back: this server is certainly in the midst of sending.
    let client = next(server)?;
    unread::say_until_held_back(client.stream(), &unread::babble())?;
    client.reset();
    let mut other = next(server)?;
    other
        .ask(b"Anybody there?\n", &MUST_GO_ON)
        .map_err(|trouble| trouble.noted(BYSTANDER.clone()))
}

/// How many clients half-close and reset at once: each is a race with the server's send, and a machine that
/// is busy has let ten of them pass.
const HALF_CLOSED_AND_RESET: usize = 30;

/// How long a process that is there for one client may take to close what it does not need.
const CLOSING: Duration = Duration::from_secs(1);

/// A process that is there for one client has no use for the listener. With a copy of it, the address
/// is taken as long as that client talks, whatever becomes of the server.
fn helpers_close_the_listener(server: &mut Server) -> Verdict {
    if server.program().mechanism != Some(Mechanism::ProcessEach) {
        return Ok(());
    }
    // Where it is not known who listens, that is no fault.
    let listening = |server: &Server| match server.owner() {
        Some(Owner::Theirs(pids)) => pids,
        _ => Vec::new(),
    };
    let before = listening(server);
    let mut clients = Vec::new();
    for _ in 0..HELPED {
        let mut client = server.connect()?;
        client.ask(b"Hello\n", &MUST_GO_ON)?;
        clients.push(client);
    }
    let mut more = Vec::new();
    let closed = poll_until(Instant::now() + CLOSING, || {
        more = listening(server);
        more.retain(|pid| !before.contains(pid));
        more.is_empty()
    });
    if closed {
        return Ok(());
    }
    let count = more.len();
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{HELPED} clients are served, by processes that do not have the listener"),
            format!("{HELPED} 个客户端都有进程服务，这些进程手里没有监听套接字"),
        ),
        found: Text::new(
            format!("{count} of the new processes have it open, too"),
            format!("新进程里有 {count} 个也开着它"),
        ),
    };
    Err(Trouble::failed(evidence, &LISTENER_KEPT))
}

/// How many clients are served meanwhile.
const HELPED: usize = 3;

/// Something of the server's own process that must be given back.
struct Kept {
    name: Text,
    /// How much of it there is.
    count: Count,
    /// How much of it there may be when nobody is there.
    allowed: Count,
    meaning: &'static Text,
    /// What more of it is a sign of, unless it is zombies.
    sign: Option<Sign>,
}

type Count = fn(u32) -> Result<usize, subject::NotSeen>;

static OPEN: Kept = Kept {
    name: text("descriptors", "描述符"),
    count: processes::descriptors,
    allowed: processes::descriptors,
    meaning: &DESCRIPTORS,
    sign: Some(Sign::DescriptorsKept),
};
static BORN: Kept = Kept {
    name: text("children", "子进程"),
    count: processes::children,
    allowed: processes::living_children,
    meaning: &CHILDREN,
    sign: None,
};

/// Counts, serves 100 clients, and counts again.
fn given_back(server: &mut Server, kept: &Kept) -> Verdict {
    let Kept {
        name,
        count,
        meaning,
        ..
    } = kept;
    let pid = server.pid()?;
    let at_start = at_rest(server, kept)?;
    let mut clients = Vec::new();
    for number in 0..100 {
        let mut client = server.connect()?;
        client.ask(b"Hello\n", &MUST_GO_ON)?;
        match number % 4 {
            0 => client.reset(),
            1 => drop(client),
            _ => clients.push(client), // three at a time stay for a while
        }
        if clients.len() == 3 {
            clients.clear();
        }
    }
    drop(clients);
    let mut now = count(pid)?;
    let same = poll_until(Instant::now() + patience(), || {
        now = count(pid).unwrap_or(now);
        now <= at_start
    });
    if same {
        return server.connect()?.ask(b"Still there?\n", &MUST_GO_ON);
    }
    let zombies = now.saturating_sub((kept.allowed)(pid)?);
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{}: {at_start}, as after the first client", name.en),
            format!("{} {at_start} 个，与第一个客户端走了之后一样", name.zh),
        ),
        found: Text::new(
            format!("{}: {now}, after 100 more have come and gone", name.en),
            format!("又有 100 个客户端来过、走了之后，{} {now} 个", name.zh),
        ),
    };
    let trouble = Trouble::failed(evidence, meaning);
    Err(match kept.sign {
        _ if zombies > 0 => trouble.noted(are_zombies(zombies)).sign(Sign::Zombies),
        Some(sign) => trouble.sign(sign),
        None => trouble,
    })
}

fn are_zombies(count: usize) -> Text {
    Text::new(
        format!("{count} of them are zombies: ended, and not waited for"),
        format!("其中 {count} 个是僵尸：结束了，却没有人去 waitpid"),
    )
}

/// The count when the server has served one client, so that all is open which it opens once, and
/// that client has gone.
fn at_rest(server: &Server, kept: &Kept) -> Result<usize, Trouble> {
    let mut first = server.connect()?;
    first.say(b"Hello\n")?;
    first.finish();
    first.hear_end(kept.meaning)?;
    let pid = server.pid()?;
    let mut fewest = (kept.allowed)(pid)?;
    poll_until(Instant::now() + SETTLING, || {
        fewest = (kept.allowed)(pid).map_or(fewest, |now| now.min(fewest));
        false
    });
    Ok(fewest)
}

static BYSTANDER: Text = text(
    "this is another client than those that reset their connections",
    "这不是重置连接的那些客户端，是另外一个",
);
static MUST_GO_ON: Text = text(
    "A client that resets or vanishes costs only its own connection. Rule 6.",
    "客户端重置连接也好，消失也好，只该断掉它自己的连接。规则 6。",
);
static DESCRIPTORS: Text = text(
    "A connection is closed when its last descriptor is: one that is kept is lost for good, and its client waits for an end of file that never comes. Rule 7.",
    "连接的最后一个描述符关掉，连接才算关掉：留着不关的描述符会越积越多，客户端也等不到文件结束。规则 7。",
);
static LISTENER_KEPT: Text = text(
    "A child has a copy of every descriptor of its parent's, the listener's among them: unless it closes that, the address stays taken as long as the child talks, and a server that is started again cannot listen. Rule 7.",
    "父进程的每个描述符，子进程都有一份，监听套接字也不例外：子进程不关掉它，自己的对话没完，地址就一直被占着，服务器重新启动也监听不了。规则 7。",
);
static CHILDREN: Text = text(
    "A child that has ended stays in the process table until its parent asks how: waitpid on SIGCHLD. Rule 7.",
    "子进程结束了，父进程不去问它是怎样结束的，它就一直占着进程表里的一项：收到 SIGCHLD 就去 waitpid。规则 7。",
);
