//! The ring of `single-shot-server`, by the tests of the other one that both must pass.

#![cfg(target_os = "linux")]

#[path = "../../src/bin/single-shot-server/operation.rs"]
mod operation;
#[path = "../../src/bin/single-shot-server/ring.rs"]
mod ring;

#[path = "../all/support.rs"]
mod support;

#[path = "../all/dropping.rs"]
mod dropping;
#[path = "../all/sending.rs"]
mod sending;

mod accepting;

use operation::Completion;
use ring::Ring;

/// What it has received is its own.
type Received = Vec<u8>;
