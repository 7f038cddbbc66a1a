//! A line of strace's, and the same call as the model writes it.

use crate::model::sorted;
use std::collections::{HashMap, VecDeque};

/// What strace is to tell: the calls of the model, and what is needed to know of whom they speak.
pub(crate) const TRACED: &str = "trace=listen,setsockopt,accept4,recvfrom,read,sendto,write,close,\
    clone,clone3,fork,vfork,wait4,poll,ppoll,select,pselect6,epoll_ctl,epoll_wait,epoll_pwait,\
    epoll_pwait2,io_uring_enter,exit,exit_group";

/// `name(arguments) = value rest`, with blanks before the equals sign.
struct Call<'a> {
    name: &'a str,
    arguments: Vec<&'a str>,
    value: &'a str,
    /// The name of the error, or what came of it beside the value.
    rest: &'a str,
}

impl Call<'_> {
    fn parse(line: &str) -> Option<Call<'_>> {
        let (name, rest) = line.split_once('(')?;
        let end = rest.match_indices(')').map(|it| it.0);
        let mut ends = end.filter(|&at| rest[at + 1..].trim_start().starts_with("= "));
        let end = ends.next()?;
        let returned = rest[end + 1..].trim_start().strip_prefix("= ")?;
        let (value, after) = returned.split_once(' ').unwrap_or((returned, ""));
        Some(Call {
            name,
            arguments: split(&rest[..end], ", "),
            value,
            rest: after,
        })
    }

    fn argument(&self, at: usize) -> &str {
        self.arguments.get(at).copied().unwrap_or_default()
    }

    fn descriptor(&self, at: usize) -> Option<i32> {
        self.argument(at).parse().ok()
    }

    /// What it has returned, if that is a number; the error's name otherwise.
    fn answer(&self) -> &str {
        match self.value {
            "-1" | "?" => self.rest.split_whitespace().next().unwrap_or_default(),
            value => value,
        }
    }
}

/// Splits what stands between brackets no further.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            _ if depth == 0 && at >= start && text[at..].starts_with(separator) => {
                parts.push(&text[start..at]);
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The value of `key=` in `{…}`.
fn field<'a>(braces: &'a str, key: &str) -> &'a str {
    let inside = braces.trim_matches(['{', '}']);
    let found = split(inside, ", ")
        .into_iter()
        .find_map(|it| it.strip_prefix(key)?.strip_prefix('='));
    found.unwrap_or_default()
}

/// The elements of `[…]`.
fn elements(brackets: &str) -> Vec<&str> {
    let inside = brackets
        .strip_prefix('[')
        .and_then(|it| it.strip_suffix(']'));
    let elements = split(inside.unwrap_or_default(), ", ");
    elements.into_iter().filter(|it| !it.is_empty()).collect()
}

/// To receive, and to send.
type Directions = (bool, bool);

/// What is asked for.
fn interest(flags: &str) -> Directions {
    let has = |flag: &str| flags.split('|').any(|it| it.ends_with(flag));
    (has("IN"), has("OUT"))
}

/// What is reported: a broken connection, without being asked for, as both.
fn readiness(flags: &str) -> Directions {
    let has = |flag: &str| flags.split('|').any(|it| it.ends_with(flag));
    let is_broken = has("HUP") || has("ERR");
    (has("IN") || is_broken, has("OUT") || is_broken)
}

/// A name, and what for, as the model writes it.
fn marked(name: &str, directions: Directions) -> String {
    let mark = match directions {
        (true, false) => "",
        (false, true) => "w",
        (true, true) => "rw",
        (false, false) => "-",
    };
    format!("{name}{mark}")
}

/// What descriptors stand for.
#[derive(Debug, Default)]
pub(crate) struct Names {
    listener: i32,
    /// Of each process: whose connection a descriptor is. Threads share one.
    tables: Vec<HashMap<i32, usize>>,
    /// What an epoll event gives back, and the descriptor that it was added with.
    tokens: HashMap<String, i32>,
    /// What `poll` watches besides: the pipe of signals.
    pipe: Option<i32>,
    /// Clients by their ports, and those that have not been accepted.
    ports: HashMap<u16, usize>,
    coming: VecDeque<usize>,
    /// The numbers of processes and threads, in the order in which they were started.
    numbers: HashMap<u32, usize>,
}

