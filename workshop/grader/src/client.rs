mod reach;
mod segments;

use crate::beats::{Beat, beat, next_client};
use crate::deadline::{Deadline, SHORT};
use crate::evidence::{End, Evidence, Exchange};
use crate::facts::Sign;
use crate::limits::no_thread;
use crate::model;
use crate::patience::{PATIENCE, patience};
use crate::spinning::{Spinning, Watch};
use crate::stillness::{asleep, spins};
use crate::verdict::{Trouble, Verdict};
use crate::watched::Watched;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt};
pub(crate) use reach::reach;
use reach::{reach_narrow, reach_watched};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use subject::processes::{Connection, Stillness};
use terminal::{Text, chinese, text};

/// How much is read at a time, in bytes.
const READ_SIZE: usize = 64 * 1024;

/// When it is first asked whether anything can still come, and how long the second look comes after
/// the first one. Later looks come less and less often: each costs the machine some milliseconds.
const FIRST_LOOK: Duration = Duration::from_millis(100);
const SECOND_LOOK: Duration = Duration::from_millis(60);
/// The same where the server has not taken all: what found no room is sent again after up to 200 ms.
const SECOND_LOOK_HELD: Duration = Duration::from_millis(600);
/// How often is asked how much processor time a server has had that may be spinning.
const OFTEN: Duration = Duration::from_millis(50);

/// How much longer than [`PATIENCE`] it may wait at most for a server that gets no processor, in
/// patiences.
const MOST_PATIENT: u32 = 4;

/// The judge's end of a connection. It remembers what it has sent and received, and knows by the
/// model what it is owed.
#[derive(Debug)]
pub struct Client {
    number: usize,
    stream: TcpStream,
    sent: Vec<u8>,
    finished: bool,
    received: Vec<u8>,
    end: End,
    server: Option<Watched>,
    deadline: Deadline,
    silence: Option<(Silence, String)>,
}

/// Why nothing more is waited for.
#[derive(Debug)]
enum Silence {
    /// Nothing more can come.
    Asleep(Stillness),
    /// Nothing more is expected.
    Spinning(Spinning),
}

impl Client {
    /// Connects to a server, which may be looked at while it is waited for.
    ///
    /// # Errors
    ///
    /// A failed case: the connection is refused or not made in time.
    pub(crate) fn connect(address: SocketAddr, server: Option<Watched>) -> Result<Client, Trouble> {
        Client::over(address, server, reach_watched)
    }

    /// Connects so that the kernel keeps little of what this client has not read yet: tens of
    /// KiB, where it would be megabytes.
    ///
    /// # Errors
    ///
    /// A failed case: the connection is refused or not made in time.
    pub(crate) fn connect_narrow(
        address: SocketAddr,
        server: Option<Watched>,
    ) -> Result<Client, Trouble> {
        Client::over(address, server, reach_narrow)
    }

