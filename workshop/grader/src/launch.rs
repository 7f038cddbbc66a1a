use crate::beats::{Beat, beat};
use crate::client;
use crate::command::not_started;
use crate::deadline::Deadline;
use crate::diagnose::diagnose;
use crate::evidence::Evidence;
use crate::facts::Sign;
use crate::listening::{must_be_its_own, must_be_there};
use crate::patience::{at_most, is_endless, patience};
use crate::program::{Place, Program};
use crate::server::Server;
use crate::stillness;
use crate::verdict::Trouble;
use crate::waiting::waiting;
use socket2::{Domain, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use subject::{Start, Started, poll_until, processes};
use terminal::{Text, text};

/// How a case wants its server started, where the ordinary way will not do.
#[derive(Default)]
pub(crate) struct Launch<'a> {
    /// Where it is to listen, if not on 127.0.0.1:0.
    pub(crate) listen: Option<&'a str>,
    /// Arguments beyond those.
    pub(crate) more: &'a [&'a str],
    /// What it is to find, if not what every program does.
    pub(crate) inherits: Option<Start>,
}

/// How long a program that knows only one address may fail to start there: as long as a connection
/// that it closed first keeps the address busy (TIME_WAIT, 60 s on Linux) and a little more.
const ADDRESS_PATIENCE: Duration = Duration::from_secs(65);

/// How long to wait before a busy address is tried again: the system tells nobody when it is free.
const RETRY: Duration = Duration::from_millis(500);
/// A program has not come up although it was waited for: the next cases need not wait as long.
static IN_VAIN: AtomicBool = AtomicBool::new(false);
/// One has come up at its address.
static HAS_STARTED: AtomicBool = AtomicBool::new(false);
/// A case has failed because connections of the server before it kept the address busy.
static TOLD_OF_OLD_CONNECTIONS: AtomicBool = AtomicBool::new(false);
/// How long a program may take until it listens: some have to be compiled first.
const START_PATIENCE: Duration = Duration::from_secs(15);
/// How often is looked whether anything can still come of it.
const LOOK: Duration = Duration::from_millis(100);
/// How long processes that have been killed may take to be gone.
const DYING: Duration = Duration::from_secs(1);

/// Starts the server, or finds it running.
pub(crate) fn launch(program: &Program, launch: &Launch) -> Result<Server, Trouble> {
    let ordinary = launch.listen.is_none() && launch.more.is_empty() && launch.inherits.is_none();
    match program.place {
        Place::Told => start(program, launch),
        Place::Fixed(address) if ordinary => start_at(program, address),
        Place::Running(address) if ordinary => Ok(Server::found_running(program, address)),
        _ => Err(Trouble::Skipped(CANNOT_BE_TOLD.clone())),
    }
}

/// It is told where to listen, and tells where it does.
fn start(program: &Program, launch: &Launch) -> Result<Server, Trouble> {
    let mut command = program.command();
    command
        .args(["--listen", launch.listen.unwrap_or("127.0.0.1:0")])
        .args(launch.more);
    let inherits = launch.inherits.clone().unwrap_or_default();
    let started = spawn(program, &inherits, &mut command)?;
    let (line, stillness) = announcement(&started);
    let address = line.strip_prefix("listening on ").map(str::parse);
    let Some(Ok(address)) = address else {
        let mut server = Server::new(program, started, SocketAddr::from(([0; 4], 0)));
        let trouble = Trouble::failed(no_address(&line), &CANNOT_START).sign(Sign::NeverListened);
        let trouble = server.explain(trouble);
        let trouble = stillness.into_iter().fold(trouble, Trouble::noted);
        // An interpreter that is not there, or is not called so, ends at once (env(1)).
        return Err(
            match server.ended().and_then(|_| diagnose(&program.path, None)) {
                Some(why) => trouble.meaning(&why).sign(Sign::NotStarted),
                None => trouble,
            },
        );
    };
    let mut server = Server::new(program, started, address);
    must_be_its_own(&mut server).map_err(|trouble| server.explain(trouble))?;
    Ok(started_at(server))
}

