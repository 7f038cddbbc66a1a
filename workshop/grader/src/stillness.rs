//! What is said of a server from which nothing more will come, or is expected any more.

use crate::spinning::Spinning;
use std::net::SocketAddr;
use subject::processes::Stillness;
use terminal::{Text, grouped};

/// Where it sleeps, what it has left unread of a client, and how many bytes it owes that client.
pub(crate) fn asleep(stillness: &Stillness, owes: usize) -> Text {
    let (mut en, mut zh) = sleeps(stillness);
    tell_what_is_left(stillness, owes, &mut en, &mut zh);
    if let Some(call) = stillness.holder() {
        en.push(format!("has it open in the process that sleeps in {call}"));
        zh.push(format!("睡在 {call} 里的那个进程还开着它"));
    }
    said(&en, &zh)
}

/// For how long it has spun, and what it has left unread, and owes.
pub(crate) fn spins(spinning: &Spinning, owes: usize) -> Text {
    let time = format!("{:.1}", spinning.time.as_secs_f64());
    let mut en = vec![format!(
        "has asked the kernel again and again for {time} s of processor time, never asleep and without a byte moving"
    )];
    let mut zh = vec![format!(
        "占用 CPU {time} 秒，一遍遍地问内核，从没睡过，一个字节也没有收发"
    )];
    if spinning.again {
        en[0].push_str(" (as in a case before it: this time it was given up sooner)");
        zh[0].push_str("（前面的用例里已经这样，所以这次没有再等那么久）");
    }
    tell_what_is_left(spinning.busy.at_rest(), owes, &mut en, &mut zh);
    Text::new(
        format!("given up: the server {}", joined(&en)),
        format!("不再等了：服务器{}", zh.join("，")),
    )
}

fn tell_what_is_left(
    stillness: &Stillness,
    owes: usize,
    en: &mut Vec<String>,
    zh: &mut Vec<String>,
) {
    let unread = stillness.unread() as usize;
    if !stillness.is_accepted() {
        en.push("has not accepted this connection".into());
        zh.push("还没有接受这条连接".into());
    } else if unread > 0 {
        en.push(format!("has left {} unread", bytes(unread)));
        zh.push(format!("有 {} 字节没有读", grouped(unread)));
    }
    if owes > 0 {
        en.push(format!("owes {}", bytes(owes)));
        zh.push(format!("还欠 {} 字节", grouped(owes)));
    } else if stillness.is_accepted() {
        en.push("has not closed this connection".into());
        zh.push("没有关闭这条连接".into());
    }
}

fn said(en: &[String], zh: &[String]) -> Text {
    Text::new(
        format!("nothing more will come: the server {}", joined(en)),
        format!("不会再有动静了：服务器{}", zh.join("，")),
    )
}

/// Where it sleeps and listens, and has not told.
pub(crate) fn silent(stillness: &Stillness, listens_at: Option<SocketAddr>) -> Text {
    let (mut en, mut zh) = sleeps(stillness);
    match listens_at {
        Some(address) => {
            en.push(format!("listens at {address}"));
            zh.push(format!("在 {address} 上监听"));
            en.push("has printed no line: is standard output flushed?".into());
            zh.push("却一行也没有打印出来：标准输出刷新了吗？".into());
        }
        None => {
            en.push("listens nowhere".into());
            zh.push("没有在任何地方监听".into());
        }
    }
    said(&en, &zh)
}

/// Where it sleeps, alone.
fn sleeps(stillness: &Stillness) -> (Vec<String>, Vec<String>) {
    let calls = stillness.calls().join(", ");
    (
        vec![format!("sleeps in {calls} without a time-out")],
        vec![format!("睡在 {calls} 里，没有设超时")],
    )
}

fn joined(parts: &[String]) -> String {
    match parts {
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [all @ .., last] => format!("{}, and {last}", all.join(", ")),
        [] => String::new(),
    }
}

fn bytes(count: usize) -> String {
    match count {
        1 => "1 byte".into(),
        _ => format!("{} bytes", grouped(count)),
    }
}
