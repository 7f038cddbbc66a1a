//! The client of step 02, against a server of the judge's own.

use super::long_lines::LONG_LINES;
use crate::case::{Case, Drive, Trouble, Verdict};
use crate::command::{not_started, typed};
use crate::deadline::{CASE_TIME, Deadline};
use crate::evidence::{End, Evidence, Exchange};
use crate::limits::no_thread;
use crate::model;
use crate::patience::PATIENCE;
use crate::program::Program;
use crate::ran::{Ran, one_line};
use crate::rule::Rule;
use crate::section::Section;
use crate::stage::Stage;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use subject::{Output as Printed, Start, poll_until};
use terminal::{Text, text};

pub(super) const CLIENT: Section = Section {
    chapter: 2,
    id: "client",
    title: text("The other end", "线的另一头"),
};

pub(super) const CASES: &[Case] = &[
    Case {
        slug: "client-converses",
        title: text(
            "standard input is said, the answers are printed",
            "把标准输入发给服务器，把回答打印出来",
        ),
        points: 2,
        teaches: text("a client is half of a protocol", "协议的一半在客户端"),
        rule: Rule::Client,
        stage: Stage::Talks,
        section: &CLIENT,
        drive: Drive::Program(|program| {
            for input in [
                &b"Hello\nHow are you?\n"[..],
                b"\n\n",
                b"abc\ndef",
                b"",
                b"\0\xff\r\n",
            ] {
                says_and_prints(program, input, &PRINTS)?;
            }
            Ok(())
        }),
    },
    Case {
        slug: "client-in-turn",
        title: text(
            "an answer is printed before the next line is typed",
            "下一行还没输入，上一行的回答已经打印",
        ),
        points: 2,
        teaches: text(
            "buffers that keep what they should pass on",
            "该往下传的，缓冲区别扣着",
        ),
        rule: Rule::Client,
        stage: Stage::Lines,
        section: &CLIENT,
        drive: Drive::Program(in_turn),
    },
    Case {
        slug: "client-long-lines",
        title: text(
            "lines of any length, newlines inserted",
            "行有多长都可以，服务器补换行符也可以",
        ),
        points: 2,
        teaches: text(
            "never count on the other side's lengths",
            "对方发来多长，别想当然",
        ),
        rule: Rule::Client,
        stage: Stage::Lines,
        section: &LONG_LINES,
        drive: Drive::Program(|program| {
            let mut input = vec![b'x'; 100_000];
            input.extend(b"\nshort\n");
            input.extend([b'y'; model::MAX_LINE + 1]);
            says_and_prints(program, &input, &LONG)
        }),
    },
    Case {
        slug: "client-8mib",
        title: text(
            "8 MiB flow both ways without a deadlock",
            "8 MiB 双向流动，不会死锁",
        ),
        points: 3,
        teaches: text("both directions go on at once", "两个方向同时进行"),
        rule: Rule::Client,
        stage: Stage::Many,
        section: &CLIENT,
        drive: Drive::Program(|program| {
            let input = b"the quick brown fox jumps over the lazy dog\n".repeat((8 << 20) / 44);
            says_and_prints(program, &input, &DEADLOCK)
        }),
    },
    Case {
        slug: "client-early-close",
        title: text(
            "a server that closes early is told apart from the end",
            "分得清服务器提前关闭和正常结束",
        ),
        points: 2,
        teaches: text(
            "end of file is not always the end",
            "文件结束，不一定是对话结束",
        ),
        rule: Rule::Client,
        stage: Stage::Ends,
        section: &CLIENT,
        drive: Drive::Program(early_close),
    },
    Case {
        slug: "client-lost-bytes",
        title: text(
            "a server that loses bytes and adds newlines is found out",
            "服务器丢了字节、拿换行符凑数，看得出来",
        ),
        points: 2,
        teaches: text(
            "equal totals are not equal bytes",
            "总数相等，不等于字节都在",
        ),
        rule: Rule::Client,
        stage: Stage::Ends,
        section: &CLIENT,
        drive: Drive::Program(lost_bytes),
    },
    Case {
        slug: "client-refused",
        title: text(
            "no server: one line that names the address",
            "服务器没开：一行说清地址",
        ),
        points: 1,
        teaches: text(
            "errors name what was attempted, on what, and why",
            "报错要说清想做什么、对谁做、为什么不成",
        ),
        rule: Rule::Client,
        stage: Stage::Hardening,
        section: &CLIENT,
        drive: Drive::Program(|program| {
            let (address, _held) = refusing();
            let refused = Ran::new(program, &[&address], b"Hello\n", &REFUSED);
            refused.exits(1)?;
            refused.prints(str::is_empty)?;
            refused.complains(|said| said.contains(&address) && one_line(said))
        }),
    },
    Case {
        slug: "client-command-line",
        title: text(
            "--help, --version, and a wrong command line",
            "--help、--version 与写错的命令行",
        ),
        points: 1,
        teaches: text("programs are used by strangers", "程序是给陌生人用的"),
        rule: Rule::Client,
        stage: Stage::CommandLine,
        section: &CLIENT,
        drive: Drive::Program(|program| {
            let help = Ran::new(program, &["--help"], b"", &USAGE);
            help.exits(0)?;
            help.prints(|said| said.contains("ADDR"))?;
            let version = Ran::new(program, &["--version"], b"", &USAGE);
            version.exits(0)?;
            version.prints(|said| !said.is_empty())?;
            let wrong = Ran::new(program, &["--no-such-option"], b"", &USAGE);
            wrong.exits(2)?;
            wrong.complains(|said| !said.is_empty())
        }),
    },
];

