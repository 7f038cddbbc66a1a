//! Many conversations, and none mixes with another.

use super::lines::PROCESSES;
use crate::case::{Case, Drive, Verdict};
use crate::limits::no_thread;
use crate::rule::Rule;
use crate::server::Server;
use crate::stage::Stage;
use std::thread;
use terminal::{Text, text};

pub(super) const CASES: &[Case] = &[Case {
    slug: "order-under-load",
    title: text(
        "twelve talk at once, each is answered in order",
        "十二个同时说，各自的回答都不乱",
    ),
    points: 2,
    teaches: text("conversations do not mix", "对话互不串线"),
    rule: Rule::Answers,
    stage: Stage::Many,
    section: &PROCESSES,
    drive: Drive::Server(order_under_load),
}];

/// How many clients talk at once.
const TALKERS: usize = 12;

fn order_under_load(server: &mut Server) -> Verdict {
    let mut clients = Vec::new();
    for _ in 0..TALKERS {
        clients.push(server.connect()?);
    }
    thread::scope(|scope| {
        let talkers: Vec<_> = clients
            .iter_mut()
            .enumerate()
            .map(|(talker, client)| {
                thread::Builder::new().spawn_scoped(scope, move || {
                    let lines: Vec<u8> = (0..5_000)
                        .flat_map(|line| format!("talker {talker}, line {line}\n").into_bytes())
                        .collect();
                    client
                        .pour(&lines, &MIXED)
                        .map_err(|trouble| trouble.noted(one_of(talker)))
                })
            })
            .collect();
        let heard = talkers.into_iter().map(|talker| match talker {
            Ok(talker) => talker.join().expect("it does not panic"),
            Err(error) => Err(no_thread(&error)),
        });
        heard.collect::<Verdict>()
    })
}

fn one_of(talker: usize) -> Text {
    Text::new(
        format!("{TALKERS} clients talk at once; this is number {talker}"),
        format!("{TALKERS} 个客户端同时在说，这是第 {talker} 号"),
    )
}

static MIXED: Text = text(
    "Each client gets its own answers, in its own order, however many talk at once: is anything shared between conversations that should not be? Rule 2.",
    "不管多少个客户端同时说，各人得到各人的回答，次序也不变：是不是有什么不该共用的，被几场对话共用了？规则 2。",
);
