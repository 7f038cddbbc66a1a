//! The server's kernel: its sockets, who has them open, and who is told of what.

use crate::by_fd::ByFd;
use crate::call::{Answer, Call, Completion, Errno, Fd, Interest, LISTENER, Operation, SIGNALS};
use crate::connection::{Connection, Queues};
use std::collections::VecDeque;

/// A connection, in the order in which they came.
pub(crate) type Id = usize;

/// What a process has open besides the listener: threads share one.
#[derive(Debug, Default)]
pub(crate) struct Table {
    open: ByFd<Id>,
    watched: ByFd<Watched>,
    /// Descriptors of `watched` about which there may be something to say, in the order in which it came.
    ready: VecDeque<Fd>,
    in_flight: Vec<Operation>,
    /// Connections that threads share out among themselves.
    queue: VecDeque<Fd>,
    /// Bytes in the pipe of signals: children have ended.
    signals: usize,
}

#[derive(Clone, Copy, Debug)]
struct Watched {
    interest: Interest,
    edge: bool,
}

/// All that the model's kernel knows.
#[derive(Debug)]
pub(crate) struct Kernel {
    limits: Queues,
    pub(crate) connections: Vec<Connection>,
    /// Connected, and not accepted.
    pub(crate) backlog: VecDeque<Id>,
    pub(crate) tables: Vec<Table>,
    /// How many descriptors it has looked at to answer who is ready, or that nobody is.
    pub(crate) looked_at: usize,
}

impl Kernel {
    pub(crate) fn new(limits: Queues) -> Kernel {
        Kernel {
            limits,
            connections: Vec::new(),
            backlog: VecDeque::new(),
            tables: vec![Table::default()],
            looked_at: 0,
        }
    }

    pub(crate) fn connect(&mut self, client: usize) -> Id {
        let id = self.connections.len();
        self.connections.push(Connection::new(client, self.limits));
        self.backlog.push_back(id);
        for table in &mut self.tables {
            table.notice(LISTENER);
        }
        id
    }

    /// Something has happened to a connection: whoever watches it may have to be told.
    pub(crate) fn notice(&mut self, id: Id) {
        for table in &mut self.tables {
            let fds: Vec<Fd> = table
                .open
                .iter()
                .filter(|it| *it.1 == id)
                .map(|it| it.0)
                .collect();
            for fd in fds {
                table.notice(fd);
            }
        }
    }

    /// What a client does may make room, or take some.
    pub(crate) fn on_client(&mut self, id: Id, act: impl FnOnce(&mut Connection)) {
        let before = self.readiness_of(id);
        let inbound = self.connections[id].inbound();
        act(&mut self.connections[id]);
        self.connections[id].flow();
        // Under edge triggering, too, every arrival is one, and room that is made.
        let has_come = self.connections[id].inbound() > inbound;
        if has_come || self.readiness_of(id) != before {
            self.notice(id);
        }
    }

    fn readiness_of(&self, id: Id) -> (bool, bool) {
        let it = &self.connections[id];
        (it.is_readable(), it.is_writable())
    }

    /// The client behind a descriptor, for the log.
    pub(crate) fn name(&self, table: usize, fd: Fd) -> String {
        match self.tables[table].open.get(fd) {
            _ if fd == LISTENER => "listener".to_owned(),
            _ if fd == SIGNALS => "pipe".to_owned(),
            Some(&id) => self.connections[id].client.to_string(),
            None => "nobody".to_owned(),
        }
    }

    pub(crate) fn client_of(&self, table: usize, fd: Fd) -> Option<usize> {
        let id = *self.tables[table].open.get(fd)?;
        Some(self.connections[id].client)
    }

    /// The clients whose connections a process has open.
    pub(crate) fn open_in(&self, table: usize) -> Vec<usize> {
        let open = self.tables[table].open.iter();
        open.map(|(_, &id)| self.connections[id].client).collect()
    }

    /// A copy of a process's descriptors, for its child.
    pub(crate) fn copy(&mut self, table: usize) -> usize {
        let open = self.tables[table].open.clone();
        for (_, &id) in open.iter() {
            self.connections[id].holders += 1;
        }
        self.tables.push(Table {
            open,
            ..Table::default()
        });
        self.tables.len() - 1
    }

