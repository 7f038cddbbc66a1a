//! Rule 3: MAX_LINE.

use super::closing::TAIL;
use crate::case::{Case, Drive, Verdict};
use crate::client::Client;
use crate::evidence::End;
use crate::model::MAX_LINE;
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use terminal::{Text, grouped, text};

pub(super) const LONG_LINES: Section = Section {
    chapter: 2,
    id: "long-lines",
    title: text("A line that never ends", "没有尽头的一行"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "max-line-minus-one",
        title: text("a line of MAX_LINE - 1 bytes", "MAX_LINE - 1 字节的一行"),
        points: 1,
        teaches: text(
            "limits, and the bytes beside them",
            "界限，以及界限两侧的字节",
        ),
        rule: Rule::LongLines,
        stage: Stage::Lines,
        section: &LONG_LINES,
        drive: Drive::Server(|server| ask(&mut server.connect()?, &line(MAX_LINE - 1), &WITHIN)),
    },
    Case {
        slug: "max-line",
        title: text(
            "a line of exactly MAX_LINE bytes",
            "正好 MAX_LINE 字节的一行",
        ),
        points: 2,
        teaches: text(
            "limits, and the bytes beside them",
            "界限，以及界限两侧的字节",
        ),
        rule: Rule::LongLines,
        stage: Stage::Lines,
        section: &LONG_LINES,
        drive: Drive::Server(exactly_max_line),
    },
    Case {
        slug: "max-line-plus-one",
        title: text("a line of MAX_LINE + 1 bytes", "MAX_LINE + 1 字节的一行"),
        points: 2,
        teaches: text(
            "limits, and the bytes beside them",
            "界限，以及界限两侧的字节",
        ),
        rule: Rule::LongLines,
        stage: Stage::Lines,
        section: &LONG_LINES,
        drive: Drive::Server(|server| {
            let mut client = server.connect()?;
            // The byte too many brings the answer to those before it, with no newline in sight.
            ask(&mut client, &vec![b'c'; MAX_LINE + 1], &CUT)?;
            client.ask(b"\n", &CUT)
        }),
    },
    Case {
        slug: "long-line",
        title: text(
            "a line of 100,000 bytes, and one after it",
            "100,000 字节的一行，后面还有一行",
        ),
        points: 2,
        teaches: text("bounded memory, nothing lost", "内存有界，一个字节也不丢"),
        rule: Rule::LongLines,
        stage: Stage::Lines,
        section: &LONG_LINES,
        drive: Drive::Server(|server| {
            let mut client = server.connect()?;
            ask(&mut client, &line(100_000), &CUT)?;
            client.ask(b"after it\n", &CUT)
        }),
    },
    Case {
        slug: "any-cut",
        title: text(
            "the answer does not depend on TCP's segments",
            "回答与 TCP 怎样分段无关",
        ),
        points: 2,
        teaches: text("a protocol is a function of bytes", "协议只由字节决定"),
        rule: Rule::LongLines,
        stage: Stage::Lines,
        section: &LONG_LINES,
        drive: Drive::Server(any_cut),
    },
];

/// A line whose bytes tell where they stand, as far as that goes.
fn line(length: usize) -> Vec<u8> {
    let mut line: Vec<u8> = (b'a'..=b'z').cycle().take(length).collect();
    line.push(b'\n');
    line
}

/// Asks; a connection that ends instead of an answer has another meaning than a wrong answer.
fn ask(client: &mut Client, bytes: &[u8], meaning: &Text) -> Verdict {
    client
        .ask(bytes, meaning)
        .map_err(|trouble| match client.end() {
            End::Closed | End::Reset => trouble.meaning(&BROKE_OFF),
            _ => trouble,
        })
}

/// One that is answered with a newline too many was cut, although it need not be.
fn exactly_max_line(server: &mut Server) -> Verdict {
    let asked = ask(&mut server.connect()?, &line(MAX_LINE), &WITHIN);
    asked.map_err(|trouble| match trouble.has_too_much() {
        true => trouble.meaning(&TOO_SOON),
        false => trouble,
    })
}

fn any_cut(server: &mut Server) -> Verdict {
    let mut bytes = line(MAX_LINE);
    bytes.extend(line(2 * MAX_LINE + 1));
    bytes.extend(line(0));
    bytes.extend(&line(MAX_LINE)[..MAX_LINE]);
    // What is wrong however it comes is no matter of pieces.
    exactly_max_line(server)?;
    let mut neighbour = server.connect()?;
    for piece in [1000, MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, bytes.len()] {
        let mut client = server.connect()?;
        for part in bytes.chunks(piece) {
            client.say(part)?;
            // Time for the server to receive this piece alone.
            neighbour.ask(b"tick\n", &SEGMENTS)?;
        }
        client
            .hear(&SEGMENTS)
            .map_err(|trouble| trouble.noted(in_pieces_of(piece)))?;
        client.finish();
        // Whatever the pieces were, all but the last line has been heard.
        client
            .hear_end(&TAIL)
            .map_err(|trouble| trouble.noted(in_pieces_of(piece)))?;
    }
    Ok(())
}

fn in_pieces_of(length: usize) -> Text {
    let length = grouped(length);
    Text::new(
        format!("sent in pieces of {length} bytes"),
        format!("每次发出 {length} 字节"),
    )
}

static WITHIN: Text = text(
    "A line of up to 16,384 bytes, its newline not counted, is answered as it is: what holds a line needs room for 16,384 bytes and a newline. Rule 3.",
    "不超过 16,384 字节的行（换行符不算）原样作答：存放一行的缓冲区，要装得下 16,384 字节加一个换行符。规则 3。",
);
static TOO_SOON: Text = text(
    "A line of 16,384 bytes is not too long yet: it is cut when one more byte comes, and that is no newline. A server that answers as soon as it is full takes its newline for another line. Rule 3.",
    "满 16,384 字节的行还不算过长：再来一个字节，而且不是换行符，才要断开。刚满就作答，它自己的换行符就成了另外一行。规则 3。",
);
static CUT: Text = text(
    "When a line holds 16,384 bytes and one more comes, those are answered with a newline of the server's own, and the new byte begins the next line. Rule 3.",
    "一行满了 16,384 字节又来一个字节时，先回答已有的，由服务器补一个换行符，新字节另起一行。规则 3。",
);
static BROKE_OFF: Text = text(
    "The connection ended instead of an answer to a long line: a buffer that is too small for 16,384 bytes and a newline overflows, and whoever serves the client dies of it, or a limit was taken for the end of the conversation. Rule 3.",
    "一遇到长行，没有等来回答，连接却断了：要么缓冲区装不下 16,384 字节加一个换行符，溢出了，服务这个客户端的进程或线程因此出错退出；要么服务器把行长的上限当成了对话的结束。规则 3。",
);
static SEGMENTS: Text = text(
    "The same bytes in other pieces got another answer: the cut must fall by counting bytes, not receives. Rule 3.",
    "同样的字节换一种切法，回答就变了：在哪里断行，看的是字节数，不是第几次接收。规则 3。",
);
