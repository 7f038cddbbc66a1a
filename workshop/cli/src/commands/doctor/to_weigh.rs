//! What measuring needs.

use super::check::{Check, Found, Mend, NEVER, Place};
use super::look::{as_it_is, ask, not_on_the_path};
use std::process::Command;
use std::thread;
use terminal::{Text, text};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: text("processors", "CPU"),
        must: false,
        what_for: text(
            "figures: the server and its load each on one; with a single one, they take it from each other",
            "测量的数字：服务器和负载各占一个 CPU；只有一个，它们就互相争抢",
        ),
        mend: Mend::Words(text(
            "give the machine or the container a second one",
            "给这台机器或容器再分一个",
        )),
        before: NEVER,
        look: processors,
    },
    Check {
        name: text("Libevent", "Libevent"),
        must: false,
        what_for: text(
            "`just versus floor libevent 5`: the same server in C, to be weighed beside ours",
            "`just versus floor libevent 5`：用 C 写的同一个服务器，和我们的放在一起测",
        ),
        mend: Mend::Packages(["libevent-dev", "libevent-devel", "libevent", "libevent"]),
        before: NEVER,
        look: libevent,
    },
];

fn processors(_: &Place) -> Found {
    let count = thread::available_parallelism().map_or(1, usize::from);
    match count {
        1 => Found::Lacking(text("only one", "只有一个")),
        _ => Found::Fine(as_it_is(count.to_string())),
    }
}

/// As the bench compiles with it: by the C compiler, and by what pkg-config knows, if it is there.
fn libevent(_: &Place) -> Found {
    let mut asked = Command::new("pkg-config");
    let flags = ask(asked.args(["--cflags", "libevent_core"]));
    let flags = flags.filter(|it| it.status.success());
    let flags = flags.map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
    let mut cc = Command::new("cc");
    cc.args(flags.unwrap_or_default().split_whitespace());
    cc.args(["-E", "-include", "event2/event.h", "-x", "c", "/dev/null"]);
    match ask(&mut cc) {
        None => Found::Lacking(not_on_the_path("cc")),
        Some(output) if output.status.success() => {
            Found::Fine(Text::new("its headers are there", "头文件都在"))
        }
        Some(_) => Found::Lacking(Text::new(
            "its headers are not found (event2/event.h)",
            "找不到它的头文件（event2/event.h）",
        )),
    }
}