/// What a line of strace's is to whoever compares.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) line: String,
    pub(crate) client: Option<usize>,
    /// It has started another one: its number for the system and its own, and its table.
    pub(crate) started: Option<(u32, usize, usize)>,
    pub(crate) is_end: bool,
}

impl Names {
    pub(crate) fn new(listener: i32, first: u32) -> Names {
        Names {
            listener,
            tables: vec![HashMap::new()],
            numbers: HashMap::from([(first, 1)]),
            ..Names::default()
        }
    }

    pub(crate) fn expect_client(&mut self, client: usize, port: u16) {
        self.ports.insert(port, client);
        self.coming.push_back(client);
    }

    fn name(&self, table: usize, fd: i32) -> Option<String> {
        if self.listener == fd {
            return Some("listener".to_owned());
        }
        if let Some(client) = self.tables[table].get(&fd) {
            return Some(client.to_string());
        }
        (self.pipe == Some(fd)).then(|| "pipe".to_owned())
    }

    fn accepted(&mut self, table: usize, fd: i32, client: usize) {
        self.coming.retain(|&it| it != client);
        self.tables[table].insert(fd, client);
    }

    /// The call as the model writes it; nothing, if it is about what the model does not have.
    pub(crate) fn told(&mut self, table: usize, line: &str) -> Option<Told> {
        let call = Call::parse(line)?;
        let talk = ["recvfrom", "read", "sendto", "write", "close"];
        let fd = talk.contains(&call.name).then(|| call.descriptor(0));
        let mut told = Told {
            line: String::new(),
            client: fd
                .flatten()
                .and_then(|fd| self.tables[table].get(&fd).copied()),
            started: None,
            is_end: false,
        };
        let answer = call.answer();
        told.line = match call.name {
            "accept4" => {
                let name = self.name(table, call.descriptor(0)?)?;
                match answer.parse() {
                    Ok(fd) => {
                        let port = field(call.argument(1), "sin_port");
                        let port = port.trim_start_matches("htons(").trim_end_matches(')');
                        let client = *self.ports.get(&port.parse().ok()?)?;
                        self.accepted(table, fd, client);
                        told.client = Some(client);
                        format!("accept({name}) = {client}")
                    }
                    Err(_) => format!("accept({name}) = {answer}"),
                }
            }
            // A ring accepts unseen: the first that is done with a connection is this.
            "setsockopt" => {
                let fd = call.descriptor(0)?;
                if call.argument(2) == "TCP_NODELAY"
                    && self.name(table, fd).is_none()
                    && let Some(client) = self.coming.front().copied()
                {
                    self.accepted(table, fd, client);
                }
                return None;
            }
            "recvfrom" | "read" => {
                let name = self.name(table, call.descriptor(0)?)?;
                format!("recv({name}) = {answer}")
            }
            "sendto" | "write" => {
                let name = self.name(table, call.descriptor(0)?)?;
                format!("send({name}, {}) = {answer}", call.argument(2))
            }
            "close" => {
                let fd = call.descriptor(0)?;
                let name = self.name(table, fd)?;
                // The pipe of signals is closed beside all else that a child does not need.
                if name == "pipe" {
                    return None;
                }
                self.tables[table].remove(&fd);
                format!("close({name}) = {answer}")
            }
            "clone" | "clone3" | "fork" | "vfork" => {
                let number = self.numbers.len() + 1;
                let started: u32 = answer.parse().ok()?;
                self.numbers.insert(started, number);
                let is_thread = line.contains("CLONE_THREAD");
                let theirs = match is_thread {
                    true => table,
                    false => {
                        self.tables.push(self.tables[table].clone());
                        self.tables.len() - 1
                    }
                };
                told.started = Some((started, number, theirs));
                let name = if is_thread { "clone" } else { "fork" };
                format!("{name}() = child {number}")
            }
            "wait4" => match answer.parse().ok().and_then(|it| self.numbers.get(&it)) {
                Some(number) => format!("waitpid() = child {number}"),
                // None has ended, or there is none (ECHILD): to the program the same.
                None => "waitpid() = 0".to_owned(),
            },
            "poll" | "ppoll" => self.poll(table, &call)?,
            "select" | "pselect6" => self.select(table, &call),
            "epoll_ctl" => self.epoll_ctl(table, &call)?,
            "epoll_wait" | "epoll_pwait" | "epoll_pwait2" => self.epoll_wait(table, &call),
            "io_uring_enter" => format!("io_uring_enter({})", call.argument(1)),
            "exit" | "exit_group" => {
                told.is_end = true;
                "exit() = 0".to_owned()
            }
            _ => return None,
        };
        Some(told)
    }