    /// A process is over: all that it had is closed.
    pub(crate) fn close_all(&mut self, table: usize) {
        let open: Vec<Fd> = self.tables[table].open.iter().map(|it| it.0).collect();
        for fd in open {
            self.close(table, fd);
        }
    }

    fn close(&mut self, table: usize, fd: Fd) {
        let it = &mut self.tables[table];
        it.watched.remove(fd);
        it.ready.retain(|&ready| ready != fd);
        if let Some(id) = it.open.remove(fd) {
            self.connections[id].holders -= 1;
            self.connections[id].flow();
        }
    }

    /// Carries a call out, if it need not sleep.
    pub(crate) fn attempt(&mut self, table: usize, call: &mut Call) -> Option<Answer> {
        match call {
            Call::Accept { sleeps } => match self.accept(table) {
                Some(fd) => Some(Answer::Fd(fd)),
                None => self.would_block(*sleeps),
            },
            Call::Recv { fd, size, sleeps } => match self.receive(table, *fd, *size) {
                Ok(Some(bytes)) => Some(Answer::Bytes(bytes)),
                Ok(None) => self.would_block(*sleeps),
                Err(errno) => Some(Answer::Failed(errno)),
            },
            Call::Send {
                fd,
                bytes,
                taken,
                sleeps,
            } => match self.send(table, *fd, &bytes[*taken..]) {
                Ok(count) if *sleeps => {
                    *taken += count;
                    (*taken == bytes.len()).then_some(Answer::Count(*taken))
                }
                Ok(0) => self.would_block(false),
                Ok(count) => Some(Answer::Count(count)),
                Err(errno) => Some(Answer::Failed(errno)),
            },
            Call::Close { fd } => {
                self.close(table, *fd);
                Some(Answer::Done)
            }
            Call::Select { asked } => {
                self.looked_at += asked.len();
                let ready = asked.iter().filter_map(|it| self.selected(table, *it));
                some_of(ready.collect())
            }
            Call::Poll { asked } => {
                self.looked_at += asked.len();
                let ready = asked.iter().filter_map(|it| self.ready(table, it.0, it.1));
                some_of(ready.collect())
            }
            Call::Watch {
                fd, interest, edge, ..
            } => {
                let watched = Watched {
                    interest: *interest,
                    edge: *edge,
                };
                self.tables[table].watched.insert(*fd, watched);
                if self.ready(table, *fd, *interest).is_some() {
                    self.tables[table].notice(*fd);
                }
                Some(Answer::Done)
            }
            Call::Unwatch { fd } => {
                self.tables[table].watched.remove(*fd);
                Some(Answer::Done)
            }
            Call::EpollWait { sleeps } => match self.epoll_wait(table) {
                None if !*sleeps => Some(Answer::Ready(Vec::new())),
                answer => answer,
            },
            Call::Enter { started } => self.enter(table, started),
            Call::Put { fd } => {
                self.tables[table].queue.push_back(*fd);
                Some(Answer::Done)
            }
            Call::Take => self.tables[table].queue.pop_front().map(Answer::Fd),
            // Processes are the machine's business.
            Call::Fork(_) | Call::Thread(_) | Call::Reap | Call::Exit => None,
        }
    }

    /// Would a call sleep, were it made now? Nothing is changed by the question.
    pub(crate) fn would_sleep(&self, table: usize, call: &Call) -> bool {
        let is_ready = |&(fd, interest): &(Fd, Interest)| self.ready(table, fd, interest).is_some();
        let it = &self.tables[table];
        match call {
            Call::Accept { sleeps } => *sleeps && self.backlog.is_empty(),
            Call::Recv { fd, sleeps, .. } => {
                *sleeps && !self.of(table, *fd).is_some_and(Connection::is_readable)
            }
            Call::Send {
                fd,
                bytes,
                taken,
                sleeps,
            } => {
                *sleeps
                    && bytes.len() > *taken
                    && !self.of(table, *fd).is_some_and(Connection::is_writable)
            }
            Call::Select { asked } => !asked.iter().any(|it| self.selected(table, *it).is_some()),
            Call::Poll { asked } => !asked.iter().any(is_ready),
            Call::EpollWait { sleeps } => {
                let watched = |fd: &Fd| it.watched.get(*fd).map(|watched| (*fd, watched.interest));
                let mut candidates = it.ready.iter().filter_map(watched);
                *sleeps && !candidates.any(|it| is_ready(&it))
            }
            Call::Enter { started } => {
                let mut all = it.in_flight.iter().chain(started);
                // What is asked to be let go of is done at once.
                let cancels = |it: &Operation| matches!(it, Operation::Cancel { .. });
                !started.iter().any(cancels) && !all.any(|it| self.can_be_done(table, it))
            }
            Call::Take => it.queue.is_empty(),
            _ => false,
        }
    }

