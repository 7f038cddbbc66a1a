//! Elsewhere than on Linux no process can become the parent of others' orphans.

use nix::unistd::Pid;
use std::io;
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// There is none.
#[derive(Debug)]
pub(crate) enum Guardian {}

/// None is awaited.
pub(crate) enum Awaited {}

impl Guardian {
    pub(crate) fn before(_: &mut Command) -> io::Result<Option<Awaited>> {
        Ok(None)
    }

    pub(crate) fn dismiss(&self) {
        match *self {}
    }

    pub(crate) fn is_gone_within(&self, _: Duration) -> bool {
        match *self {}
    }

    pub(crate) fn status_within(&self, _: Duration) -> Option<ExitStatus> {
        match *self {}
    }
}

impl Awaited {
    pub(crate) fn come(self) -> io::Result<(Guardian, Pid)> {
        match self {}
    }
}
