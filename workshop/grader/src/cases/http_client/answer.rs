//! What the client hears, and what of it is printed.

use super::running::{PIECE, Running};
use super::site::{Site, Visitor};
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::deadline::Deadline;
use crate::evidence::{End, Evidence, Exchange};
use crate::limits::no_thread;
use crate::patience::PATIENCE;
use crate::program::Program;
use crate::rule::Rule;
use crate::section::Section;
use crate::stage::Stage;
use std::thread;
use std::time::Duration;
use subject::processes;
use terminal::{Text, text};

pub(super) const RECEIVE: Section = Section {
    chapter: 1,
    id: "receive",
    title: text("Receiving waits for what comes", "接收就是等"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "http-byte-at-a-time",
        title: text(
            "an answer that comes byte by byte",
            "回答一个字节一个字节地来",
        ),
        points: 1,
        teaches: text("TCP is a stream of bytes", "TCP 是字节流"),
        rule: Rule::HttpClient,
        stage: Stage::Talks,
        section: &RECEIVE,
        drive: Drive::Program(byte_at_a_time),
    },
    Case {
        slug: "http-any-byte",
        title: text(
            "NUL, 0xFF, no newline: copied as they are",
            "NUL、0xFF、没有换行：原样照抄",
        ),
        points: 2,
        teaches: text("bytes are not text", "字节不是文本"),
        rule: Rule::HttpClient,
        stage: Stage::Talks,
        section: &RECEIVE,
        drive: Drive::Program(any_byte),
    },
    Case {
        slug: "http-as-it-comes",
        title: text(
            "what has come is printed before the rest comes",
            "先到的先打印，不等后面的",
        ),
        points: 2,
        teaches: text(
            "buffers that keep what they should pass on",
            "该往下传的，缓冲区别扣着",
        ),
        rule: Rule::HttpClient,
        stage: Stage::Talks,
        section: &RECEIVE,
        drive: Drive::Program(as_it_comes),
    },
    Case {
        slug: "http-256mib",
        title: text("256 MiB in constant memory", "256 MiB，内存不涨"),
        points: 3,
        teaches: text("a stream is not a string", "流不是字符串"),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &RECEIVE,
        drive: Drive::Program(large),
    },
    Case {
        slug: "http-closed-pipe",
        title: text(
            "a reader who has seen enough: | head -1",
            "读的人看够了：| head -1",
        ),
        points: 2,
        teaches: text("EPIPE is no failure", "EPIPE 不算失败"),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &RECEIVE,
        drive: Drive::Program(closed_pipe),
    },
];

/// How long a client is given to print what it has; one that keeps it is none the worse here.
const A_MOMENT: Duration = Duration::from_millis(300);

fn byte_at_a_time(program: &Program) -> Verdict {
    let site = Site::open();
    let (mut client, mut visitor) =
        site.invite(program, &[&site.address().to_string()], &STREAM)?;
    visitor.request();
    let answer = b"HTTP/1.0 200 OK\r\n\r\nfirst line\n\nand a last one";
    for (index, byte) in answer.iter().enumerate() {
        visitor.say(&[*byte]);
        if index == 0 {
            // It has certainly received once, and has got one byte.
            client.wait_for(1, A_MOMENT);
        }
    }
    drop(visitor);
    client.end_having_printed(answer)?.exits(0)
}

fn any_byte(program: &Program) -> Verdict {
    let site = Site::open();
    let mut answer = b"HTTP/1.0 200 OK\r\n\r\n".to_vec();
    answer.extend(0..=u8::MAX);
    answer.extend((0..=u8::MAX).rev());
    answer.extend(b"\r\n\n\r\0\0\xff");
    let (client, mut visitor) = site.invite(program, &[&site.address().to_string()], &BYTES)?;
    visitor.request();
    visitor.say(&answer);
    drop(visitor);
    let ran = client.end_having_printed(&answer)?;
    ran.exits(0)?;
    ran.complains(str::is_empty)
}

fn as_it_comes(program: &Program) -> Verdict {
    let site = Site::open();
    let (mut client, mut visitor) =
        site.invite(program, &[&site.address().to_string()], &KEPT_BACK)?;
    visitor.request();
    let mut said = Vec::new();
    for piece in [
        &b"HTTP/1.0 200 OK\r\n"[..],
        b"\r\n",
        b"one half",
        b" and the other",
    ] {
        visitor.say(piece);
        said.extend_from_slice(piece);
        client.wait_for(said.len(), PATIENCE);
        if client.printed() != said {
            let exchange = Exchange::new(&said, false, &said, client.printed(), End::Open);
            return Err(Trouble::failed(exchange, &KEPT_BACK));
        }
    }
    drop(visitor);
    client.end_having_printed(&said)?.exits(0)
}

/// How long the large answer is, in bytes.
const LARGE: usize = 256 << 20;
/// By how much the client may grow meanwhile, in bytes.
const MAY_GROW: u64 = 16 << 20;
/// After how many bytes the large answer begins anew: a prime, so that a lost or doubled buffer is
/// seen, and more than the judge looks at in one piece.
const PERIOD: usize = 65_537;