    fn would_block(&mut self, sleeps: bool) -> Option<Answer> {
        if sleeps {
            return None;
        }
        self.looked_at += 1;
        Some(Answer::Failed(Errno::WouldBlock))
    }

    fn of(&self, table: usize, fd: Fd) -> Option<&Connection> {
        self.tables[table]
            .open
            .get(fd)
            .map(|&id| &self.connections[id])
    }

    /// The lowest number that is free, as POSIX wants it.
    fn accept(&mut self, table: usize) -> Option<Fd> {
        let id = self.backlog.pop_front()?;
        let open = &mut self.tables[table].open;
        let fd = (LISTENER + 1..).find(|fd| open.get(*fd).is_none())?;
        open.insert(fd, id);
        self.connections[id].accepted = true;
        self.connections[id].holders += 1;
        Some(fd)
    }

    fn receive(&mut self, table: usize, fd: Fd, size: usize) -> Result<Option<Vec<u8>>, Errno> {
        if fd == SIGNALS {
            let came = std::mem::take(&mut self.tables[table].signals);
            return Ok((came > 0).then(|| vec![0; came]));
        }
        let Some(&id) = self.tables[table].open.get(fd) else {
            return Err(Errno::Reset);
        };
        let connection = &mut self.connections[id];
        // What has come before is received first, be it the end.
        let is_empty = connection.inbound() == 0 && !connection.has_half_closed();
        if is_empty && std::mem::take(&mut connection.reset) {
            return Err(Errno::Reset);
        }
        if !connection.is_readable() {
            return Ok(None);
        }
        Ok(Some(connection.receive(size)))
    }

    fn send(&mut self, table: usize, fd: Fd, bytes: &[u8]) -> Result<usize, Errno> {
        let Some(&id) = self.tables[table].open.get(fd) else {
            return Err(Errno::Reset);
        };
        let connection = &mut self.connections[id];
        if connection.abandoned {
            let is_news = std::mem::take(&mut connection.reset);
            return Err(match is_news && !connection.has_half_closed() {
                true => Errno::Reset,
                false => Errno::Pipe,
            });
        }
        Ok(connection.take(bytes))
    }

    /// Is there something to say about a descriptor to whoever has this interest? A broken connection is
    /// reported without being asked for.
    fn ready(&self, table: usize, fd: Fd, interest: Interest) -> Option<(Fd, Interest)> {
        if fd == LISTENER {
            let is_asked = interest.read && !self.backlog.is_empty();
            return is_asked.then_some((fd, Interest::READ));
        }
        if fd == SIGNALS {
            return (self.tables[table].signals > 0).then_some((fd, Interest::READ));
        }
        let connection = self.of(table, fd)?;
        let ready = Interest {
            read: connection.reset || interest.read && connection.is_readable(),
            write: connection.reset || interest.write && connection.is_writable(),
        };
        (!ready.is_nothing()).then_some((fd, ready))
    }

    /// The same for `select(2)`, which tells what it was asked and nothing else.
    fn selected(&self, table: usize, (fd, asked): (Fd, Interest)) -> Option<(Fd, Interest)> {
        let (_, ready) = self.ready(table, fd, asked)?;
        let ready = Interest {
            read: ready.read && asked.read,
            write: ready.write && asked.write,
        };
        (!ready.is_nothing()).then_some((fd, ready))
    }