    fn over(
        address: SocketAddr,
        server: Option<Watched>,
        reach: impl FnOnce(SocketAddr, Option<&Watched>) -> io::Result<TcpStream>,
    ) -> Result<Client, Trouble> {
        let family = server.as_ref().map(|server| server.family.clone());
        let deadline = Deadline::of_case().of(family);
        deadline.check()?;
        let number = next_client();
        beat(number, &Beat::Connect);
        let stream = reach(address, server.as_ref())
            .and_then(|stream| {
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(patience()))?;
                Ok(stream)
            })
            .map_err(|error| {
                let found = Text::new(
                    format!("cannot connect to {address}: {error}"),
                    format!("连不上 {address}：{}", chinese(&error)),
                );
                Trouble::failed(Evidence::Note(found), &NOT_ACCEPTED)
            })?;
        let client = Client {
            number,
            stream,
            sent: Vec::new(),
            finished: false,
            received: Vec::new(),
            end: End::Open,
            server,
            deadline,
            silence: None,
        };
        client.moves();
        Ok(client)
    }

    /// Something goes over the wire, or has come.
    fn moves(&self) {
        if let Some(server) = &self.server {
            server.traffic.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Sends.
    ///
    /// # Errors
    ///
    /// A failed case: the server takes nothing more, or has closed.
    pub fn say(&mut self, bytes: &[u8]) -> Verdict {
        beat(self.number, &Beat::Say(bytes));
        self.moves();
        self.sent.extend_from_slice(bytes);
        self.send_all(bytes)
            .map_err(|error| self.unsendable(&error))
    }

    /// As `write_all`, which a server that takes a little now and then would keep for ever.
    fn send_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match (&self.stream).write(bytes) {
                Ok(taken) => bytes = &bytes[taken..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if !bytes.is_empty() && self.deadline.is_over() {
                return Err(ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }

    /// Sends, and listens meanwhile: however much it is, it gets rid of it.
    ///
    /// # Errors
    ///
    /// A failed case: the server takes nothing more and says nothing either, or has closed.
    pub fn say_and_listen(&mut self, mut bytes: &[u8]) -> Verdict {
        beat(self.number, &Beat::Say(bytes));
        self.sent.extend_from_slice(bytes);
        while !bytes.is_empty() {
            self.moves();
            // An end of file stays ready: whoever has heard it listens no more.
            let listens = match self.end {
                End::Open => PollFlags::POLLIN,
                _ => PollFlags::empty(),
            };
            let mut stream = [PollFd::new(
                self.stream.as_fd(),
                listens | PollFlags::POLLOUT,
            )];
            let limit = PollTimeout::try_from(patience()).unwrap_or(PollTimeout::MAX);
            if poll(&mut stream, limit) == Err(Errno::EINTR) {
                continue; // nothing was looked at
            }
            let ready = stream[0].revents().unwrap_or(PollFlags::empty());
            if ready.contains(PollFlags::POLLOUT) || ready.is_empty() {
                let _ = self.stream.set_nonblocking(true);
                let sent = self.stream.write(bytes);
                let _ = self.stream.set_nonblocking(false);
                bytes = &bytes[sent.map_err(|error| self.unsendable(&error))?..];
            } else {
                self.receive(patience());
            }
            if !bytes.is_empty() && self.deadline.is_over() {
                return Err(self.unsendable(&ErrorKind::TimedOut.into()));
            }
        }
        Ok(())
    }

    /// Half-closes: has said all.
    pub fn finish(&mut self) {
        beat(self.number, &Beat::HalfClose);
        self.moves();
        self.finished = true;
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Reads until all that is owed so far has come; `meaning` says what it usually means when
    /// something else comes, or nothing.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn hear(&mut self, meaning: &Text) -> Verdict {
        let owed = model::owed(&self.sent, self.finished);
        let heard = self.begins_to_wait(&owed, false);
        let of_case = self.deadline_of_answer(owed.len());
        while self.end == End::Open && self.received.len() < owed.len() {
            if !self.receive_patiently() {
                break;
            }
        }
        self.deadline = of_case;
        self.has_waited(heard, self.received == owed);
        if self.received == owed {
            Ok(())
        } else {
            Err(self.difference(&owed, meaning))
        }
    }

    /// Reads what is still owed, and then the server's end of file.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn hear_end(&mut self, meaning: &Text) -> Verdict {
        let owed = model::owed(&self.sent, self.finished);
        let heard = self.begins_to_wait(&owed, true);
        let of_case = self.deadline_of_answer(owed.len());
        // What comes beyond what is owed need not be read to its end, if it has one.
        while self.end == End::Open && self.received.len() <= owed.len() {
            if !self.receive_patiently() {
                break;
            }
        }
        self.deadline = of_case;
        let is_right = self.received == owed && self.end == End::Closed;
        self.has_waited(heard, is_right);
        if is_right {
            Ok(())
        } else {
            Err(self.difference(&owed, meaning))
        }
    }

    /// From now on there is less time for what is still owed, if that is little. Tells the deadline of
    /// before, which is to be put back.
    fn deadline_of_answer(&mut self, owed: usize) -> Deadline {
        let of_case = self.deadline.clone();
        if owed.saturating_sub(self.received.len()) <= SHORT {
            self.deadline = of_case.of_answer();
        }
        of_case
    }

    /// Waits whether anything comes that is not owed.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn hear_nothing_for(&mut self, time: Duration, meaning: &Text) -> Verdict {
        let owed = model::owed(&self.sent, self.finished);
        let heard = self.received.len();
        beat(self.number, &Beat::WaitForNothing(time));
        self.receive(time);
        let is_right = self.received == owed && self.end == End::Open;
        self.has_waited(heard, is_right);
        if is_right {
            Ok(())
        } else {
            Err(self.difference(&owed, meaning))
        }
    }

    /// All that is owed has come already.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub(crate) fn hear_no_more(&self, meaning: &Text) -> Verdict {
        let owed = model::owed(&self.sent, self.finished);
        if self.received == owed {
            return Ok(());
        }
        let end = match self.end {
            End::Open => End::OneReceive,
            end => end,
        };
        let exchange = Exchange::new(&self.sent, self.finished, &owed, &self.received, end);
        Err(Trouble::failed(exchange, meaning))
    }

    /// Waits whether anything comes, although an answer may be owed.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn hear_no_answer_for(&mut self, time: Duration, meaning: &Text) -> Verdict {
        let heard = self.received.len();
        beat(self.number, &Beat::WaitForNothing(time));
        self.receive(time);
        let is_right = self.received.len() == heard && self.end == End::Open;
        self.has_waited(heard, is_right);
        if is_right {
            Ok(())
        } else {
            Err(self.difference(&self.received[..heard], meaning))
        }
    }

    /// One question, and its answer.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn ask(&mut self, bytes: &[u8], meaning: &Text) -> Verdict {
        self.say(bytes)?;
        self.hear(meaning)
    }

    /// Says `bytes` and has then said all, and listens all the while; then hears the end.
    ///
    /// # Errors
    ///
    /// A failed case, with what went over the wire.
    pub fn pour(&mut self, bytes: &[u8], meaning: &Text) -> Verdict {
        beat(self.number, &Beat::Say(bytes));
        beat(self.number, &Beat::HalfClose);
        self.sent.extend_from_slice(bytes);
        self.finished = true;
        let cloned = self.stream.try_clone();
        let writer = cloned.map_err(|error| self.unsendable(&error))?;
        let talking = self
            .server
            .as_ref()
            .map(|server| Arc::clone(&server.talking));
        let count = |change: fn(&AtomicUsize)| talking.iter().for_each(|count| change(count));
        count(|count| _ = count.fetch_add(1, Ordering::SeqCst));
        thread::scope(|scope| {
            let sending = thread::Builder::new().spawn_scoped(scope, || {
                let mut writer = writer;
                let sent = writer.write_all(bytes);
                let _ = writer.shutdown(Shutdown::Write);
                count(|count| _ = count.fetch_sub(1, Ordering::SeqCst));
                sent
            });
            let sending = sending.map_err(|error| {
                count(|count| _ = count.fetch_sub(1, Ordering::SeqCst));
                no_thread(&error)
            })?;
            let heard = self.hear_end(meaning);
            if heard.is_err() {
                // Lets the writer go, which may still wait for room.
                let _ = self.stream.shutdown(Shutdown::Both);
            }
            let sent = sending.join().expect("the writer does not panic");
            heard?;
            sent.map_err(|error| self.unsendable(&error))
        })
    }

    /// Leaves without a word: the server is sent a reset (RST) instead of an end of file.
    pub fn reset(mut self) {
        beat(self.number, &Beat::Reset);
        self.number = 0; // all is told
        // Linger with a time of zero: close(2) throws away what is unsent and resets (socket(7)).
        let linger = nix::libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        let _ = setsockopt(&self.stream, sockopt::Linger, &linger);
    }

    /// Tells what is waited for; returns how much has come before.
    fn begins_to_wait(&self, owed: &[u8], end: bool) -> usize {
        let heard = self.received.len();
        let owed = &owed[heard.min(owed.len())..];
        beat(self.number, &Beat::Wait { owed, end });
        heard
    }

    /// Tells what has come beyond what had come before.
    fn has_waited(&self, heard: usize, is_right: bool) {
        let came = Beat::Came {
            bytes: &self.received[heard..],
            end: self.end,
            is_right,
        };
        beat(self.number, &came);
    }

    /// How the connection stands.
    pub fn end(&self) -> End {
        self.end
    }

    /// How many segments of TCP have brought what came so far, where that is told.
    pub(crate) fn segments(&self) -> Option<u32> {
        segments::arrived(&self.stream)
    }

    /// The connection itself, for a case that must do something unusual with it.
    pub(crate) fn stream(&self) -> &TcpStream {
        beat(self.number, &Beat::Beyond);
        &self.stream
    }

    /// Reads once, for as long as patience lasts, or until it is known that nothing more will come;
    /// false if nothing came, not even an end.
    pub(crate) fn receive_patiently(&mut self) -> bool {
        let start = Instant::now();
        let mut deadline = start + patience();
        let mut worked = None;
        let mut look = FIRST_LOOK;
        let mut watch = Watch::default();
        loop {
            if self.deadline.is_over() {
                return false;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if self.receive_watching(look.min(left), &watch) {
                return true;
            }
            let before = *worked.get_or_insert_with(|| self.worked());
            let mut is_over = Instant::now() >= deadline;
            if is_over && deadline < start + patience() * MOST_PATIENT && self.is_at_work() {
                // One that waits for a processor is no silent one yet; one that had it, is.
                is_over = self.worked().saturating_sub(before) > PATIENCE / 2;
                deadline += patience();
            }
            look = (look * 2).min(PATIENCE / 5);
            // Before it is given up it is looked at once more: the reason is worth it.
            let Some(seen) = self.look() else {
                if let Some(spinning) = self.spins(&mut watch) {
                    return self.has_come_or(Silence::Spinning(spinning));
                }
                match is_over {
                    true => return false,
                    false => continue,
                }
            };
            let second_look = match seen.is_held() {
                true => SECOND_LOOK_HELD,
                false => SECOND_LOOK,
            };
            if self.receive(second_look) {
                return true;
            }
            if self.look().as_ref() == Some(&seen) {
                return self.has_come_or(Silence::Asleep(seen));
            }
            if is_over {
                return false;
            }
        }
    }

    /// What came while it was looked at is not missed; if nothing did, that is why.
    fn has_come_or(&mut self, silence: Silence) -> bool {
        if self.receive(Duration::ZERO) {
            return true;
        }
        let server = self.server.as_ref();
        let complaints = server.map(|server| server.stderr.so_far());
        self.silence = Some((silence, complaints.unwrap_or_default()));
        false
    }

    /// Reads once, for at most `time`; for less where a server that may be spinning has had so much of a
    /// processor meanwhile that it is to be looked at.
    fn receive_watching(&mut self, time: Duration, watch: &Watch) -> bool {
        let Some(server) = self.server.clone().filter(|_| watch.is_busy()) else {
            return self.receive(time);
        };
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if self.receive(left.min(OFTEN)) {
                return true;
            }
            if left.is_zero() || watch.is_due(&server.program) {
                return false;
            }
        }
    }

    /// Is the server to be given up, as it never sleeps and gets nothing done?
    fn spins(&self, watch: &mut Watch) -> Option<Spinning> {
        let server = self.server.as_ref()?;
        let is_silent = server.talking.load(Ordering::SeqCst) == 0;
        let busy = self.connection().filter(|_| is_silent);
        // Before it is looked at: what moves afterwards is seen by the next look.
        let traffic = server.traffic.load(Ordering::SeqCst);
        let busy = busy.and_then(|it| server.busy(it));
        watch.look(&server.program, busy, traffic)
    }

    /// Both ends of it.
    pub(crate) fn connection(&self) -> Option<Connection> {
        Some(Connection {
            ours: self.stream.local_addr().ok()?,
            theirs: self.stream.peer_addr().ok()?,
        })
    }

    /// Whether the server's processes can still do anything by themselves, where that can be seen.
    fn look(&self) -> Option<Stillness> {
        let server = self.server.as_ref()?;
        let seen = server.look(Some(self.connection()?))?;
        match server.talking.load(Ordering::SeqCst) {
            0 => Some(seen),
            // It is this client's own thread, and it sleeps: the server takes nothing more.
            1 if seen.is_held() && !self.takes_more() => Some(seen),
            _ => None,
        }
    }

    /// Is there room for anything to be sent?
    fn takes_more(&self) -> bool {
        let mut stream = [PollFd::new(self.stream.as_fd(), PollFlags::POLLOUT)];
        poll(&mut stream, PollTimeout::ZERO) != Ok(0)
    }

    /// Does one of the server's processes run, or would if it had a processor?
    fn is_at_work(&self) -> bool {
        let server = self.server.as_ref();
        server.is_some_and(|server| server.family.is_at_work())
    }

    /// The processor time that the server has had.
    fn worked(&self) -> Duration {
        let server = self.server.as_ref();
        server.map_or(Duration::ZERO, |server| server.family.cpu())
    }

    /// Reads once, for at most `time`; false if nothing came, not even an end.
    pub(crate) fn receive(&mut self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        let mut buffer = [0; READ_SIZE];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = left.max(Duration::from_millis(1));
            let _ = self.stream.set_read_timeout(Some(timeout));
            match self.stream.read(&mut buffer) {
                Ok(0) => self.end = End::Closed,
                Ok(length) => self.received.extend_from_slice(&buffer[..length]),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return false,
                    _ => self.end = End::Reset,
                },
            }
            self.moves();
            return true;
        }
    }

    fn difference(&self, owed: &[u8], meaning: &Text) -> Trouble {
        let silence = self.silence.as_ref().filter(|_| self.end == End::Open);
        let end = match self.end {
            End::Open if silence.is_some() => End::Still,
            End::Open if self.deadline.has_run_out() => End::Late,
            end => end,
        };
        let exchange = Exchange::new(&self.sent, self.finished, owed, &self.received, end);
        let sign = match silence {
            Some((Silence::Asleep(still), _)) => sign_of(still),
            Some((Silence::Spinning(_), _)) => Some(Sign::NeverSleeps),
            None => None,
        };
        let read_once = sign == Some(Sign::ReadsOnce);
        let meaning = match exchange.lacks_only_the_end() {
            _ if read_once => &UNTIL_EAGAIN,
            true => &NOT_CLOSED, // whatever the case is about
            false => meaning,
        };
        let owes = owed.len().saturating_sub(self.received.len());
        let trouble = Trouble::failed(exchange, meaning);
        let trouble = match sign {
            None => trouble,
            Some(sign) => trouble.sign(sign),
        };
        let Some((silence, complaints)) = silence else {
            return trouble;
        };
        let note = match silence {
            Silence::Asleep(still) => asleep(still, owes),
            Silence::Spinning(spinning) => spins(spinning, owes),
        };
        trouble.noted(note).while_still(complaints)
    }

    fn unsendable(&self, error: &io::Error) -> Trouble {
        // A time-out of the judge's own is no error of the server's: `error` would be EAGAIN.
        let found = match error.kind() {
            _ if self.deadline.has_run_out() => Text::new(
                "cannot send: the case's time is up, and the server has not taken all",
                "发不出去：用例的时间用完了，服务器还没有收完",
            ),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Text::new(
                format!(
                    "cannot send: nothing more was taken for {} s",
                    PATIENCE.as_secs()
                ),
                format!("发不出去：{} 秒里对方什么也没有收", PATIENCE.as_secs()),
            ),
            _ => Text::new(
                format!("cannot send: {error}"),
                format!("发不出去：{}", chinese(error)),
            ),
        };
        Trouble::failed(Evidence::Note(found), &NOT_TAKEN)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if self.number > 0 {
            beat(self.number, &Beat::Close);
        }
    }
}

