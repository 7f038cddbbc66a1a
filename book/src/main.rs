//! `cargo run -p book`: build the book, or serve it while it is being written.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use book::serve::{Allowed, Server};
use book::surroundings::{self, print};
use clap::{Parser, Subcommand};
use watcher::How;

/// The book in three editions: English, Chinese, and both side by side.
#[derive(Parser)]
#[command(name = "book", bin_name = "cargo run -p book --")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Build all editions and check them; what was built before stays if a check fails (default)
    Build {
        /// Where the pages go [default: book/out]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Note that both languages of every paragraph say the same as they now stand; lists those that
    /// were not noted before: read them side by side first
    Accept,
    /// Draw the figures whose numbers were measured, after they were measured anew
    Draw,
    /// Build, serve on 127.0.0.1, and build and reload again whenever a source changes
    Serve {
        /// The port to listen on; 0 takes any free one and prints it
        #[arg(long, default_value_t = 3000)]
        port: u16,
        /// Where the pages go; they are not for handing on [default: book/out-live]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Show the book in the browser
        #[arg(long)]
        open: bool,
        /// Answer to this name as well, by which the reader's browser comes here through a tunnel or
        /// a forwarded port; without a port, at any. May be given more than once
        #[arg(long = "allow-host", value_name = "HOST[:PORT]")]
        allowed: Vec<Allowed>,
        /// Look for changes: for a file system that does not tell of them, such as NFS or, in WSL,
        /// Windows' own
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
        Command::Accept => {
            let accepted = book::site::accept(root)?;
            for pair in &accepted {
                print(&format!("{pair}\n"))?;
            }
            print(&format!("accepted {} pairs of paragraphs", accepted.len()))
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