/// The same server, once somebody who looks on has seen it.
fn started_at(server: Server) -> Server {
    if let Some(watched) = server.watched() {
        Deadline::is_about(watched.family);
    }
    if let Ok(pid) = server.pid() {
        let address = server.address();
        beat(0, &Beat::Started { pid, address });
    }
    server
}

/// The first line that it prints; without one, what there is to be said of its silence.
fn announcement(started: &Started) -> (String, Option<Text>) {
    let family = started.group.family();
    let deadline = Instant::now() + at_most(START_PATIENCE);
    let mut before = None;
    loop {
        // It has come, or the pipe is closed and no line will ever come.
        match started.stdout.first_line(LOOK) {
            Some(line) => return (line, None),
            None if started.stdout.is_complete() || Instant::now() >= deadline => {
                return (started.stdout.so_far(), None);
            }
            None => {}
        }
        let seen = family.stillness(None).ok().flatten();
        let seen = seen.filter(|_| !is_endless());
        let has_said_all = seen.is_some() && seen == before && started.stdout.is_read();
        if has_said_all && started.stdout.first_line(Duration::ZERO).is_none() {
            let listeners = family
                .processes()
                .and_then(|family| processes::listeners(&family));
            let listener = listeners.unwrap_or_default().into_iter().next();
            let silent = seen.map(|seen| stillness::silent(&seen, listener.map(|it| it.address)));
            return (started.stdout.so_far(), silent);
        }
        before = seen;
    }
}

/// It knows only this address: the server is there when somebody answers there.
fn start_at(program: &Program, address: SocketAddr) -> Result<Server, Trouble> {
    let address_patience = if IN_VAIN.load(Relaxed) {
        Duration::ZERO
    } else {
        ADDRESS_PATIENCE
    };
    let deadline = Instant::now() + address_patience;
    let mut told = false;
    loop {
        // The last server's children may need a moment to die, and hold its listener until then.
        let free = poll_until(Instant::now() + DYING, || client::reach(address).is_err());
        if !free {
            let found = Text::new(
                format!("somebody else answers at {address}"),
                format!("{address} 上已经有别的程序在应答"),
            );
            return Err(Trouble::failed(Evidence::Note(found), &CANNOT_START_THERE));
        }
        let started = spawn(program, &Start::default(), &mut program.command())?;
        let mut server = Server::new(program, started, address);
        let up = poll_until(Instant::now() + patience(), || {
            server.ended().is_some() || client::reach(address).is_ok()
        });
        if up && server.ended().is_none() {
            must_be_its_own(&mut server).map_err(|trouble| server.explain(trouble))?;
            HAS_STARTED.store(true, Relaxed);
            return Ok(started_at(server));
        }
        // It has ended, and somebody answers: a process that it left behind, or anybody.
        if client::reach(address).is_ok() {
            let trouble = must_be_its_own(&mut server).and_then(|()| must_be_there(&mut server));
            trouble.map_err(|trouble| server.explain(trouble))?;
        }
        // What keeps the address from the first server of all may be anybody's: a client, too, may have
        // had this port. While a server listens, nobody else gets it.
        let is_kept = HAS_STARTED.load(Relaxed)
            && server.ended().is_some()
            && is_kept_by_old_connections(address);
        // One case fails by it; the others are waited for, and judged by what they are about.
        if is_kept && !TOLD_OF_OLD_CONNECTIONS.swap(true, Relaxed) {
            let trouble = Trouble::failed(not_free(address), &WITHOUT_REUSEADDR);
            return Err(server.explain(trouble.sign(Sign::AddressKept)));
        }
        if Instant::now() >= deadline || server.ended().is_none() {
            IN_VAIN.store(true, Relaxed);
            let found = Text::new(
                format!("nobody answers at {address}"),
                format!("{address} 上没有人应答"),
            );
            let trouble = Trouble::failed(Evidence::Note(found), &CANNOT_START_THERE);
            return Err(server.explain(trouble.sign(Sign::NeverListened)));
        }
        // The address is still busy with the last server's connections: it is asked again.
        if !told {
            waiting(&busy(address, is_kept));
            told = true;
        }
        drop(server);
        std::thread::sleep(RETRY);
    }
}

