//! What a copy needs to be written, watched and judged.

use super::check::{Check, Found, Mend, NEVER, Place, TOUR, Tool, missing};
use super::look::{as_it_is, ask, complaint, not_on_the_path};
use super::system;
use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::geteuid;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use terminal::{Text, chinese, grouped, text};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: text("descriptors", "描述符"),
        must: false,
        what_for: text(
            "the cases crowd, accept-burst and fd-setsize, which are skipped where fewer may be open",
            "用例 crowd、accept-burst 和 fd-setsize；能打开的不够多，它们就跳过",
        ),
        mend: Mend::Commands([
            RAISE_DESCRIPTORS,
            RAISE_DESCRIPTORS,
            RAISE_DESCRIPTORS,
            "sudo launchctl limit maxfiles 10240 10240",
        ]),
        before: TOUR,
        look: descriptors,
    },
    Check {
        name: text("processes", "进程"),
        must: false,
        what_for: text(
            "the case crowd: a process or a thread for each of 1,100 clients (step 02)",
            "用例 crowd：1,100 个客户端，每个一个进程或线程（第 02 步）",
        ),
        mend: Mend::Commands([
            RAISE_PROCESSES,
            RAISE_PROCESSES,
            RAISE_PROCESSES,
            "ulimit -u 2000",
        ]),
        before: NEVER,
        look: processes,
    },
    Check {
        name: text("backlog", "监听队列"),
        must: false,
        what_for: text(
            "the cases crowd and accept-burst: so many clients wait at once to be accepted",
            "用例 crowd 和 accept-burst：这么多客户端同时等着被接受",
        ),
        mend: Mend::Commands([
            RAISE_BACKLOG,
            RAISE_BACKLOG,
            RAISE_BACKLOG,
            "sudo sysctl kern.ipc.somaxconn=4096",
        ]),
        before: NEVER,
        look: backlog,
    },
    Check {
        name: text("/proc", "/proc"),
        must: false,
        what_for: text(
            "cases that look into the server from outside: mechanism, out-of-descriptors, descriptors-given-back and others are skipped",
            "从外面看服务器内部的用例：mechanism、out-of-descriptors、descriptors-given-back 等会跳过",
        ),
        mend: Mend::Words(text("only Linux has it", "只有 Linux 才有")),
        before: NEVER,
        look: proc_is_readable,
    },
    Check {
        name: text("IPv6", "IPv6"),
        must: false,
        what_for: text(
            "the cases ipv6, http-ipv6 and http-every-address, which are skipped",
            "用例 ipv6、http-ipv6 和 http-every-address；没有就跳过",
        ),
        mend: Mend::Commands([ENABLE_IPV6, ENABLE_IPV6, ENABLE_IPV6, ""]),
        before: NEVER,
        look: ipv6,
    },
    Check {
        name: text("localhost", "localhost"),
        must: false,
        what_for: text(
            "step 01: the cases http-name and http-every-address, which are skipped",
            "第 01 步的用例 http-name 和 http-every-address；不是这样就跳过",
        ),
        mend: Mend::Command("echo '127.0.0.1 localhost' | sudo tee -a /etc/hosts"),
        before: NEVER,
        look: localhost,
    },
    Check {
        name: text("file events", "文件事件"),
        must: false,
        what_for: text(
            "`watch` and the book's server notice a save by them; without: `watch --poll`",
            "`watch` 和书的服务器靠它得知文件已经保存；没有就用 `watch --poll`",
        ),
        mend: Mend::Words(text(
            "move the checkout onto this machine's own disk; in WSL, out of /mnt/c, into ~",
            "把工作目录搬到本机自己的磁盘上；在 WSL 里，从 /mnt/c 搬到 ~",
        )),
        before: NEVER,
        look: file_events,
    },
    Check {
        name: text("strace", "strace"),
        must: false,
        what_for: text(
            "looking at a server in `grade --debug`; a terminal of chapter 7; `bench syscalls`",
            "在 `grade --debug` 里看服务器；第 7 章的一个终端；`bench syscalls`",
        ),
        mend: Mend::Packages(["strace", "strace", "strace", ""]),
        before: NEVER,
        look: strace,
    },
    Check {
        name: text("languages", "别的语言"),
        must: false,
        what_for: text(
            "`start 2 --lang c`, python, go, node: only the one that you would like to write in",
            "`start 2 --lang c`，以及 python、go、node：想用哪种写，就装哪种",
        ),
        mend: Mend::Programs(&TOOLS),
        before: NEVER,
        look: |_| missing(&TOOLS),
    },
];

