//! `bufferevent-client` with a server that does not do what it should; and its command line.

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use subject::run_to_end;

/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// What has no address, as nobody has to be asked to know: there is no such interface.
pub(crate) const NO_SUCH_NAME: &str = "[fe80::1%none]:40713";

/// Runs the client to its end. One that gives no sign of life for a while is killed.
pub(crate) fn run(arguments: &[&str], said: impl Into<Vec<u8>>) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bufferevent-client"));
    let output = run_to_end(command.args(arguments), said.into());
    Assert::new(output.expect("it can be started"))
}

/// Exactly one line.
pub(crate) fn one_line() -> impl Predicate<str> {
    predicate::function(|text: &str| text.lines().count() == 1 && text.ends_with('\n'))
}

/// A server with one client, to which it does `this`.
pub(crate) fn server(this: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        this(stream);
    });
    address.to_string()
}

/// Answers every byte by itself, rotated, until there are no more.
pub(crate) fn answer_all(mut stream: TcpStream) {
    let mut piece = [0; 10_000];
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        conversation::rot13(&mut piece[..length]);
        if stream.write_all(&piece[..length]).is_err() {
            return;
        }
    }
}

/// Where nobody listens: the socket that has the port does not.
pub(crate) fn deserted() -> (socket2::Socket, String) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
    let socket = socket.expect("there are descriptors");
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&any.into()).expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    let address = address.as_socket().expect("IPv4").to_string();
    (socket, address)
}

#[test]
fn what_is_answered_is_printed() {
    run(&[&server(answer_all)], "Hello\n\nwithout an end")
        .success()
        .stdout("Uryyb\n\njvgubhg na raq")
        .stderr("");
}

#[test]
fn a_name_with_several_addresses_is_tried_until_one_lets_itself_be_connected_to() {
    // On many systems it is `::1` first, where this one does not listen.
    let address = server(answer_all).replace("127.0.0.1", "localhost");
    run(&[&address], "Hello\n")
        .success()
        .stdout("Uryyb\n")
        .stderr("");
}

#[test]
fn a_line_that_does_not_end_is_printed_in_pieces() {
    let said = [b'x'; 300_000];
    let printed = [b'k'; 300_000];
    let assert = run(&[&server(answer_all)], said).success().stderr("");
    assert!(assert.get_output().stdout == printed);
}

#[test]
fn a_server_that_answers_nothing_is_given_up() {
    // It is connected by the kernel already, and never accepted.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    run(&["--timeout", "0.1", &address], "Hello\n")
        .code(1)
        .stdout("")
        .stderr(one_line().and(contains(address.as_str())))
        .stderr(contains(
            "it has answered nothing for 100ms (see --timeout)",
        ));
}

