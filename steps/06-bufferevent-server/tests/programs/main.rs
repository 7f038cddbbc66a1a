//! The programs, from outside. They stand in a binary of their own: a process that is being started
//! holds a copy of every descriptor for a moment, and in there, nobody waits for a socket to close.

#![cfg(unix)]

mod client;
mod client_crowd;
mod client_input;
mod server;
