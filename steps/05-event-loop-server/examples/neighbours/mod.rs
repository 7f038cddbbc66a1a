//! Who asks in the examples `slow_callback` and `offload`: nine who want little, often, and a tenth
//! who wants much, once.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How many want little.
const NEIGHBOURS: usize = 9;
/// How often each of them asks: the computing is over long before they are done.
const QUESTIONS: usize = 50;
/// How long each of them then lets pass.
const PAUSE: Duration = Duration::from_millis(10);
/// How long it takes to compute what the tenth wants.
const COMPUTING: Duration = Duration::from_millis(200);
/// It is how many primes there are below this number, counted again and again.
const BELOW: u64 = 10_000;

/// What the nine ask.
const EASY: u8 = b'?';
/// What they are answered.
pub(crate) const AT_HAND: u64 = 42;
/// What the tenth asks.
pub(crate) const HARD: u8 = b'!';

/// Computes what the tenth is answered.
pub(crate) fn compute() -> u64 {
    let start = Instant::now();
    loop {
        let primes = (2..BELOW).filter(is_prime).count();
        if start.elapsed() >= COMPUTING {
            return primes as u64;
        }
    }
}

fn is_prime(number: &u64) -> bool {
    let mut divisors = (2..).take_while(|divisor| divisor * divisor <= *number);
    divisors.all(|divisor| !number.is_multiple_of(divisor))
}

/// What one of them asks; None when it has hung up.
pub(crate) fn heard(mut client: &UnixStream) -> Option<u8> {
    let mut question = [0];
    client.read_exact(&mut question).ok()?;
    Some(question[0])
}

/// Answers, if anybody is there to hear it.
pub(crate) fn answer(mut client: &UnixStream, number: u64) {
    let _ = client.write_all(&number.to_ne_bytes());
}

/// Has all of them ask, and prints how long they have waited. `serve` is handed the other ends of
/// their sockets, that of the tenth first, and returns when they have hung up.
pub(crate) fn ask(serve: impl FnOnce(Vec<UnixStream>) -> io::Result<()>) -> io::Result<()> {
    let (tenth, nine) = ((HARD, 1), [(EASY, QUESTIONS); NEIGHBOURS]);
    let all_have_asked = Arc::new(Barrier::new(NEIGHBOURS + 2));
    let (mut sockets, mut clients) = (Vec::new(), Vec::new());
    for (question, times) in [tenth].into_iter().chain(nine) {
        let (socket, theirs) = UnixStream::pair()?;
        sockets.push(socket);
        clients.push(client(theirs, question, times, Arc::clone(&all_have_asked)));
    }
    // So the first one to be served is the tenth, and none of the others asks too late to wait for it.
    all_have_asked.wait();
    serve(sockets)?;
    let mut answers = Vec::new();
    for client in clients {
        answers.extend(client.join().expect("no client panics")?);
    }
    let tenth = answers.remove(0);
    print(&tenth, answers)
}

struct Answer {
    number: u64,
    wait: Duration,
}

/// Asks so many times, each time after it has been answered.
fn client(
    mut socket: UnixStream,
    question: u8,
    times: usize,
    all_have_asked: Arc<Barrier>,
) -> JoinHandle<io::Result<Vec<Answer>>> {
    thread::spawn(move || {
        let mut answers = Vec::new();
        while answers.len() < times {
            let asked = Instant::now();
            socket.write_all(&[question])?;
            if answers.is_empty() {
                all_have_asked.wait();
            }
            let mut number = [0; 8];
            socket.read_exact(&mut number)?;
            answers.push(Answer {
                number: u64::from_ne_bytes(number),
                wait: asked.elapsed(),
            });
            thread::sleep(PAUSE);
        }
        Ok(answers)
    })
}

fn print(tenth: &Answer, mut nine: Vec<Answer>) -> io::Result<()> {
    nine.retain(|answer| answer.number == AT_HAND);
    nine.sort_by_key(|answer| answer.wait);
    let wait_at = |index: usize| nine.get(index).map_or(Duration::ZERO, |answer| answer.wait);
    let (median, slowest) = (
        wait_at(nine.len() / 2),
        wait_at(nine.len().saturating_sub(1)),
    );
    let mut screen = io::stdout().lock();
    let [pause, computing] = [PAUSE, COMPUTING].map(|time| time.as_millis());
    writeln!(
        screen,
        "nine ask every {pause} ms, the tenth asks once for {computing} ms of computing"
    )?;
    writeln!(screen)?;
    writeln!(screen, "answers to the nine {:>10}", nine.len())?;
    for (what, wait) in [
        ("their median wait", median),
        ("their slowest wait", slowest),
        ("wait of the tenth", tenth.wait),
    ] {
        let milliseconds = wait.as_secs_f64() * 1e3;
        writeln!(screen, "{what:<20}{milliseconds:>10.2} ms")?;
    }
    writeln!(screen, "its answer          {:>10}", tenth.number)
}
