//! The ring over real sockets, and conversations without any.

#![cfg(target_os = "linux")]

mod support;

mod accepting;
mod buffers;
mod cancelling;
mod conversation;
mod dropping;
mod marks;
mod refused;
mod sending;
mod waiting;

use completion_server::{Completion, ProvidedBuffer as Received, Ring};
