//! What the book's tests, and those of the clients, need.

use super::check::{Check, Found, Mend, NEVER, Place, Tool, missing};
use super::look::{as_it_is, first_line, on_the_path};
use super::system;
use super::to_run::room;
use std::path::PathBuf;
use terminal::{Text, text};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: text("browser", "浏览器"),
        must: false,
        what_for: text(
            "the book's tests in a browser; to read it, any browser will do",
            "书的测试要用它；只是读书，什么浏览器都行",
        ),
        mend: Mend::Packages(["chromium", "chromium", "chromium", "--cask chromium"]),
        before: NEVER,
        look: browser,
    },
    Check {
        name: text("fonts", "字体"),
        must: false,
        what_for: text(
            "Chinese letters in the browser: in the Chinese edition, and in its tests",
            "浏览器里的汉字：中文版和它的测试都要",
        ),
        mend: Mend::Packages([
            "fontconfig fonts-noto-cjk",
            "fontconfig google-noto-sans-cjk-fonts",
            "fontconfig noto-fonts-cjk",
            "fontconfig",
        ]),
        before: NEVER,
        look: fonts,
    },
    Check {
        name: text("programs", "小工具"),
        must: false,
        what_for: text(
            "what the chapters type into terminals, and the book's tests with them",
            "各章在终端里要输入的命令，书的测试也要用",
        ),
        mend: Mend::Programs(&PROGRAMS),
        before: NEVER,
        look: |_| missing(&PROGRAMS),
    },
    Check {
        name: text("own network", "独立网络"),
        must: false,
        what_for: text(
            "`cargo test`: a client that connects to itself is tried on a network where it is alone",
            "`cargo test`：客户端连到自己的情形，要在只有它一个的网络里试",
        ),
        mend: Mend::Programs(&NAMESPACES),
        before: NEVER,
        look: own_network,
    },
    Check {
        name: text("disk for tests", "测试用磁盘"),
        must: false,
        what_for: text(
            "`cargo test --workspace` builds everything, the book with it",
            "`cargo test --workspace` 要构建一切，连同这本书",
        ),
        mend: Mend::Command("cargo clean"),
        before: NEVER,
        look: |place| room(place, ROOM_FOR_TESTS),
    },
];

/// What a full target folder takes, in bytes.
const ROOM_FOR_TESTS: u64 = 8 << 30;

/// Where the book's tests look for one, in this order.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

fn browser(_: &Place) -> Found {
    let chosen = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let found = chosen.or_else(|| BROWSERS.iter().find_map(|name| on_the_path(name)));
    match found {
        Some(path) if path.is_file() => Found::Fine(as_it_is(path.display().to_string())),
        Some(path) => Found::Lacking(Text::new(
            format!("CHROMIUM names none: {}", path.display()),
            format!("CHROMIUM 指的不是浏览器：{}", path.display()),
        )),
        None => Found::Lacking(text(
            "no Chromium and no Chrome on the PATH",
            "PATH 上没有 Chromium，也没有 Chrome",
        )),
    }
}

fn fonts(_: &Place) -> Found {
    if cfg!(target_os = "macos") {
        return Found::Fine(text("macOS has them", "macOS 自带"));
    }
    match first_line("fc-list", &[":lang=zh-cn", "family"]) {
        Ok(family) if !family.is_empty() => {
            let name = family.split(',').next().unwrap_or_default();
            Found::Fine(as_it_is(name))
        }
        Ok(_) => Found::Lacking(text("none has Chinese letters", "没有一种字体有汉字")),
        Err(why) => Found::Lacking(why),
    }
}

static PROGRAMS: [Tool; 5] = [
    Tool {
        program: "bash",
        packages: ["bash", "bash", "bash", "bash"],
    },
    Tool {
        program: "curl",
        packages: ["curl", "curl", "curl", "curl"],
    },
    Tool {
        program: "ss",
        packages: ["iproute2", "iproute", "iproute2", ""],
    },
    Tool {
        program: "pgrep",
        packages: PROCPS,
    },
    Tool {
        program: "ps",
        packages: PROCPS,
    },
];

const PROCPS: [&str; 4] = ["procps", "procps-ng", "procps-ng", ""];

static NAMESPACES: [Tool; 2] = [
    Tool {
        program: "unshare",
        packages: ["util-linux", "util-linux", "util-linux", ""],
    },
    Tool {
        program: "ip",
        packages: ["iproute2", "iproute", "iproute2", ""],
    },
];

fn own_network(_: &Place) -> Found {
    let lacking = missing(&NAMESPACES);
    if matches!(lacking, Found::Lacking(_)) {
        return lacking;
    }
    let Err(reason) = subject::run_alone(40_713, "true", &[]) else {
        return Found::Fine(text("can be had", "能建立"));
    };
    let reason = reason.lines().next().unwrap_or_default();
    let reason = terminal::harmless(reason.trim_start_matches("no network of its own: "));
    let found = Text::new(
        format!("cannot be had: {reason}"),
        format!("建立不了：“{reason}”"),
    );
    let restricted = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    let restricted = std::fs::read_to_string(restricted).unwrap_or_default();
    let mend = if restricted.trim() == "1" {
        Mend::Command("sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0")
    } else if system::is_container() {
        Mend::Words(text(
            "start the container with: docker run --privileged",
            "启动容器时加上：docker run --privileged",
        ))
    } else {
        Mend::Words(text(
            "run these tests as root, or leave them",
            "用 root 跑这些测试，或者不跑",
        ))
    };
    Found::Diagnosed(found, mend)
}
