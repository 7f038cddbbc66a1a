//! How a server is started, and what it says when it cannot.

use crate::case::{Case, Drive, Trouble, Verdict};
use crate::evidence::Evidence;
use crate::launch::CANNOT_BE_TOLD;
use crate::program::{Place, Program};
use crate::ran::{Ran, one_line, says, version};
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use subject::processes;
use terminal::{Text, text};

pub(super) const COMMAND_LINE: Section = Section {
    chapter: 2,
    id: "run",
    title: text("Run it", "跑起来"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "help",
        title: text("--help says how", "--help 说明用法"),
        points: 1,
        teaches: text("programs are used by strangers", "程序是给陌生人用的"),
        rule: Rule::CommandLine,
        stage: Stage::CommandLine,
        section: &COMMAND_LINE,
        drive: Drive::Program(|program| {
            let help = Ran::new(program, &["--help"], b"", &HELP);
            help.exits(0)?;
            help.prints(|said| said.contains("--listen"))
        }),
    },
    Case {
        slug: "version",
        title: text("--version says which", "--version 报出版本"),
        points: 1,
        teaches: text("programs are used by strangers", "程序是给陌生人用的"),
        rule: Rule::CommandLine,
        stage: Stage::CommandLine,
        section: &COMMAND_LINE,
        drive: Drive::Program(|program| {
            let told = Ran::new(program, &["--version"], b"", &VERSION);
            told.exits(0)?;
            told.prints(|said| version(said) && !said.contains("listening on"))
        }),
    },
    Case {
        slug: "wrong-option",
        title: text(
            "a wrong command line: usage, exit status 2",
            "命令行写错：给出用法，退出状态 2",
        ),
        points: 1,
        teaches: text("exit statuses", "退出状态"),
        rule: Rule::CommandLine,
        stage: Stage::CommandLine,
        section: &COMMAND_LINE,
        drive: Drive::Program(|program| {
            for wrong in [
                &["--no-such-option"][..],
                &["--listen"],
                &["--listen", "nonsense"],
            ] {
                let refused = Ran::new(program, wrong, b"", &USAGE);
                refused.exits(2)?;
                refused.prints(str::is_empty)?;
                refused.complains(|said| says(said, "usage"))?;
            }
            Ok(())
        }),
    },
    Case {
        slug: "port-in-use",
        title: text(
            "a port in use: one clear line, exit status 1",
            "端口被占：一行说清，退出状态 1",
        ),
        points: 2,
        teaches: text(
            "errors name what was attempted, on what, and why",
            "报错要说清想做什么、对谁做、为什么不成",
        ),
        rule: Rule::CommandLine,
        stage: Stage::CommandLine,
        section: &COMMAND_LINE,
        drive: Drive::Program(port_in_use),
    },
    Case {
        slug: "where-told",
        title: text(
            "it listens where it is told, and nowhere else",
            "叫它在哪里监听，就只在哪里监听",
        ),
        points: 1,
        teaches: text("who can reach a server", "哪些机器连得到这个服务器"),
        rule: Rule::CommandLine,
        stage: Stage::CommandLine,
        section: &COMMAND_LINE,
        drive: Drive::Server(where_told),
    },
    Case {
        slug: "ipv6",
        title: text("it listens on IPv6 as well", "也能监听 IPv6"),
        points: 1,
        teaches: text("addresses are opaque", "地址是一个整体，别去拆它"),
        rule: Rule::CommandLine,
        stage: Stage::CommandLine,
        section: &COMMAND_LINE,
        drive: Drive::Program(ipv6),
    },
];

fn port_in_use(program: &Program) -> Verdict {
    let taken = TcpListener::bind("127.0.0.1:0").expect("the judge finds a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let refused = Ran::new(program, &["--listen", &address], b"", &EXPLAIN);
    refused.exits(1)?;
    refused.prints(str::is_empty)?;
    refused.complains(|said| said.contains(&address) && one_line(said))
}

/// It has been told `127.0.0.1`, and says that it is there; the system knows.
fn where_told(server: &mut Server) -> Verdict {
    if server.program().place != Place::Told {
        return Err(Trouble::Skipped(CANNOT_BE_TOLD.clone()));
    }
    let told = IpAddr::from(Ipv4Addr::LOCALHOST);
    let port = server.address().port();
    let listeners = server.processes().map(|all| processes::listeners(&all));
    let mut listens: Vec<IpAddr> = listeners
        .and_then(Result::ok)
        .unwrap_or_default()
        .iter()
        .filter(|listener| listener.address.port() == port)
        .map(|listener| listener.address.ip())
        .collect();
    listens.push(server.address().ip());
    // Some runtimes know only sockets of IPv6, and those that take IPv4's connections are at [::].
    let is_there =
        |ip: &IpAddr| ip.to_canonical() == told || *ip == IpAddr::from(Ipv6Addr::UNSPECIFIED);
    let Some(elsewhere) = listens.into_iter().find(|ip| !is_there(ip)) else {
        return Ok(());
    };
    let everywhere = match elsewhere.is_unspecified() {
        true => (
            ", at every address of this machine",
            "，也就是这台机器的所有地址",
        ),
        false => ("", ""),
    };
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("it listens at {told}, as --listen says"),
            format!("照 --listen 说的，在 {told} 上监听"),
        ),
        found: Text::new(
            format!("at {elsewhere}{}", everywhere.0),
            format!("在 {elsewhere} 上监听{}", everywhere.1),
        ),
    };
    Err(Trouble::failed(evidence, &ELSEWHERE))
}

fn ipv6(program: &Program) -> Verdict {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return Err(Trouble::Skipped(text(
            "this machine has no IPv6 loopback address",
            "这台机器没有 IPv6 环回地址",
        )));
    }
    let server = Server::start_on(program, "[::1]:0").map_err(|trouble| trouble.meaning(&IPV6))?;
    if !server.address().is_ipv6() {
        let address = server.address().to_string();
        let evidence = Evidence::Finding {
            expected: text("listening on [::1]:…", "listening on [::1]:…"),
            found: Text::new(address.clone(), address),
        };
        return Err(Trouble::failed(evidence, &IPV6));
    }
    server.connect()?.ask(b"Hello\n", &IPV6)
}

static HELP: Text = text(
    "--help prints to standard output how the program is used, --listen among it, and ends with exit status 0; no server starts.",
    "--help 把用法打印到标准输出，其中要有 --listen，然后以退出状态 0 结束，不启动服务器。",
);
static VERSION: Text = text(
    "--version prints a version to standard output, a number with a dot in it, as in \"server 0.1\", and ends with exit status 0; no server starts.",
    "--version 把版本号打印到标准输出，数字之间要有点号，比如“server 0.1”，然后以退出状态 0 结束，不启动服务器。",
);
static USAGE: Text = text(
    "A wrong command line is told on standard error, with the usage, and ends with exit status 2; no server starts.",
    "命令行写错了，就在标准错误上说明，给出用法，以退出状态 2 结束，不启动服务器。",
);
static EXPLAIN: Text = text(
    "A failure to start is one line on standard error that names the address and the reason; exit status 1.",
    "启动失败，就在标准错误上用一行说清地址和原因，退出状态 1。",
);
static ELSEWHERE: Text = text(
    "A server listens at the host that it is told, on the loopback address unless it is told another: at 0.0.0.0, whoever is on the same network can talk to it.",
    "服务器在指定的主机地址上监听；不指定，就在环回地址上：要是监听 0.0.0.0，同一个网络里的人都能连上来。",
);
static IPV6: Text = text(
    "--listen [::1]:0 works like any other address.",
    "--listen [::1]:0 和别的地址一样能用。",
);
