//! Sessions: what a reader types into terminals, and what comes back. No chapter holds a command or
//! an output of its own; it includes a region of a file in `sessions/`, which a test types into real
//! terminals from top to bottom (`tests/sessions/`) and the build draws as terminals.
//!
//! A file reads as it would be told. A line that begins with a mark is somebody's doing; the lines
//! below it are what the terminal showed.
//!
//! ```text
//! # needs: just ss                      the programs that must be there (or io_uring)
//! # build: cargo build -q               run before anything is typed
//! # server                              a note on the next mark
//! 1$ just run 2                         typed at the prompt of terminal 1
//! 2< Hello                              typed into what runs in terminal 2
//! 1^Z                                   Ctrl-Z, in terminal 1
//! 2>                                    nothing is typed; terminal 2 shows more
//! $ cargo test                          without a number: in whichever terminal is free
//! # ANCHOR: talk                        a region for a chapter, until ANCHOR_END
//! # in Chinese                          below an output: what the Chinese edition shows instead
//! ```
//!
//! What is typed is the same in both languages. A session in which some output is not is played a second
//! time, to the last such output, where the environment asks for Chinese. What is the same, up to what
//! the notes let vary, stands once, so that both editions show the same numbers.
//!
//! At the end of the file all terminals must be back at their prompts.

mod check;
mod file;
mod render;

pub use check::check;
pub use file::{Action, CHINESE, Mark, Mistake, Note, Output, PORT, Session, mark, parse};
pub(crate) use render::render;
