// ANCHOR: head
#![cfg(target_os = "linux")]

use crate::{Completion, Operation, Ring};
use completion_server::Conversation;
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
        server.go_on_after(completion);
    }
}
// ANCHOR_END: serve

// ANCHOR: on
impl Server {
    fn go_on_after(&mut self, completion: Completion<Name>) {
        match completion {
            Completion::Accepted { client, more } => self.accepted(client, more),
            Completion::Received { whose, bytes } => {
                let client = &mut self.clients[whose];
                client.receive = None;
                client.conversation.received(bytes);
                self.go_on(whose);
            }
            Completion::Sent {
                whose,
                bytes,
                taken,
            } => {
                let client = &mut self.clients[whose];
                client.send = None;
                client.conversation.sent(bytes, taken);
                self.go_on(whose);
            }
            Completion::TimedOut => {
                self.ring.start_accept(&self.listener);
            }
        }
    }
    // ANCHOR_END: on

    // ANCHOR: go_on
    /// Starts what a client's conversation wants next. One that wants nothing is over.
    fn go_on(&mut self, whose: Name) {
        let client = &mut self.clients[whose];
        if client.conversation.is_gone() {
            for operation in [client.send, client.receive].into_iter().flatten() {
                self.ring.cancel(operation);
            }
        }
        if client.send.is_none()
            && let Some(answers) = client.conversation.to_send()
        {
            client.send = Some(self.ring.start_send(&client.socket, answers, whose));
        }
        if client.receive.is_none() && client.conversation.wants_more() {
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
                conversation: Conversation::default(),
                receive: None,
                send: None,
            });
            self.go_on(whose);
        }
    }
}
// ANCHOR_END: accepted
