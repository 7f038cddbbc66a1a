// ANCHOR: head
//! `cargo run -q -p async-server --example by_hand`: what the compiler makes of `converse`, written
//! by hand, and what of it takes how many bytes.

mod connection;
#[path = "../../src/converse.rs"]
#[expect(unreachable_pub, reason = "the file is a library's")]
mod converse;

use connection::{Connection, Script};
use conversation::LineCodec;
use converse::converse;
use std::convert::Infallible;
use std::io::{self, Write};
use std::mem;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
// ANCHOR_END: head

// ANCHOR: enum
/// The future of `converse`: a variant for each place where it can stop.
enum Converse {
    /// Before the first line.
    Start(Connection),
    /// `connection.receive().await`
    Receive(Connection, LineCodec),
    /// `connection.send(&answers).await`
    Send(Connection, LineCodec, Answers),
    /// `connection.send(&codec.finish()).await`
    SendLast(Connection, Answers),
    /// After the last line, or an error.
    Done,
}

/// What is to be sent, and how much of it is.
struct Answers {
    bytes: Vec<u8>,
    sent: usize,
}

impl Answers {
    fn new(bytes: Vec<u8>) -> Answers {
        Answers { bytes, sent: 0 }
    }
}
// ANCHOR_END: enum

// ANCHOR: poll
impl Future for Converse {
    type Output = io::Result<Connection>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Err(error) = ready!(self.poll_wait(context)) {
                *self = Converse::Done;
                return Poll::Ready(Err(error));
            }
            // The variables move on into the next variant; meanwhile, `Done` stands in for them.
            *self = match mem::replace(&mut *self, Converse::Done) {
                Converse::Start(connection) => Converse::Receive(connection, LineCodec::new()),
                Converse::Receive(connection, mut codec) => match connection.received() {
                    Some(received) => {
                        let answers = Answers::new(codec.feed(received));
                        Converse::Send(connection, codec, answers)
                    }
                    None => Converse::SendLast(connection, Answers::new(codec.finish())),
                },
                Converse::Send(connection, codec, _) => Converse::Receive(connection, codec),
                Converse::SendLast(connection, _) => return Poll::Ready(Ok(connection)),
                Converse::Done => unreachable!("nothing is ready then"),
            };
        }
    }
}

impl Converse {
    /// Asks for what it waits for at its place.
    fn poll_wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Converse::Start(_) => Poll::Ready(Ok(())),
            Converse::Receive(connection, _) => connection.poll_receive(context),
            Converse::Send(connection, _, answers) | Converse::SendLast(connection, answers) => {
                connection.poll_send(context, &answers.bytes, &mut answers.sent)
            }
            Converse::Done => panic!("`Converse` polled after it was done"),
        }
    }
}
// ANCHOR_END: poll

// ANCHOR: sizes
/// What the compiler keeps that `Converse` does not, in bytes.
fn kept_besides() -> [(&'static str, usize); 4] {
    [
        ("the place of the argument", size_of::<Connection>()),
        ("what `received` is taken from", size_of::<Received>()),
        (
            "the future `send`, less `sent`",
            size_of::<connection::SendAll>() - size_of::<usize>(),
        ),
        ("which variant it is", size_of::<usize>()),
    ]
}

/// What the `?` after `receive().await` looks at. It has what was received, and is kept as long.
type Received = ControlFlow<Result<Infallible, io::Error>, Option<&'static [u8]>>;

fn main() -> io::Result<()> {
    let connection = || Connection::new(Script::default());
    let mut screen = io::stdout().lock();
    let by_hand = size_of_val(&Converse::Start(connection()));
    writeln!(screen, "{by_hand:>5} bytes by hand")?;
    for (what, size) in kept_besides() {
        writeln!(screen, "{size:>5}   {what}")?;
    }
    let compiled = size_of_val(&converse(connection()));
    writeln!(screen, "{compiled:>5} bytes by the compiler")
}
// ANCHOR_END: sizes

#[cfg(test)]
mod tests;