#[test]
fn a_server_that_takes_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    run(
        &["--timeout", "0.1", &address],
        b"Nobody takes this.\n".repeat(2_000_000),
    )
    .code(1)
    .stdout("")
    .stderr(
        one_line()
            .and(contains(address.as_str()))
            .and(contains("--timeout")),
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_does_not_let_itself_be_connected_to_is_given_up() {
    let (listener, address) = deserted();
    // A queue of 0 has room for one (`listen(2)`, and what the kernel makes of it).
    listener.listen(0).expect("it is bound");
    let _first = TcpStream::connect(&address).expect("it listens");
    run(&["--timeout", "0.1", &address], "Hello\n")
        .code(1)
        .stdout("")
        .stderr(one_line().and(contains(format!("{address}: cannot connect: "))));
}

/// What it loses, it may make up for by as many newlines.
#[test]
fn a_server_that_loses_bytes_is_named() {
    for (answer, told) in [
        (
            "Ur\n\n\n\nOlr\n",
            "closed the connection early: 5 of 8 bytes answered",
        ),
        (
            "UryybOlr",
            "closed the connection early: 0 of 2 newlines answered",
        ),
        ("Uryyb\nOlr!\n", "answered more than was said: 9 bytes to 8"),
    ] {
        let address = server(move |mut stream| {
            let _ = stream.read_to_end(&mut Vec::new());
            let _ = stream.write_all(answer.as_bytes());
        });
        run(&[&address], "Hello\nBye\n")
            .code(1)
            .stdout(answer)
            .stderr(one_line().and(contains(format!("{address}: {told}"))));
    }
}

#[test]
fn whoever_meets_only_itself_has_met_nobody() {
    let client = env!("CARGO_BIN_EXE_bufferevent-client");
    for server in ["127.0.0.1:40713", "localhost:40713"] {
        match subject::run_alone(40_713, client, &[server]) {
            Ok(output) => drop(
                Assert::new(output)
                    .code(1)
                    .stdout("")
                    .stderr(one_line().and(contains(format!("{server}: cannot connect"))))
                    .stderr(contains(
                        "the client has connected to itself (start a server",
                    )),
            ),
            Err(reason) => drop(writeln!(std::io::stderr(), "skipped: {reason}")),
        }
    }
}

#[test]
fn of_several_addresses_the_last_one_tried_is_told() {
    let (_holder, nobody) = deserted();
    let port = nobody.rsplit_once(':').expect("it has a port").1;
    run(&[&format!("localhost:{port}")], "Hello\n")
        .code(1)
        .stdout("")
        .stderr(one_line().and(contains(format!("localhost:{port}: cannot connect to "))));
}

/// Where a system has no IPv6, a name may have such an address first all the same.
#[cfg(target_os = "linux")]
#[test]
fn an_address_for_which_there_is_no_socket_is_not_the_last_one_tried() {
    let address = server(answer_all);
    let port = address.rsplit_once(':').expect("it has a port").1;
    without_ipv6(|| {
        let assert = knowing("::1 both\n127.0.0.1 both\n", &format!("both:{port}"));
        match assert {
            Ok(assert) => drop(assert.success().stdout("Uryyb\n").stderr("")),
            Err(reason) => drop(writeln!(std::io::stderr(), "skipped: {reason}")),
        }
        run(&["[::1]:40713"], "Hello\n")
            .code(1)
            .stdout("")
            .stderr(one_line().and(contains("[::1]:40713: cannot connect: Address family")));
    });
}

/// Lets the client say `Hello` to a server where these are the hosts that the system knows.
///
/// # Errors
///
/// Why that cannot be done here.
#[cfg(target_os = "linux")]
fn knowing(hosts: &str, server: &str) -> Result<Assert, String> {
    let mut file = tempfile::NamedTempFile::new().expect("there is room for a file");
    file.write_all(hosts.as_bytes()).expect("there is room");
    let run = |program: &str, argument: &str| {
        let mut command = Command::new("unshare");
        if !nix::unistd::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        // Files as others see them are not touched.
        let mount = "mount --bind \"$0\" /etc/hosts && exec \"$@\"";
        command.args(["--mount", "sh", "-c", mount]);
        run_to_end(
            command.arg(file.path()).args([program, argument]),
            b"Hello\n".to_vec(),
        )
        .map_err(|error| format!("no hosts of its own: unshare: {error}"))
    };
    let possible = run("true", "")?;
    if !possible.status.success() {
        let reason = String::from_utf8_lossy(&possible.stderr);
        return Err(format!("no hosts of its own: {}", reason.trim()));
    }
    run(env!("CARGO_BIN_EXE_bufferevent-client"), server).map(Assert::new)
}

/// Does something, and starts programs, where no connection can be made over IPv6: `socket(2)` says
/// EAFNOSUPPORT. (The resolver's sockets are of another type, and it goes on saying `::1`.)
#[cfg(target_os = "linux")]
fn without_ipv6(what: impl FnOnce() + Send) {
    use nix::libc;
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition,
        SeccompFilter, SeccompRule,
    };
    let is = |argument, mask, value: i32| {
        let how = SeccompCmpOp::MaskedEq(mask);
        SeccompCondition::new(argument, Dword, how, value as u64)
            .expect("there is such an argument")
    };
    let of_ipv6 = is(0, u64::from(u32::MAX), libc::AF_INET6);
    // Beside the type stand flags.
    let of_streams = is(1, 0xf, libc::SOCK_STREAM);
    let rule = SeccompRule::new(vec![of_ipv6, of_streams]).expect("it has conditions");
    let filter = SeccompFilter::new(
        [(libc::SYS_socket, vec![rule])].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EAFNOSUPPORT as u32),
        std::env::consts::ARCH.try_into().expect("seccomp knows it"),
    );
    let program: BpfProgram = filter
        .and_then(BpfProgram::try_from)
        .expect("it is a filter");
    thread::scope(|scope| {
        let without = scope.spawn(|| {
            seccompiler::apply_filter(&program).expect("a process may forbid itself anything");
            what();
        });
        without.join().expect("it does not panic");
    });
}

/// A disk that is full.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_printed_is_lost() {
    let full = || {
        std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("Linux has it")
    };
    let client = |stderr: Stdio| {
        let mut client = Command::new(env!("CARGO_BIN_EXE_bufferevent-client"));
        let address = server(|mut stream| drop(stream.write_all(b"Uryyb\n")));
        let client = client.arg(address).stdin(Stdio::null()).stdout(full());
        client.stderr(stderr).output().expect("it can be started")
    };
    Assert::new(client(Stdio::piped()))
        .code(1)
        .stderr(one_line().and(contains("cannot write standard output")));
    // Nobody can be told; it is told by the exit status.
    assert_eq!(client(full().into()).status.code(), Some(1));
}

