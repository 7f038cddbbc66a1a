// ANCHOR: head
//! `bufferevent-client [--timeout SECONDS] [ADDR]...`: talks to many servers at the same time.

use anyhow::{Context, Result, anyhow};
use bufferevent_server::{BevEvent, BufferEvent, Callbacks, EvBuffer, Handle, Readln};
use clap::Parser;
use event_loop_server::{EventBase, What};
use shared::server::{self, DEFAULT_ADDRESS};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::mem;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::process::{self, ExitCode};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const NAME: &str = "bufferevent-client";

/// Says standard input to every server, to all at the same time, and prints what they answer
#[derive(Parser)]
#[command(name = "bufferevent-client", version)]
struct CommandLine {
    /// The servers' addresses, HOST:PORT
    #[arg(value_name = "ADDR", default_value = DEFAULT_ADDRESS)]
    addresses: Vec<String>,
    /// Give up a server that does not let itself be connected to, takes nothing, or, when all has
    /// been said, answers nothing for so long
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = server::seconds)]
    timeout: Duration,
}

fn main() -> ExitCode {
    match talk(CommandLine::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            server::warn(NAME, &format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
// ANCHOR_END: head

// ANCHOR: talk
/// What all conversations share.
struct All {
    servers: RefCell<Vec<Handle>>,
    timeout: Duration,
    /// How many conversations have not ended.
    open: Cell<usize>,
    /// Has every server answered everything?
    is_well: Cell<bool>,
    /// How many bytes have been read from standard input.
    said: Cell<usize>,
    has_said_all: Cell<bool>,
}

/// Talks to all of them until the last conversation has ended; has everybody answered everything?
fn talk(options: CommandLine) -> Result<bool> {
    let mut base = EventBase::new()?;
    let all = Rc::new(All {
        servers: RefCell::default(),
        timeout: options.timeout,
        open: Cell::new(options.addresses.len()),
        is_well: Cell::new(true),
        said: Cell::new(0),
        has_said_all: Cell::new(false),
    });
    let is_read = Arc::new(AtomicBool::new(true));
    let mut input = BufferEvent::socket_new(standard_input(&is_read)?)?;
    input.setcb(Input(Rc::clone(&all)));
    input.enable(What::READ);
    let input = input.base_set(&mut base)?;
    let is_one_of_many = options.addresses.len() > 1;
    for name in options.addresses {
        let begun = resolve(&name).and_then(|addresses| {
            let conversation = Conversation {
                name,
                addresses,
                is_one_of_many,
                is_connected: false,
                answered: 0,
                input: input.clone(),
                all: Rc::clone(&all),
            };
            begin(&mut base, conversation, EvBuffer::new())
        });
        if let Err(error) = begun {
            server::warn(NAME, &format!("{error:#}"));
            all.has_ended(false);
        }
    }
    if all.open.get() > 0 {
        base.dispatch()?;
    }
    Ok(all.is_well.get() && is_read.load(Ordering::SeqCst))
}

/// Sets out for the first of a server's addresses, to say what has to be said to it.
fn begin(base: &mut EventBase, mut conversation: Conversation, said: EvBuffer) -> Result<()> {
    let all = Rc::clone(&conversation.all);
    let address = conversation.addresses.pop_front();
    let address = address.with_context(|| format!("{} has no address", conversation.name))?;
    let mut bev = BufferEvent::socket_connect(address)?;
    bev.setcb(conversation);
    bev.setwatermark(What::READ, 0, LONGEST);
    bev.set_timeouts(
        all.has_said_all.get().then_some(all.timeout),
        Some(all.timeout),
    );
    bev.enable(What::READ);
    bev.output = said;
    let server = bev.base_set(base)?;
    all.servers.borrow_mut().push(server);
    Ok(())
}

/// The addresses that a name has. While the system looks for them, everybody else waits: Libevent
/// has `evdns_getaddrinfo` for that.
fn resolve(name: &str) -> Result<VecDeque<SocketAddr>> {
    let hint = "write HOST:PORT, as in 127.0.0.1:40713";
    let found = name.to_socket_addrs();
    let addresses = found.map_err(|error| anyhow!("cannot find {name}: {error} ({hint})"))?;
    Ok(addresses.collect())
}
// ANCHOR_END: talk

// ANCHOR: input
/// When so many bytes wait for one of the servers, nothing more is read from standard input.
const HIGH_WATER: usize = 64 * 1024;

/// Standard input, as a socket that can be waited for: a file cannot, and not every system can wait
/// for a terminal. A thread sleeps in `read(2)` instead.
fn standard_input(is_read: &Arc<AtomicBool>) -> io::Result<TcpStream> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut writer = TcpStream::connect(listener.local_addr()?)?;
    let reader = loop {
        let (reader, peer) = listener.accept()?;
        if peer == writer.local_addr()? {
            break reader; // and not somebody else who has found the port
        }
    };
    let is_read = Arc::clone(is_read);
    thread::Builder::new().spawn(move || {
        // Unless all conversations have ended, and nobody takes it any more.
        if let Err(error) = io::copy(&mut io::stdin().lock(), &mut writer)
            && !matches!(
                error.kind(),
                ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
            )
        {
            is_read.store(false, Ordering::SeqCst);
            server::warn(NAME, &format!("cannot read standard input: {error}"));
        }
    })?;
    Ok(reader)
}

struct Input(Rc<All>);

impl Callbacks for Input {
    fn read(&mut self, base: &mut EventBase, input: &mut BufferEvent) {
        let Input(all) = self;
        let said = input.input.pullup();
        all.said.update(|it| it + said.len());
        for server in &*all.servers.borrow() {
            server.with(base, |bev| {
                bev.output.add(said);
            });
        }
        input.input.drain(usize::MAX);
        if !all.is_keeping_up(base) {
            input.disable(What::READ);
        }
    }

    /// All has been said.
    fn event(&mut self, base: &mut EventBase, input: &mut BufferEvent, _: BevEvent) {
        let Input(all) = self;
        all.has_said_all.set(true);
        for server in &*all.servers.borrow() {
            server.with(base, |bev| {
                bev.set_timeouts(Some(all.timeout), Some(all.timeout));
                all.half_close(bev);
            });
        }
        input.free();
    }
}

impl All {
    /// One conversation less.
    fn has_ended(&self, well: bool) {
        self.open.update(|it| it - 1);
        self.is_well.set(self.is_well.get() && well);
    }

    /// Has nobody much left to take?
    fn is_keeping_up(&self, base: &mut EventBase) -> bool {
        let servers = self.servers.borrow();
        let mut waiting = servers
            .iter()
            .filter_map(|server| server.with(base, |bev| bev.output.len()));
        waiting.all(|it| it < HIGH_WATER)
    }

    /// Tells a server that all has been said, when it has.
    fn half_close(&self, bev: &BufferEvent) {
        if self.has_said_all.get() && bev.output.is_empty() && !bev.is_connecting() {
            let _ = bev.socket().shutdown(Shutdown::Write);
        }
    }
}
// ANCHOR_END: input

// ANCHOR: conversation
/// Longer lines are printed in pieces: a server that never ends a line must not get all memory.
const LONGEST: usize = 64 * 1024;

/// How far the conversation with one server has come.
#[derive(Clone)]
struct Conversation {
    name: String,
    /// Those that have not been tried.
    addresses: VecDeque<SocketAddr>,
    is_one_of_many: bool,
    is_connected: bool,
    /// How many bytes it has answered. A server may add newlines to long lines.
    answered: usize,
    input: Handle,
    all: Rc<All>,
}

impl Callbacks for Conversation {
    fn read(&mut self, _: &mut EventBase, bev: &mut BufferEvent) {
        let mut text = Vec::new();
        loop {
            let (line, end) = match bev.input.readln(LONGEST - 1) {
                Readln::Line(line) => (line, "\n"),
                Readln::TooLong(line) => (line, ""),
                Readln::NeedMore => break,
            };
            self.answered += line.len() + end.len();
            self.show(&line, end, &mut text);
        }
        print(&text);
    }

    fn write(&mut self, base: &mut EventBase, bev: &mut BufferEvent) {
        self.all.half_close(bev);
        self.let_input_go_on(base);
    }

    fn event(&mut self, base: &mut EventBase, bev: &mut BufferEvent, what: BevEvent) {
        if what == BevEvent::CONNECTED {
            self.is_connected = true;
            self.all.half_close(bev);
            return;
        }
        if !self.is_connected && !self.addresses.is_empty() {
            let said = mem::take(&mut bev.output);
            bev.free();
            if begin(base, self.clone(), said).is_ok() {
                return;
            }
        }
        let mut text = Vec::new();
        self.answered += bev.input.len();
        self.show(bev.input.peek(), "", &mut text);
        print(&text);
        let trouble = self.trouble(bev, what);
        if let Some(trouble) = &trouble {
            server::warn(NAME, &format!("{}: {trouble}", self.name));
        }
        bev.free();
        self.all.has_ended(trouble.is_none());
        self.let_input_go_on(base); // it may have waited for this one
        if self.all.open.get() == 0 {
            base.loopbreak();
        }
    }
}

impl Conversation {
    /// Reads on from standard input, if nobody has much left to take.
    fn let_input_go_on(&self, base: &mut EventBase) {
        if self.all.is_keeping_up(base) {
            self.input.with(base, |input| input.enable(What::READ));
        }
    }

    /// What has gone wrong, if it ends like this.
    fn trouble(&self, bev: &BufferEvent, what: BevEvent) -> Option<String> {
        let All { timeout, said, .. } = &*self.all;
        if what.contains(BevEvent::EOF) {
            let early = "closed the connection early";
            return if !self.all.has_said_all.get() {
                Some(format!("{early}: not all had been said"))
            } else if self.answered < said.get() {
                Some(format!(
                    "{early}: {} of {} bytes answered",
                    self.answered,
                    said.get()
                ))
            } else {
                None
            };
        }
        let attempt = match self.is_connected {
            true => "lost the connection",
            false => "cannot connect",
        };
        if what.contains(BevEvent::TIMEOUT) {
            let missing = match what.contains(BevEvent::READING) {
                true => "it has answered nothing",
                false if self.is_connected => "it has taken nothing",
                false => "it has not answered",
            };
            return Some(format!(
                "{attempt}: {missing} for {timeout:?} (see --timeout)"
            ));
        }
        Some(match bev.error() {
            Some(error) if error.kind() == ErrorKind::ConnectionRefused => {
                format!("{attempt}: {error} (start a server: cargo run -- run 6)")
            }
            Some(error) => format!("{attempt}: {error}"),
            None => attempt.to_owned(),
        })
    }

    /// Adds a line to what will be printed. Among several servers, it tells whose it is.
    fn show(&self, line: &[u8], end: &str, text: &mut Vec<u8>) {
        if self.is_one_of_many && !(line.is_empty() && end.is_empty()) {
            text.extend_from_slice(self.name.as_bytes());
            text.extend_from_slice(b"  ");
            text.extend_from_slice(line);
            text.push(b'\n');
        } else {
            text.extend_from_slice(line);
            text.extend_from_slice(end.as_bytes());
        }
    }
}

fn print(text: &[u8]) {
    let mut output = io::stdout().lock();
    match output.write_all(text).and_then(|()| output.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            server::warn(NAME, &format!("cannot write standard output: {error}"));
            process::exit(1);
        }
    }
}
// ANCHOR_END: conversation