/// Runs the client with `input`, and compares what it prints with what a server owes.
fn says_and_prints(program: &Program, input: &[u8], meaning: &Text) -> Verdict {
    let (address, taken) = serve_by_the_model()?;
    let ran = Ran::new(program, &[&address.to_string()], input, meaning);
    let owed = model::owed(input, true);
    if ran.stdout() != owed {
        let taken = taken.load(Ordering::SeqCst);
        let so_far = model::owed(&input[..taken.min(input.len())], false);
        let meaning = match owed.starts_with(ran.stdout()) {
            false => &PRINTS,
            // It has more to say, and all that can be heard by then.
            true if ran.hung() && taken < input.len() && ran.stdout() == so_far => &WAITS,
            true => meaning,
        };
        let exchange = Exchange::new(input, true, &owed, ran.stdout(), End::Closed);
        return Err(Trouble::failed(exchange, meaning));
    }
    let ended = ran.exits(0);
    ended.map_err(|trouble| match ran.hung() {
        true => trouble.meaning(&HALF_CLOSES),
        false => trouble,
    })?;
    let silent = ran.complains(str::is_empty);
    silent.map_err(|trouble| trouble.meaning(&PRINTS))
}

/// One line at a time, as somebody at a keyboard would.
fn in_turn(program: &Program) -> Verdict {
    let (address, taken) = serve_by_the_model()?;
    let mut command = program.command();
    command
        .arg(address.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let client = Start::default().spawn(&mut command);
    let mut client =
        client.map_err(|error| not_started(&program.path, &command, &error, &PRINTS))?;
    let mut keyboard = client.stdin().expect("piped");
    let mut screen = client.stdout().expect("piped");
    // The next piece is read when this one has been taken.
    let (sender, printed) = mpsc::sync_channel(1);
    let reading = thread::Builder::new().spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = screen.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    reading.map_err(|error| no_thread(&error))?;
    let deadline = Deadline::of_case().of(Some(client.family()));
    let (mut said, mut heard) = (Vec::new(), Vec::new());
    for line in [&b"Hello\n"[..], b"How are you?\n", b"Bye\n"] {
        said.extend_from_slice(line);
        let _ = keyboard.write_all(line);
        let owed = model::owed(&said, false);
        while heard.len() < owed.len() {
            match printed.recv_timeout(PATIENCE) {
                Ok(bytes) if !deadline.is_over() => heard.extend(bytes),
                _ => break,
            }
        }
        if heard != owed {
            let exchange = Exchange::new(&said, false, &owed, &heard, End::Open);
            let meaning = match taken.load(Ordering::SeqCst) < said.len() {
                true => &NOT_SENT,
                false => &NOT_PRINTED,
            };
            return Err(Trouble::failed(exchange, meaning));
        }
    }
    Ok(())
}

/// A server that answers the first line, and not the second.
fn early_close(program: &Program) -> Verdict {
    let address = serve(|mut stream| {
        let _ = stream.read(&mut [0; 6]);
        let _ = stream.write_all(b"Uryyb\n");
        // All is read, so that the client sees an end of file and not a reset.
        read_to_end(stream);
    })?;
    let left = Ran::new(
        program,
        &[&address.to_string()],
        b"Hello\nAre you still there?\n",
        &EARLY,
    );
    left.exits(1)?;
    left.prints(|said| said == "Uryyb\n")?;
    left.complains(|said| said.contains("closed") && one_line(said))?;
    early_close_at_a_keyboard(program)
}

/// The same while somebody may still type: standard input does not end.
fn early_close_at_a_keyboard(program: &Program) -> Verdict {
    let address = serve(|mut stream| {
        let _ = stream.read_exact(&mut [0; 6]);
        let _ = stream.write_all(b"Uryyb\n");
    })?;
    let mut command = program.command();
    command
        .arg(address.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let client = Start::default().spawn(&mut command);
    let mut client =
        client.map_err(|error| not_started(&program.path, &command, &error, &EARLY))?;
    let mut keyboard = client.stdin().expect("piped");
    let complaints = Printed::drain(client.stderr().expect("piped"));
    let complaints = complaints.map_err(|error| no_thread(&error))?;
    let _ = keyboard.write_all(b"Hello\n");
    let Some(status) = client.wait(PATIENCE) else {
        let evidence = Evidence::Finding {
            expected: text(
                "the client ends when the server has closed",
                "服务器关闭之后，客户端就结束",
            ),
            found: Text::new(
                format!("it still runs after {PATIENCE:?}, with its standard input open"),
                format!("标准输入还开着，{} 秒之后它还在运行", PATIENCE.as_secs()),
            ),
        };
        return Err(Trouble::failed(evidence, &WAITS_FOR_INPUT));
    };
    poll_until(Instant::now() + LAST_WORDS, || complaints.is_complete());
    let output = Output {
        status,
        stdout: Vec::new(),
        stderr: complaints.so_far().into_bytes(),
    };
    let left = Ran::of(output, typed(&command), &EARLY);
    let told = left
        .exits(1)
        .and_then(|()| left.complains(|said| said.contains("closed") && one_line(said)));
    told.map_err(|trouble| trouble.noted(INPUT_OPEN.clone()))
}

/// How long its last words may take to come through the pipe.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A server that answers with as many bytes as were said: four of them newlines of its own, in place
/// of four that are lost.
fn lost_bytes(program: &Program) -> Verdict {
    const ANSWER: &str = "Uryyb\nUbj ner l\n\n\n\n";
    let address = serve(|mut stream| {
        read_to_end(&stream);
        let _ = stream.write_all(ANSWER.as_bytes());
    })?;
    let input = b"Hello\nHow are you?\n";
    let cheated = Ran::new(program, &[&address.to_string()], input, &LOST);
    cheated.exits(1)?;
    cheated.prints(|said| said == ANSWER)?;
    cheated.complains(one_line)
}

/// The kernel's buffers of the judge's server, in bytes.
const SMALL: usize = 64 << 10;

/// An address at which nobody listens, and nobody can while the connection is held that has it.
fn refusing() -> (String, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the judge finds a free port");
    let address = listener.local_addr().expect("it is bound");
    let held = TcpStream::connect(address).expect("its listener is there");
    (
        held.local_addr().expect("it is connected").to_string(),
        held,
    )
}

/// Reads all that a client has to say, and keeps none of it.
fn read_to_end(mut stream: impl Read) {
    let _ = io::copy(&mut stream, &mut io::sink());
}

/// Serves one client by `conversation`, on a port of its own.
///
/// # Errors
///
/// Skipped when there is no thread to be had for it.
fn serve(conversation: impl FnOnce(TcpStream) + Send + 'static) -> Result<SocketAddr, Trouble> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the judge finds a free port");
    // What it accepts inherits these. In the kernel's own, which grow to megabytes, a client could
    // leave all that it says, and all the answers.
    let _ = setsockopt(&listener, sockopt::RcvBuf, &SMALL);
    let _ = setsockopt(&listener, sockopt::SndBuf, &SMALL);
    let address = listener.local_addr().expect("it is bound");
    let serving = thread::Builder::new().spawn(move || {
        // Not for ever: it may never come.
        let mut coming = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
        let limit = PollTimeout::try_from(CASE_TIME).unwrap_or(PollTimeout::MAX);
        if poll(&mut coming, limit) == Ok(1)
            && let Ok((stream, _)) = listener.accept()
        {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.set_write_timeout(Some(PATIENCE));
            conversation(stream);
        }
    });
    serving.map_err(|error| no_thread(&error))?;
    Ok(address)
}

/// The judge's own server, for one client; and how many bytes it has taken so far.
fn serve_by_the_model() -> Result<(SocketAddr, Arc<AtomicUsize>), Trouble> {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    Ok((serve(move |stream| converse(stream, &count))?, taken))
}

/// By the model, as soon as each line is complete, and it does not read
/// while it must write, so that a client which says all before it listens is caught.
fn converse(mut stream: TcpStream, taken: &AtomicUsize) {
    let mut model = model::Model::default();
    let mut buffer = [0; 16 << 10];
    loop {
        let length = match stream.read(&mut buffer) {
            Ok(length) => length,
            // It has not said all. Whoever never does is ended by the case, and not by this server: by
            // a FIN it would be let off.
            Err(error) if is_no_end(&error) => continue,
            Err(_) => return,
        };
        taken.fetch_add(length, Ordering::SeqCst);
        let mut answer = Vec::new();
        for &byte in &buffer[..length] {
            model.take(byte, &mut answer);
        }
        if length == 0 {
            model.finish(&mut answer);
        }
        if stream.write_all(&answer).is_err() || length == 0 {
            let _ = stream.shutdown(Shutdown::Write);
            return;
        }
    }
}

fn is_no_end(error: &io::Error) -> bool {
    use ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

static PRINTS: Text = text(
    "The client sends its standard input as it is, half-closes, and prints every answer as it is, and nothing besides; nothing is said on standard error.",
    "客户端把标准输入原样发出，半关闭，再把每个回答原样打印出来，此外什么也不打印，标准错误上也不写。",
);
static HALF_CLOSES: Text = text(
    "Every answer is there, and the client does not end: when its standard input has ended, it must half-close (shutdown), or the server does not know that it has said all, and does not close either.",
    "回答都到齐了，客户端却不结束：标准输入到头，就要半关闭（shutdown），不然服务器不知道它已经说完，也就不会关闭。",
);
static WAITS: Text = text(
    "The client has more to say, and waits for an answer that is not owed yet: a server never speaks first, and answers no part of a line before its newline, or its 16,384 bytes. Send what is typed, whatever has come.",
    "客户端还没说完，却在等一个还不该来的回答：服务器从不先开口；一行没等到换行符，也没满 16,384 字节，就不作答。不管收到了什么，输入的都要接着发。",
);
static NOT_SENT: Text = text(
    "A line had been typed and was not sent: a buffer keeps it back until there is more, or until standard input ends.",
    "一行已经输入，却没有发出：有个缓冲区扣着它，要等更多字节，或者等标准输入结束。",
);
static NOT_PRINTED: Text = text(
    "An answer had come and was not printed: a buffer keeps it back until there is more, or until the end.",
    "回答到了却没有打印：有个缓冲区扣着它，要等更多字节，或者等到结束。",
);
static LONG: Text = text(
    "A server answers a long line with newlines of its own: a client that expects as many bytes back as it sent waits for ever, or stops too early.",
    "长行的回答里有服务器补的换行符：客户端要是照发出的字节数来收，不是永远等下去，就是停得太早。",
);
static DEADLOCK: Text = text(
    "A client that sends everything before it receives waits for the server to take its lines, while the server waits for the client to take its answers: a deadlock.",
    "客户端先全部发完再接收，就会死锁：客户端等服务器收下它的话，服务器等客户端收下回答，两边都等不到。",
);
static EARLY: Text = text(
    "An end of file before all was answered is no success: exit status 1, and one line that says so.",
    "还没答完就遇到文件结束，不算成功：退出状态 1，并用一行说清。",
);
static WAITS_FOR_INPUT: Text = text(
    "The server has closed, and the client waits for its standard input to end, which it may never do: end as soon as the end of file has come, and do not wait for a thread that sleeps in a read of standard input.",
    "服务器已经关闭，客户端却还在等标准输入结束，而它可能永远不结束：一遇到文件结束就该退出，不要等一个睡在读标准输入里的线程。",
);
static INPUT_OPEN: Text = text(
    "its standard input was still open",
    "它的标准输入当时还开着",
);
static LOST: Text = text(
    "A server may add newlines to long lines, and nothing else may be more or less: count newlines apart from all other bytes; exit status 1, and one line that says what is missing.",
    "服务器可以给长行补换行符，别的一个都不能多、不能少：换行符和其他字节要分开数；退出状态 1，并用一行说清缺了什么。",
);
static REFUSED: Text = text(
    "A refused connection is one line on standard error that names the address; exit status 1.",
    "连接被拒绝，就在标准错误上用一行说清地址，退出状态 1。",
);
static USAGE: Text = text(
    "--help and --version succeed; a wrong command line is told on standard error, exit status 2.",
    "--help 和 --version 正常结束；命令行写错了，就在标准错误上说明，退出状态 2。",
);
