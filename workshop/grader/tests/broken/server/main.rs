//! `broken-server [--bug SLUG] [--listen ADDR]`: a server with one bug, for the judge to find.
//!
//! A thread for every connection, as simple as can be; `--one-thread` is there for the cases of servers
//! that have only one, and `--processes` for those of servers that fork. Each bug is one small deviation, marked by
//! its name; without a bug it is a correct server.

mod accept;
mod answers;
mod bug;
mod command_line;
mod conversation;
mod lines;
mod one_thread;
mod processes;
mod start;

use bug::Bug;

fn main() {
    let (bug, options) = command_line::read();
    let listener = start::start(options.listen, bug);
    let in_secret = matches!(bug, Bug::ThreadsInSecret | Bug::PoolInSecret);
    match options.one_thread {
        Some(way) if !in_secret => one_thread::serve(&listener, way, bug),
        _ if options.processes && !in_secret => processes::serve(listener, bug),
        _ => accept::serve(&listener, options.threads, bug),
    }
}
