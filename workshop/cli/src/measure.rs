//! What a server costs, measured briefly from outside.

use anyhow::Result;
use grader::step::Mechanism;
use grader::{Client, Program, Server, Trouble};
use load::{Crowd, Lines, Load, Reading, Times};
use std::thread;
use std::time::{Duration, Instant};
use subject::processes;
use terminal::{Text, Told, text};

/// How long each kind of load is kept up: long enough to be told apart, too short for the last
/// digit.
const LOAD_TIME: Duration = Duration::from_millis(700);
/// For how long no line must be answered for the server to be given up.
const PATIENCE: Duration = Duration::from_secs(5);
/// For how long the idle server is watched.
const IDLE_TIME: Duration = Duration::from_millis(500);
/// Every tour says the same lines.
const SEED: u64 = 0;
/// How many clients are there while nothing happens.
const IDLE_CLIENTS: usize = 100;
/// The same for a single thread, where a hundred clients take less than a page of memory, which is
/// all that can be seen from outside. `select(2)` has room for no more than a thousand.
const IDLE_CLIENTS_OF_ONE_THREAD: usize = 900;
/// The same for a pool of threads, which serves no more than four at once on a small machine: one
/// of them has come before.
const IDLE_CLIENTS_OF_A_POOL: usize = 3;

/// What was measured; `None` where the system does not tell, or there is nothing to tell.
pub(crate) struct Measured {
    /// Lines answered a second, with one client and with fifty, each waiting for its answer.
    pub(crate) lines_per_second: [f64; 2],
    /// Processor time used, per time, by a server with idle clients: 1 is a whole core.
    pub(crate) idle_cpu: Option<f64>,
    /// What the server's processes grow by with each idle client, in bytes.
    pub(crate) bytes_per_client: Option<u64>,
}

/// Measures a server that `program` has just started.
pub(crate) fn measure(
    program: &Program,
    server: &Server,
    mut progress: impl FnMut(Text),
) -> Result<Measured> {
    progress(text("lines/s ×1", "行/秒 ×1"));
    let one = lines_per_second(server, 1)?;
    progress(text("lines/s ×50", "行/秒 ×50"));
    let fifty = lines_per_second(server, 50)?;
    progress(text("idle", "空闲"));
    let (idle_cpu, bytes_per_client) = match program.mechanism {
        // Its threads are there from the start: a client has nothing of its own.
        Some(Mechanism::ThreadPool) => (idle(server, IDLE_CLIENTS_OF_A_POOL)?.0, None),
        Some(Mechanism::OneThread { .. }) => idle(server, IDLE_CLIENTS_OF_ONE_THREAD)?,
        _ => idle(server, IDLE_CLIENTS)?,
    };
    Ok(Measured {
        lines_per_second: [one, fifty],
        idle_cpu,
        bytes_per_client,
    })
}

/// How many lines of 64 bytes a second the server answers `count` clients, of which each waits for
/// its answer before it says the next line. Every byte is compared.
fn lines_per_second(server: &Server, count: usize) -> Result<f64> {
    let load = Load {
        connections: count,
        bytes: 64,
        in_flight: 1,
        idle: 0,
    };
    let times = Times {
        warm_up: Duration::ZERO,
        measured: LOAD_TIME,
    };
    let lines = Lines::new(&load, SEED);
    // A pool of threads does not serve all of them.
    let crowd = Crowd::connect(server.address(), count, PATIENCE).map_err(told)?;
    let measured = crowd.speak(&load, &lines, &times, Reading::default);
    let measured = measured.map_err(told)?;
    Ok(measured.lines as f64 / measured.time.as_secs_f64())
}

fn told(trouble: load::Trouble) -> Told {
    Told(trouble.text())
}

/// What `count` idle clients cost: processor time, and memory for each.
fn idle(server: &Server, count: usize) -> Result<(Option<f64>, Option<u64>)> {
    // The first client after a load may find what the last one of it left.
    let mut clients = vec![acquainted(server)?];
    let memory = || processes::memory(server.pid().ok()?).ok();
    let cpu = || processes::cpu(server.pid().ok()?).ok();
    let before = memory();
    for _ in 0..count {
        clients.push(acquainted(server)?);
    }
    let after = memory();
    let bytes_per_client = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before) / count as u64);
    let (start, before) = (Instant::now(), cpu());
    // What is measured is a stretch of time: nothing is waited for.
    thread::sleep(IDLE_TIME);
    let (time, after) = (start.elapsed(), cpu());
    let idle_cpu = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before).as_secs_f64() / time.as_secs_f64());
    Ok((idle_cpu, bytes_per_client))
}

/// A client that has spoken once, and been answered.
fn acquainted(server: &Server) -> Result<Client> {
    let spoken = server.connect().and_then(|mut client| {
        client.ask(b"Hello\n", &text("", ""))?;
        Ok(client)
    });
    let spoken = spoken.map_err(|trouble| match trouble {
        Trouble::Failed(_) => Told(text(
            "the server does not answer while it is measured",
            "测量时服务器不回答",
        )),
        Trouble::Skipped(reason) => Told(reason),
    });
    Ok(spoken?)
}