const RAISE_DESCRIPTORS: &str = "sudo prlimit --pid $$ --nofile=1300:1300";
const RAISE_PROCESSES: &str = "sudo prlimit --pid $$ --nproc=2000:2000";
const RAISE_BACKLOG: &str = "sudo sysctl net.core.somaxconn=4096";
const ENABLE_IPV6: &str = "sudo sysctl net.ipv6.conf.lo.disable_ipv6=0";

/// How many descriptors the largest case needs on the judge's side, and the server on its own.
const DESCRIPTORS: u64 = 1_300;
/// How many processes there are where one serves each of the largest crowd.
const PROCESSES: u64 = 1_200;
/// How many clients come in the largest burst.
const BACKLOG: u64 = 1_000;

/// The soft limit is raised by whoever needs more; the hard one is the end.
fn descriptors(_: &Place) -> Found {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return CANNOT_BE_TOLD;
    };
    // macOS takes no more than this where it calls the limit infinite.
    let hard = if cfg!(target_os = "macos") {
        hard.min(10_240)
    } else {
        hard
    };
    let (now, at_most) = (limit(soft), limit(hard));
    match hard >= DESCRIPTORS {
        true => Found::Fine(Text::new(
            format!("up to {at_most} open (now {now}, raised where needed)"),
            format!("最多能打开 {at_most} 个（现在 {now} 个，需要时会提高）"),
        )),
        false => Found::Lacking(Text::new(
            format!("only {at_most} may be open, {DESCRIPTORS} are wanted"),
            format!("只能打开 {at_most} 个，要 {DESCRIPTORS} 个"),
        )),
    }
}

const CANNOT_BE_TOLD: Found = Found::Fine(text("cannot be told here", "这里查不到"));

fn limit(value: u64) -> String {
    // Beyond what any counter of the kernel's holds: `RLIM_INFINITY`, `max`.
    match value > i64::MAX as u64 {
        true => "∞".to_owned(),
        false => grouped(value as usize),
    }
}

/// Two may limit them: the user's own limit, which root has not, and the control group's.
fn processes(_: &Place) -> Found {
    let user = match geteuid().is_root() {
        true => u64::MAX,
        false => user_limit(),
    };
    let group = group_limit();
    let at_most = user.min(group);
    let shown = limit(at_most);
    if at_most >= PROCESSES {
        return Found::Fine(match at_most == u64::MAX {
            true => text("no limit", "没有上限"),
            false => Text::new(
                format!("up to {shown} at once"),
                format!("最多同时 {shown} 个"),
            ),
        });
    }
    let found = Text::new(
        format!("only {shown} may run at once, {PROCESSES} are wanted"),
        format!("只能同时运行 {shown} 个，要 {PROCESSES} 个"),
    );
    match group < user {
        false => Found::Lacking(found),
        true => Found::Diagnosed(
            found,
            Mend::Words(text(
                "the control group limits them (pids.max): of a container, docker run --pids-limit -1",
                "是控制组的上限（pids.max）：容器要用 docker run --pids-limit -1 启动",
            )),
        ),
    }
}

#[cfg(target_os = "linux")]
fn user_limit() -> u64 {
    getrlimit(Resource::RLIMIT_NPROC).map_or(u64::MAX, |(soft, _)| soft)
}

#[cfg(not(target_os = "linux"))]
fn user_limit() -> u64 {
    u64::MAX
}

/// The smallest `pids.max` of the control group that this runs in, and of those above it.
fn group_limit() -> u64 {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = groups.lines().flat_map(|line| {
        // `0::/a/b` in a hierarchy that has all, `8:pids:/a/b` where each has its own.
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next().unwrap_or(""), parts.next().unwrap_or("/"));
        let root = match controllers {
            "" => "/sys/fs/cgroup",
            "pids" => "/sys/fs/cgroup/pids",
            _ => return Vec::new(),
        };
        let folder = PathBuf::from(format!("{root}{path}"));
        let folders = folder.ancestors().take_while(|it| it.starts_with(root));
        folders.filter_map(pids_max).collect()
    });
    limits.min().unwrap_or(u64::MAX)
}

