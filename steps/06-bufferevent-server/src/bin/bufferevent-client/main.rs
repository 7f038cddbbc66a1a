// ANCHOR: head
//! `bufferevent-client [--timeout SECONDS] [ADDR]...`: talks to many servers at the same time.

mod all;
mod conversation;
mod input;

use all::All;
use anyhow::Result;
use bufferevent_server::{BufferEvent, EvBuffer};
use conversation::Conversation;
use event_loop_server::{EventBase, What};
use input::{Input, standard_input};
use shared::Tally;
use shared::command_line::{self, HostPort};
use shared::server::{self, DEFAULT_ADDRESS};
use std::net::ToSocketAddrs;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const NAME: &str = "bufferevent-client";

#[derive(clap::Parser)]
struct CommandLine {
    /// The servers' addresses, HOST:PORT
    #[arg(value_name = "ADDR", default_value = DEFAULT_ADDRESS, value_parser = command_line::server)]
    servers: Vec<HostPort>,
    /// Give up a server that does not let itself be connected to, takes nothing, or, when all has
    /// been said, answers nothing for so long
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = command_line::seconds)]
    timeout: Duration,
}

fn main() -> ExitCode {
    let about =
        "Says standard input to every server, to all at the same time, and prints what they answer";
    match talk(command_line::parse(NAME, about)) {
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
/// Talks to all of them until the last conversation has ended; has everybody answered everything?
fn talk(options: CommandLine) -> Result<bool> {
    let mut base = EventBase::new()?;
    let all = Rc::new(All::new(options.timeout, options.servers.len()));
    let is_read = Arc::new(AtomicBool::new(true));
    let mut input = BufferEvent::socket_new(standard_input(&is_read)?)?;
    input.setcb(Input(Rc::clone(&all)));
    input.enable(What::READ);
    let input = input.base_set(&mut base)?;
    let is_one_of_many = options.servers.len() > 1;
    for server in options.servers {
        // While the system looks for the addresses of a name, everybody else waits: Libevent has
        // `evdns_getaddrinfo` for that.
        let found = server.to_socket_addrs();
        let found = found.map_err(|error| format!("cannot find its address: {error}"));
        let begun = found.and_then(|addresses| {
            let conversation = Conversation {
                name: server.to_string(),
                address: None,
                others: addresses.collect(),
                is_one_of_many,
                is_connected: false,
                answered: Tally::default(),
                input: input.clone(),
                all: Rc::clone(&all),
            };
            conversation.begin(&mut base, EvBuffer::new())
        });
        if let Err(trouble) = begun {
            server::warn(NAME, &format!("{server}: {trouble}"));
            all.conversation_ended(false);
        }
    }
    if all.open.get() > 0 {
        base.dispatch()?;
    }
    Ok(all.is_well.get() && is_read.load(Ordering::SeqCst))
}
// ANCHOR_END: talk
