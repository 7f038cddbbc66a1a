//! `cargo run -p book`: build the book, or serve it while it is being written.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use book::ledger::{Place, Read};
use book::serve::{Allowed, Server};
use book::surroundings::{self, print};
use clap::{Parser, Subcommand};
use watcher::How;

/// The book in three editions: English, Chinese, and both side by side（本书的三个版本：英文、中文、对照）
#[derive(Parser)]
#[command(name = "book", bin_name = "cargo run -p book --")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Build all editions and check them; what was built before stays if a check fails (default)（构建三个版本，逐项检查；查出问题，就保留上次的结果。不写子命令时就做这件事）
    Build {
        /// Where the pages go [default: book/out]（页面放在哪里 [默认：book/out]）
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Note that a pair of paragraphs says the same in both languages; without a place, show the pairs that are not noted yet（记下两种语言说法一致的一对段落；不写位置，就显示还没记下的）
    Accept {
        /// A line of the pair, in either language: after it was read（这对段落中的一行，写哪种语言的都行；读过再记）
        #[arg(value_name = "FILE:LINE", conflicts_with = "all")]
        places: Vec<Place>,
        /// All pairs: after each was read（全部记下；每一对都读过再用）
        #[arg(long)]
        all: bool,
    },
    /// Draw the figures whose numbers were measured, after they were measured anew（测量过后，重画带数据的图）
    Draw,
    /// Compile what the stage plays by, after its sources have changed（舞台的源代码改过之后，重新编译它的模块）
    Module,
    /// Count the tics of each language, chapter by chapter（逐章统计两种语言的口头禅）
    Tics,
    /// Build, serve on 127.0.0.1, and build and reload again whenever a source changes（构建，在 127.0.0.1 上供浏览；源文件一改，就重新构建、重新载入）
    Serve {
        /// The port to listen on; 0 takes any free one and prints it（监听的端口；0 表示任选一个空闲的，并打印出来）
        #[arg(long, default_value_t = 3000)]
        port: u16,
        /// Where the pages go; they are not for handing on [default: book/out-live]（页面放在哪里，不要拿去发布 [默认：book/out-live]）
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Show the book in the browser（在浏览器里打开）
        #[arg(long)]
        open: bool,
        /// Answer to this name as well, by which the reader's browser comes here through a tunnel or a forwarded port; without a port, at any. May be given more than once（也应答这个名字：浏览器经隧道或端口转发过来时用的名字；不写端口，就不限端口。可以写多次）
        #[arg(long = "allow-host", value_name = "HOST[:PORT]")]
        allowed: Vec<Allowed>,
        /// Look for changes: for a file system that does not tell of them, such as NFS or, in WSL, Windows' own（自己查看改动：用于不通报改动的文件系统，例如 NFS，或 WSL 里 Windows 的盘）
        #[arg(long)]
        poll: bool,
    },
}

fn main() -> ExitCode {
    let begun = surroundings::begin();
    let arguments: Arguments = surroundings::parse();
    let served = matches!(arguments.command, Some(Command::Serve { .. }));
    let status = surroundings::conclude(begun.and_then(|()| run(arguments)));
    // To be asked to end is a server's ordinary end.
    match surroundings::interrupted() {
        Some(interrupted) if !served => interrupted,
        _ => status,
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let root = &surroundings::workspace()?.join("book");
    match arguments.command.unwrap_or(Command::Build { out: None }) {
        Command::Build { out } => {
            let out = out.unwrap_or_else(|| root.join("out"));
            let start = Instant::now();
            let built = book::site::build(root, &out)?;
            for coverage in built.coverage {
                print(&coverage.to_string())?;
            }
            let seconds = start.elapsed().as_secs_f32();
            print(&format!("built three editions in {seconds:.1} s"))?;
            print(&format!("open {}", out.join("index.html").display()))
        }
        Command::Accept { places, all } => accept(root, places, all),
        Command::Tics => {
            let counts = book::site::tics(root)?;
            for found in counts.iter().filter(|found| found.count > 0) {
                print(&found.to_string())?;
            }
            for total in book::tics::totals(&counts) {
                print(&total.to_string())?;
            }
            Ok(())
        }
        Command::Module => {
            let module = book::stage::module(root)?;
            std::fs::write(&module.path, &module.script)
                .with_context(|| format!("cannot write {}", module.path.display()))?;
            print(&format!("made {}", module.path.display()))
        }
        Command::Draw => {
            for path in book::draw::write(root)? {
                print(&format!("drew {}", path.display()))?;
            }
            Ok(())
        }
        Command::Serve {
            port,
            out,
            open,
            allowed,
            poll,
        } => {
            let how = if poll { How::Looking } else { How::Events };
            // First of all: who asked for a taken port should not wait for a build to be told.
            let server = Server::bind(port)?.allow(allowed).watch(how);
            let out = out.unwrap_or_else(|| root.join("out-live"));
            book::serve::serve(server, root, &out, open)
        }
    }
}

fn accept(root: &Path, places: Vec<Place>, all: bool) -> Result<()> {
    let read = match all {
        true => Read::All,
        false => Read::At(places),
    };
    if matches!(&read, Read::At(places) if places.is_empty()) {
        let unread = book::site::unread(root)?;
        for pair in &unread {
            print(pair)?;
        }
        return match unread.len() {
            0 => print("every pair of paragraphs is noted"),
            // A script that meant to note them must not believe that it has.
            count => bail!(
                "{count} to read, none noted: `accept FILE:LINE` notes one, `accept --all` all"
            ),
        };
    }
    let accepted = book::site::accept(root, &read)?;
    for pair in &accepted {
        print(&format!("{pair}\n"))?;
    }
    print(&match accepted.len() {
        1 => "accepted 1 pair of paragraphs".to_owned(),
        count => format!("accepted {count} pairs of paragraphs"),
    })
}
