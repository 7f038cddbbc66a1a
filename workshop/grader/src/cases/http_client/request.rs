//! What the client says.

use super::site::{ANSWER, Site};
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::evidence::{End, Evidence, Exchange};
use crate::program::Program;
use crate::rule::Rule;
use crate::section::Section;
use crate::stage::Stage;
use terminal::{Text, text};

pub(super) const SEND: Section = Section {
    chapter: 1,
    id: "send",
    title: text("Sending may take only a part", "一次未必发得完"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "http-request",
        title: text(
            "a request line, a Host header, a blank line",
            "请求行、Host 头、空行",
        ),
        points: 2,
        teaches: text("what HTTP/1.0 looks like", "HTTP/1.0 长什么样"),
        rule: Rule::HttpClient,
        stage: Stage::Talks,
        section: &SEND,
        drive: Drive::Program(|program| {
            let site = Site::open();
            let host = site.address().to_string();
            asks(program, &site, &host, None, &REQUEST)?;
            asks(program, &site, &host, Some("/a/b.html?c=d&e=%20"), &REQUEST)
        }),
    },
    Case {
        slug: "http-long-request",
        title: text(
            "a long request arrives whole, even past a Ctrl-Z",
            "请求再长也完整送到，中途按过 Ctrl-Z 也一样",
        ),
        points: 3,
        teaches: text("send tells how much it took", "send 会说它收下了多少"),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &SEND,
        drive: Drive::Program(long_request),
    },
];

/// Lets the client ask `host` for `path`, and looks at each byte of the request.
pub(super) fn asks(
    program: &Program,
    site: &Site,
    host: &str,
    path: Option<&str>,
    meaning: &Text,
) -> Verdict {
    let arguments: Vec<&str> = [host].into_iter().chain(path).collect();
    let (client, mut visitor) = site.invite(program, &arguments, meaning)?;
    let request = visitor.request();
    let path = path.unwrap_or("/");
    if !is_well_formed(&request, path, host) {
        let expected = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
        let [expected, found] = [expected.as_bytes(), &request].map(shown);
        let evidence = Evidence::Finding {
            expected: Text::new(expected.clone(), expected),
            found: Text::new(found.clone(), found),
        };
        return Err(Trouble::failed(evidence, meaning));
    }
    visitor.say(ANSWER);
    drop(visitor);
    let ran = client.end_having_printed(ANSWER)?;
    ran.exits(0)?;
    ran.complains(str::is_empty)
}

/// How much of a request is shown, in bytes: all of those that are asked for here, and some more.
const SHOWN: usize = 512;

fn shown(request: &[u8]) -> String {
    let beginning = &request[..request.len().min(SHOWN)];
    let more = if beginning.len() < request.len() {
        " …"
    } else {
        ""
    };
    format!("\"{}\"{more}", beginning.escape_ascii())
}

/// Is this a request of HTTP/1.0 for `path`, with one Host header of this value, and nothing after
/// its blank line? Other headers may be there.
fn is_well_formed(request: &[u8], path: &str, host: &str) -> bool {
    let Some(head) = request.strip_suffix(b"\r\n\r\n") else {
        return false;
    };
    let Ok(head) = std::str::from_utf8(head) else {
        return false;
    };
    let mut lines = head.split("\r\n");
    if lines.next() != Some(&format!("GET {path} HTTP/1.0")) {
        return false;
    }
    let mut hosts = Vec::new();
    for line in lines {
        match line.split_once(':') {
            // A bare line break, or a blank line in the middle.
            _ if line.contains(['\r', '\n']) => return false,
            None => return false,
            Some((name, value)) if name.eq_ignore_ascii_case("host") => hosts.push(value.trim()),
            Some(_) => {}
        }
    }
    hosts == [host]
}

/// How long a path is asked for, in bytes: more than the two kernels hold of a connection that has
/// been made narrow, less than the 128 KiB that one argument may have (`execve(2)`).
const LONG: usize = 100_000;

/// What is no longer than this was cut by the client, in bytes: of any connection, the kernels take more.
const CUT: usize = 4_096;

/// The server does not read, so the client sleeps in the middle of its request. A stop takes it
/// out of `send`, with what had been taken until then.
fn long_request(program: &Program) -> Verdict {
    let site = Site::open();
    site.narrow();
    let host = site.address().to_string();
    let digits = ('0'..='9').cycle().take(LONG - 1);
    let path: String = std::iter::once('/').chain(digits).collect();
    let (client, mut visitor) = site.invite(program, &[&host, &path], &PART)?;
    visitor.wait();
    match client.stop_and_continue() {
        // Then it is a slow reader and no more.
        Err(Trouble::Skipped(_)) => {}
        stopped => stopped?,
    }
    let request = visitor.request();
    let line = format!("GET {path} HTTP/1.0\r\n");
    let received = &request[..request.len().min(line.len())];
    if received != line.as_bytes() {
        let exchange = Exchange::new(b"", false, line.as_bytes(), received, End::Open);
        let meaning = match received.len() <= CUT {
            true => &CUT_SHORT,
            false => &PART,
        };
        return Err(Trouble::failed(exchange, meaning));
    }
    visitor.say(ANSWER);
    drop(visitor);
    client.end_having_printed(ANSWER)?.exits(0)
}

static REQUEST: Text = text(
    "A request is the line \"GET PATH HTTP/1.0\", a Host header with the port if it is not 80, and a blank line; each line ends in \\r\\n.",
    "请求是一行“GET 路径 HTTP/1.0”、一个 Host 头（端口不是 80 就要写上），再加一个空行；每行都以 \\r\\n 结束。",
);
static CUT_SHORT: Text = text(
    "The request was cut before it was sent: what holds it needs room for the whole of HOST and PATH, however long they are.",
    "请求还没发就被截短了：主机和路径有多长，存放请求的地方就要有多大。",
);
static PART: Text = text(
    "The kernel took a part of the request and said how much; the rest was never sent.",
    "内核只收下请求的一部分，也说了收下多少；剩下的却再没有发。",
);