/// What it is a sign of that a server sleeps where it does, or has left bytes unread. One that sleeps
/// until it can send reads nothing meanwhile.
fn sign_of(still: &Stillness) -> Option<Sign> {
    const SENDING: [&str; 4] = ["sendto", "sendmsg", "write", "writev"];
    let is_sending = |call: &&str| SENDING.contains(call);
    let sends = still.calls().iter().any(is_sending);
    if sends && still.calls().iter().all(is_sending) {
        return Some(Sign::SleepsInSend);
    }
    match still.unread() {
        0 => None,
        _ if still.is_edge_triggered() => Some(Sign::ReadsOnce),
        _ if still.is_accepted() && !sends => Some(Sign::LeavesUnread),
        _ => None,
    }
}

static UNTIL_EAGAIN: Text = text(
    "Edge-triggered epoll tells only that something new has come: whoever reads once, and leaves bytes there, is not told again. Read until EAGAIN.",
    "边沿触发的 epoll 只在有新数据到达时通知一次：只读一回、没有读完，就不会再得到通知。要一直读到 EAGAIN。",
);
/// What every case says when all that is missing is the end of file.
pub(crate) static NOT_CLOSED: Text = text(
    "When the client has said all, the server says the rest and closes. No end of file means that somebody still holds a copy of the connection (after fork, the parent has one, too), or that the end was never noticed: recv has returned 0. Rule 4.",
    "客户端说完之后，服务器答完就该关闭。等不到文件结束，说明还有进程开着这条连接的描述符副本（fork 之后，父进程也有一份），或者服务器没有发现对方已经说完：recv 返回了 0。规则 4。",
);
static NOT_ACCEPTED: Text = text(
    "The server does not accept: it may have died, or sleep somewhere else than at its listener.",
    "服务器没有接受连接：它可能已经退出，或者睡在别的地方，没有守着监听套接字。",
);
static NOT_TAKEN: Text = text(
    "The server has closed the connection, or no longer reads from it, while the client had more to say.",
    "客户端话还没说完，服务器就关了连接，或者不再读了。",
);