/// Neither is help any use that nobody gets.
#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_printed_is_a_failure() {
    for asked in ["--help", "--version"] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut client = Command::new(env!("CARGO_BIN_EXE_bufferevent-client"));
        client.arg(asked).stdout(full.expect("Linux has it"));
        Assert::new(client.output().expect("it can be started"))
            .code(1)
            .stderr(one_line().and(contains("cannot write standard output")));
    }
}

/// With its standard streams closed, it still comes to an end, and does not panic. That its output
/// is lost it cannot know: before `main`, Rust's standard library opens `/dev/null` in their place.
#[test]
fn closed_streams_are_no_panic() {
    for closed in ["<&-", "</dev/null >&-", "</dev/null 2>&-", "<&- >&- 2>&-"] {
        let line = format!("exec \"$0\" \"$@\" {closed}");
        let mut client = Command::new("sh");
        let path = env!("CARGO_BIN_EXE_bufferevent-client");
        client.args(["-c", &line, path, &server(answer_all)]);
        let output = run_to_end(&mut client, vec![]).expect("there is a shell");
        Assert::new(output).success().stderr("");
    }
}

#[test]
fn a_server_that_closes_early_is_named() {
    let after_a_byte = server(|mut stream| {
        stream.read_exact(&mut [0]).expect("a byte");
        // An end, not a reset: what has come is read first.
        stream.shutdown(Shutdown::Write).expect("it is open");
        let _ = stream.read_to_end(&mut Vec::new());
    });
    run(&[&after_a_byte], "Hello\n")
        .code(1)
        .stdout("")
        .stderr(one_line().and(contains(format!(
            "{after_a_byte}: closed the connection early"
        ))));
}

#[test]
fn a_server_that_resets_is_named() {
    let address = server(|mut stream| {
        stream.read_exact(&mut [0]).expect("a byte");
        let linger = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        linger.expect("it has the option");
    });
    run(&[&address], "Hello\n")
        .code(1)
        .stderr(one_line().and(contains(address.as_str())));
}

#[test]
fn a_refusal_tells_what_to_do() {
    let (_holder, address) = deserted();
    run(&[&address], "Hello\n")
        .code(1)
        .stdout("")
        .stderr(one_line().and(contains(format!("{address}: cannot connect: "))))
        .stderr(contains("cargo run -- run 6"));
}

/// How a program ends, if it does in time.
pub(crate) fn ended(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().expect("it is our child") {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    None
}

#[test]
fn it_ends_in_order_when_nobody_reads_its_output_any_more() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bufferevent-client"))
        .arg(server(answer_all))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let mut keyboard = child.stdin.take().expect("piped");
    let typing = thread::spawn(move || while keyboard.write_all(b"Hello\n").is_ok() {});
    let mut first = String::new();
    let mut screen = BufReader::new(child.stdout.take().expect("piped"));
    screen.read_line(&mut first).expect("a line");
    assert_eq!(first, "Uryyb\n");
    drop(screen);
    let ended = ended(&mut child);
    typing.join().expect("it does not panic");
    let mut complaints = String::new();
    let stderr = child.stderr.as_mut().expect("piped");
    stderr.read_to_string(&mut complaints).expect("text");
    assert_eq!(complaints, "");
    assert_eq!(ended.and_then(|status| status.code()), Some(0));
}

#[test]
fn its_command_line_is_explained() {
    run(&["--help"], "")
        .success()
        .stdout(contains("[ADDR]...").and(contains("--timeout <SECONDS>")))
        .stderr(is_empty());
    for wrong in ["0", "-1", "x"] {
        run(&[&format!("--timeout={wrong}")], "")
            .code(2)
            .stdout("")
            .stderr(contains("--timeout").and(contains("write a number of seconds above 0")));
    }
    for (wrong, told) in [
        ("127.0.0.1", "write HOST:PORT, for example 127.0.0.1:40713"),
        ("::1", "in brackets, for example [::1]:40713"),
        ("127.0.0.1:0", "from 1 to 65535"),
        ("127.0.0.1:+1", "from 1 to 65535"),
        ("127.0.0.1:65536", "from 1 to 65535"),
    ] {
        // Whichever of them it is, nobody is told anything.
        run(&["127.0.0.1:1", wrong], "")
            .code(2)
            .stdout("")
            .stderr(contains(told).and(contains("Usage: bufferevent-client")));
    }
}
