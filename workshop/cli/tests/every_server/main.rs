//! All servers of all steps, each under everything that a process can inherit: the same promises.
//!
//! `cargo test -p workshop --test every_server -- --nocapture` prints the table.
#![cfg(target_os = "linux")]

mod condition;
mod running;

use condition::{Condition, conditions, with_descriptors};
use grader::Need;
use grader::step::{Kind, Steps};
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::Signal;
use nix::sys::socket::{MsgFlags, send};
use running::{Ended, Launch, Running, ask, connect, until};
use std::fmt::Write as _;
use std::fs;
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use subject::processes;
use terminal::{Executables, Language, Terminal};

/// The servers: their names, and where they are.
static SERVERS: LazyLock<Vec<(String, PathBuf)>> = LazyLock::new(|| {
    let steps = Steps::read().expect("the steps can be read");
    let mut names = Vec::new();
    let mut select = vec!["--bins".to_owned()];
    for step in &steps.0 {
        for program in step.programs(Kind::Server) {
            if program.needs.and_then(Need::missing).is_some() {
                println!("SKIPPED: {} cannot run here", program.name);
                continue;
            }
            if program.fails_on_purpose() {
                continue;
            }
            names.push(program.name.clone());
            select.extend(["--package".to_owned(), step.slug.clone()]);
        }
    }
    let terminal = Terminal::new("every_server", Language::English);
    let select: Vec<&str> = select.iter().map(String::as_str).collect();
    let built =
        Executables::build(&terminal, "building the servers", &select).expect("they can be built");
    let path = |name: &String| built.get(name).expect("it was built").clone();
    names.iter().map(|it| (it.clone(), path(it))).collect()
});

