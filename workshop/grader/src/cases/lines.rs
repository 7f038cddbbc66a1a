//! Rules 1 and 2: what a line is, and when it is answered.

use crate::case::{Case, Drive, Trouble, Verdict};
use crate::client::Client;
use crate::evidence::Evidence;
use crate::facts::Sign;
use crate::model::MAX_LINE;
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use std::thread;
use std::time::Duration;
use terminal::{Text, text};

const LINES: Section = Section {
    chapter: 2,
    id: "lines",
    title: text("What counts as a line", "怎样才算一行"),
};
const CONVERSE: Section = Section {
    chapter: 2,
    id: "converse",
    title: text("A conversation", "一场对话"),
};
pub(super) const PROCESSES: Section = Section {
    chapter: 2,
    id: "processes",
    title: text("A process for each of them", "一人配一个帮手"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "hello",
        title: text("one line is answered", "一行问，一行答"),
        points: 1,
        teaches: text("receive, work, send", "收、算、发"),
        rule: Rule::Answers,
        stage: Stage::Talks,
        section: &LINES,
        drive: Drive::Server(|server| {
            let mut client = server.connect()?;
            client.ask(b"Hello, World\n", &NO_ANSWER)?;
            let again = client.ask(b"How are you?\n", &ONLY_ONCE);
            again.map_err(|trouble| match trouble.lacks_the_rest() {
                true => trouble.meaning(&GOES_ON),
                false => trouble,
            })
        }),
    },
    Case {
        slug: "every-byte",
        title: text(
            "letters turn, all other bytes stay",
            "只转字母，别的字节原样返回",
        ),
        points: 2,
        teaches: text("bytes are not characters", "字节不是字符"),
        rule: Rule::Bytes,
        stage: Stage::Lines,
        section: &LINES,
        drive: Drive::Server(|server| {
            let mut every: Vec<u8> = (0..=u8::MAX).collect();
            every.push(b'\n');
            let mut client = server.connect()?;
            client.ask(&every, &ONLY_LETTERS)?;
            client.ask(b"HTTP-like\r\n", &ONLY_LETTERS)?;
            client.ask(b"\0\xFF\r\0\n", &ONLY_LETTERS)
        }),
    },
    Case {
        slug: "empty-lines",
        title: text("an empty line is a line", "空行也是行"),
        points: 1,
        teaches: text("edge cases of splitting", "切分的边界情形"),
        rule: Rule::Bytes,
        stage: Stage::Lines,
        section: &LINES,
        drive: Drive::Server(|server| {
            let mut client = server.connect()?;
            client.ask(b"\n\n", &EMPTY_LINE)?;
            client.ask(b"a\n\n\nb\n", &EMPTY_LINE)
        }),
    },
    Case {
        slug: "byte-at-a-time",
        title: text("a line that comes byte by byte", "一个字节一个字节到来的行"),
        points: 2,
        teaches: text("TCP is a stream, not messages", "TCP 是字节流，没有“消息”"),
        rule: Rule::Answers,
        stage: Stage::Lines,
        section: &LINES,
        drive: Drive::Server(byte_at_a_time),
    },
    Case {
        slug: "pipelined",
        title: text("a thousand lines in one write", "一次写入一千行"),
        points: 2,
        teaches: text("one receive may bring many lines", "一次接收可能带来许多行"),
        rule: Rule::Answers,
        stage: Stage::Lines,
        section: &LINES,
        drive: Drive::Server(|server| {
            let lines: Vec<u8> = (0..1000)
                .flat_map(|number| {
                    format!("line {number} {}\n", "x".repeat(number % 83)).into_bytes()
                })
                .collect();
            server.connect()?.ask(&lines, &MANY_AT_ONCE)
        }),
    },
    Case {
        slug: "incomplete-waits",
        title: text("half a line gets no answer yet", "只来半行，先不作答"),
        points: 1,
        teaches: text("state between two receives", "两次接收之间的状态"),
        rule: Rule::Answers,
        stage: Stage::Lines,
        section: &LINES,
        drive: Drive::Server(|server| {
            let mut client = server.connect()?;
            client.say(b"a")?;
            client.hear_nothing_for(SILENCE, &TOO_EARLY)?;
            client.ask(b"b\n", &HALF_FORGOTTEN)
        }),
    },
    Case {
        slug: "one-piece",
        title: text("an answer leaves in one piece", "一行回答一次发完"),
        points: 2,
        teaches: text(
            "Nagle's algorithm and delayed acknowledgement",
            "Nagle 算法与延迟确认",
        ),
        rule: Rule::Answers,
        stage: Stage::Lines,
        section: &CONVERSE,
        drive: Drive::Server(one_piece),
    },
    Case {
        slug: "silent-neighbour",
        title: text("a silent client holds up nobody", "沉默的客户端不耽误别人"),
        points: 3,
        teaches: text(
            "waiting for one must not be waiting for all",
            "等一个，不能让别的都跟着等",
        ),
        rule: Rule::Answers,
        stage: Stage::Many,
        section: &PROCESSES,
        drive: Drive::Server(|server| {
            silent_neighbour(server).map_err(|trouble| trouble.sign(Sign::OneAtATime))
        }),
    },
    Case {
        slug: "last-comes-first",
        title: text(
            "clients speak in the reverse order of coming",
            "后来的先说话",
        ),
        points: 2,
        teaches: text("the order of coming binds nobody", "先来，不一定先说"),
        rule: Rule::Answers,
        stage: Stage::Many,
        section: &PROCESSES,
        drive: Drive::Server(|server| {
            let mut clients = Vec::new();
            for _ in 0..4 {
                clients.push(server.connect()?);
            }
            for (number, client) in clients.iter_mut().enumerate().rev() {
                client
                    .ask(
                        format!("client {number}\n").as_bytes(),
                        &ONE_AFTER_THE_OTHER,
                    )
                    .map_err(|trouble| trouble.noted(FOUR.clone()).sign(Sign::OneAtATime))?;
            }
            Ok(())
        }),
    },
];

