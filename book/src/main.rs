//! `cargo run -p book`: build the book, or serve it while it is being written.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, Subcommand};

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
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    match arguments.command.unwrap_or(Command::Build { out: None }) {
        Command::Build { out } => {
            let out = out.unwrap_or_else(|| root.join("out"));
            let start = Instant::now();
            let built = book::site::build(root, &out)?;
            for coverage in built.coverage {
                println!("{coverage}");
            }
            let seconds = start.elapsed().as_secs_f32();
            println!("built three editions in {seconds:.1} s");
            println!("open {}", out.join("index.html").display());
            Ok(())
        }
        Command::Accept => {
            let accepted = book::site::accept(root)?;
            for pair in &accepted {
                println!("{pair}\n");
            }
            println!("accepted {} pairs of paragraphs", accepted.len());
            Ok(())
        }
        Command::Serve { port, out, open } => {
            let out = out.unwrap_or_else(|| root.join("out-live"));
            book::serve::serve(root, &out, port, open)
        }
    }
}
