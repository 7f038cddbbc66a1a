use crate::cleanup::Group;
use crate::client::PATIENCE;
use std::io::{self, Read, Write};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

/// Runs it for as long as it gives signs of life.
///
/// `assert_cmd`'s own way to run a program waits without limit until its input is read, and until
/// its grandchildren close its output.
pub(crate) fn run_to_end(command: &mut Command, input: Vec<u8>) -> io::Result<Output> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::spawn(command)?;
    let mut stdin = group.leader().stdin.take().expect("piped");
    // Not waited for: a program need not read all of its input.
    thread::spawn(move || stdin.write_all(&input));
    let (sender, pieces) = mpsc::channel();
    read(group.leader().stdout.take().expect("piped"), false, &sender);
    read(group.leader().stderr.take().expect("piped"), true, &sender);
    drop(sender);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    // Both pipes are closed when the last process that has them has ended.
    let hangs = loop {
        match pieces.recv_timeout(PATIENCE) {
            Ok((false, piece)) => stdout.extend(piece),
            Ok((true, piece)) => stderr.extend(piece),
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
            Err(mpsc::RecvTimeoutError::Timeout) => break true,
        }
    };
    if hangs {
        let _ = group.leader().kill();
    }
    let status = group.leader().wait()?;
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

fn read(
    mut pipe: impl Read + Send + 'static,
    is_stderr: bool,
    pieces: &mpsc::Sender<(bool, Vec<u8>)>,
) {
    let pieces = pieces.clone();
    thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            if pieces.send((is_stderr, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
}