fn pids_max(folder: &Path) -> Option<u64> {
    let text = fs::read_to_string(folder.join("pids.max")).ok()?;
    text.trim().parse().ok() // or "max"
}

fn backlog(_: &Place) -> Found {
    let Ok(text) = fs::read_to_string("/proc/sys/net/core/somaxconn") else {
        return CANNOT_BE_TOLD;
    };
    let longest: u64 = text.trim().parse().unwrap_or(0);
    let shown = limit(longest);
    match longest >= BACKLOG {
        true => Found::Fine(Text::new(
            format!("up to {shown} may wait"),
            format!("最多能等 {shown} 个"),
        )),
        false => Found::Lacking(Text::new(
            format!("only {shown} may wait, whatever a server asks for"),
            format!("不管服务器要多长，最多只能等 {shown} 个"),
        )),
    }
}

/// It is mounted, and tells of others.
fn proc_is_readable(_: &Place) -> Found {
    match subject::processes::tree(std::process::id()) {
        Ok(_) => Found::Fine(text("can be read", "读得到")),
        Err(error) => Found::Lacking(Text::new(
            error.to_string(),
            format!(
                "无法读取 {}：{}",
                error.file.display(),
                chinese(&error.reason)
            ),
        )),
    }
}

fn ipv6(_: &Place) -> Found {
    match TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) {
        Ok(_) => Found::Fine(as_it_is("::1")),
        Err(error) => Found::Lacking(Text::new(
            format!("nobody can listen on ::1: {error}"),
            format!("无法在 ::1 上监听：{}", chinese(&error)),
        )),
    }
}

/// How long the resolver is waited for. What stands in a file, it knows at once.
const PROMPT: Duration = Duration::from_secs(1);

fn localhost(_: &Place) -> Found {
    let (sender, resolved) = mpsc::channel();
    // Not waited for: it cannot be told to give up.
    thread::spawn(move || {
        let all = ("localhost", 0).to_socket_addrs();
        let all: Vec<IpAddr> = all.map_or(Vec::new(), |all| all.map(|it| it.ip()).collect());
        sender.send(all)
    });
    let all = resolved.recv_timeout(PROMPT).unwrap_or_default();
    let names: Vec<String> = all.iter().map(IpAddr::to_string).collect();
    let has = |address: IpAddr| all.contains(&address);
    match (
        has(Ipv4Addr::LOCALHOST.into()),
        has(Ipv6Addr::LOCALHOST.into()),
    ) {
        (true, true) => Found::Fine(as_it_is(names.join(", "))),
        (true, false) => Found::Diagnosed(
            text("127.0.0.1, and not ::1", "是 127.0.0.1，不是 ::1"),
            Mend::Command("echo '::1 localhost' | sudo tee -a /etc/hosts"),
        ),
        (false, _) => Found::Lacking(Text::new(
            format!("not 127.0.0.1: {}", names.join(", ")),
            format!("不是 127.0.0.1：{}", names.join("、")),
        )),
    }
}

/// File systems that others change behind the kernel's back, which then tells nobody.
const SILENT: [&str; 9] = [
    "9p", "cifs", "drvfs", "fuse", "ncpfs", "nfs", "smb", "vboxsf", "virtiofs",
];

fn file_events(place: &Place) -> Found {
    let kind = file_system(&place.root);
    if let Some(kind) = &kind
        && SILENT.iter().any(|silent| kind.starts_with(silent))
    {
        let found = Text::new(
            format!("{kind}, the file system here, does not tell of all changes"),
            format!("这里的文件系统是 {kind}，文件改了不一定有通知"),
        );
        return Found::Lacking(found);
    }
    let fine = kind.unwrap_or("FSEvents".to_owned());
    if !cfg!(target_os = "linux") {
        return Found::Fine(as_it_is(fine));
    }
    for (name, wanted) in [("max_user_instances", 8), ("max_user_watches", 1_000)] {
        let text = fs::read_to_string(format!("/proc/sys/fs/inotify/{name}"));
        let limit = text.ok().and_then(|text| text.trim().parse::<u64>().ok());
        if let Some(limit) = limit
            && limit < wanted
        {
            let found = Text::new(
                format!("fs.inotify.{name} is only {limit}"),
                format!("fs.inotify.{name} 只有 {limit}"),
            );
            let more = format!("sudo sysctl fs.inotify.{name}=8192");
            return Found::Diagnosed(found, Mend::Known(more));
        }
    }
    Found::Fine(as_it_is(format!("inotify, {fine}")))
}

