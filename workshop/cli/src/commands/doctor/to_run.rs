//! What every step needs to be built and started.

use super::check::{ALWAYS, Before, Check, Found, Mend, NEVER, Place};
use super::look::{as_it_is, ask, complaint, first_line, not_on_the_path, on_the_path, reason};
use super::registry;
use super::system::{self, Wsl};
use grader::Need;
use grader::step::Steps;
use nix::sys::statvfs::statvfs;
use serde_json::Value;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use subject::processes::who_listens;
use terminal::{Text, chinese, text};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: text("system", "系统"),
        must: true,
        what_for: text(
            "everything is for Linux, and has been tried there; on Windows, that is WSL 2",
            "一切都为 Linux 而写，也只在 Linux 上跑过；在 Windows 上就是 WSL 2",
        ),
        mend: Mend::Words(text(
            "in PowerShell: wsl --install",
            "在 PowerShell 里：wsl --install",
        )),
        before: ALWAYS,
        look: operating_system,
    },
    Check {
        name: text("rustc", "rustc"),
        must: true,
        what_for: text("the compiler: every step", "编译器：每一步都要"),
        mend: Mend::Command(RUSTUP),
        before: NEVER,
        look: |place| new_enough("rustc", place),
    },
    Check {
        name: text("cargo", "cargo"),
        must: true,
        what_for: text("builds every step, and starts it", "构建、启动每一步"),
        mend: Mend::Command(RUSTUP),
        before: NEVER,
        look: |place| new_enough(&cargo(), place),
    },
    Check {
        name: text("linker", "链接器"),
        must: true,
        what_for: text(
            "makes a program of what rustc compiles: every step",
            "把 rustc 编译出来的东西链接成程序：每一步都要",
        ),
        mend: Mend::Commands([
            "sudo apt install gcc libc6-dev",
            "sudo dnf install gcc",
            "sudo pacman -S base-devel",
            "xcode-select --install",
        ]),
        before: NEVER,
        look: linker,
    },
    Check {
        name: text("packages", "依赖"),
        must: false,
        what_for: text(
            "the first build of each step takes its packages from the network; with all of them here, none is needed",
            "各步第一次构建时，要联网取依赖；全都有了，就不用再联网",
        ),
        mend: Mend::Command("cargo fetch --locked"),
        before: NEVER,
        look: packages,
    },
    Check {
        name: text("disk", "磁盘"),
        must: true,
        what_for: text(
            "what is built goes into the target folder: all steps for the tour, and the tool",
            "构建结果放在 target 目录里：tour 要的全部步骤，还有工具自己",
        ),
        mend: Mend::Command("cargo clean"),
        before: ALWAYS,
        look: |place| room(place, ROOM_FOR_STEPS),
    },
    Check {
        name: text("loopback", "环回地址"),
        must: true,
        what_for: text(
            "servers listen on 127.0.0.1, and clients connect to it: every step",
            "服务器在 127.0.0.1 上监听，客户端连的也是它：每一步都要",
        ),
        mend: Mend::Commands([
            "sudo ip link set lo up",
            "sudo ip link set lo up",
            "sudo ip link set lo up",
            "sudo ifconfig lo0 up",
        ]),
        before: ALWAYS,
        look: loopback,
    },
    Check {
        name: text("port 40713", "端口 40713"),
        must: false,
        what_for: text(
            "`run` and the chapters' terminals start servers there; another port: --listen 127.0.0.1:0",
            "`run` 和各章终端里的服务器都用它；换一个端口：--listen 127.0.0.1:0",
        ),
        mend: Mend::Command("cargo run -- run 2 --listen 127.0.0.1:0"),
        before: NEVER,
        look: port,
    },
    Check {
        name: text("io_uring", "io_uring"),
        must: false,
        what_for: text(
            "step 07 alone: without it, its servers do not start, and their cases are skipped",
            "只有第 07 步要用：没有它，那一步的服务器启动不了，用例会跳过",
        ),
        mend: Mend::Words(text(
            "Linux from 6.1 on; in WSL: wsl --update; where it is forbidden: sysctl kernel.io_uring_disabled=0, and of a container, docker run --security-opt seccomp=unconfined",
            "Linux 6.1 或更新；WSL 里用 wsl --update；被禁用的话，sysctl kernel.io_uring_disabled=0，容器则用 docker run --security-opt seccomp=unconfined 启动",
        )),
        before: |before| matches!(before, Before::Step(needs) if needs.contains(&Need::IoUring)),
        look: io_uring,
    },
    Check {
        name: text("just", "just"),
        must: false,
        what_for: text(
            "makes commands shorter: `just run 2` for `cargo run -- run 2`",
            "让命令短一些：`just run 2` 就是 `cargo run -- run 2`",
        ),
        mend: Mend::Commands([
            "cargo install just",
            "sudo dnf install just",
            "sudo pacman -S just",
            "brew install just",
        ]),
        before: NEVER,
        look: |_| match first_line("just", &["--version"]) {
            Ok(version) => Found::Fine(as_it_is(version)),
            Err(why) => Found::Lacking(why),
        },
    },
];

