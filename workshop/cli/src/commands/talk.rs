//! `talk`: what a case says, said to a server of one's own, beat by beat.

use crate::address;
use anyhow::Result;
use grader::report::Painter;
use grader::{Beat, Case, Drive, End, Outcome, Place, Program, cases};
use shared::client;
use shared::command_line::HostPort;
use shared::server::DEFAULT_ADDRESS;
use std::collections::HashSet;
use std::io::{self, IsTerminal};
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use terminal::{Explain, Language, Lost, Terminal, Text, Told, grouped};

/// Which case, to which server.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Say what this case says; without one, all that can be said are listed
    /// （说哪个用例的话；不写就列出所有可以说的用例）
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    /// Go through all of it without waiting for Enter; that is done where standard input is no
    /// terminal, too
    /// （不等按 Enter，一口气做完；标准输入不是终端时也是这样）
    #[arg(long)]
    no_wait: bool,
    /// Where your server listens（你的服务器在哪里监听）
    #[arg(value_name = "HOST:PORT", default_value = DEFAULT_ADDRESS, value_parser = address::server)]
    address: HostPort,
}

/// How much of what is said is shown, in bytes.
const SHOWN: usize = 48;
const INDENT: &str = "       ";

/// `talk --case CASE`: exit status 0 if the server passed the case, 1 if not, 2 if that could not be
/// seen.
///
/// # Errors
///
/// What kept it from talking.
pub(crate) fn talk(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    let case = options.named()?;
    let named = &options.address;
    let address = client::find(named)
        .explain(|| Text::new(format!("cannot find {named}"), format!("找不到 {named}")))?;
    if let Err(error) = TcpStream::connect(address) {
        return Err(Told(Text::new(
            format!("cannot connect to {named}: {error} (start your server first)"),
            format!(
                "连不上 {named}：{}（请先启动你的服务器）",
                terminal::chinese(&error)
            ),
        ))
        .into());
    }
    let waits = !options.no_wait && io::stdin().is_terminal();
    terminal.print(&introduction(terminal, case, named, waits))?;
    let teller = Arc::new(Mutex::new(Teller {
        terminal: terminal.clone(),
        waits,
        beyond: HashSet::new(),
        lost: None,
    }));
    let told = Arc::clone(&teller);
    grader::look_on(move |client, beat| {
        let mut teller = told.lock().unwrap_or_else(PoisonError::into_inner);
        teller.hears(client, beat);
    });
    let program = Program {
        place: Place::Running(address),
        ..Program::new("")
    };
    let graded = case.grade(&program);
    let lost = teller.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(lost) = { lost }.lost.take() {
        return Err(lost.into());
    }
    let painter = Painter::of(terminal);
    let (block, status) = match &graded.outcome {
        Outcome::Passed => (painter.line(&graded), 0),
        Outcome::Failed(_) => (painter.failure(&graded), 1),
        Outcome::Skipped(_) | Outcome::Excepted(_) | Outcome::FailedOnPurpose(..) => {
            (painter.line(&graded), super::grade::COULD_NOT_JUDGE)
        }
    };
    terminal.print(&format!("\n{block}"))?;
    Ok(ExitCode::from(status))
}

/// The cases that only talk: all others start the program themselves.
fn talking() -> impl Iterator<Item = &'static Case> {
    let starts = |case: &&'static Case| matches!(case.drive, Drive::Program(_));
    cases::to_be_read()
        .into_iter()
        .filter(move |it| !starts(it))
}

impl Options {
    fn named(&self) -> Result<&'static Case, Told> {
        let listed = |language| {
            let lines = talking().map(|case| {
                let slug = case.slug;
                format!("\n  {slug:24}  {}", case.title.get(language))
            });
            lines.collect::<String>()
        };
        let (en, zh) = match &self.case {
            None => (
                "which case? Write --case NAME:".to_owned(),
                "说哪个用例？请写 --case 名字：".to_owned(),
            ),
            Some(name) => {
                if let Some(case) = talking().find(|case| case.slug == name) {
                    return Ok(case);
                }
                if cases::all().iter().any(|case| case.slug == name) {
                    return Err(Told(Text::new(
                        format!(
                            "{name} starts the program itself: there is nothing to say to a server that runs. \
                             grade STEP --case {name} runs it"
                        ),
                        format!(
                            "{name} 要自己启动程序，对已经在运行的服务器没有话可说。用 grade 步骤 --case {name} 来跑它"
                        ),
                    )));
                }
                (
                    format!("there is no case {name}. These can be said:"),
                    format!("没有 {name} 这个用例。可以说的有："),
                )
            }
        };
        Err(Told(Text::new(
            en + &listed(Language::English),
            zh + &listed(Language::Chinese),
        )))
    }
}

