//! Chapters 5 and 6: the kernel keeps the list of those who are watched.

use super::readiness::{ACCEPTS_PER_TURN, interest, on_readable, on_writable};
use crate::by_fd::ByFd;
use crate::call::{Errno, Fd, Interest, LISTENER};
use crate::process::{Sys, Watch};
use conversation::{Conversation, HIGH_WATER, LOW_WATER, MAX_LINE};

const LEVEL: Watch = Watch {
    edge: false,
    is_new: true,
};
const CHANGED: Watch = Watch {
    edge: false,
    is_new: false,
};
const EDGE: Watch = Watch {
    edge: true,
    is_new: true,
};

pub(super) async fn epoll(sys: Sys) {
    let mut clients: ByFd<Conversation> = ByFd::default();
    sys.watch("add-listener", LISTENER, Interest::READ, LEVEL)
        .await;
    loop {
        for (fd, ready) in sys.epoll_wait("wait").await {
            if fd == LISTENER {
                for _ in 0..ACCEPTS_PER_TURN {
                    let Ok(fd) = sys.accept("accept", false).await else {
                        break;
                    };
                    sys.watch("add", fd, Interest::READ, LEVEL).await;
                    clients.insert(fd, Conversation::new());
                }
                continue;
            }
            let Some(conversation) = clients.get_mut(fd) else {
                continue;
            };
            if go_on(&sys, fd, conversation, ready, "modify").await {
                sys.close("remove", fd).await;
                clients.remove(fd);
            }
        }
    }
}

/// A conversation goes on, and the kernel is told of another interest. Is it over?
async fn go_on(
    sys: &Sys,
    fd: Fd,
    conversation: &mut Conversation,
    ready: Interest,
    at: &'static str,
) -> bool {
    let before = interest(conversation);
    if ready.read {
        on_readable(sys, fd, conversation).await;
    }
    if ready.write {
        on_writable(sys, fd, conversation).await;
    }
    let now = interest(conversation);
    if !conversation.is_done() && now != before {
        change(sys, at, fd, before, now).await;
    }
    conversation.is_done()
}

async fn change(sys: &Sys, at: &'static str, fd: Fd, before: Interest, now: Interest) {
    match (before.is_nothing(), now.is_nothing()) {
        // For nothing it does not watch at all.
        (false, true) if at != "modify" => sys.unwatch(at, fd).await,
        (true, false) if at != "modify" => sys.watch(at, fd, now, LEVEL).await,
        _ => sys.watch(at, fd, now, CHANGED).await,
    }
}

/// Everything is watched once and for ever, and an event says that something is new.
pub(super) async fn edge(sys: Sys, until_nothing_comes: bool) {
    let mut clients: ByFd<Conversation> = ByFd::default();
    let both = Interest {
        read: true,
        write: true,
    };
    sys.watch("add-listener", LISTENER, Interest::READ, LEVEL)
        .await;
    loop {
        for (fd, _) in sys.epoll_wait("wait").await {
            if fd == LISTENER {
                while let Ok(fd) = sys.accept("accept", false).await {
                    sys.watch("add", fd, both, EDGE).await;
                    clients.insert(fd, Conversation::new());
                }
                continue;
            }
            let Some(conversation) = clients.get_mut(fd) else {
                continue;
            };
            loop {
                let before = (conversation.wants_read(), conversation.unsent().len());
                receive_once(&sys, fd, conversation).await;
                on_writable(&sys, fd, conversation).await;
                let is_stuck = (conversation.wants_read(), conversation.unsent().len()) == before;
                if !until_nothing_comes
                    || conversation.is_done()
                    || is_stuck && !conversation.wants_read()
                {
                    break;
                }
                if conversation.wants_write() || !has_more(&sys, fd, conversation).await {
                    break;
                }
            }
            if conversation.is_done() {
                sys.close("remove", fd).await;
                clients.remove(fd);
            }
        }
    }
}

async fn receive_once(sys: &Sys, fd: Fd, conversation: &mut Conversation) -> bool {
    if !conversation.wants_read() {
        return false;
    }
    match sys.recv("recv", fd, false).await {
        Ok(bytes) if bytes.is_empty() => conversation.finish(),
        Ok(bytes) => conversation.receive(&bytes),
        Err(Errno::WouldBlock) => return false,
        Err(_) => conversation.abort(),
    }
    true
}

