use crate::NAME;
use crate::all::All;
use bufferevent_server::{BevEvent, BufferEvent, Callbacks, EvBuffer, Handle, Readln};
use event_loop_server::{EventBase, What};
use shared::client::is_not_itself;
use shared::{Tally, server};
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
    /// Where it is being tried, or has been reached.
    pub(crate) address: Option<SocketAddr>,
    /// Where it has not been tried.
    pub(crate) others: VecDeque<SocketAddr>,
    pub(crate) is_one_of_many: bool,
    pub(crate) is_connected: bool,
    pub(crate) answered: Tally,
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
            self.answered.count(line);
            self.answered.count(end.as_bytes());
            self.show(line, end, &mut text);
        }
        print(&text);
    }

    fn write(&mut self, base: &mut EventBase, bev: &mut BufferEvent) {
        self.all.half_close(bev);
        self.resume_input(base);
    }

    fn event(&mut self, base: &mut EventBase, bev: &mut BufferEvent, what: BevEvent) {
        if what != BevEvent::CONNECTED {
            self.answered.count(bev.input.peek());
            let trouble = self.trouble(bev, what);
            return self.end(base, bev, trouble);
        }
        if let Err(error) = check_peer(bev) {
            let trouble = self.failure(Some(&error));
            return self.end(base, bev, Some(trouble));
        }
        self.is_connected = true;
        self.all.half_close(bev);
    }
}

impl Conversation {
    /// Sets out for the first of the server's addresses for which the system has a socket, to say
    /// what has to be said to it.
    pub(crate) fn begin(mut self, base: &mut EventBase, said: EvBuffer) -> Result<(), String> {
        let all = Rc::clone(&self.all);
        let mut failure = "it has no address".to_owned();
        let mut bev = loop {
            self.address = self.others.pop_front();
            let address = self.address.ok_or(failure)?;
            match BufferEvent::connect(address) {
                Ok(bev) => break bev,
                Err(error) => failure = self.failure(Some(&error)),
            }
        };
        let attempt = self.attempt();
        bev.setcb(self);
        bev.setwatermark(What::READ, 0, LONGEST);
        bev.set_timeouts(
            all.input_has_ended.get().then_some(all.timeout),
            Some(all.timeout),
        );
        bev.enable(What::READ);
        bev.output = said;
        let server = bev.base_set(base);
        let server = server.map_err(|error| format!("{attempt}: {error}"))?;
        all.servers.borrow_mut().push(server);
        Ok(())
    }

    /// It ends, unless it has not begun and there is another address to be tried.
    fn end(&mut self, base: &mut EventBase, bev: &mut BufferEvent, mut trouble: Option<String>) {
        bev.free();
        if !self.is_connected && !self.others.is_empty() {
            let said = mem::take(&mut bev.output);
            match self.clone().begin(base, said) {
                Ok(()) => return,
                Err(error) => trouble = Some(error),
            }
        }
        let mut text = Vec::new();
        self.show(bev.input.peek(), "", &mut text);
        print(&text);
        if let Some(trouble) = &trouble {
            server::warn(NAME, &format!("{}: {trouble}", self.name));
        }
        self.all.conversation_ended(trouble.is_none());
        self.resume_input(base); // it may have waited for this one
        if self.all.open.get() == 0 {
            base.loopbreak();
        }
    }

    /// Reads on from standard input, unless one of the servers has much left to take.
    fn resume_input(&self, base: &mut EventBase) {
        if self.all.is_keeping_up(base) {
            self.input.with(base, |input| input.enable(What::READ));
        }
    }

    /// What has gone wrong, if it ends like this.
    fn trouble(&self, bev: &BufferEvent, what: BevEvent) -> Option<String> {
        let All { timeout, said, .. } = &*self.all;
        if what.contains(BevEvent::EOF) {
            return match self.all.input_has_ended.get() {
                true => said.get().fault(self.answered),
                false => Some("closed the connection early: not all had been said".to_owned()),
            };
        }
        if !what.contains(BevEvent::TIMEOUT) {
            return Some(self.failure(bev.error()));
        }
        let missing = match what.contains(BevEvent::READING) {
            true => "it has answered nothing",
            false if self.is_connected => "it has taken nothing",
            false => "it has not answered",
        };
        let attempt = self.attempt();
        Some(format!(
            "{attempt}: {missing} for {timeout:?} (see --timeout)"
        ))
    }

    /// What could not be done, and why.
    fn failure(&self, error: Option<&io::Error>) -> String {
        let attempt = self.attempt();
        match error {
            Some(error) if error.kind() == ErrorKind::ConnectionRefused => {
                format!("{attempt}: {error} (start a server: cargo run -- run 6)")
            }
            Some(error) => format!("{attempt}: {error}"),
            None => attempt,
        }
    }

    /// What is being done. The address is added where the name does not say it.
    fn attempt(&self) -> String {
        match self.address.map(|address| address.to_string()) {
            _ if self.is_connected => "lost the connection".to_owned(),
            Some(address) if address != self.name => format!("cannot connect to {address}"),
            _ => "cannot connect".to_owned(),
        }
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

/// Where nobody listens, a client may have met itself.
fn check_peer(bev: &BufferEvent) -> io::Result<()> {
    let own = bev.socket().local_addr().ok();
    let peer = bev.socket().peer_addr().ok();
    is_not_itself(
        own.and_then(|it| it.as_socket()),
        peer.and_then(|it| it.as_socket()),
    )
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
