use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// A connection without a socket. What comes, and what there is room for, is laid down beforehand.
pub(crate) struct Connection {
    pub(crate) script: Box<Script>,
}

/// One entry for each question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Script {
    /// What has come: bytes, or nothing yet. After the last entry, the client has said all.
    pub(crate) incoming: VecDeque<Result<Option<Vec<u8>>, ErrorKind>>,
    /// For how many bytes there is room, if for any yet. After the last entry, for all.
    pub(crate) room: VecDeque<Result<usize, ErrorKind>>,
    /// What was sent. Whoever wrote the script can look at it.
    pub(crate) sent: Rc<RefCell<Vec<u8>>>,
    /// What was received last.
    pub(crate) received: Option<Vec<u8>>,
}

impl Connection {
    pub(crate) fn new(script: Script) -> Connection {
        Connection {
            script: Box::new(script),
        }
    }

    pub(crate) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.script.received = match self.script.incoming.pop_front().transpose()? {
            Some(None) => return not_yet(context),
            Some(received) => received,
            None => None,
        };
        Poll::Ready(Ok(()))
    }

    /// What [`Connection::poll_receive`] has received; `None` when the client has said all.
    pub(crate) fn received(&self) -> Option<&[u8]> {
        self.script.received.as_deref()
    }

    /// Sends `bytes`, of which so many are `sent` already, until all are.
    pub(crate) fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        sent: &mut usize,
    ) -> Poll<io::Result<()>> {
        while *sent < bytes.len() {
            let left = &bytes[*sent..];
            let room = self.script.room.pop_front().transpose()?;
            let room = room.unwrap_or(left.len());
            if room == 0 {
                return not_yet(context);
            }
            let taken = room.min(left.len());
            let mut told = self.script.sent.borrow_mut();
            told.extend_from_slice(&left[..taken]);
            *sent += taken;
        }
        Poll::Ready(Ok(()))
    }

    /// The same two as futures, for `converse`.
    pub(crate) fn receive(&mut self) -> Receive<'_> {
        Receive(Some(self))
    }

    pub(crate) fn send<'a>(&'a mut self, bytes: &'a [u8]) -> SendAll<'a> {
        SendAll {
            connection: self,
            bytes,
        }
    }
}

/// *Not yet*, but it is worth asking again at once.
fn not_yet<T>(context: &Context<'_>) -> Poll<T> {
    context.waker().wake_by_ref();
    Poll::Pending
}

/// The connection, until it is lent on.
pub(crate) struct Receive<'a>(Option<&'a mut Connection>);

impl<'a> Future for Receive<'a> {
    type Output = io::Result<Option<&'a [u8]>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let connection = self.0.as_mut().expect("it is not done");
        ready!(connection.poll_receive(context))?;
        Poll::Ready(Ok(self
            .0
            .take()
            .and_then(|connection| connection.received())))
    }
}

pub(crate) struct SendAll<'a> {
    connection: &'a mut Connection,
    /// What is left to be sent.
    bytes: &'a [u8],
}

impl Future for SendAll<'_> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let SendAll { connection, bytes } = &mut *self;
        let mut sent = 0;
        let polled = connection.poll_send(context, bytes, &mut sent);
        *bytes = &bytes[sent..];
        polled
    }
}