#[test]
fn what_is_inherited_changes_no_answer() {
    let conditions = conditions();
    let mut table = format!("{:<20}", "");
    for condition in &conditions {
        let _ = write!(table, "{:>15}", condition.name);
    }
    let mut wrong = Vec::new();
    for (name, path) in &*SERVERS {
        let _ = write!(table, "\n{name:<20}");
        for condition in &conditions {
            let word = match under(name, path, condition) {
                Ok(word) => word,
                Err(trouble) => {
                    wrong.push(format!("{name}, {}: {trouble}", condition.name));
                    "WRONG"
                }
            };
            let _ = write!(table, "{word:>15}");
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n"));
}

/// What comes of one server under one condition, in a word.
fn under(name: &str, path: &Path, condition: &Condition) -> Result<&'static str, String> {
    let Some(launch) = condition.start(path) else {
        return Ok("not allowed");
    };
    let mut server = match Running::start(launch)? {
        Ok(server) => server,
        Err(refused) => {
            refused.is_one_line_that_names("127.0.0.1:")?;
            // All others can do with whatever descriptor they get.
            return match (name, condition.name) {
                ("select-server", condition::TAKEN) => Ok("refuses"),
                _ => Err(format!("it does not start: {refused:?}")),
            };
        }
    };
    server.serves()?;
    for &ignored in &condition.inherits.ignored {
        server.signal(ignored);
        server.serves()?;
    }
    let pid = server.pid();
    until(|| processes::children(pid).is_ok_and(|it| it == 0))
        .ok_or("children are left when their clients have gone")?;
    server.signal(Signal::SIGTERM);
    server.is_gone().ok_or("SIGTERM does not end it")?;
    Ok("serves")
}

/// With few descriptors, and then fewer: what it says is true, whatever it lacks.
#[test]
fn it_listens_or_says_why_not() {
    for (name, path) in &*SERVERS {
        let mut served = 0;
        // The dynamic loader needs one to start with.
        for limit in 4..=16 {
            let launch = Launch {
                command: Command::new(path),
                inherits: with_descriptors(limit, limit),
            };
            let started = Running::start(launch).unwrap_or_else(|it| panic!("{name}: {it}"));
            match started {
                Err(ended) => {
                    let told = ended.is_one_line_that_names("127.0.0.1:");
                    assert_eq!(told, Ok(()), "{name}, {limit} descriptors");
                }
                Ok(mut server) => {
                    let open = processes::descriptors(server.pid()).expect("it lives");
                    if open < limit as usize {
                        let answered = server.serves();
                        assert_eq!(answered, Ok(()), "{name}, {open} of {limit} descriptors");
                        served += 1;
                    }
                    let ended = server.ended();
                    assert!(ended.is_none(), "{name}, {limit} descriptors: {ended:?}");
                }
            }
        }
        assert!(served > 0, "{name}: 16 descriptors are enough");
    }
}

/// Nobody whom it serves loses anything when the system becomes strict with it.
#[test]
fn a_limit_lowered_under_it_ends_nothing() {
    const CLIENTS: usize = 40;
    for (name, path) in &*SERVERS {
        let mut launch = Command::new(path);
        if name == "thread-pool-server" {
            launch.args(["--threads", &CLIENTS.to_string()]);
        }
        let mut server = Running::start(launch).expect(name).expect(name);
        let clients: Vec<TcpStream> = (0..CLIENTS).map(|_| connect(server.address())).collect();
        for client in &clients {
            assert_eq!(ask(client), Ok(()), "{name}");
        }
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("there is one");
        server.limit_descriptors(16, hard);
        for client in &clients {
            assert_eq!(ask(client), Ok(()), "{name}, with a lower limit");
        }
        drop(clients);
        server.limit_descriptors(hard, hard);
        assert_eq!(server.serves(), Ok(()), "{name}, afterwards");
        assert!(server.ended().is_none(), "{name}");
    }
}

/// The kernel asks after a client that has long been silent: it may be gone without a word.
#[test]
fn the_kernel_asks_after_silent_clients() {
    for (name, path) in &*SERVERS {
        let mut server = Running::start(Command::new(path)).expect(name).expect(name);
        let client = connect(server.address());
        assert_eq!(ask(&client), Ok(()), "{name}");
        let port = |address: std::net::SocketAddr| format!(":{:04X}", address.port());
        let here = port(server.address());
        let there = port(client.local_addr().expect("it is connected"));
        let table = fs::read_to_string("/proc/net/tcp").expect("Linux has it");
        let mut lines = table.lines().map(|it| it.split_whitespace());
        let timer = lines.find_map(|mut words| {
            let local = words.nth(1)?;
            let remote = words.next()?;
            let timer = words.nth(2)?;
            (local.ends_with(&here) && remote.ends_with(&there)).then_some(timer)
        });
        // The timer that runs: 02 is the one of SO_KEEPALIVE (Documentation/networking/proc_net_tcp).
        let timer = timer.expect("the connection is there");
        assert!(timer.starts_with("02:"), "{name}: {timer}");
        assert!(server.ended().is_none());
    }
}

#[test]
fn an_urgent_byte_is_a_byte_of_the_stream() {
    for (name, path) in &*SERVERS {
        let mut server = Running::start(Command::new(path)).expect(name).expect(name);
        let mut client = connect(server.address());
        std::io::Write::write_all(&mut client, b"Hel").expect("it listens");
        let sent = send(client.as_raw_fd(), b"l", MsgFlags::MSG_OOB);
        assert_eq!(sent, Ok(1));
        std::io::Write::write_all(&mut client, b"o\n").expect("it listens");
        assert_eq!(running::hear(&client), Ok(()), "{name}");
        assert!(server.ended().is_none(), "{name}");
    }
}

/// Whoever cannot say where it listens does not go on listening.
#[test]
fn an_announcement_that_is_lost_ends_it() {
    for (name, path) in &*SERVERS {
        let mut launch = Command::new("sh");
        launch
            .args(["-c", "exec \"$0\" \"$@\" >/dev/full"])
            .arg(path);
        let ended: Ended = Running::start(launch).expect(name).expect_err(name);
        assert_eq!(
            ended.is_one_line_that_names("127.0.0.1:"),
            Ok(()),
            "{name}: {ended:?}"
        );
    }
}
