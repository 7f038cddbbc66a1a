use super::client::Client;
use super::crowd::Crowd;
use super::lines::Lines;
use super::shape::Load;
use super::trouble::Trouble;
use crate::statistics::percentile;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// How much one receive may bring, in bytes.
const RECEIVE_SIZE: usize = 64 * 1024;
/// How many clients one wait may tell of.
const EVENTS: usize = 1024;
/// How long one wait may take, so that the clock is looked at in between.
const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// The unit in which latencies are kept: fine enough, and 32 bits hold seven minutes of it.
const TICK: Duration = Duration::from_nanos(100);

/// How long a round takes.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// What is said in the beginning and does not count.
    pub warm_up: Duration,
    /// What counts.
    pub measured: Duration,
}

/// What a meter shows; `None` where it does not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Processor time that the server has used.
    pub cpu: Option<Duration>,
    /// How long the load's thread has been ready to run, and something else ran.
    pub waited: Option<Duration>,
}

/// What came of a round.
#[derive(Clone, Debug)]
pub struct Measured {
    /// How many lines were answered.
    pub lines: u64,
    /// In what time.
    pub time: Duration,
    /// What the meter has counted in that time.
    pub used: Reading,
    /// Half of the lines were answered in less.
    pub p50: Duration,
    /// All but one in a hundred were.
    pub p99: Duration,
}

/// Where a round stands.
#[derive(Clone, Copy)]
enum Phase {
    WarmUp,
    Measuring {
        since: Instant,
        before: Reading,
    },
    /// Nothing new is said; what is owed is waited for.
    Ending,
}

impl Crowd {
    /// Lets the busy clients say lines for a while; each says the next one when one is answered.
    /// `meter` is read when the measuring begins and when it ends.
    ///
    /// Afterwards all that is owed has been received, and the clients have left in good order: they
    /// half-close, and the server closes. Only clients of which not all need be served
    /// ([`Crowd::connect`]) leave as they stand.
    ///
    /// # Errors
    ///
    /// The first byte that is not as it should be, or a server that does not go on.
    pub fn speak(
        self,
        load: &Load,
        lines: &Lines,
        times: &Times,
        mut meter: impl FnMut() -> Reading,
    ) -> Result<Measured, Trouble> {
        let mut poll = Poll::new().map_err(Trouble::system("make a poll", "创建 poll"))?;
        let mut clients = Vec::with_capacity(self.busy.len());
        for (index, stream) in self.busy.iter().enumerate() {
            stream.set_nonblocking(true).map_err(Trouble::system(
                "make a socket non-blocking",
                "把套接字设为非阻塞",
            ))?;
            // Edge-triggered: told once for each arrival, which a client then receives whole.
            let both = Interest::READABLE | Interest::WRITABLE;
            poll.registry()
                .register(&mut SourceFd(&stream.as_raw_fd()), Token(index), both)
                .map_err(Trouble::system("watch a socket", "关注套接字"))?;
            clients.push(Client::new(stream, index + 1, lines));
        }

        let mut events = Events::with_capacity(EVENTS);
        let mut buffer = vec![0; RECEIVE_SIZE];
        let mut tally = Tally::default();
        let mut result = None;
        let mut phase = Phase::WarmUp;
        let start = Instant::now();
        let mut last_heard = start;
        for client in &mut clients {
            client.say(lines, load.in_flight, Instant::now())?;
        }
        loop {
            match poll.poll(&mut events, Some(LONGEST_WAIT)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    return Err(Trouble::system("wait for answers", "等待回答")(error));
                }
                _ => {}
            }
            let mut silent = true;
            for event in &events {
                let client = &mut clients[event.token().0];
                if event.is_writable() {
                    client.send(lines)?;
                }
                let heard = client.hear(lines, &mut buffer, |latency| tally.add(latency))?;
                silent &= heard.bytes == 0;
                if heard.lines > 0 && !matches!(phase, Phase::Ending) {
                    client.say(lines, heard.lines, Instant::now())?;
                }
            }
            let now = Instant::now();
            match phase {
                Phase::WarmUp if now - start >= times.warm_up => {
                    let before = meter();
                    tally = Tally::default();
                    phase = Phase::Measuring {
                        since: Instant::now(),
                        before,
                    };
                }
                Phase::Measuring { since, before } if now - since >= times.measured => {
                    let used = meter().since(before);
                    let measured = std::mem::take(&mut tally).finish(now - since, used);
                    if !self.acquainted {
                        return Ok(measured);
                    }
                    result = Some(measured);
                    phase = Phase::Ending;
                }
                Phase::Ending if clients.iter().all(|client| client.owed() == 0) => break,
                _ => {}
            }
            if !silent {
                last_heard = now;
            } else if now - last_heard > self.patience {
                let waiting = clients.iter().find(|client| client.owed() > 0);
                return Err(waiting.unwrap_or(&clients[0]).stalled(self.patience));
            }
        }
        say_goodbye(&clients, &mut buffer, self.patience)?;
        Ok(result.expect("a round ends after it was measured"))
    }
}

impl Reading {
    fn since(self, before: Reading) -> Reading {
        let passed = |after: Option<Duration>, before| Some(after?.saturating_sub(before?));
        Reading {
            cpu: passed(self.cpu, before.cpu),
            waited: passed(self.waited, before.waited),
        }
    }
}

/// Half-closes every connection, and sees that nothing comes but the end.
fn say_goodbye(
    clients: &[Client<&TcpStream>],
    buffer: &mut [u8],
    patience: Duration,
) -> Result<(), Trouble> {
    for client in clients {
        // Who has gone already has nothing more to say either.
        let _ = client.stream.shutdown(Shutdown::Write);
    }
    for client in clients {
        client
            .stream
            .set_nonblocking(false)
            .map_err(Trouble::system(
                "make a socket blocking",
                "把套接字设为阻塞",
            ))?;
        let mut stream = client.stream;
        match stream.read(buffer) {
            Ok(0) => {}
            Ok(count) => return Err(client.too_much(&buffer[..count])),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(client.not_closed(patience));
            }
            // A reset is an end as well, and nothing was owed.
            Err(_) => {}
        }
    }
    Ok(())
}

/// The latency of every line.
#[derive(Default)]
struct Tally(Vec<u32>);

impl Tally {
    fn add(&mut self, latency: Duration) {
        let ticks = latency.as_nanos() / TICK.as_nanos();
        self.0.push(u32::try_from(ticks).unwrap_or(u32::MAX));
    }

    fn finish(mut self, time: Duration, used: Reading) -> Measured {
        let mut latency = |percent| TICK * percentile(&mut self.0, percent).unwrap_or_default();
        let (p50, p99) = (latency(50), latency(99));
        Measured {
            lines: self.0.len() as u64,
            time,
            used,
            p50,
            p99,
        }
    }
}
