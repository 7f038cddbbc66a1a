//! Whom the client finds, and what it says when it finds nobody.

use super::request::asks;
use super::site::Site;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::limits::no_thread;
use crate::program::Program;
use crate::ran::{Ran, one_line, timed_out};
use crate::rule::Rule;
use crate::section::Section;
use crate::stage::Stage;
use nix::sys::socket::{Backlog, listen};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use terminal::{Text, text};

const RESOLVE: Section = Section {
    chapter: 1,
    id: "resolve",
    title: text("A name is not an address", "名字不是地址"),
};
const CONNECT: Section = Section {
    chapter: 1,
    id: "connect",
    title: text("Connecting waits for the other side", "连接要等对方"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "http-name",
        title: text("a name will do: localhost", "用名字也行：localhost"),
        points: 1,
        teaches: text("names have addresses", "名字背后是地址"),
        rule: Rule::HttpClient,
        stage: Stage::Talks,
        section: &RESOLVE,
        drive: Drive::Program(|program| {
            let addresses = addresses_of_localhost();
            if !addresses.iter().any(SocketAddr::is_ipv4) {
                return Err(Trouble::Skipped(text(
                    "on this machine, localhost is not 127.0.0.1",
                    "在这台机器上，localhost 不是 127.0.0.1",
                )));
            }
            asks_localhost(program, &Site::open(), &NAME)
        }),
    },
    Case {
        slug: "http-every-address",
        title: text(
            "a name with two addresses: each is tried",
            "名字有两个地址：逐个试过",
        ),
        points: 2,
        teaches: text("one name, many addresses", "一个名字，多个地址"),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &RESOLVE,
        drive: Drive::Program(every_address),
    },
    Case {
        slug: "http-unresolvable",
        title: text(
            "a name that nobody has: one line that names it",
            "没有这个名字：一行说清是哪个",
        ),
        points: 1,
        teaches: text(
            "errors name what was attempted, on what, and why",
            "报错要说清想做什么、对谁做、为什么不成",
        ),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &RESOLVE,
        drive: Drive::Program(unresolvable),
    },
    Case {
        slug: "http-ipv6",
        title: text("IPv6: [::1]:PORT", "IPv6：[::1]:端口"),
        points: 2,
        teaches: text("addresses are opaque", "地址是一个整体，别去拆它"),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &CONNECT,
        drive: Drive::Program(|program| match Site::open_on((Ipv6Addr::LOCALHOST, 0)) {
            Ok(site) => asks(
                program,
                &site,
                &site.address().to_string(),
                Some("/"),
                &IPV6,
            ),
            Err(_) => Err(Trouble::Skipped(text(
                "this machine has no IPv6 loopback address",
                "这台机器没有 IPv6 环回地址",
            ))),
        }),
    },
    Case {
        slug: "http-refused",
        title: text(
            "nobody listens: one line that names the address",
            "没有人监听：一行说清地址",
        ),
        points: 1,
        teaches: text(
            "errors name what was attempted, on what, and why",
            "报错要说清想做什么、对谁做、为什么不成",
        ),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &CONNECT,
        drive: Drive::Program(|program| {
            let address = Site::open().address().to_string();
            let refused = Ran::new(program, &[&address], b"", &REFUSED);
            refused.exits(1)?;
            refused.prints(str::is_empty)?;
            refused.complains(|said| {
                one_line(said) && said.contains("connect") && said.contains(&address)
            })
        }),
    },
    Case {
        slug: "http-connect-timeout",
        title: text(
            "--timeout 1, and nobody answers the SYN",
            "--timeout 1，而 SYN 没有人应",
        ),
        points: 2,
        teaches: text("connecting is waiting", "连接就是等待"),
        rule: Rule::HttpClient,
        stage: Stage::Hardening,
        section: &CONNECT,
        drive: Drive::Program(connect_timeout),
    },
];

fn asks_localhost(program: &Program, site: &Site, meaning: &Text) -> Verdict {
    let host = format!("localhost:{}", site.address().port());
    asks(program, site, &host, Some("/"), meaning)
}

/// The server is at one of the addresses only, and nobody at the other: whichever comes first, one
/// of the two visits finds nobody there at first.
fn every_address(program: &Program) -> Verdict {
    let addresses = addresses_of_localhost();
    let have_both = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
    ];
    if !have_both.iter().all(|address| addresses.contains(address)) {
        return Err(Trouble::Skipped(text(
            "on this machine, localhost is not both 127.0.0.1 and ::1 (/etc/hosts)",
            "在这台机器上，localhost 不同时是 127.0.0.1 和 ::1（/etc/hosts）",
        )));
    }
    for address in have_both {
        let site = Site::open_on(address).map_err(|_| {
            Trouble::Skipped(text(
                "this machine has no IPv6 loopback address",
                "这台机器没有 IPv6 环回地址",
            ))
        })?;
        asks_localhost(program, &site, &NEXT)?;
    }
    Ok(())
}

