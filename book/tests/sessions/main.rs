//! Plays the book's sessions in real terminals: what a chapter shows is what a reader will see.
//!
//! `RECORD=1 cargo test -p book --test sessions` writes what was shown into the files instead of
//! comparing it. A session whose programs are not on the PATH is ignored; with `SESSIONS=required`
//! that is a failure.

#[cfg(unix)]
mod builds;
#[cfg(unix)]
mod compare;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod player;
#[cfg(unix)]
mod record;
#[cfg(unix)]
mod suite;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod verdict;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    suite::run()
}

#[cfg(not(unix))]
fn main() {
    println!("sessions are played only on Unix systems; on Windows, use WSL");
}
