//! Chapter 7: operations that the kernel carries out, and tells of when they are done.

use crate::by_fd::ByFd;
use crate::call::{Completion, Errno, Fd, Operation};
use crate::process::Sys;
use conversation::Conversation;

#[derive(Default)]
struct Client {
    conversation: Conversation,
    receives: bool,
    sends: bool,
}

pub(super) async fn completion(sys: Sys) {
    let mut clients: ByFd<Client> = ByFd::default();
    let mut started = vec![Operation::Accept];
    loop {
        for done in sys.enter("wait", std::mem::take(&mut started)).await {
            let fd = match done {
                Completion::Accepted(fd) => {
                    clients.insert(fd, Client::default());
                    fd
                }
                Completion::Received(fd, came) => {
                    let Some(client) = clients.get_mut(fd) else {
                        continue;
                    };
                    client.receives = false;
                    match came {
                        Ok(bytes) if bytes.is_empty() => client.conversation.finish(),
                        Ok(bytes) => client.conversation.receive(&bytes),
                        Err(Errno::WouldBlock) => {}
                        Err(_) => client.conversation.abort(),
                    }
                    fd
                }
                Completion::Sent(fd, taken) => {
                    let Some(client) = clients.get_mut(fd) else {
                        continue;
                    };
                    client.sends = false;
                    match taken {
                        Ok(taken) => client.conversation.sent(taken),
                        Err(Errno::WouldBlock) => {}
                        Err(_) => client.conversation.abort(),
                    }
                    fd
                }
            };
            if go_on(fd, clients.get_mut(fd), &mut started) {
                sys.close("remove", fd).await;
                clients.remove(fd);
            }
        }
    }
}

/// Starts what the conversation wants next. Is it over, and nothing in flight for it?
fn go_on(fd: Fd, client: Option<&mut Client>, started: &mut Vec<Operation>) -> bool {
    let Some(client) = client else {
        return false;
    };
    let conversation = &client.conversation;
    if conversation.is_done() && (client.receives || client.sends) {
        started.push(Operation::Cancel { fd });
    }
    if !client.sends && conversation.wants_write() {
        let bytes = conversation.unsent().to_vec();
        started.push(Operation::Send { fd, bytes });
        client.sends = true;
    }
    if !client.receives && conversation.wants_read() {
        started.push(Operation::Recv { fd });
        client.receives = true;
    }
    !client.sends && !client.receives
}