/// How long one byte comes after another. A right server passes with any time, or none; too little
/// would only let a wrong one slip through, to whom several bytes came at once.
const APART: Duration = Duration::from_millis(5);
/// How long no answer must come to be no answer.
const SILENCE: Duration = Duration::from_millis(200);

fn byte_at_a_time(server: &mut Server) -> Verdict {
    let (mut client, mut neighbour) = (server.connect()?, server.connect()?);
    // From here on the server waits for this client.
    client.ask(b"first\n", &NO_ANSWER)?;
    for byte in *b"Hello, World\nabc\n" {
        client.say(&[byte])?;
        thread::sleep(APART);
        // A neighbour's whole round trip between two bytes as well, so that each comes alone.
        neighbour.ask(b"tick\n", &NO_ANSWER)?;
    }
    client
        .hear(&HALF_FORGOTTEN)
        .map_err(|trouble| trouble.noted(ALONE.clone()))
}

/// How many answers are looked at. A segment may have to be sent again: that is one, and not most.
const ANSWERS: usize = 50;

fn one_piece(server: &mut Server) -> Verdict {
    let mut client = server.connect()?;
    let mut in_pieces = 0;
    for number in 0..ANSWERS {
        let before = client.segments();
        client.say(format!("a line to be answered, number {number}\n").as_bytes())?;
        // A single receive: a segment is there as a whole or not at all.
        match client.receive_patiently() {
            true => client.hear_no_more(&TWO_PIECES)?,
            // That is no answer in pieces.
            false => client.hear(&NO_ANSWER)?,
        }
        // Two that came one right after the other were one receive.
        let segments = before.zip(client.segments());
        in_pieces += usize::from(segments.is_some_and(|(before, now)| now > before + 1));
    }
    if in_pieces <= ANSWERS / 2 {
        return cut_in_one_piece(&mut client);
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("{ANSWERS} answers, each in one segment of TCP"),
            format!("{ANSWERS} 个回答，每个占一个 TCP 段"),
        ),
        found: Text::new(
            format!("{in_pieces} of them in two segments or more"),
            format!("其中 {in_pieces} 个分成了两段或更多"),
        ),
    };
    Err(Trouble::failed(evidence, &TWO_PIECES))
}

/// How many long lines are looked at.
const LONG_ANSWERS: usize = 15;

