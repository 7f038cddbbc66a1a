use crate::group::Group;
use crate::output::{has_more, wait_for_more};
use crate::processes::Stillness;
use crate::start::Start;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// How long it may be silent.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often is looked, while it is silent, whether any sign can still come.
const LOOK: Duration = Duration::from_millis(100);
/// How long a program may run that gives signs of life all the time.
const LONGEST: Duration = Duration::from_secs(60);
/// How much it may print on each output, in bytes: more than it is asked for at most, which are the 48 MB
/// of a test of step 06.
pub const MOST_PRINTED: usize = 64 << 20;

/// Runs it for as long as it gives signs of life, and ends it when it does so for too long.
///
/// `assert_cmd`'s own way to run a program waits without limit until its input is read, and until
/// its grandchildren close its output.
///
/// # Errors
///
/// When it cannot be started, or there is no thread to be had.
pub fn run_to_end(command: &mut Command, input: Vec<u8>) -> io::Result<Output> {
    let deadline = Instant::now() + LONGEST;
    run_while(command, input, |_| Instant::now() < deadline)
}

/// The same for as long as somebody wants it to run.
///
/// # Errors
///
/// When it cannot be started, or there is no thread to be had.
pub fn run_while(
    command: &mut Command,
    input: Vec<u8>,
    is_wanted: impl Fn(&Group) -> bool,
) -> io::Result<Output> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Start::default().spawn(command)?;
    let mut stdin = group.stdin().expect("piped");
    // Not waited for: a program need not read all of its input.
    let input = thread::Builder::new().spawn(move || stdin.write_all(&input))?;
    let (sender, pieces) = mpsc::channel();
    let pipes = [
        read(group.stdout().expect("piped"), false, &sender)?,
        read(group.stderr().expect("piped"), true, &sender)?,
    ];
    drop(sender);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (mut last_sign, mut seen) = (Instant::now(), None);
    // Both pipes are closed when the last process that has them has ended.
    while is_wanted(&group) && stdout.len() < MOST_PRINTED && stderr.len() < MOST_PRINTED {
        match pieces.recv_timeout(LOOK) {
            Ok((false, piece)) => stdout.extend(piece),
            Ok((true, piece)) => stderr.extend(piece),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                group.wait(PATIENCE);
                break;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let before = seen.take();
                seen = asleep(&group).filter(|_| input.is_finished());
                // What it has printed may lie there, while who reads it gets no processor.
                let for_ever = seen.is_some() && seen == before && pipes.iter().all(is_read);
                if for_ever || last_sign.elapsed() > PATIENCE {
                    // What was printed while it was looked at is not lost.
                    for (is_stderr, piece) in pieces.try_iter() {
                        [&mut stdout, &mut stderr][usize::from(is_stderr)].extend(piece);
                    }
                    break;
                }
                continue;
            }
        }
        last_sign = Instant::now();
    }
    Ok(Output {
        status: group.end()?,
        stdout,
        stderr,
    })
}

/// What it sleeps in, if it sleeps for ever and talks to nobody: it would have ended, or never ends.
fn asleep(group: &Group) -> Option<Stillness> {
    let stillness = group.family().stillness(None).ok().flatten();
    stillness.filter(|seen| !seen.has_connections())
}

/// A pipe that a thread reads, which has this locked meanwhile.
type Pipe = Arc<Mutex<OwnedFd>>;

/// Has all been read and sent on that is in the pipe?
fn is_read(pipe: &Pipe) -> bool {
    let pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
    !has_more(pipe.as_fd())
}

fn read(
    mut pipe: impl Read + AsFd + Send + 'static,
    is_stderr: bool,
    pieces: &mpsc::Sender<(bool, Vec<u8>)>,
) -> io::Result<Pipe> {
    let shared = Arc::new(Mutex::new(pipe.as_fd().try_clone_to_owned()?));
    let (pieces, reading) = (pieces.clone(), Arc::clone(&shared));
    thread::Builder::new().spawn(move || {
        let mut buffer = [0; 16 << 10];
        let mut length_so_far = 0;
        // What comes beyond this is not read: the pipe is closed.
        while length_so_far < MOST_PRINTED {
            wait_for_more(pipe.as_fd());
            let _locked = reading.lock().unwrap_or_else(PoisonError::into_inner);
            match pipe.read(&mut buffer) {
                Ok(length @ 1..) if pieces.send((is_stderr, buffer[..length].to_vec())).is_ok() => {
                    length_so_far += length;
                }
                _ => return,
            }
        }
    })?;
    Ok(shared)
}
