// ANCHOR: head
//! `bufferevent-client [--timeout SECONDS] [ADDR]...`: talks to many servers at the same time.

mod all;
mod conversation;
mod input;

use all::All;
use anyhow::{Result, anyhow};
use bufferevent_server::{BufferEvent, EvBuffer};
use clap::Parser;
use conversation::Conversation;
use event_loop_server::{EventBase, What};
use input::{Input, standard_input};
use shared::server::{self, DEFAULT_ADDRESS};
use std::collections::VecDeque;
use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
/// Talks to all of them until the last conversation has ended; has everybody answered everything?
fn talk(options: CommandLine) -> Result<bool> {
    let mut base = EventBase::new()?;
    let all = Rc::new(All::new(options.timeout, options.addresses.len()));
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
            conversation.begin(&mut base, EvBuffer::new())
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

/// The addresses that a name has. While the system looks for them, everybody else waits: Libevent
/// has `evdns_getaddrinfo` for that.
fn resolve(name: &str) -> Result<VecDeque<SocketAddr>> {
    let hint = "write HOST:PORT, as in 127.0.0.1:40713";
    let found = name.to_socket_addrs();
    let addresses = found.map_err(|error| anyhow!("cannot find {name}: {error} ({hint})"))?;
    Ok(addresses.collect())
}
// ANCHOR_END: talk
