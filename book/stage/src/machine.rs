//! The whole scene: clients, the kernel, and the program, which goes on by one system call a beat.

use crate::action::{Act, Action};
use crate::call::{Answer, Call, Operation, answered, written};
use crate::connection::{Connection, Queues};
use crate::kernel::{Id, Kernel};
use crate::process::{Life, Program, Slot, Sys, Task};
use crate::show::At;
use crate::strategies::Strategy;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Waker};

/// What is played: a strategy against clients.
pub struct Machine {
    pub(crate) kernel: Kernel,
    pub(crate) clients: Vec<Client>,
    pub(crate) runners: Vec<Runner>,
    /// Whose turn it was last: those who can go on have it by turns.
    last: usize,
    pub(crate) counters: Counters,
    /// Calls in a row that found nothing.
    vain: usize,
}

/// A client, and its connection, if it has come.
#[derive(Debug, Default)]
pub(crate) struct Client {
    pub(crate) connection: Option<Id>,
    /// Half a line has been said.
    is_in_a_line: bool,
}

/// A process or a thread.
pub(crate) struct Runner {
    /// Counted from 1.
    pub(crate) number: usize,
    /// Its descriptors.
    pub(crate) table: usize,
    pub(crate) is_thread: bool,
    parent: Option<usize>,
    life: Option<Life>,
    pub(crate) slot: Rc<RefCell<Slot>>,
    /// It has slept in the call that it is in.
    slept: bool,
    /// It has ended, and nobody has asked how.
    pub(crate) is_zombie: bool,
    /// The client that its last call was about.
    pub(crate) client: Option<usize>,
}

/// What is counted while it is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counters {
    /// System calls that have returned.
    pub calls: usize,
    /// Those of them that found nothing to do.
    pub vain: usize,
    /// Descriptors that the kernel has looked at to say who is ready.
    pub looked_at: usize,
    /// How often somebody has been woken.
    pub wake_ups: usize,
    /// Processes and threads that live.
    pub runners: usize,
    /// Bytes that the program holds for clients: received, and not sent.
    pub held: usize,
}

/// What has happened in one beat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The number of the process or thread.
    pub runner: usize,
    /// `recv`, say.
    pub name: &'static str,
    /// The client that it was about, if it was about one.
    pub client: Option<usize>,
    /// The call, and what it was given.
    pub call: String,
    /// What it has returned.
    pub answer: String,
    /// It was woken for it.
    pub woken: bool,
    /// Where in the listing it stands.
    pub at: &'static str,
}

impl Machine {
    /// The scene before anybody has come: the program waits for its first client.
    pub fn new(strategy: Strategy, clients: usize, queues: Queues) -> Machine {
        let mut machine = Machine {
            kernel: Kernel::new(queues),
            clients: (0..clients).map(|_| Client::default()).collect(),
            runners: Vec::new(),
            last: 0,
            counters: Counters::default(),
            vain: 0,
        };
        machine.start(strategy.program(), 0, None, false);
        machine
    }

    fn start(&mut self, program: Program, table: usize, parent: Option<usize>, is_thread: bool) {
        let (sys, slot) = Sys::new();
        let mut runner = Runner {
            number: self.runners.len() + 1,
            table,
            is_thread,
            parent,
            life: Some(program(sys)),
            slot,
            slept: false,
            is_zombie: false,
            client: None,
        };
        runner.go_on();
        runner.fall_asleep(&mut self.kernel);
        self.runners.push(runner);
    }

    /// Does what the hand says. Where it makes no sense (who is not there says a line), nothing happens:
    /// `false`.
    pub fn act(&mut self, action: Action) -> bool {
        if !self.can(action) {
            return false;
        }
        self.vain = 0;
        let Action { client, act } = action;
        let at = client - 1;
        if act == Act::Connect {
            let id = self.kernel.connect(client);
            self.clients[at] = Client {
                connection: Some(id),
                is_in_a_line: false,
            };
            return true;
        }
        let Some(id) = self.clients[at].connection else {
            return false;
        };
        let said = self.clients[at].words(act);
        self.kernel.on_client(id, |it| match act {
            Act::Half | Act::Line | Act::Burst | Act::Block => it.say(&said),
            Act::Pause => it.reads = false,
            Act::Resume => it.reads = true,
            Act::HalfClose => it.half_close(),
            Act::Reset => it.break_off(),
            Act::Connect => {}
        });
        true
    }

    /// Does an action make sense now?
    pub fn can(&self, Action { client, act }: Action) -> bool {
        let Some(it) = client.checked_sub(1).and_then(|at| self.clients.get(at)) else {
            return false;
        };
        let Some(id) = it.connection else {
            return act == Act::Connect;
        };
        let connection = &self.kernel.connections[id];
        if connection.abandoned {
            return act == Act::Connect;
        }
        match act {
            Act::Connect => false,
            // It knows by then that nobody hears it.
            Act::Half | Act::Line | Act::Burst | Act::Block | Act::HalfClose => {
                !connection.has_half_closed() && !connection.is_closed()
            }
            Act::Pause => connection.reads,
            Act::Resume => !connection.reads,
            Act::Reset => true,
        }
    }

