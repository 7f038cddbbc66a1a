// ANCHOR: head
//! `bufferevent-server [--listen ADDR] [--idle-timeout SECONDS]`: one thread, and buffers.

#[cfg(test)]
mod tests;

use bufferevent_server::{BevEvent, BufferEvent, Callbacks, EvBuffer, Readln, evconnlistener_new};
use conversation::{HIGH_WATER, LOW_WATER, MAX_LINE, rot13};
use event_loop_server::{EventBase, What, end_by_signal};
use shared::command_line;
use shared::server::{self, Listen};
use std::io;
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = "bufferevent-server";

#[derive(clap::Parser)]
struct CommandLine {
    #[command(flatten)]
    listen: Listen,
    /// Close a connection over which nothing has come, or nothing could be sent, for so long
    #[arg(long, value_name = "SECONDS", value_parser = command_line::seconds)]
    idle_timeout: Option<Duration>,
}

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, with buffers";
    let options: CommandLine = server::parse(NAME, about);
    server::run(NAME, &options.listen, |it| serve(it, options.idle_timeout))
}
// ANCHOR_END: head

// ANCHOR: serve
fn serve(listener: TcpListener, idle: Option<Duration>) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut base = EventBase::new()?;
    end_by_signal(&mut base)?;
    evconnlistener_new(&mut base, listener, move |base, stream| {
        // A client that has left already, or that cannot be watched, cannot be served.
        let _ = welcome(base, stream, idle);
    })?;
    server::announce(address)?;
    base.dispatch()
}

fn welcome(base: &mut EventBase, stream: TcpStream, idle: Option<Duration>) -> io::Result<()> {
    let mut bev = BufferEvent::socket_new(stream)?;
    bev.setcb(Conversation);
    // Room for the longest line and its newline.
    bev.setwatermark(What::READ, 0, MAX_LINE + 1);
    // `write` is called when fewer than `LOW_WATER` bytes are unsent.
    bev.setwatermark(What::WRITE, LOW_WATER - 1, 0);
    bev.set_timeouts(idle, idle);
    bev.enable(What::READ);
    bev.base_set(base)?;
    Ok(())
}
// ANCHOR_END: serve

// ANCHOR: conversation
struct Conversation;

impl Callbacks for Conversation {
    fn read(&mut self, _: &mut EventBase, bev: &mut BufferEvent) {
        answer(&mut bev.input, &mut bev.output);
        // ANCHOR: task-high-mark
        if bev.output.len() >= HIGH_WATER {
            bev.disable(What::READ);
        }
        // ANCHOR_END: task-high-mark
    }

    fn write(&mut self, _: &mut EventBase, bev: &mut BufferEvent) {
        bev.enable(What::READ);
    }

    fn event(&mut self, _: &mut EventBase, bev: &mut BufferEvent, what: BevEvent) {
        if what.contains(BevEvent::EOF) {
            // Whole lines have been answered: what is left has no newline, nor has its answer.
            rot13(bev.input.pullup());
            bev.output.add(bev.input.peek());
            bev.free_when_flushed();
        } else {
            bev.free();
        }
    }
}

// ANCHOR_END: conversation

// ANCHOR: answer
/// Answers every line that is complete, or too long.
fn answer(input: &mut EvBuffer, output: &mut EvBuffer) {
    let unsent = output.len();
    output.expand(input.len());
    while let Readln::Line(line) | Readln::TooLong(line) = input.readln(MAX_LINE) {
        output.add(line);
        output.add(b"\n");
    }
    rot13(&mut output.pullup()[unsent..]);
}
// ANCHOR_END: answer