fn addresses_of_localhost() -> Vec<SocketAddr> {
    ("localhost", 0)
        .to_socket_addrs()
        .map_or(Vec::new(), Iterator::collect)
}

/// A name that no one can ever have (RFC 6761, section 6.4).
const NOBODY: &str = "no-such-host.invalid";
/// How long this machine's resolver may take to say so.
const PROMPT: Duration = Duration::from_secs(2);

fn unresolvable(program: &Program) -> Verdict {
    let (sender, asked) = mpsc::channel();
    let asking =
        thread::Builder::new().spawn(move || sender.send((NOBODY, 80).to_socket_addrs().is_err()));
    asking.map_err(|error| no_thread(&error))?;
    if asked.recv_timeout(PROMPT) != Ok(true) {
        return Err(Trouble::Skipped(text(
            "this machine's resolver does not say soon that a name does not exist",
            "这台机器的解析器，迟迟不说“没有这个名字”",
        )));
    }
    let lost = Ran::new(program, &[NOBODY], b"", &UNRESOLVABLE);
    lost.exits(1)?;
    lost.prints(str::is_empty)?;
    lost.complains(|said| one_line(said) && said.contains("resolve") && said.contains(NOBODY))
}

/// A listener whose queue is full: the kernel drops every further SYN without a word.
fn connect_timeout(program: &Program) -> Verdict {
    let Ok((listener, _waiting)) = full_listener() else {
        return Err(Trouble::Skipped(text(
            "this system's listening queue does not get full",
            "这个系统的监听队列不会满",
        )));
    };
    let address = listener.local_addr().expect("it is bound").to_string();
    let late = Ran::new(program, &["--timeout", "1", &address], b"", &NO_ANSWER);
    late.exits(1)?;
    late.prints(str::is_empty)?;
    late.complains(timed_out)?;
    let named = |said: &str| said.contains("connect") && said.contains(&address);
    let told = late.complains(|said| one_line(said) && named(said));
    told.map_err(|trouble| trouble.meaning(&REFUSED))
}

fn full_listener() -> io::Result<(TcpListener, Vec<TcpStream>)> {
    /// The queue has at least one place, whatever is asked for.
    const ENOUGH: usize = 8;
    /// A connection on loopback is made at once or not at all.
    const SOON: Duration = Duration::from_millis(200);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listen(&listener, Backlog::new(0)?)?;
    let address = listener.local_addr()?;
    let mut waiting = Vec::new();
    for _ in 0..ENOUGH {
        match TcpStream::connect_timeout(&address, SOON) {
            Ok(stream) => waiting.push(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Ok((listener, waiting));
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("the queue does not get full"))
}

static NAME: Text = text(
    "A host may be a name; the system is asked for its addresses (getaddrinfo), and the Host header keeps the name.",
    "主机可以是名字：向系统要地址（getaddrinfo），Host 头里照写名字。",
);
static NEXT: Text = text(
    "The client stopped at the first address, where nobody listens; the server is at the next one.",
    "客户端只试了第一个地址，那里没有人；服务器在下一个地址上。",
);
static UNRESOLVABLE: Text = text(
    "A name without an address is one line on standard error, \"cannot resolve HOST: reason\"; exit status 1.",
    "名字查不到地址，就在标准错误上用一行说清：“cannot resolve 主机: 原因”，退出状态 1。",
);
static IPV6: Text = text(
    "An IPv6 address is written [::1]:PORT, on the command line and in the Host header, and is connected to like any other.",
    "IPv6 地址写作 [::1]:端口，命令行里和 Host 头里都这样写，连接起来和别的地址一样。",
);
static REFUSED: Text = text(
    "A connection that cannot be made is one line on standard error, \"cannot connect to ADDRESS: reason\"; exit status 1.",
    "连不上，就在标准错误上用一行说清：“cannot connect to 地址: 原因”，退出状态 1。",
);
static NO_ANSWER: Text = text(
    "Without a time-out of its own, connect waits for as long as the kernel does, minutes; with one, the line says that it has passed.",
    "不设超时，connect 会跟着内核等上几分钟；设了超时，就要在那一行里说是超时了。",
);
