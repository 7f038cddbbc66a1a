//! What was measured on.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The machine, as far as the system tells.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
}

impl Machine {
    pub(crate) fn this() -> Machine {
        let kernel = nix::sys::utsname::uname().map_or_else(
            |_| "unknown".to_owned(),
            |it| {
                let (name, release) = (
                    it.sysname().to_string_lossy(),
                    it.release().to_string_lossy(),
                );
                format!("{name} {release}")
            },
        );
        Machine {
            cpu: cpu().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel,
        }
    }
}

/// How long a fixed piece of work takes on this core at this moment: about a millisecond, the best
/// of a few, so that an interruption does not count.
pub(crate) fn pace() -> Duration {
    let attempts = (0..5).map(|_| {
        let start = Instant::now();
        let mut state = 1u64;
        for _ in 0..500_000 {
            // A chain of multiplications, none of which can begin before the last one has ended.
            state = black_box(
                state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
            );
        }
        black_box(state);
        start.elapsed()
    });
    attempts.min().unwrap_or_default()
}

/// The processor's name: not every architecture's kernel has it.
fn cpu() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}