fn large(program: &Program) -> Verdict {
    let site = Site::open();
    let (client, mut visitor) = site.invite(program, &[&site.address().to_string()], &HOARDS)?;
    visitor.request();
    let pid = client.pid();
    let before = processes::memory(pid).ok();
    let mut period = vec![0; PERIOD];
    fastrand::Rng::with_seed(0).fill(&mut period);
    let (client, after) = thread::scope(|scope| -> Result<_, Trouble> {
        let saying = thread::Builder::new()
            .spawn_scoped(scope, || say_large(visitor, &period, pid))
            .map_err(|error| no_thread(&error))?;
        let client = hear_large(client, &period, before);
        Ok((client, saying.join().expect("the writer does not panic")))
    })?;
    // Who keeps all of it gets slower and slower, and may be too late for that alone.
    must_not_have_grown(before, after)?;
    client?.end()?.exits(0)
}

/// Where /proc is missing, the bytes are judged all the same.
fn must_not_have_grown(before: Option<u64>, after: Option<u64>) -> Verdict {
    let growth = before.zip(after);
    match growth.map(|(before, after)| after.saturating_sub(before)) {
        Some(growth) if growth > MAY_GROW => Err(grown(growth)),
        _ => Ok(()),
    }
}

/// Says the large answer; returns what memory the client holds just before its end.
fn say_large(mut visitor: Visitor, period: &[u8], pid: u32) -> Option<u64> {
    let mut said = 0;
    while said < LARGE {
        let piece = &period[..PERIOD.min(LARGE - said)];
        if visitor.try_to_say(piece).is_err() {
            break; // what was printed tells how far it came
        }
        said += piece.len();
    }
    processes::memory(pid).ok()
}

/// Compares all that is printed with the large answer, and keeps none of it. A client that fails
/// is killed, which lets the writer go.
fn hear_large<'a>(
    mut client: Running<'a>,
    period: &[u8],
    before: Option<u64>,
) -> Result<Running<'a>, Trouble> {
    const { assert!(PIECE < PERIOD) };
    let twice = period.repeat(2);
    let deadline = Deadline::of_case();
    let mut heard = 0;
    while heard < LARGE && !deadline.is_over_for(|| Some(client.family())) {
        match client.next_piece(PATIENCE) {
            Some(piece) if twice[heard % PERIOD..].starts_with(&piece) => heard += piece.len(),
            _ => break,
        }
    }
    if heard == LARGE {
        return Ok(client);
    }
    // It is killed now: this is the last that can be seen of its memory.
    must_not_have_grown(before, processes::memory(client.pid()).ok())?;
    let evidence = Evidence::Finding {
        expected: Text::new(format!("{LARGE} bytes"), format!("{LARGE} 字节")),
        found: Text::new(
            format!("{heard} right bytes, then something else or nothing"),
            format!("{heard} 个正确的字节，接着就不对了，或者没有了"),
        ),
    };
    Err(Trouble::failed(evidence, &BYTES))
}

fn grown(growth: u64) -> Trouble {
    let growth = growth >> 20;
    let evidence = Evidence::Finding {
        expected: text(
            "the client grows by less than 16 MiB",
            "客户端的内存增长不到 16 MiB",
        ),
        found: Text::new(
            format!("it grew by {growth} MiB during an answer of 256 MiB"),
            format!("收一个 256 MiB 的回答，内存涨了 {growth} MiB"),
        ),
    };
    Trouble::failed(evidence, &HOARDS)
}

/// How much a client may go on receiving for nobody, in bytes: what the kernel may hold of it, and
/// much more.
const FOR_NOBODY: usize = 64 << 20;

fn closed_pipe(program: &Program) -> Verdict {
    let site = Site::open();
    let (mut client, mut visitor) = site.invite(program, &[&site.address().to_string()], &PIPE)?;
    visitor.request();
    let head = b"HTTP/1.0 200 OK\r\n\r\n";
    visitor.say(head);
    client.wait_for(head.len(), PATIENCE);
    client.stop_reading();
    let page = [b'x'; 64 << 10];
    let mut said = 0;
    while said < FOR_NOBODY && visitor.try_to_say(&page).is_ok() {
        said += page.len();
    }
    if said >= FOR_NOBODY {
        let evidence = Evidence::Finding {
            expected: text("the client leaves", "客户端离开"),
            found: text(
                "it went on to receive 64 MiB that nobody reads",
                "它接着又收了 64 MiB，却没有人看",
            ),
        };
        return Err(Trouble::failed(evidence, &PIPE));
    }
    let ran = client.end()?;
    ran.exits(0)?;
    ran.complains(str::is_empty)
}

static STREAM: Text = text(
    "One receive brings what is there, be it a single byte; only an end of file is the end.",
    "一次接收，有多少给多少，哪怕只有一个字节；只有文件结束才是结束。",
);
static BYTES: Text = text(
    "Every byte of the answer is printed as it is, headers included, and none is added.",
    "回答的每个字节都原样打印，头部也在内，一个不少，一个不多。",
);
static KEPT_BACK: Text = text(
    "Bytes had come and were not printed: a buffer keeps them back until there are more, or a newline.",
    "字节到了却没有打印：有个缓冲区扣着它们，要等更多字节，或者等换行。",
);
static HOARDS: Text = text(
    "An answer may be larger than memory: print each piece and forget it.",
    "回答可能比内存还大：收到一块，打印一块，随手忘掉。",
);
static PIPE: Text = text(
    "When its reader has gone, a program that prints has nothing left to do: it ends, quietly, with exit status 0.",
    "读的人走了，打印的程序就没有事可做了：安静地结束，退出状态 0。",
);