    /// One system call of whoever can go on; `None` when all sleep.
    pub fn beat(&mut self) -> Option<Beat> {
        let next = self.next()?;
        self.last = next;
        let table = self.runners[next].table;
        let slot = Rc::clone(&self.runners[next].slot);
        let mut call = slot.borrow_mut().call.take()?;
        let at = slot.borrow().at;
        let told = written(&call, &|fd| self.kernel.name(table, fd));
        let about = self.about(table, &call);
        let Some(answer) = self.carry_out(next, &mut call) else {
            // It has taken some of it, and sleeps on.
            slot.borrow_mut().call = Some(call);
            self.runners[next].slept = true;
            return self.beat();
        };
        let beat = Beat {
            runner: self.runners[next].number,
            name: call.name(),
            client: about.or_else(|| match answer {
                Answer::Fd(fd) => self.kernel.client_of(table, fd),
                _ => None,
            }),
            call: told,
            answer: answered(&answer, &|fd| self.kernel.name(table, fd)),
            woken: std::mem::take(&mut self.runners[next].slept),
            at,
        };
        self.runners[next].client = beat.client.or(self.runners[next].client);
        self.count(&beat, &answer);
        if !matches!(call, Call::Exit) {
            slot.borrow_mut().answer = Some(answer);
        }
        self.runners[next].go_on();
        for runner in &mut self.runners {
            runner.fall_asleep(&mut self.kernel);
        }
        Some(beat)
    }

    fn count(&mut self, beat: &Beat, answer: &Answer) {
        self.counters.calls += 1;
        self.counters.wake_ups += usize::from(beat.woken);
        let is_vain = matches!(answer, Answer::Failed(crate::call::Errno::WouldBlock));
        self.counters.vain += usize::from(is_vain);
        self.vain = if is_vain { self.vain + 1 } else { 0 };
    }

    /// Beats until all sleep, or until whoever never sleeps has asked everybody in vain; `limit` at most.
    pub fn settle(&mut self, limit: usize) -> Vec<Beat> {
        let mut beats = Vec::new();
        while beats.len() < limit && !self.is_settled() {
            let Some(beat) = self.beat() else { break };
            beats.push(beat);
        }
        beats
    }

    /// Will nothing more happen until a client does something?
    pub fn is_settled(&self) -> bool {
        let Some(next) = self.next() else {
            return true;
        };
        // Whoever goes on with something else, as a parent that has to ask for its children, is not done.
        let slot = self.runners[next].slot.borrow();
        let asks = slot.call.as_ref().is_some_and(Call::only_asks);
        asks && self.vain > self.kernel.connections.len()
    }

    /// Is somebody asking again and again?
    pub fn is_asking(&self) -> bool {
        self.next().is_some() && self.is_settled()
    }

    fn next(&self) -> Option<usize> {
        let count = self.runners.len();
        (1..=count)
            .map(|step| (self.last + step) % count)
            .find(|&at| self.runners[at].can_go_on(&self.kernel))
    }

    /// The client whom the call of a process or thread is about.
    pub(crate) fn client_of(&self, runner: &Runner) -> Option<usize> {
        let slot = runner.slot.borrow();
        let call = slot.call.as_ref();
        call.and_then(|call| self.about(runner.table, call))
            .or(runner.client)
    }

    fn about(&self, table: usize, call: &Call) -> Option<usize> {
        match call {
            Call::Recv { fd, .. }
            | Call::Send { fd, .. }
            | Call::Close { fd }
            | Call::Watch { fd, .. }
            | Call::Unwatch { fd }
            | Call::Put { fd } => self.kernel.client_of(table, *fd),
            _ => None,
        }
    }

    fn carry_out(&mut self, at: usize, call: &mut Call) -> Option<Answer> {
        let (number, table) = (self.runners[at].number, self.runners[at].table);
        match call {
            Call::Fork(_) | Call::Thread(_) => {
                let is_thread = matches!(call, Call::Thread(_));
                let (Call::Fork(program) | Call::Thread(program)) = call else {
                    return None;
                };
                let program = std::mem::replace(program, Box::new(|_| Box::pin(async {})));
                let table = match is_thread {
                    true => table,
                    false => self.kernel.copy(table),
                };
                let child = self.runners.len() + 1;
                self.start(program, table, Some(number), is_thread);
                Some(Answer::Child(Some(child)))
            }
            Call::Reap => {
                let ended = |it: &&mut Runner| it.is_zombie && it.parent == Some(number);
                let child = self.runners.iter_mut().find(ended);
                Some(Answer::Child(child.map(|it| {
                    it.is_zombie = false;
                    it.number
                })))
            }
            Call::Exit => {
                let runner = &mut self.runners[at];
                runner.life = None;
                runner.is_zombie = !runner.is_thread;
                if !runner.is_thread {
                    let parent = runner.parent;
                    self.kernel.close_all(table);
                    if let Some(parent) = parent {
                        let table = self.runners[parent - 1].table;
                        self.kernel.signal(table);
                    }
                }
                Some(Answer::Done)
            }
            _ => self.kernel.attempt(table, call),
        }
    }

