//! The buffers, and the bufferevents over real sockets.

#![cfg(unix)]

#[path = "../../../05-event-loop-server/tests/support/mod.rs"]
mod support;

mod calls;
mod peer;

mod clocks;
mod connecting;
mod enabling;
mod endings;
mod evbuffer;
mod evbuffer_io;
mod evbuffer_work;
mod flushing;
mod freeing;
mod handles;
mod listener;
mod memory;
mod reading;
mod relay;
mod timeouts;
mod writing;