fn spawn(program: &Program, inherits: &Start, command: &mut Command) -> Result<Started, Trouble> {
    let started = inherits.spawn_and_read(command);
    started.map_err(|error| not_started(&program.path, command, &error, &CANNOT_START))
}

/// Do connections of a server that has ended (TIME_WAIT) keep its address busy, where nobody listens,
/// because it does not set SO_REUSEADDR? Linux asks for it on both sides: where only the judge sets
/// it, it cannot bind either. Elsewhere it is enough that whoever comes sets it (`socket(7)`).
fn is_kept_by_old_connections(address: SocketAddr) -> bool {
    let is_in_use = |reuse| {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_reuse_address(reuse)?;
        match socket.bind(&address.into()) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(true),
            bound => bound.map(|()| false),
        }
    };
    let asked: io::Result<(bool, bool)> =
        is_in_use(false).and_then(|it| Ok((it, is_in_use(true)?)));
    let nobody_listens = client::reach(address).is_err();
    nobody_listens && asked.is_ok_and(|asked| asked == (true, cfg!(target_os = "linux")))
}

fn not_free(address: SocketAddr) -> Evidence {
    Evidence::Finding {
        expected: Text::new(
            format!("the server, started again, listens at {address}"),
            format!("服务器重新启动后在 {address} 上监听"),
        ),
        found: text(
            "it ends: connections of the server before it are in TIME_WAIT",
            "它退出了：上一个服务器的连接还在 TIME_WAIT 状态",
        ),
    }
}

/// What is waited for, and for how long at most; and how a server spares everybody the wait.
fn busy(address: SocketAddr, is_kept: bool) -> Text {
    let limit = ADDRESS_PATIENCE.as_secs();
    let (en, zh) = match is_kept {
        true => (
            "Connections of the server before it keep the address busy (TIME_WAIT): a server that sets \
             SO_REUSEADDR before bind need not wait",
            "上一个服务器的连接还占着这个地址（TIME_WAIT）：在 bind 之前设置 SO_REUSEADDR 的服务器不用等",
        ),
        false => (
            "If the connections of the server before it still keep the address busy (TIME_WAIT), a server \
             that sets SO_REUSEADDR before bind need not wait",
            "如果是上一个服务器的连接还占着这个地址（TIME_WAIT），那么在 bind 之前设置 SO_REUSEADDR 就不用等",
        ),
    };
    Text::new(
        format!("waiting, {limit} s at most: the server cannot listen at {address} yet. {en}"),
        format!("正在等待，最多 {limit} 秒：服务器现在还不能在 {address} 上监听。{zh}"),
    )
}

fn no_address(line: &str) -> Evidence {
    let line = line.escape_debug();
    Evidence::Finding {
        expected: text(
            "the line \"listening on ADDRESS:PORT\" on standard output, flushed",
            "标准输出上一行 \"listening on 地址:端口\"，并立即刷新",
        ),
        found: Text::new(format!("\"{line}\""), format!("\"{line}\"")),
    }
}

/// For whoever asks a program at a fixed address for more than to be there.
pub(crate) static CANNOT_BE_TOLD: Text = text(
    "not measured: this program cannot be told how to start",
    "没有测：没法告诉这个程序该怎样启动",
);
static CANNOT_START: Text = text(
    "Every server starts with --listen 127.0.0.1:0, takes any free port, and prints its address as soon as it is ready to serve, and no sooner: whoever reads it connects.",
    "每个服务器都用 --listen 127.0.0.1:0 启动，任取一个空闲端口；准备好服务了才打印地址，不能提前：读到它的程序马上就会来连接。",
);
static CANNOT_START_THERE: Text = text(
    "A program that knows only its own address is started for each case anew, and must be reachable there.",
    "只认一个地址的程序，每个用例都会重新启动它，它要在那个地址上连得通。",
);
static WITHOUT_REUSEADDR: Text = text(
    "Set SO_REUSEADDR before bind: otherwise a server that is started again cannot listen at its own port for a minute, as long as connections that it closed first are remembered (TIME_WAIT).",
    "在 bind 之前设置 SO_REUSEADDR：否则服务器重新启动之后，只要系统还记着由它先关闭的连接（TIME_WAIT），一分钟之内都不能在自己的端口上监听。",
);