    /// What has been counted so far.
    pub fn counters(&self) -> Counters {
        Counters {
            looked_at: self.kernel.looked_at,
            runners: self.runners.iter().filter(|it| it.lives()).count(),
            held: self.kernel.connections.iter().map(Connection::held).sum(),
            ..self.counters
        }
    }

    /// What a client has read, from its present connection.
    pub fn heard(&self, client: usize) -> &[u8] {
        let connection = self.clients.get(client - 1).and_then(|it| it.connection);
        connection.map_or(&[], |id| &self.kernel.connections[id].heard)
    }

    /// Has the server closed the client's connection?
    pub fn is_closed(&self, client: usize) -> bool {
        let connection = self.clients.get(client - 1).and_then(|it| it.connection);
        connection.is_some_and(|id| self.kernel.connections[id].is_closed())
    }

    /// The clients whose connections a process has open.
    pub(crate) fn open_in(&self, table: usize) -> Vec<usize> {
        self.kernel.open_in(table)
    }

    /// The operations that a ring has been given and that are not done.
    pub(crate) fn in_flight(&self, runner: &Runner) -> Vec<Operation> {
        let slot = runner.slot.borrow();
        let started = match &slot.call {
            Some(Call::Enter { started }) => started.as_slice(),
            _ => &[],
        };
        let in_flight = self.kernel.in_flight(runner.table);
        in_flight.iter().chain(started).cloned().collect()
    }

    /// Where in the listing everybody is; whoever goes on next comes first.
    pub(crate) fn places(&self) -> Vec<At> {
        let next = self.next();
        let places = self.runners.iter().enumerate().filter(|it| it.1.lives());
        let (first, others): (Vec<_>, Vec<_>) = places.partition(|it| next == Some(it.0));
        let place = |(_, it): (usize, &Runner)| At {
            at: it.slot.borrow().at,
            sleeps: !it.can_go_on(&self.kernel),
        };
        first.into_iter().chain(others).map(place).collect()
    }

    /// The call in which each process and thread that lives is, sleeping or not.
    pub fn sleeping_in(&self) -> Vec<&'static str> {
        let living = self.runners.iter().filter(|it| it.lives());
        living.filter_map(|it| it.call_name()).collect()
    }
}

impl Client {
    /// Who sends a line says the rest of one that has begun.
    fn words(&mut self, act: Act) -> Vec<u8> {
        let said: Vec<u8> = match act {
            Act::Half => b"Hel".to_vec(),
            Act::Line if self.is_in_a_line => b"lo\n".to_vec(),
            Act::Line => b"Hello\n".to_vec(),
            Act::Burst => b"one\ntwo\nthree\n".to_vec(),
            Act::Block => [[b'x'; 63].as_slice(), b"\n"].concat().repeat(1024),
            _ => return Vec::new(),
        };
        self.is_in_a_line = !said.ends_with(b"\n");
        said
    }
}

impl Runner {
    /// Lets the program go on to its next call.
    fn go_on(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        if let Some(life) = &mut self.life
            && life.as_mut().poll(&mut context).is_ready()
        {
            self.life = None;
        }
    }

    /// Before it sleeps, the kernel has looked at whom it was asked about; it will do so again when it wakes.
    fn fall_asleep(&mut self, kernel: &mut Kernel) {
        let slot = self.slot.borrow();
        let Some(call) = slot.call.as_ref().filter(|_| self.life.is_some()) else {
            return;
        };
        if !self.slept && kernel.would_sleep(self.table, call) {
            self.slept = true;
            match call {
                Call::Select { asked } | Call::Poll { asked } => kernel.looked_at += asked.len(),
                Call::EpollWait { .. } => kernel.forget_ready(self.table),
                _ => {}
            }
        }
    }

    pub(crate) fn can_go_on(&self, kernel: &Kernel) -> bool {
        let slot = self.slot.borrow();
        let call = slot.call.as_ref();
        self.lives() && call.is_some_and(|it| !kernel.would_sleep(self.table, it))
    }

    pub(crate) fn lives(&self) -> bool {
        self.life.is_some()
    }

    pub(crate) fn call_name(&self) -> Option<&'static str> {
        self.slot.borrow().call.as_ref().map(Call::name)
    }

    pub(crate) fn tasks(&self) -> Vec<Task> {
        self.slot.borrow().tasks.clone()
    }
}