/// Only EAGAIN tells that there is nothing more.
async fn has_more(sys: &Sys, fd: Fd, conversation: &mut Conversation) -> bool {
    receive_once(sys, fd, conversation).await
}

/// Step 05's callbacks. The calls that the poller makes for itself are left out.
pub(super) async fn event_loop(sys: Sys) {
    let mut clients: ByFd<Conversation> = ByFd::default();
    sys.watch("event_add", LISTENER, Interest::READ, LEVEL)
        .await;
    loop {
        for (fd, ready) in sys.epoll_wait("dispatch").await {
            if fd == LISTENER {
                for _ in 0..ACCEPTS_PER_TURN {
                    let Ok(fd) = sys.accept("accept", false).await else {
                        break;
                    };
                    sys.watch("converse", fd, Interest::READ, LEVEL).await;
                    clients.insert(fd, Conversation::new());
                }
                continue;
            }
            let Some(conversation) = clients.get_mut(fd) else {
                continue;
            };
            let before = interest(conversation);
            if go_on(&sys, fd, conversation, ready, "event_change").await {
                if !before.is_nothing() {
                    sys.unwatch("event_free", fd).await;
                }
                sys.close("event_free", fd).await;
                clients.remove(fd);
            }
        }
    }
}

/// What a bufferevent has.
#[derive(Default)]
struct Buffered {
    input: Vec<u8>,
    output: Vec<u8>,
    /// Its callbacks have disabled receiving.
    is_full: bool,
    is_at_end: bool,
    watched: Interest,
}

/// Step 06's server: input and output, and two marks.
pub(super) async fn bufferevent(sys: Sys) {
    let mut clients: ByFd<Buffered> = ByFd::default();
    sys.watch("listener", LISTENER, Interest::READ, LEVEL).await;
    loop {
        for (fd, ready) in sys.epoll_wait("dispatch").await {
            if fd == LISTENER {
                for _ in 0..ACCEPTS_PER_TURN {
                    let Ok(fd) = sys.accept("accept", false).await else {
                        break;
                    };
                    sys.watch("base_set", fd, Interest::READ, LEVEL).await;
                    let watched = Interest::READ;
                    clients.insert(
                        fd,
                        Buffered {
                            watched,
                            ..Buffered::default()
                        },
                    );
                }
                continue;
            }
            let Some(it) = clients.get_mut(fd) else {
                continue;
            };
            let is_broken = it.turn(&sys, fd, ready).await.is_err();
            if is_broken || it.is_at_end && it.output.is_empty() {
                if !it.watched.is_nothing() {
                    sys.unwatch("free", fd).await;
                }
                sys.close("free", fd).await;
                clients.remove(fd);
                continue;
            }
            let (before, now) = (it.watched, it.interest());
            if now != before {
                change(&sys, "watch", fd, before, now).await;
                it.watched = now;
            }
        }
    }
}

impl Buffered {
    fn interest(&self) -> Interest {
        Interest {
            read: !self.is_full && !self.is_at_end && self.input.len() <= MAX_LINE,
            write: !self.output.is_empty(),
        }
    }

    async fn turn(&mut self, sys: &Sys, fd: Fd, ready: Interest) -> Result<(), Errno> {
        if ready.read && self.interest().read {
            let room = MAX_LINE + 1 - self.input.len();
            match sys.recv_at_most("read", fd, room, false).await {
                Ok(bytes) if bytes.is_empty() => {
                    self.is_at_end = true;
                    conversation::rot13(&mut self.input);
                    self.output.append(&mut self.input);
                }
                Ok(bytes) => {
                    self.input.extend(bytes);
                    self.answer();
                    self.is_full |= self.output.len() >= HIGH_WATER;
                }
                Err(Errno::WouldBlock) => {}
                Err(errno) => return Err(errno),
            }
        }
        if !self.output.is_empty() {
            match sys.send("write", fd, &self.output, false).await {
                Ok(taken) => {
                    self.output.drain(..taken);
                    if self.output.len() < LOW_WATER {
                        self.is_full = false;
                    }
                }
                Err(Errno::WouldBlock) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    fn answer(&mut self) {
        // The codec cuts as the callback does: into lines, and into what is too long for one.
        let mut codec = conversation::LineCodec::new();
        let answers = codec.feed(&self.input);
        let mut rest = codec.finish();
        conversation::rot13(&mut rest);
        self.input = rest;
        self.output.extend(answers);
    }
}
