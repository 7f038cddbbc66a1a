use crate::NAME;
use crate::all::All;
use bufferevent_server::{BevEvent, BufferEvent, Callbacks};
use event_loop_server::{EventBase, What};
use shared::server;
use socket2::Socket;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Standard input, as a socket that can be waited for: a file cannot, and not every system can wait
/// for a terminal. A thread sleeps in `read(2)` instead.
pub(crate) fn standard_input(is_read: &Arc<AtomicBool>) -> io::Result<Socket> {
    let (reader, mut writer) = pair()?;
    let is_read = Arc::clone(is_read);
    thread::Builder::new().spawn(move || {
        // When all conversations have ended, there is no reader any more: that is no error.
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

/// Two ends of a stream that nobody else can get hold of.
fn pair() -> io::Result<(Socket, Socket)> {
    let (one, other) = UnixStream::pair()?;
    Ok((OwnedFd::from(one).into(), OwnedFd::from(other).into()))
}

/// What is read from standard input is said to every server.
pub(crate) struct Input(pub(crate) Rc<All>);

impl Callbacks for Input {
    fn read(&mut self, base: &mut EventBase, input: &mut BufferEvent) {
        let Input(all) = self;
        let said = input.input.pullup();
        all.said.update(|mut it| {
            it.count(said);
            it
        });
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

    /// Standard input has ended.
    fn event(&mut self, base: &mut EventBase, input: &mut BufferEvent, _: BevEvent) {
        let Input(all) = self;
        all.input_has_ended.set(true);
        for server in &*all.servers.borrow() {
            server.with(base, |bev| {
                bev.set_timeouts(Some(all.timeout), Some(all.timeout));
                all.half_close(bev);
            });
        }
        input.free();
    }
}
