//! What a server on select(2) does instead of serving any crowd.

use crate::case::{Case, Drive, Trouble, Verdict};
use crate::client::Client;
use crate::evidence::{End, Evidence};
use crate::limits::need_descriptors;
use crate::patience::at_most;
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use std::time::Duration;
use terminal::{Text, text};

const FD_SETSIZE: Section = Section {
    chapter: 4,
    id: "fd-setsize",
    title: text("The 1,024th descriptor", "第 1,024 号描述符"),
};

/// The case of a server on select(2): the exception that it is allowed, and its limit.
pub(super) static CASE: Case = Case {
    slug: "fd-setsize",
    title: text(
        "1,000 clients are served, each one too many is closed",
        "1,000 个客户端都得到服务，再多的一律关掉",
    ),
    points: 3,
    teaches: text("the size of a set of descriptors", "描述符集合有多大"),
    rule: Rule::Exceptions,
    stage: Stage::Hardening,
    section: &FD_SETSIZE,
    drive: Drive::Server(fd_setsize),
};

/// How many must be served. A set of 1,024 has room for a few descriptors besides.
const SERVED: usize = 1_000;
/// How many come.
const COMING: usize = 1_100;
/// How soon whoever is not served must be closed.
const SOON: Duration = Duration::from_secs(1);

fn fd_setsize(server: &mut Server) -> Verdict {
    let _alone = need_descriptors(COMING as u64 + 200)?;
    let mut clients = Vec::with_capacity(COMING);
    for number in 1..=COMING {
        let client = server.connect();
        let mut client = client.map_err(|trouble| match number > SERVED {
            true => trouble.meaning(&HANGS),
            false => trouble,
        })?;
        let hello = format!("I am number {number}\n");
        if number <= SERVED {
            client.ask(hello.as_bytes(), &THOUSAND)?;
            clients.push(client);
        } else if is_served(&mut client, &hello).map_err(|it| it.noted(one_of(number)))? {
            clients.push(client);
        }
    }
    // Whoever is there is still served, and a place that becomes free is given to the next one.
    for client in [0, SERVED / 2, clients.len() - 1] {
        clients[client].ask(b"and still here\n", &THOUSAND)?;
    }
    let mut leaving = clients.swap_remove(0);
    leaving.finish();
    leaving.hear_end(&THOUSAND)?;
    let mut next = server.connect()?;
    next.ask(b"Is there a place?\n", &ROOM)?;
    clients.push(next);
    // Until the server has closed, their descriptors are taken: whoever comes next must find room.
    for client in &mut clients {
        client.finish();
    }
    clients
        .iter_mut()
        .try_for_each(|client| client.hear_end(&THOUSAND))
}

/// True if the client is answered, false if it is closed; anything else is a failure.
fn is_served(client: &mut Client, hello: &str) -> Result<bool, Trouble> {
    // The server may close before it is said.
    let _ = client.say(hello.as_bytes());
    if !client.receive(at_most(SOON)) {
        let evidence = Evidence::Finding {
            expected: Text::new(
                format!("an answer, or the connection closed, within {SOON:?}"),
                format!("{} 秒之内有回答，或者连接关掉", SOON.as_secs()),
            ),
            found: text("neither", "两样都没有"),
        };
        return Err(Trouble::failed(evidence, &HANGS));
    }
    if client.end() == End::Open {
        client.hear(&HANGS)?;
    }
    Ok(client.end() == End::Open)
}

fn one_of(number: usize) -> Text {
    Text::new(
        format!("{COMING} clients come; this is number {number}"),
        format!("来了 {COMING} 个客户端，这是第 {number} 个"),
    )
}

static THOUSAND: Text = text(
    "A set of select(2) has room for 1,024 descriptors: at least 1,000 clients must be served, whatever becomes of those after them.",
    "select(2) 的集合放得下 1,024 个描述符：至少 1,000 个客户端要得到服务，不管后面的怎么样。",
);
static HANGS: Text = text(
    "A descriptor of FD_SETSIZE or more has no place in the sets of select(2): such a client must be closed at once, or it waits for ever, or the server dies of it.",
    "描述符到了 FD_SETSIZE，select(2) 的集合里就没有它的位置：这样的客户端要马上关掉，不然要么它永远等下去，要么服务器因此崩溃。",
);
static ROOM: Text = text(
    "One client has left, and its descriptor is free again: the next one must be served.",
    "走了一个客户端，它的描述符又空出来了：下一个就该得到服务。",
);
