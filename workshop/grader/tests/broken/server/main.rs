//! `broken-server [--bug SLUG] [--listen ADDR]`: a server with one bug, for the judge to find.
//!
//! A thread for every connection, as simple as can be; `--one-thread` is there for the cases of servers
//! that have only one. Each bug is one small deviation, marked by
//! its name; without a bug it is a correct server.

#[cfg(unix)]
mod accept;
#[cfg(unix)]
mod answers;
#[cfg(unix)]
mod bug;
#[cfg(unix)]
mod command_line;
#[cfg(unix)]
mod conversation;
#[cfg(unix)]
mod lines;
#[cfg(unix)]
mod one_thread;
#[cfg(unix)]
mod start;

#[cfg(unix)]
fn main() {
    let (bug, options) = command_line::read();
    let listener = start::start(options.listen, bug);
    match options.one_thread {
        Some(way) if bug != bug::Bug::ThreadsInSecret => one_thread::serve(&listener, way, bug),
        _ => accept::serve(&listener, options.threads, bug),
    }
}

#[cfg(not(unix))]
fn main() {
    println!("the judge needs Unix");
}