const RUSTUP: &str = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh";

/// What the tour builds for speed, and the tool itself, with some air: in bytes.
const ROOM_FOR_STEPS: u64 = 1 << 30;

fn operating_system(_: &Place) -> Found {
    let kernel = system::kernel();
    if system::wsl() == Some(Wsl::One) {
        let found = text(
            "WSL 1 is no Linux: Windows answers its calls, and not all of them",
            "WSL 1 不是 Linux：系统调用由 Windows 来答，而且答不全",
        );
        let mend = text(
            "in PowerShell: wsl --set-version Ubuntu 2 (its name: wsl --list)",
            "在 PowerShell 里：wsl --set-version Ubuntu 2（名字看 wsl --list）",
        );
        return Found::Diagnosed(found, Mend::Words(mend));
    }
    if cfg!(target_os = "linux") {
        return Found::Fine(as_it_is(format!("Linux {kernel}")));
    }
    Found::Fine(Text::new(
        "no Linux: everything is compiled for it, nothing has been run on it yet",
        "不是 Linux：只验证过能编译，还没有真正跑过",
    ))
}

/// The cargo that started this program, if one did.
fn cargo() -> String {
    std::env::var("CARGO").unwrap_or("cargo".to_owned())
}

/// `rustc 1.95.0 (…)` or `cargo 1.95.0 (…)`, and what the workspace asks for.
fn new_enough(program: &str, place: &Place) -> Found {
    let wanted = wanted(&place.root).unwrap_or_default();
    let line = match first_line(program, &["--version"]) {
        Ok(line) => line,
        Err(why) => return Found::Lacking(why),
    };
    let version = line.split_whitespace().nth(1).unwrap_or_default();
    let found = Text::new(
        format!("{version}; {wanted} or newer will do"),
        format!("{version}；{wanted} 或更新的都行"),
    );
    match number(version) >= number(&wanted) {
        true => Found::Fine(found),
        false if on_the_path("rustup").is_some() => Found::Diagnosed(
            too_old(version, &wanted),
            Mend::Command("rustup update stable"),
        ),
        false => Found::Lacking(too_old(version, &wanted)),
    }
}

fn too_old(version: &str, wanted: &str) -> Text {
    Text::new(
        format!("{version} is too old: {wanted} or newer is needed"),
        format!("{version} 太旧了：要 {wanted} 或更新的"),
    )
}

/// The version of Rust that the workspace asks for.
fn wanted(root: &Path) -> Option<String> {
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).ok()?;
    let manifest: toml::Table = manifest.parse().ok()?;
    let version = manifest
        .get("workspace")?
        .get("package")?
        .get("rust-version")?;
    Some(version.as_str()?.to_owned())
}

