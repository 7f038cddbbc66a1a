//! How the client is called.

use super::request::SEND;
use crate::case::{Case, Drive, Verdict};
use crate::program::Program;
use crate::ran::{self, Ran};
use crate::rule::Rule;
use crate::section::Section;
use crate::stage::Stage;
use terminal::{Text, text};

const CLIENT_LINE: Section = Section {
    chapter: 1,
    id: "run",
    title: text("Run it", "跑起来"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "http-help",
        title: text("--help says how", "--help 说明用法"),
        points: 1,
        teaches: text("programs are used by strangers", "程序是给陌生人用的"),
        rule: Rule::HttpClient,
        stage: Stage::CommandLine,
        section: &CLIENT_LINE,
        drive: Drive::Program(|program| {
            let help = Ran::new(program, &["--help"], b"", &HELP);
            help.exits(0)?;
            help.prints(|said| said.contains("--timeout") && said.contains("HOST"))
        }),
    },
    Case {
        slug: "http-version",
        title: text("--version says which", "--version 报出版本"),
        points: 1,
        teaches: text("programs are used by strangers", "程序是给陌生人用的"),
        rule: Rule::HttpClient,
        stage: Stage::CommandLine,
        section: &CLIENT_LINE,
        drive: Drive::Program(|program| {
            let version = Ran::new(program, &["--version"], b"", &HELP);
            version.exits(0)?;
            version.prints(ran::version)
        }),
    },
    Case {
        slug: "http-wrong-option",
        title: text(
            "a wrong command line: usage, exit status 2",
            "命令行写错：给出用法，退出状态 2",
        ),
        points: 1,
        teaches: text("exit statuses", "退出状态"),
        rule: Rule::HttpClient,
        stage: Stage::CommandLine,
        section: &CLIENT_LINE,
        drive: Drive::Program(wrong_option),
    },
    Case {
        slug: "http-line-break",
        title: text(
            "a line break in HOST or PATH: exit status 2",
            "HOST 或 PATH 里有换行：退出状态 2",
        ),
        points: 1,
        teaches: text(
            "who may break a line may write headers",
            "能写进换行，就能添上头部",
        ),
        rule: Rule::HttpClient,
        stage: Stage::CommandLine,
        section: &SEND,
        drive: Drive::Program(line_break),
    },
];

/// A client that overlooks what is wrong finds nobody there, and nobody elsewhere is bothered.
const NOBODY: &str = "127.0.0.1:1";

fn wrong_option(program: &Program) -> Verdict {
    let wrong = [
        &["--no-such-option", NOBODY][..],
        &["--timeout", "0", NOBODY],
        &["--timeout=-1", NOBODY],
        &["--timeout", "soon", NOBODY],
        &[NOBODY, "--timeout"],
        &["127.0.0.1:65536"],
        &["127.0.0.1:nonsense"],
    ];
    refuses(program, &wrong, &USAGE)
}

fn line_break(program: &Program) -> Verdict {
    let wrong = [
        &[NOBODY, "/ HTTP/1.0\r\nX-Evil: yes\r\n"][..],
        &[NOBODY, "/\n"],
        &["127.0.0.1\r\nX-Evil:1"],
        &["localhost\n:1"],
    ];
    refuses(program, &wrong, &INJECTED)
}

fn refuses(program: &Program, command_lines: &[&[&str]], meaning: &Text) -> Verdict {
    for wrong in command_lines {
        let refused = Ran::new(program, wrong, b"", meaning);
        refused.exits(2)?;
        refused.prints(str::is_empty)?;
        refused.complains(|said| !said.is_empty())?;
    }
    Ok(())
}

static INJECTED: Text = text(
    "HOST and PATH go into the request as they are: with a line break in one of them, whoever wrote it writes headers of their own. It is told as a wrong command line, exit status 2; nobody is connected to.",
    "HOST 和 PATH 会原样写进请求：里面要是有换行，写它的人就能添上自己的头部。按命令行写错处理：说明一声，退出状态 2，不去连接。",
);
static HELP: Text = text(
    "--help and --version print to standard output and end with exit status 0.",
    "--help 和 --version 打印到标准输出，以退出状态 0 结束。",
);
static USAGE: Text = text(
    "A wrong command line is told on standard error and ends with exit status 2; nobody is connected to.",
    "命令行写错了，就在标准错误上说明，以退出状态 2 结束，不去连接。",
);
