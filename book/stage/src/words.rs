//! What is said of a beat, in a sentence: for a live region, and for whoever cannot see the picture.

use crate::action::{Act, Action};
use crate::machine::{Beat, Machine};

/// The language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese, as it is written on the mainland.
    Chinese,
}

impl Language {
    /// One of the two.
    pub(crate) fn choose<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

/// An amount of memory, short.
pub(crate) fn bytes(count: usize) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        _ => format!("{} KiB", count / 1024),
    }
}

/// What a client has done.
pub(crate) fn of_action(Action { client, act }: Action, language: Language) -> String {
    let (english, chinese) = match act {
        Act::Connect => ("connects", "连接"),
        Act::Half => ("sends half a line", "发送半行"),
        Act::Line => ("sends a line", "发送一行"),
        Act::Burst => ("sends three lines at once", "一次发送三行"),
        Act::Block => ("sends 64 KiB", "发送 64 KiB"),
        Act::Pause => ("stops reading", "停止读取"),
        Act::Resume => ("reads again", "恢复读取"),
        Act::HalfClose => ("half-closes", "半关闭"),
        Act::Reset => ("resets the connection", "重置连接"),
    };
    match language {
        Language::English => format!("Client {client} {english}."),
        Language::Chinese => format!("客户端 {client} {chinese}。"),
    }
}

/// What a process or thread is called.
pub(crate) fn of_runner(number: usize, is_thread: bool, language: Language) -> String {
    let kind = match is_thread {
        true => language.choose("thread", "线程"),
        false => language.choose("process", "进程"),
    };
    format!("{kind} {number}")
}

/// What a call has returned.
pub(crate) fn of_beat(machine: &Machine, beat: &Beat, language: Language) -> String {
    let runner = machine.runners.get(beat.runner - 1);
    let is_thread = runner.is_some_and(|it| it.is_thread);
    let who = of_runner(beat.runner, is_thread, language);
    let (call, answer) = (&beat.call, &beat.answer);
    match language {
        Language::English => {
            let woken = if beat.woken { " wakes up:" } else { ":" };
            let mut sentence = format!("{who}{woken} {call} = {answer}.");
            sentence[..1].make_ascii_uppercase();
            sentence
        }
        Language::Chinese => {
            let woken = if beat.woken { "醒来：" } else { "：" };
            format!("{who}{woken}{call} = {answer}。")
        }
    }
}

/// How it stands when nobody does anything.
pub(crate) fn of_rest(machine: &Machine, language: Language) -> String {
    match (machine.is_asking(), language) {
        (true, Language::English) => {
            "Nobody has said anything, and the server goes on asking.".to_owned()
        }
        (true, Language::Chinese) => "没有客户端发来数据，服务器仍在不停地询问。".to_owned(),
        (false, _) => {
            let calls = machine.sleeping_in();
            match language {
                Language::English => format!("The server sleeps in {}.", calls.join(", ")),
                Language::Chinese => format!("服务器睡在 {} 里。", calls.join("、")),
            }
        }
    }
}