fn introduction(terminal: &Terminal, case: &Case, address: &HostPort, waits: bool) -> String {
    let slug = terminal.bold(case.slug);
    let title = case.title.get(terminal.language);
    let (head, how) = match terminal.language {
        Language::English => (
            format!("{slug}, said to {address}: {title}"),
            "Enter does what is shown; r and Enter goes through to the end; Ctrl-C leaves.",
        ),
        Language::Chinese => (
            format!("{slug}，说给 {address} 听：{title}"),
            "按 Enter 执行显示出来的这一步；按 r 再按 Enter，一直做到底；按 Ctrl-C 离开。",
        ),
    };
    match waits {
        true => format!("{head}\n{}\n", terminal.dim(how)),
        false => format!("{head}\n"),
    }
}

/// Shows each beat, and waits for Enter before it is done.
struct Teller {
    terminal: Terminal,
    waits: bool,
    /// The clients of whom it was told that not all is shown.
    beyond: HashSet<usize>,
    lost: Option<Lost>,
}

impl Teller {
    fn hears(&mut self, client: usize, beat: &Beat) {
        if matches!(beat, Beat::Beyond) && !self.beyond.insert(client) {
            return;
        }
        let Some(words) = words(beat) else {
            return;
        };
        let words = words.get(self.terminal.language);
        let is_done = matches!(beat, Beat::Came { .. });
        let line = match is_done {
            true => format!("{INDENT}{words}"),
            false => format!("{client:>4}   {words}"),
        };
        if self.lost.is_some() {
            return;
        }
        self.lost = self.terminal.print(&line).err();
        if self.waits && !is_done && self.lost.is_none() {
            let mut typed = String::new();
            let read = io::stdin().read_line(&mut typed);
            self.waits = read.is_ok_and(|length| length > 0) && typed.trim() != "r";
        }
    }
}

fn words(beat: &Beat) -> Option<Text> {
    let both = |en: &str, zh: &str| Some(Text::new(en, zh));
    match *beat {
        Beat::Started { .. } => None,
        Beat::Connect => both("connect", "连接"),
        Beat::Say(bytes) => {
            let (en, zh) = shown(bytes);
            Some(Text::new(format!("say {en}"), format!("说 {zh}")))
        }
        Beat::HalfClose => both("half-close (FIN): all is said", "半关闭（FIN）：话都说完了"),
        Beat::Wait { owed: [], end } => match end {
            true => both("wait for the end (FIN)", "等对方结束（FIN）"),
            false => both(
                "nothing is owed; look what is there",
                "对方什么也不欠，看看有什么",
            ),
        },
        Beat::Wait { owed, end } => {
            let (en, zh) = shown(owed);
            Some(match end {
                true => Text::new(
                    format!("wait for {en}, then the end (FIN)"),
                    format!("等 {zh}，然后等对方结束（FIN）"),
                ),
                false => Text::new(format!("wait for {en}"), format!("等 {zh}")),
            })
        }
        Beat::WaitForNothing(time) => Some(Text::new(
            format!("wait for {time:?}: nothing more may come"),
            format!("等 {} 秒：不该再来什么", time.as_secs_f64()),
        )),
        Beat::Came {
            bytes,
            end,
            is_right,
        } => Some(came(bytes, end, is_right)),
        Beat::Beyond => both(
            "more than can be shown is said and heard on this connection",
            "这条连接上还要说、要听很多，这里就不一一显示了",
        ),
        Beat::Reset => both("reset the connection (RST)", "重置连接（RST）"),
        Beat::Close => both("close the connection", "关闭连接"),
    }
}

fn came(bytes: &[u8], end: End, is_right: bool) -> Text {
    let (mut en, mut zh) = match bytes {
        [] => (String::new(), String::new()),
        _ => shown(bytes),
    };
    let ended = match end {
        End::Closed => Some(("the end (FIN)", "结束（FIN）")),
        End::Reset => Some(("a reset (RST)", "重置（RST）")),
        End::Open | End::Still | End::Late | End::OneReceive => None,
    };
    if let Some((and_en, and_zh)) = ended {
        let (comma, then) = match bytes {
            [] => ("", ""),
            _ => (", then ", "，然后是"),
        };
        en += &format!("{comma}{and_en}");
        zh += &format!("{then}{and_zh}");
    }
    if en.is_empty() {
        (en, zh) = ("nothing".into(), "什么也没有".into());
    }
    match is_right {
        true => Text::new(format!("came: {en}. Right"), format!("收到：{zh}。对")),
        false => Text::new(
            format!("came: {en}. That is not what is owed"),
            format!("收到：{zh}。和该给的不一样"),
        ),
    }
}

/// The beginning, harmless to a terminal, and how many bytes there are if that is not all.
fn shown(bytes: &[u8]) -> (String, String) {
    let beginning = bytes[..bytes.len().min(SHOWN)].escape_ascii();
    match bytes.len() > SHOWN {
        false => {
            let all = format!("\"{beginning}\"");
            (all.clone(), all)
        }
        true => {
            let count = grouped(bytes.len());
            (
                format!("\"{beginning}\" … {count} bytes in all"),
                format!("\"{beginning}\" …（共 {count} 字节）"),
            )
        }
    }
}
