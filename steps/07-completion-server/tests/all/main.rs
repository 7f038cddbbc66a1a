//! The ring over real sockets.

#![cfg(target_os = "linux")]

mod support;

mod accepting;
mod buffers;
mod dropping;
mod refused;
mod sending;
mod transient;
mod waiting;

use completion_server::{Completion, ProvidedBuffer as Received, Ring};