    fn poll(&mut self, table: usize, call: &Call) -> Option<String> {
        let mut asked = Vec::new();
        for element in elements(call.argument(0)) {
            let fd = field(element, "fd").parse().ok()?;
            if self.name(table, fd).is_none() {
                self.pipe = Some(fd);
            }
            asked.push(marked(
                &self.name(table, fd)?,
                interest(field(element, "events")),
            ));
        }
        let asked = asked.join(" ");
        // The handler of a signal has ended it, and written into the pipe: to the program the same.
        if call.value == "?" || call.answer() == "EINTR" {
            return Some(format!("poll({asked}) = [pipe]"));
        }
        let answers = call.rest.trim_start_matches('(').trim_end_matches(')');
        let answers = elements(answers).into_iter().filter_map(|element| {
            let fd = field(element, "fd").parse().ok()?;
            let ready = readiness(field(element, "revents"));
            Some(marked(&self.name(table, fd)?, ready))
        });
        let answers = answers.collect::<Vec<_>>().join(" ");
        Some(format!("poll({asked}) = [{answers}]"))
    }

    fn select(&self, table: usize, call: &Call) -> String {
        // Of two sets of descriptors, one list of those that are in either.
        let listed = |read: &str, write: &str| {
            let set = |set: &str| -> Vec<i32> {
                let words = set.trim_matches(['[', ']']).split_whitespace();
                words.filter_map(|it| it.parse().ok()).collect()
            };
            let (read, write) = (set(read), set(write));
            let mut all: Vec<i32> = read.iter().chain(&write).copied().collect();
            all.sort_unstable();
            all.dedup();
            let names = all.into_iter().filter_map(|fd| {
                let directions = (read.contains(&fd), write.contains(&fd));
                Some(marked(&self.name(table, fd)?, directions))
            });
            sorted(&names.collect::<Vec<_>>().join(" "))
        };
        let asked = listed(call.argument(1), call.argument(2));
        let told = call.rest.trim_start_matches('(').trim_end_matches(')');
        let told = split(told, ", ");
        let of = |kind: &str| {
            let found = told.iter().find_map(|it| it.strip_prefix(kind));
            found.unwrap_or_default().trim()
        };
        format!("select({asked}) = [{}]", listed(of("in "), of("out ")))
    }

    fn epoll_ctl(&mut self, table: usize, call: &Call) -> Option<String> {
        let fd = call.descriptor(2)?;
        let name = self.name(table, fd)?;
        let (flags, answer) = (field(call.argument(3), "events"), call.answer());
        let how = match call.argument(1) {
            "EPOLL_CTL_ADD" => "add",
            "EPOLL_CTL_MOD" => "mod",
            _ => return Some(format!("epoll_ctl(del {name}) = {answer}")),
        };
        let token = field(call.argument(3), "data").to_owned();
        self.tokens.insert(token, fd);
        let edge = if flags.contains("EPOLLET") {
            " edge"
        } else {
            ""
        };
        let name = marked(&name, interest(flags));
        Some(format!("epoll_ctl({how} {name}{edge}) = {answer}"))
    }

    fn epoll_wait(&self, table: usize, call: &Call) -> String {
        let ready = elements(call.argument(1)).into_iter().filter_map(|event| {
            let fd = *self.tokens.get(field(event, "data"))?;
            let ready = readiness(field(event, "events"));
            Some(marked(&self.name(table, fd)?, ready))
        });
        let ready = ready.collect::<Vec<_>>().join(" ");
        let no_time = ["0", "{tv_sec=0, tv_nsec=0}"];
        let time = if no_time.contains(&call.argument(3)) {
            "0"
        } else {
            ""
        };
        format!("epoll_wait({time}) = [{ready}]")
    }
}
