// ANCHOR: head
#![cfg(target_os = "linux")]

use crate::{Completion, Operation, Ring};
use completion_server::is_transient;
use conversation::Conversation;
use shared::server::{REST, announce, must_rest};
use slotmap::SlotMap;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;
// ANCHOR_END: head

// ANCHOR: serve
slotmap::new_key_type! {
    /// The name of a client.
    pub(crate) struct Name;
}

struct Server {
    ring: Ring<Name>,
    listener: Rc<TcpListener>,
    clients: SlotMap<Name, Client>,
}

/// A client stays as long as one of its operations is in flight.
struct Client {
    socket: Rc<TcpStream>,
    conversation: Conversation,
    receive: Option<Operation>,
    send: Option<Operation>,
}

pub(crate) fn serve(listener: TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut server = Server {
        ring: Ring::new()?,
        listener: Rc::new(listener),
        clients: SlotMap::with_key(),
    };
    server.ring.start_accept(&server.listener);
    announce(address)?;
    loop {
        let completion = server.ring.wait()?;
        server.on(completion);
    }
}
// ANCHOR_END: serve

// ANCHOR: on
impl Server {
    fn on(&mut self, completion: Completion<Name>) {
        match completion {
            Completion::Accepted { client, more } => self.accepted(client, more),
            Completion::Received { whose, bytes } => {
                let client = &mut self.clients[whose];
                client.receive = None;
                match bytes {
                    Ok(Some(bytes)) => client.conversation.receive(&bytes),
                    Ok(None) => client.conversation.finish(),
                    Err(error) if is_transient(&error) => {}
                    Err(_) => client.conversation.abort(),
                }
                self.go_on(whose);
            }
            Completion::Sent { whose, taken, .. } => {
                let client = &mut self.clients[whose];
                client.send = None;
                match taken {
                    Ok(taken) => client.conversation.sent(taken),
                    Err(error) if is_transient(&error) => {}
                    Err(_) => client.conversation.abort(),
                }
                self.go_on(whose);
            }
            Completion::TimedOut => {
                self.ring.start_accept(&self.listener);
            }
        }
    }
    // ANCHOR_END: on

    // ANCHOR: go_on
    /// Starts what a client's conversation wants next. One for whom nothing is in flight is over.
    fn go_on(&mut self, whose: Name) {
        let client = &mut self.clients[whose];
        if client.conversation.is_done() {
            for operation in [client.send, client.receive].into_iter().flatten() {
                self.ring.cancel(operation);
            }
        }
        if client.send.is_none() && client.conversation.wants_write() {
            let answers = client.conversation.unsent().to_vec();
            client.send = Some(self.ring.start_send(&client.socket, answers, whose));
        }
        if client.receive.is_none() && client.conversation.wants_read() {
            client.receive = Some(self.ring.start_receive(&client.socket, whose));
        }
        if client.send.is_none() && client.receive.is_none() {
            self.clients.remove(whose);
        }
    }
    // ANCHOR_END: go_on

    // ANCHOR: accepted
    fn accepted(&mut self, client: io::Result<TcpStream>, more: bool) {
        let mut out_of_something = false;
        match client {
            Ok(stream) => self.welcome(stream),
            Err(error) => out_of_something = must_rest(&error),
        }
        if !more && out_of_something {
            self.ring.start_timeout(REST);
        } else if !more {
            self.ring.start_accept(&self.listener);
        }
    }

    fn welcome(&mut self, stream: TcpStream) {
        // Answers go out at once (step 03). A client that has left already cannot be served.
        if stream.set_nodelay(true).is_ok() {
            let whose = self.clients.insert(Client {
                socket: Rc::new(stream),
                conversation: Conversation::new(),
                receive: None,
                send: None,
            });
            self.go_on(whose);
        }
    }
}
// ANCHOR_END: accepted
