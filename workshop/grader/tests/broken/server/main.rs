//! `broken-server [--bug SLUG] [--listen ADDR]`: a server with one bug, for the judge to find.
//!
//! A thread for every connection, as simple as can be. Each bug is one small deviation, marked by
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
mod start;

#[cfg(unix)]
fn main() {
    let (bug, address, threads) = command_line::read();
    let listener = start::start(address, bug);
    accept::serve(&listener, threads, bug);
}

#[cfg(not(unix))]
fn main() {
    println!("the judge needs Unix");
}
