//! Many bytes, both ways at once.

use super::rot13_client::CLIENT;
use crate::case::{Case, Drive, Verdict};
use crate::rule::Rule;
use crate::seed::seed;
use crate::stage::Stage;
use terminal::{Text, text};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "random-8mib",
        title: text(
            "8 MiB of random bytes, read while written",
            "8 MiB 随机字节，边写边读",
        ),
        points: 2,
        teaches: text(
            "no byte is special, and none is lost",
            "没有特殊的字节，也不丢一个字节",
        ),
        rule: Rule::Bytes,
        stage: Stage::Many,
        section: &CLIENT,
        drive: Drive::Server(|server| {
            let seed = seed();
            let mut bytes = vec![0; 8 << 20];
            fastrand::Rng::with_seed(seed).fill(&mut bytes);
            with_seed(server.connect()?.pour(&bytes, &STREAM), seed)
        }),
    },
    Case {
        slug: "lines-8mib",
        title: text("8 MiB of lines, read while written", "8 MiB 的行，边写边读"),
        points: 2,
        teaches: text("both directions flow at once", "两个方向同时在流"),
        rule: Rule::Answers,
        stage: Stage::Many,
        section: &CLIENT,
        drive: Drive::Server(|server| {
            let seed = seed();
            let mut random = fastrand::Rng::with_seed(seed);
            let mut bytes = Vec::with_capacity((8 << 20) + 200);
            while bytes.len() < 8 << 20 {
                bytes.extend((0..random.usize(0..200)).map(|_| random.alphanumeric() as u8));
                bytes.push(b'\n');
            }
            with_seed(server.connect()?.pour(&bytes, &STREAM), seed)
        }),
    },
];

fn with_seed(verdict: Verdict, seed: u64) -> Verdict {
    let again = Text::new(
        format!("the same bytes again: --seed {seed} (GRADER_SEED={seed} for cargo test)"),
        format!("重现同样的字节：--seed {seed}（cargo test 则用 GRADER_SEED={seed}）"),
    );
    verdict.map_err(|trouble| trouble.noted(again))
}

static STREAM: Text = text(
    "Every byte counts, and a server that must send goes on receiving for the others: nothing is lost, doubled or reordered.",
    "每个字节都算数，不能丢、不能重、不能乱序；服务器忙着发给一个，也要照收别人的。",
);