/// The type of the file system that a folder is on (`proc_pid_mountinfo(5)`).
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    type_at(&mounts, &folder)
}

/// Of all that are mounted above the folder, the longest path decides, and of several there the last.
fn type_at(mounts: &str, folder: &Path) -> Option<String> {
    let mounted = mounts.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        // A space stands there as \040.
        let point = left.split(' ').nth(4)?.replace("\\040", " ");
        let kind = right.split(' ').next()?;
        folder.starts_with(&point).then_some((point.len(), kind))
    });
    let nearest = mounted.max_by_key(|&(length, _)| length);
    nearest.map(|(_, kind)| kind.to_owned())
}

fn strace(_: &Place) -> Found {
    let tried = ask(Command::new("strace").args(["-o", "/dev/null", "true"]));
    let Some(output) = tried else {
        return Found::Lacking(not_on_the_path("strace"));
    };
    if !output.status.success() {
        let complaint = complaint(&output);
        let found = Text::new(
            format!("may trace nothing: {complaint}"),
            format!("不许跟踪：“{complaint}”"),
        );
        return match system::is_container() {
            true => Found::Diagnosed(
                found,
                Mend::Words(text(
                    "start the container with: docker run --cap-add SYS_PTRACE",
                    "启动容器时加上：docker run --cap-add SYS_PTRACE",
                )),
            ),
            false => Found::Lacking(found),
        };
    }
    // Yama's: from 1 on, only a process's own children may be traced.
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    match scope.trim() {
        "" | "0" => Found::Fine(text("may trace", "能跟踪")),
        _ if geteuid().is_root() => Found::Fine(text("may trace", "能跟踪")),
        scope => Found::Diagnosed(
            Text::new(
                format!(
                    "traces what it starts; attaches to nothing that runs (ptrace_scope {scope})"
                ),
                format!("只能跟踪自己启动的程序，接不到正在运行的程序上（ptrace_scope {scope}）"),
            ),
            Mend::Command("sudo sysctl kernel.yama.ptrace_scope=0"),
        ),
    }
}

/// What copies are built or started with, as `--lang` names the languages.
const LANGUAGES: [(&str, &Tool); 4] = [
    ("c", &TOOLS[0]),
    ("python", &TOOLS[1]),
    ("go", &TOOLS[2]),
    ("node", &TOOLS[3]),
];

static TOOLS: [Tool; 4] = [
    Tool {
        program: "cc",
        packages: ["gcc libc6-dev", "gcc", "gcc", ""],
    },
    Tool {
        program: "python3",
        packages: ["python3", "python3", "python", "python"],
    },
    Tool {
        program: "go",
        packages: ["golang-go", "golang", "go", "go"],
    },
    Tool {
        program: "node",
        packages: ["nodejs", "nodejs", "nodejs", "node"],
    },
];

/// What a copy in this language cannot do without, if that is not there.
pub(super) fn tool_missing(language: &str) -> Option<Text> {
    let (_, tool) = LANGUAGES.iter().find(|(name, _)| *name == language)?;
    tool.is_missing().then(|| not_on_the_path(tool.program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_is_that_of_the_nearest_mount() {
        let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            30 22 0:3 / /mnt/c rw shared:1 - 9p C: rw\n\
            31 22 0:4 / /mnt/my\\040files rw - nfs4 server:/x rw\n\
            32 22 0:5 / /home rw - xfs /dev/sdb rw\n";
        let at = |folder: &str| type_at(mounts, Path::new(folder));
        assert_eq!(at("/mnt/c/Users/me").as_deref(), Some("9p"));
        assert_eq!(at("/mnt/my files/x").as_deref(), Some("nfs4"));
        assert_eq!(at("/mnt/cx").as_deref(), Some("ext4"));
        assert_eq!(at("/home/me").as_deref(), Some("xfs"));
        assert_eq!(type_at("", Path::new("/")), None);
    }
}