/// What is answered of a line that is cut must come in no more pieces than what is answered of one of
/// the same length: only the newline is the server's own.
fn cut_in_one_piece(client: &mut Client) -> Verdict {
    let whole = [&[b'a'; MAX_LINE][..], b"\n"].concat();
    let mut in_more = 0;
    for _ in 0..LONG_ANSWERS {
        let start = client.segments();
        let mut ask = |bytes: &[u8]| client.ask(bytes, &NO_ANSWER).map(|()| client.segments());
        let between = ask(&whole);
        // The byte too many: the answer to those before it is owed.
        let end = ask(&[b'b'; MAX_LINE + 1]);
        let (Ok(between), Ok(end), Ok(_)) = (between, end, ask(b"\n")) else {
            return Ok(()); // long lines are another case's matter
        };
        if let (Some(start), Some(between), Some(end)) = (start, between, end) {
            in_more += usize::from(end - between > between - start);
        }
    }
    if in_more <= LONG_ANSWERS / 2 {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!(
                "{LONG_ANSWERS} lines that are too long, each cut and answered in as few segments of TCP as a line of {MAX_LINE} bytes"
            ),
            format!(
                "{LONG_ANSWERS} 个过长的行，断开后的回答和 {MAX_LINE} 字节的行一样，用不了更多的 TCP 段"
            ),
        ),
        found: Text::new(
            format!("{in_more} of them in more segments"),
            format!("其中 {in_more} 个多用了 TCP 段"),
        ),
    };
    Err(Trouble::failed(evidence, &CUT_IN_TWO))
}

fn silent_neighbour(server: &mut Server) -> Verdict {
    let mut silent = server.connect()?;
    silent.say(b"I am about to")?;
    let _mute = server.connect()?;
    for _ in 0..3 {
        let mut talker = server.connect()?;
        talker.ask(b"Hello\n", &ONE_AFTER_THE_OTHER)?;
        talker.finish();
        talker.hear_end(&ONE_AFTER_THE_OTHER)?;
    }
    silent.ask(b" speak\n", &HALF_FORGOTTEN)
}

static NO_ANSWER: Text = text(
    "A complete line is answered with its rotation as soon as it is complete. Rule 2.",
    "一行一旦完整，就立刻用它的 ROT13 作答。规则 2。",
);
static ONLY_ONCE: Text = text(
    "Each line is answered by its own bytes, until the client has said all: what a buffer held before is none of them.",
    "每一行只用它自己的字节作答，直到客户端说完为止；缓冲区里以前剩下的不算。",
);
static GOES_ON: Text = text(
    "A client says as many lines as it likes, and each is answered: go on receiving until recv returns 0. Rule 2.",
    "客户端想说多少行就说多少行，每行都要作答：一直收下去，直到 recv 返回 0。规则 2。",
);
static ONLY_LETTERS: Text = text(
    "Only A-Z and a-z turn, by 13 places; NUL, \\r and bytes from 0x80 on pass unchanged. Rule 1.",
    "只有 A-Z 和 a-z 转 13 位；NUL、\\r 和 0x80 及以上的字节原样通过。规则 1。",
);
static EMPTY_LINE: Text = text(
    "A line may be empty: its answer is the newline alone. Rule 1.",
    "一行可以是空的，回答就只有一个换行符。规则 1。",
);
static MANY_AT_ONCE: Text = text(
    "One receive may bring many lines and end within one: each line is answered, in order. Rule 2.",
    "一次接收可能带来许多行，还可能断在一行中间：每行都要依次作答。规则 2。",
);
static TOO_EARLY: Text = text(
    "The answer came before the line was complete. Rule 2.",
    "行还没有完整，就已经作答了。规则 2。",
);
static ALONE: Text = text(
    "after the first line, each byte was sent alone",
    "第一行之后，每个字节都是单独发出的",
);
static FOUR: Text = text(
    "four clients came, number 0 first; they speak from number 3 down",
    "来了四个客户端，依次是 0 到 3 号；说话的次序是 3、2、1、0",
);
static TWO_PIECES: Text = text(
    "A line and its newline sent one by one leave as two small packets: the second may wait 40 ms for the acknowledgement of the first. Build the whole answer, then send it.",
    "行和换行符分两次发，就成了两个小包：第二个可能要等第一个的确认，一等就是 40 毫秒。先拼好整个回答，再一次发出。",
);
static CUT_IN_TWO: Text = text(
    "Where a line is cut, the bytes and the server's own newline were sent one by one, and leave as two packets. Build the whole answer, the newline as well, then send it.",
    "在断行的地方，已有的字节和服务器补的换行符分两次发，就成了两个包。先拼好整个回答，连换行符在内，再一次发出。",
);
static HALF_FORGOTTEN: Text = text(
    "A line may come in pieces: what came before must be kept until the newline comes. Rule 2.",
    "一行可能分几次到来：换行符没到之前，先到的部分必须留着。规则 2。",
);
static ONE_AFTER_THE_OTHER: Text = text(
    "The server sleeps for one client while another speaks: it serves them one after the other, or has fewer helpers than clients.",
    "服务器为一个客户端睡着，另一个在说话却没人听：它是一个接一个地服务的，或者帮手比客户端少。",
);
