//! What a pool of threads does instead of serving everybody at once.

use crate::case::{Case, Drive, Verdict};
use crate::client::Client;
use crate::evidence::End;
use crate::program::Program;
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use std::time::Duration;
use terminal::{Text, text};

pub(super) const POOL: Section = Section {
    chapter: 2,
    id: "pool",
    title: text("A few for all of them", "几个线程服务所有客户端"),
};

/// The case of a pool: the exception that it is allowed, and its limit.
pub(super) static CASE: Case = Case {
    slug: "pool-queues",
    title: text(
        "the client too many waits, and is served when one leaves",
        "多出来的客户端等着，有人走了就轮到它",
    ),
    points: 3,
    teaches: text("a bounded number of helpers", "帮手的数目有限"),
    rule: Rule::Exceptions,
    stage: Stage::Many,
    section: &POOL,
    drive: Drive::Program(pool_queues),
};

/// How long no answer must come to be no answer.
const SILENCE: Duration = Duration::from_millis(200);

fn pool_queues(program: &Program) -> Verdict {
    Server::start_with(program, &["--threads", "2"])?.judge(two_at_a_time)
}

fn two_at_a_time(server: &mut Server) -> Verdict {
    let (mut first, mut second) = (server.connect()?, server.connect()?);
    first.ask(b"one\n", &AT_ONCE)?;
    second.ask(b"two\n", &AT_ONCE)?;
    let (mut third, mut fourth) = (server.connect()?, server.connect()?);
    third.say(b"three\n")?;
    fourth.say(b"four\n")?;
    waits(&mut third)?;
    second.finish();
    second.hear_end(&NEVER_SERVED)?;
    third.hear(&NEVER_SERVED)?;
    waits(&mut fourth)?;
    drop(first);
    fourth.hear(&NEVER_SERVED)?;
    third.ask(b"still three\n", &NEVER_SERVED)
}

/// No thread is free for this client: it is not answered, and not closed either.
fn waits(client: &mut Client) -> Verdict {
    let silent = client.hear_no_answer_for(SILENCE, &TOO_MANY);
    silent.map_err(|trouble| match client.end() {
        End::Closed | End::Reset => trouble.meaning(&TURNED_AWAY),
        _ => trouble,
    })
}

static AT_ONCE: Text = text(
    "A pool of two threads serves two clients at once.",
    "两个线程的池子，同时服务两个客户端。",
);
static TOO_MANY: Text = text(
    "A pool of two threads has answered a third client: there are more threads than it was told.",
    "两个线程的池子，竟回答了第三个客户端：线程比说好的多。",
);
static TURNED_AWAY: Text = text(
    "A client for whom no thread is free was closed: it must wait in a queue, with all that it says, until one is.",
    "没有空闲的线程，客户端就被关掉了：应该让它排队，说的话也留着，等线程空出来。",
);
static NEVER_SERVED: Text = text(
    "A client that waits for a thread must be served when one is free, in the order of coming, and nothing that it said before is lost.",
    "等线程的客户端，有线程空出来就该轮到，先来先得；之前说过的话，一句也不能丢。",
);