    /// Level-triggered, what is reported is looked at again by the next call; edge-triggered, only when
    /// something else has come.
    fn epoll_wait(&mut self, table: usize) -> Option<Answer> {
        let candidates = std::mem::take(&mut self.tables[table].ready);
        self.looked_at += candidates.len();
        let mut found = Vec::new();
        for fd in candidates {
            let Some(&Watched { interest, edge }) = self.tables[table].watched.get(fd) else {
                continue;
            };
            if let Some(ready) = self.ready(table, fd, interest) {
                found.push(ready);
                if !edge {
                    self.tables[table].ready.push_back(fd);
                }
            }
        }
        some_of(found)
    }

    /// Before `epoll_wait` sleeps, what was reported by the last one is looked at, and is not ready any more.
    pub(crate) fn forget_ready(&mut self, table: usize) {
        self.looked_at += std::mem::take(&mut self.tables[table].ready).len();
    }

    fn can_be_done(&self, table: usize, operation: &Operation) -> bool {
        match operation {
            Operation::Accept => !self.backlog.is_empty(),
            Operation::Recv { fd } => self.of(table, *fd).is_some_and(Connection::is_readable),
            Operation::Send { fd, .. } => self.of(table, *fd).is_some_and(Connection::is_writable),
            Operation::Cancel { .. } => true,
        }
    }

    /// Hands over what was started, does what can be done, and answers as soon as something is.
    fn enter(&mut self, table: usize, started: &mut Vec<Operation>) -> Option<Answer> {
        let mut done = Vec::new();
        for operation in std::mem::take(started) {
            if let Operation::Cancel { fd } = operation {
                let in_flight = &mut self.tables[table].in_flight;
                let (gone, left) = std::mem::take(in_flight).into_iter().partition(
                    |it| matches!(it, Operation::Recv { fd: of } | Operation::Send { fd: of, .. } if *of == fd),
                );
                *in_flight = left;
                let gone: Vec<Operation> = gone;
                done.extend(gone.into_iter().filter_map(|it| match it {
                    Operation::Recv { fd } => Some(Completion::Received(fd, Err(Errno::Canceled))),
                    Operation::Send { fd, .. } => Some(Completion::Sent(fd, Err(Errno::Canceled))),
                    Operation::Accept | Operation::Cancel { .. } => None,
                }));
            } else {
                self.tables[table].in_flight.push(operation);
            }
        }
        let in_flight = std::mem::take(&mut self.tables[table].in_flight);
        for operation in in_flight {
            if !self.can_be_done(table, &operation) {
                self.tables[table].in_flight.push(operation);
                continue;
            }
            match operation {
                // It accepts for as long as there is somebody, and stays in flight.
                Operation::Accept => {
                    while let Some(fd) = self.accept(table) {
                        done.push(Completion::Accepted(fd));
                    }
                    self.tables[table].in_flight.push(Operation::Accept);
                }
                Operation::Recv { fd } => {
                    let came = self.receive(table, fd, conversation::RECEIVE_SIZE);
                    done.push(Completion::Received(
                        fd,
                        came.map(Option::unwrap_or_default),
                    ));
                }
                Operation::Send { fd, bytes } => {
                    let taken = self.send(table, fd, &bytes);
                    done.push(Completion::Sent(fd, taken));
                }
                Operation::Cancel { .. } => {}
            }
        }
        (!done.is_empty()).then_some(Answer::Completions(done))
    }

    /// A child has ended: its parent's handler writes into the pipe.
    pub(crate) fn signal(&mut self, table: usize) {
        self.tables[table].signals += 1;
    }

    /// What is in flight for a table: how many operations, for the picture.
    pub(crate) fn in_flight(&self, table: usize) -> &[Operation] {
        &self.tables[table].in_flight
    }
}

/// Nobody is ready: the call sleeps.
fn some_of(ready: Vec<(Fd, Interest)>) -> Option<Answer> {
    (!ready.is_empty()).then_some(Answer::Ready(ready))
}

impl Table {
    fn notice(&mut self, fd: Fd) {
        if self.watched.get(fd).is_some() && !self.ready.contains(&fd) {
            self.ready.push_back(fd);
        }
    }
}
