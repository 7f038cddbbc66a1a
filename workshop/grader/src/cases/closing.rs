//! Rule 4: half-close.

use crate::case::{Case, Drive, Verdict};
use crate::client::{Client, NOT_CLOSED};
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use std::thread;
use std::time::Duration;
use terminal::{Text, text};

const HALF_CLOSE: Section = Section {
    chapter: 2,
    id: "half-close",
    title: text("When the client has finished sending", "客户端说完之后"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "half-close",
        title: text(
            "the server closes after the last answer",
            "答完最后一行，服务器关闭连接",
        ),
        points: 2,
        teaches: text("end of file on both sides", "双方各有一个文件结束"),
        rule: Rule::HalfClose,
        stage: Stage::Ends,
        section: &HALF_CLOSE,
        drive: Drive::Server(|server| {
            let mut client = server.connect()?;
            client.say(b"abc\n")?;
            client.finish();
            client.hear(&OWED)?;
            client.hear_end(&NOT_CLOSED)
        }),
    },
    Case {
        slug: "half-close-tail",
        title: text(
            "a last piece without a newline is answered",
            "没有换行符的结尾也要作答",
        ),
        points: 2,
        teaches: text("nothing received is dropped", "收到的，一个字节也不丢"),
        rule: Rule::HalfClose,
        stage: Stage::Ends,
        section: &HALF_CLOSE,
        drive: Drive::Server(|server| {
            let mut client = server.connect()?;
            client.say(b"abc\ndef")?;
            client.finish();
            client.hear_end(&TAIL)
        }),
    },
    Case {
        slug: "half-close-at-once",
        title: text("a client that has nothing to say", "什么也不说的客户端"),
        points: 1,
        teaches: text("the shortest conversation", "最短的对话"),
        rule: Rule::HalfClose,
        stage: Stage::Ends,
        section: &HALF_CLOSE,
        drive: Drive::Server(|server| {
            let mut client = server.connect()?;
            client.finish();
            client.hear_end(&UNASKED)
        }),
    },
    Case {
        slug: "half-close-answers-owed",
        title: text(
            "answers outstanding at the half-close still come",
            "半关闭时还欠着的回答照样送到",
        ),
        points: 3,
        teaches: text("reading and writing end apart", "读和写各自结束"),
        rule: Rule::HalfClose,
        stage: Stage::Ends,
        section: &HALF_CLOSE,
        drive: Drive::Server(answers_owed),
    },
];

/// How much each client says whose answers are owed, in KiB: from what the kernel's buffers hold
/// on, until a server may have stopped reading. Between the two, the server meets the end of file
/// while answers wait in the server itself.
const OWED_KIB: std::ops::Range<usize> = 32..176;
/// How long the server has to meet the end of file before anybody reads. A right one passes with
/// any time, or none; too little would only let a wrong one slip through.
const MEANWHILE: Duration = Duration::from_millis(100);

fn answers_owed(server: &mut Server) -> Verdict {
    // One after the other, as some servers serve few at a time.
    for kib in OWED_KIB.step_by(16) {
        let mut client = Client::connect_narrow(server.address(), server.watched())?;
        client.say(&b"all of this is owed to me, still\n".repeat(kib * 1024 / 33))?;
        client.finish();
        thread::sleep(MEANWHILE);
        client.hear_end(&OWED)?;
    }
    Ok(())
}

pub(super) static TAIL: Text = text(
    "The last piece had no newline and was dropped, or changed, when the client closed its half. Rule 4.",
    "客户端半关闭时，服务器把没有换行符的最后一段丢了，或者改了。规则 4。",
);
static UNASKED: Text = text(
    "A client that has said nothing is owed nothing but the end of file: no word of the server's own, and no reset. Rule 4.",
    "客户端什么也没说，服务器就只该关闭连接：不要自己添话，也不要重置。规则 4。",
);
static OWED: Text = text(
    "The client has said all, but has not heard all: what is still owed must be sent before closing. Rule 4.",
    "客户端说完了，可还没有听完：欠着的回答要先送到，才能关闭。规则 4。",
);
