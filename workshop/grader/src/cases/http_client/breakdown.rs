//! Answers that break off, or pause.

use super::answer::RECEIVE;
use super::site::{Site, Visitor};
use crate::case::{Case, Drive, Verdict};
use crate::patience::PATIENCE;
use crate::program::Program;
use crate::ran::{one_line, says, timed_out};
use crate::rule::Rule;
use crate::stage::Stage;
use terminal::{Text, text};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "http-timeout",
        title: text(
            "--timeout 1, and the answer comes to a halt",
            "--timeout 1，而回答停在半路",
        ),
        points: 2,
        teaches: text("every wait needs an end", "每一次等待都要有期限"),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &RECEIVE,
        drive: Drive::Program(|program| {
            breaks_off(program, &["--timeout", "1"], timed_out, &STALLS, Some)
        }),
    },
    Case {
        slug: "http-reset",
        title: text(
            "a reset halfway is told apart from the end",
            "半路被重置，和正常结束分得清",
        ),
        points: 2,
        teaches: text("end of file is not always the end", "文件结束不一定是结束"),
        rule: Rule::HttpClient,
        stage: Stage::Ends,
        section: &RECEIVE,
        drive: Drive::Program(|program| {
            let reset = |said: &str| says(said, "reset");
            breaks_off(program, &[], reset, &RESET, |visitor| {
                visitor.reset();
                None
            })
        }),
    },
    Case {
        slug: "http-empty-answer",
        title: text(
            "a server that closes without a byte has not answered",
            "服务器一个字节也没给就关闭，不算回答",
        ),
        points: 1,
        teaches: text("nothing is not an answer", "什么也没有，不是一种回答"),
        rule: Rule::HttpClient,
        stage: Stage::Ends,
        section: &RECEIVE,
        drive: Drive::Program(empty_answer),
    },
    Case {
        slug: "http-stop-and-go",
        title: text(
            "Ctrl-Z and fg in the middle change nothing",
            "中途 Ctrl-Z 再 fg，一切照旧",
        ),
        points: 2,
        teaches: text("EINTR: the call was interrupted", "EINTR：调用被打断"),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &RECEIVE,
        drive: Drive::Program(stop_and_go),
    },
];

const HALF: &[u8] = b"HTTP/1.0 200 OK\r\n\r\none half";

/// Says one half of an answer, lets something happen to the connection, keeps what is left of it,
/// and looks at what the client says.
fn breaks_off(
    program: &Program,
    options: &[&str],
    why: impl Fn(&str) -> bool,
    meaning: &Text,
    happens: impl FnOnce(Visitor) -> Option<Visitor>,
) -> Verdict {
    let site = Site::open();
    let address = site.address().to_string();
    let arguments = [options, &[&address]].concat();
    let (mut client, mut visitor) = site.invite(program, &arguments, meaning)?;
    visitor.request();
    visitor.say(HALF);
    // What lies unreceived when a reset comes may be lost with the connection.
    client.wait_for(HALF.len(), PATIENCE);
    let _kept = happens(visitor);
    let ran = client.end_having_printed(HALF)?;
    ran.exits(1)?;
    let came = format!("{} bytes", HALF.len());
    let named = |said: &str| said.contains("receive") && said.contains(&address);
    ran.complains(|said| one_line(said) && named(said) && why(said) && said.contains(&came))
}

/// A server that has heard the request, and hangs up.
fn empty_answer(program: &Program) -> Verdict {
    let site = Site::open();
    let address = site.address().to_string();
    let (client, mut visitor) = site.invite(program, &[&address], &EMPTY)?;
    visitor.request();
    drop(visitor);
    let ran = client.end_having_printed(b"")?;
    ran.exits(1)?;
    ran.complains(|said| one_line(said) && said.contains(&address))
}

/// With a time-out in force, a stopped process finds its `recv` interrupted when it goes on, even
/// if it handles no signal (`signal(7)`).
fn stop_and_go(program: &Program) -> Verdict {
    let site = Site::open();
    let address = site.address().to_string();
    let arguments = ["--timeout", "60", &*address];
    let (mut client, mut visitor) = site.invite(program, &arguments, &INTERRUPTED)?;
    visitor.request();
    visitor.say(HALF);
    client.wait_for(HALF.len(), PATIENCE);
    client.stop_and_continue()?;
    visitor.say(b" and the other");
    drop(visitor);
    let ran = client.end_having_printed(&[HALF, b" and the other"].concat())?;
    ran.exits(0)?;
    ran.complains(str::is_empty)
}

static STALLS: Text = text(
    "When nothing has come for as long as --timeout says, the client gives up: what had come stays printed, one line says that it timed out and after how many bytes, exit status 1.",
    "等满 --timeout 还是什么也没来，客户端就放弃：已经到的照样打印，用一行说清是超时、之前到了多少字节，退出状态 1。",
);
static RESET: Text = text(
    "A connection thrown away is no end of an answer: what had come stays printed, one line says so and after how many bytes, exit status 1.",
    "连接中途断掉，不等于回答结束：已经到的照样打印，用一行说清原因和之前到了多少字节，退出状态 1。",
);
static EMPTY: Text = text(
    "An end of file before the first byte is no answer, and no empty page either, which has headers: one line that names the server, exit status 1.",
    "第一个字节还没到就遇到文件结束，这不是回答，也不是空页面，空页面是有头部的：用一行说清是哪个服务器，退出状态 1。",
);
static INTERRUPTED: Text = text(
    "A call that was interrupted has not failed: make it again.",
    "调用被打断不等于失败：再调用一次。",
);