/// Major and minor.
fn number(version: &str) -> (u32, u32) {
    let mut parts = version
        .split(['.', '-'])
        .map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// There may be a compiler, and nothing to link with.
fn linker(_: &Place) -> Found {
    let Some(path) = on_the_path("cc") else {
        return Found::Lacking(not_on_the_path("cc"));
    };
    let linked = tempfile::tempdir().and_then(|folder| {
        let source = folder.path().join("nothing.c");
        std::fs::write(&source, "int main(void) { return 0; }\n")?;
        let mut cc = Command::new("cc");
        cc.arg("-o").arg(folder.path().join("nothing")).arg(source);
        subject::run_to_end(&mut cc, Vec::new())
    });
    match linked {
        Ok(output) if output.status.success() => {
            let path = path.display();
            Found::Fine(Text::new(
                format!("{path} has linked a program"),
                format!("{path}，试过，能链接出程序"),
            ))
        }
        Ok(output) => {
            let complaint = complaint(&output);
            Found::Lacking(Text::new(
                format!("cc cannot link a program: {complaint}"),
                format!("cc 链接不出程序：“{complaint}”"),
            ))
        }
        Err(error) => Found::Lacking(Text::new(
            format!("cc cannot be tried: {error}"),
            format!("cc 试不了：{}", chinese(&error)),
        )),
    }
}

/// Cargo itself knows whether it would need the network, whatever it is configured to.
fn packages(place: &Place) -> Found {
    let from = registry::configured(&place.root);
    let mut metadata = Command::new(cargo());
    metadata.current_dir(&place.root).args([
        "metadata",
        "--offline",
        "--locked",
        "--format-version=1",
    ]);
    // Those for other systems are not needed here.
    if let Some(host) = host() {
        metadata.args(["--filter-platform", &host]);
    }
    let Some(output) = ask(&mut metadata) else {
        return Found::Lacking(not_on_the_path("cargo"));
    };
    if !output.status.success() {
        let complaint = complaint(&output);
        return Found::Lacking(match complaint.contains("--locked") {
            true => Text::new(complaint.clone(), format!("“{complaint}”")),
            false => Text::new(
                format!("not all are here: the next build asks {from}"),
                format!("还不全：下次构建要向 {from} 取"),
            ),
        });
    }
    let all: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let count = all["packages"].as_array().map_or(0, Vec::len);
    Found::Fine(Text::new(
        format!("all {count} are here, from {from}: no build needs the network"),
        format!("{count} 个都在，来自 {from}：构建不用联网"),
    ))
}

/// What rustc compiles for if nobody says anything else.
fn host() -> Option<String> {
    let output = ask(Command::new("rustc").arg("-vV"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = said.lines();
    lines.find_map(|line| Some(line.strip_prefix("host: ")?.to_owned()))
}

/// Is there so much room, in bytes, where this program was built?
pub(super) fn room(place: &Place, wanted: u64) -> Found {
    // Its own folder is in it, unless somebody has installed it elsewhere.
    let folder = match place.root.join("target") {
        target if target.is_dir() => target,
        _ => place.root.clone(),
    };
    let Ok(about) = statvfs(&folder) else {
        return Found::Fine(text("cannot be told here", "这里查不到"));
    };
    // How wide its fields are differs between systems.
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
    let free = about.blocks_available() as u64 * about.fragment_size() as u64;
    let [free_size, wanted_size] =
        [free, wanted].map(|size| format!("{:.1} GiB", size as f64 / (1u64 << 30) as f64));
    match free >= wanted {
        true => Found::Fine(Text::new(
            format!("{free_size} free"),
            format!("还有 {free_size}"),
        )),
        false => Found::Lacking(Text::new(
            format!(
                "only {free_size} free in {}; wanted: {wanted_size}",
                folder.display()
            ),
            format!("{} 只剩 {free_size}；要 {wanted_size}", folder.display()),
        )),
    }
}

fn loopback(_: &Place) -> Found {
    let connected = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| TcpStream::connect(listener.local_addr()?));
    match connected {
        Ok(_) => Found::Fine(as_it_is("127.0.0.1")),
        Err(error) => Found::Lacking(Text::new(
            format!("nobody can connect to 127.0.0.1: {error}"),
            format!("127.0.0.1 连不上：{}", chinese(&error)),
        )),
    }
}

/// Where the steps' servers listen if nobody says anything else.
fn port(_: &Place) -> Found {
    let address: SocketAddr = match shared::server::DEFAULT_ADDRESS.parse() {
        Ok(address) => address,
        Err(error) => return Found::Lacking(reason(&error)),
    };
    match TcpListener::bind(address) {
        Ok(_) => Found::Fine(text("free", "空着")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => taken(address),
        Err(error) => Found::Lacking(reason(&error)),
    }
}

fn taken(address: SocketAddr) -> Found {
    let Ok(Some(pid)) = who_listens(address.port()) else {
        return Found::Lacking(text(
            "taken; by whom cannot be told",
            "已经被占用，查不到是哪个程序",
        ));
    };
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name = terminal::harmless(name.trim());
    let steps = Steps::read().map_or(Vec::new(), |steps| steps.0);
    let mut programs = steps.iter().flat_map(|step| &step.programs);
    // The kernel keeps the first 15 letters.
    let is_ours = !name.is_empty() && programs.any(|it| it.name.starts_with(&name));
    let found = Text::new(
        format!("taken by {name}, process {pid}"),
        format!("{name}（进程 {pid}）正在用"),
    );
    match is_ours {
        true => Found::Diagnosed(found, Mend::Known(format!("kill {pid}"))),
        false => Found::Lacking(found),
    }
}

fn io_uring(_: &Place) -> Found {
    match Need::IoUring.missing() {
        None => Found::Fine(text("a ring has been set up", "试过，能创建环")),
        Some(why) => Found::Diagnosed(why.clone(), how_to_get_io_uring()),
    }
}

fn how_to_get_io_uring() -> Mend {
    let disabled = std::fs::read_to_string("/proc/sys/kernel/io_uring_disabled");
    if disabled.is_ok_and(|it| it.trim() != "0") {
        return Mend::Command("sudo sysctl kernel.io_uring_disabled=0");
    }
    if system::wsl().is_some() {
        return Mend::Words(text(
            "in PowerShell: wsl --update",
            "在 PowerShell 里：wsl --update",
        ));
    }
    if system::is_container() {
        return Mend::Words(text(
            "start the container with: docker run --security-opt seccomp=unconfined",
            "启动容器时加上：docker run --security-opt seccomp=unconfined",
        ));
    }
    Mend::Words(text(
        "a kernel from 6.1 on: upgrade the system",
        "内核要 6.1 或更新：升级系统",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(number("1.100.0") > number("1.88"));
        assert!(number("1.88.0") >= number("1.88"));
        assert!(number("1.87.0-nightly") < number("1.88"));
    }
}
