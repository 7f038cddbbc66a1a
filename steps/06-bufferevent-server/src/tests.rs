//! The conversation with one client: what it answers, and when it does not listen.

#[path = "../../05-event-loop-server/tests/support/mod.rs"]
mod support;

mod answers;
mod marks;
