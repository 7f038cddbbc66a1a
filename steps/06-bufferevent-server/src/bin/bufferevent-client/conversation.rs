use crate::NAME;
use crate::all::All;
use anyhow::{Context, Result};
use bufferevent_server::{BevEvent, BufferEvent, Callbacks, EvBuffer, Handle, Readln};
use event_loop_server::{EventBase, What};
use shared::server;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::mem;
use std::net::SocketAddr;
use std::process;
use std::rc::Rc;

/// Longer lines are printed in pieces: a server that never ends a line must not get all memory.
const LONGEST: usize = 64 * 1024;

/// How far the conversation with one server has come.
#[derive(Clone)]
pub(crate) struct Conversation {
    pub(crate) name: String,
    /// Those that have not been tried.
    pub(crate) addresses: VecDeque<SocketAddr>,
    pub(crate) is_one_of_many: bool,
    pub(crate) is_connected: bool,
    /// How many bytes it has answered. A server may add newlines to long lines.
    pub(crate) answered: usize,
    pub(crate) input: Handle,
    pub(crate) all: Rc<All>,
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
            if self.clone().begin(base, said).is_ok() {
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
    /// Sets out for the first of the server's addresses, to say what has to be said to it.
    pub(crate) fn begin(mut self, base: &mut EventBase, said: EvBuffer) -> Result<()> {
        let all = Rc::clone(&self.all);
        let address = self.addresses.pop_front();
        let address = address.with_context(|| format!("{} has no address", self.name))?;
        let mut bev = BufferEvent::socket_connect(address)?;
        bev.setcb(self);
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
