//! What is said of a server from which nothing more will come.

use std::net::SocketAddr;
use subject::processes::Stillness;
use terminal::{Text, grouped};

/// Where it sleeps, what it has left unread of a client, and how many bytes it owes that client.
pub(crate) fn asleep(stillness: &Stillness, owes: usize) -> Text {
    let (mut en, mut zh) = sleeps(stillness);
    let unread = stillness.unread() as usize;
    if !stillness.is_accepted() {
        en.push("has not accepted this connection".into());
        zh.push("还没有接受这个连接".into());
    } else if unread > 0 {
        en.push(format!("has left {} unread", bytes(unread)));
        zh.push(format!("有 {} 字节没有读", grouped(unread)));
    }
    if owes > 0 {
        en.push(format!("owes {}", bytes(owes)));
        zh.push(format!("还欠 {} 字节", grouped(owes)));
    } else if stillness.is_accepted() {
        en.push("has not closed this connection".into());
        zh.push("没有关闭这个连接".into());
    }
    if let Some(call) = stillness.holder() {
        en.push(format!("has it open in the process that sleeps in {call}"));
        zh.push(format!("连接还开在睡于 {call} 的那个进程里"));
    }
    said(&en, &zh)
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
