use crate::bug::Bug;
use signal_hook::consts::SIGPIPE;
use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long a client that takes nothing is put up with by a server that throws it out.
const PATIENCE: Duration = Duration::from_millis(100);
/// How large a large answer is, in bytes.
const LARGE: usize = 64;
/// How much may wait to be sent by a server that holds much, in bytes.
const MUCH: usize = 16 << 20;
/// How often that asks whether it has become less.
const NAP: Duration = Duration::from_millis(10);
/// How much may wait to be sent before it is waited for, in bytes.
const HIGH_WATER: usize = 64 * 1024;

static SHARED: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SENT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
static LOCK: Mutex<()> = Mutex::new(());

/// The way of the answers to one client.
pub(crate) struct Answers<'a> {
    bug: Bug,
    stream: &'a TcpStream,
    /// Answers that are put off.
    put_off: Vec<u8>,
    /// Answers without limit, and who sends them.
    queue: Option<(mpsc::Sender<Vec<u8>>, JoinHandle<()>)>,
    /// How many bytes wait there.
    waits: Arc<AtomicUsize>,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(stream: &'a TcpStream, bug: Bug) -> io::Result<Answers<'a>> {
        stream.set_nodelay(bug != Bug::NagleStall)?;
        if bug == Bug::ThrowsOutUnread {
            stream.set_write_timeout(Some(PATIENCE))?;
        }
        let (mut queue, waits) = (None, Arc::default());
        if matches!(bug, Bug::UnboundedOutput | Bug::HoldsMuch) {
            queue = Some(sender(stream.try_clone()?, Arc::clone(&waits)));
        }
        Ok(Answers {
            bug,
            stream,
            put_off: Vec::new(),
            queue,
            waits,
        })
    }

    pub(crate) fn send(&mut self, answer: &[u8]) -> io::Result<()> {
        match self.bug {
            Bug::AnswersAtEnd => self.put_off.extend_from_slice(answer),
            Bug::HalfCloseLosesAnswer => {
                self.put_off.extend_from_slice(answer);
                if !more_has_come(self.stream)? {
                    self.stream.write_all(&std::mem::take(&mut self.put_off))?;
                }
            }
            Bug::PutsOffLargeAnswers => {
                self.stream.write_all(&std::mem::take(&mut self.put_off))?;
                if answer.len() > LARGE {
                    self.put_off.extend_from_slice(answer);
                } else {
                    self.stream.write_all(answer)?;
                }
            }
            Bug::ClosesOnUnsent => {
                self.put_off.extend_from_slice(answer);
                let above = self.put_off.len().saturating_sub(HIGH_WATER);
                self.stream.write_all(&self.put_off[..above])?;
                self.put_off.drain(..above);
                let taken = send_what_is_taken(self.stream, &self.put_off)?;
                self.put_off.drain(..taken);
            }
            Bug::ShortSend => {
                send_what_is_taken(self.stream, answer)?;
            }
            Bug::SpinsWhenHeldBack => {
                let mut sent = 0;
                while sent < answer.len() {
                    sent += send_what_is_taken(self.stream, &answer[sent..])?;
                }
            }
            Bug::NagleStall | Bug::TwoSegments => {
                for line in answer.split_inclusive(|&byte| byte == b'\n') {
                    let (words, newline) = line.split_at(line.len() - 1);
                    self.stream.write_all(words)?;
                    self.stream.write_all(newline)?;
                }
            }
            Bug::UnboundedOutput | Bug::HoldsMuch => {
                while self.bug == Bug::HoldsMuch && self.waits.load(SeqCst) > MUCH {
                    thread::sleep(NAP);
                }
                self.waits.fetch_add(answer.len(), SeqCst);
                if let Some((queue, _)) = &self.queue {
                    let _ = queue.send(answer.to_vec());
                }
            }
            Bug::RemembersAnswers => {
                if let Ok(mut sent) = SENT.lock() {
                    sent.push(answer.to_vec());
                }
                self.stream.write_all(answer)?;
            }
            Bug::SharesABuffer => {
                if let Ok(mut all) = SHARED.lock() {
                    all.extend_from_slice(answer);
                }
                thread::sleep(Duration::from_millis(1));
                let all = SHARED.lock().map(|mut all| std::mem::take(&mut *all));
                self.stream.write_all(&all.unwrap_or_default())?;
            }
            Bug::SendsUnderALock => {
                let _locked = LOCK.lock();
                self.stream.write_all(answer)?;
            }
            Bug::SigpipeDeath => {
                if self.stream.write_all(answer).is_err() {
                    // What the default treatment of SIGPIPE does; Rust programs ignore it.
                    let _ = signal_hook::low_level::emulate_default_handler(SIGPIPE);
                }
            }
            Bug::SendErrorEndsServer => {
                if let Err(error) = self.stream.write_all(answer) {
                    eprintln!("broken-server: send: {error}");
                    std::process::exit(1);
                }
            }
            _ => self.stream.write_all(answer)?,
        }
        Ok(())
    }

    /// The client has said all: sends the last answer, and what has not been sent yet.
    pub(crate) fn finish(mut self, last: &[u8]) -> io::Result<()> {
        if matches!(
            self.bug,
            Bug::HalfCloseLosesAnswer | Bug::PutsOffLargeAnswers
        ) {
            return Ok(());
        }
        self.send(last)?;
        if self.bug == Bug::AnswersAtEnd {
            self.stream.write_all(&self.put_off)?;
        }
        if let Some((queue, sender)) = self.queue {
            drop(queue);
            let _ = sender.join();
        }
        Ok(())
    }
}

/// Has anything come that has not been received, be it the end of file, or does it come at once? A client that
/// finishes behind its last line may get no processor in between.
fn more_has_come(stream: &TcpStream) -> io::Result<bool> {
    stream.set_read_timeout(Some(AT_ONCE))?;
    let peeked = stream.peek(&mut [0]);
    stream.set_read_timeout(None)?;
    Ok(peeked.is_ok())
}

/// How long what comes at once may take.
const AT_ONCE: Duration = Duration::from_millis(200);

/// Sends once, without waiting; returns how many bytes the kernel had room for.
fn send_what_is_taken(mut stream: &TcpStream, answer: &[u8]) -> io::Result<usize> {
    stream.set_nonblocking(true)?;
    let sent = stream.write(answer);
    stream.set_nonblocking(false)?;
    match sent {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        sent => sent,
    }
}

/// A thread that sends all it is handed, however long that takes.
fn sender(
    mut stream: TcpStream,
    waits: Arc<AtomicUsize>,
) -> (mpsc::Sender<Vec<u8>>, JoinHandle<()>) {
    let (queue, answers) = mpsc::channel::<Vec<u8>>();
    let sender = thread::spawn(move || {
        for answer in answers {
            if stream.write_all(&answer).is_err() {
                return;
            }
            waits.fetch_sub(answer.len(), SeqCst);
        }
    });
    (queue, sender)
}
