//! `--debug`: one case, with all the time in the world, for whoever attaches a debugger.

use anyhow::Result;
use grader::step::{Assignment, Kind, StepProgram};
use grader::{Beat, Graded, Place, Program};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use terminal::{Terminal, Text, Told, text};

/// Runs the case alone. Nothing of it is given up for silence, and each server that it starts is shown
/// before anything is said to it.
pub(super) fn debug(
    terminal: &Terminal,
    claims: &StepProgram,
    program: &Program,
    assignment: &Assignment,
) -> Result<Vec<Graded>> {
    if claims.kind != Kind::Server || matches!(program.place, Place::Running(_)) {
        return Err(Told(NOT_STARTED.clone()).into());
    }
    grader::wait_without_end();
    let was_shown = Arc::new(AtomicBool::new(false));
    let (onlooker, shown) = (terminal.clone(), Arc::clone(&was_shown));
    let slug = assignment.case.slug;
    grader::look_on(move |_, beat| {
        if let Beat::Started { pid, address } = *beat {
            shown.store(true, Ordering::Relaxed);
            let what = introduction(slug, pid, address);
            onlooker.mention(what.get(onlooker.language));
            // Without a terminal or anything else to read from, it goes on at once.
            let _ = io::stdin().read_line(&mut String::new());
        }
    });
    // Not by `grader::grade`, which starts a server beforehand to see whether it comes up.
    let graded = assignment.grade(program);
    if !was_shown.load(Ordering::Relaxed) {
        terminal.mention(NO_SERVER.get(terminal.language));
    }
    Ok(vec![graded])
}

fn introduction(slug: &str, pid: u32, address: SocketAddr) -> Text {
    let (sudo, en, zh) = match may_attach() {
        true => ("", "", ""),
        false => (
            "sudo ",
            " (only root may attach here: /proc/sys/kernel/yama/ptrace_scope)",
            "（这里只有 root 能接上去：/proc/sys/kernel/yama/ptrace_scope）",
        ),
    };
    let commands = format!("    {sudo}gdb -p {pid}\n    {sudo}strace -f -p {pid}");
    Text::new(
        format!(
            "{slug}: the server is process {pid}, and listens at {address}; nothing has been said to it yet.\n  \
             From another terminal{en}:\n{commands}\n  \
             Enter: the case speaks, without time-outs. Ctrl-C: all ends."
        ),
        format!(
            "{slug}：服务器是 {pid} 号进程，在 {address} 上监听；还什么也没有对它说。\n  \
             在另一个终端里{zh}：\n{commands}\n  \
             按 Enter，用例开始说话，不限时；按 Ctrl-C，全部结束。"
        ),
    )
}

/// May a process look into another one of the same user that is not its child (`ptrace(2)`)?
fn may_attach() -> bool {
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    let is_root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    is_root || scope.map_or(true, |scope| scope.trim() == "0")
}

static NOT_STARTED: Text = text(
    "--debug is for a server that the judge starts: of what runs already, or is a client, it has no process to show",
    "--debug 只用于由评判程序启动的服务器：已经在运行的服务器，以及客户端，没有可以给你看的进程",
);
static NO_SERVER: Text = text(
    "this case lets the program run to its end and starts no server that waits: there was nothing to attach to",
    "这个用例让程序自己运行到结束，没有启动等待连接的服务器：没有可以接上去的进程",
);
