//! What the book's program finds where it is started: folders that cannot be written, links that lead
//! upwards, every way of saving a file, a full disk, signals, and no process above it.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::serving::Serving;
use crate::tiny::Tiny;

/// Far longer than any of it takes; what hangs has to be told from what is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A line of shell, in which `"$0"` is the book's program and `"$1"` a folder.
fn start(line: &str, folder: &Path) -> Child {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line, env!("CARGO_BIN_EXE_book")])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A test that was started in the background has SIGINT ignored, and so would all that it starts.
    subject::signals::start_clean(&mut shell);
    shell.spawn().expect("there is a shell")
}

/// What it printed, and how it ended, unless it hangs.
fn end(mut child: Child) -> (Option<i32>, String) {
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().expect("it is ours").is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let Output { status, stderr, .. } = child.wait_with_output().expect("it has ended");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whoever copies a checkout copies the program as well: it is not to work on the original.
#[test]
fn the_book_is_that_of_the_checkout_that_one_stands_in() {
    let copy = tempfile::tempdir().expect("a folder");
    let step = copy.path().join("steps/01-first");
    fs::create_dir_all(&step).expect("a folder");
    fs::write(step.join("step.toml"), "").expect("a step");
    fs::write(copy.path().join("Cargo.toml"), "[workspace]\n").expect("a workspace");
    let (status, told) = end(start("cd \"$1\" && exec \"$0\" accept", &step));
    assert_eq!(status, Some(1), "{told}");
    let folder = copy.path().canonicalize().expect("it is there");
    let missing = format!("cannot open the book in {}", folder.join("book").display());
    assert!(told.starts_with(&missing), "{told}");
}

/// A script that forgets to say which pairs were read must not pass for one that has noted them.
#[test]
fn without_a_place_the_pairs_are_shown_and_none_is_noted() {
    let book = Tiny::new();
    book.write("Cargo.toml", "[workspace]\n");
    book.write("steps/01-first/step.toml", "");
    let folder = book.path("book");
    let (status, told) = end(start("cd \"$1\" && exec \"$0\" accept", &folder));
    assert_eq!(status, Some(1), "{told}");
    assert!(
        told.contains("4 to read, none noted: `accept FILE:LINE`"),
        "{told}"
    );
    assert!(!book.path("book/ledger.txt").exists());
    let (status, told) = end(start("cd \"$1\" && exec \"$0\" accept --all", &folder));
    assert_eq!((status, told.as_str()), (Some(0), ""));
    let (status, told) = end(start("cd \"$1\" && exec \"$0\" accept", &folder));
    assert_eq!((status, told.as_str()), (Some(0), ""));
}

/// In a checkout that is only to be read, nothing can be put beside the chapters.
#[test]
fn a_folder_that_cannot_be_written_is_told_with_the_way_out() {
    for command in ["build", "serve --port 0"] {
        let line = format!("exec \"$0\" {command} --out \"$1\"");
        let (status, told) = end(start(&line, Path::new("/dev/null/pages")));
        assert_eq!(status, Some(1), "{command}: {told}");
        assert!(told.contains("/dev/null"), "{command}: {told}");
        assert!(told.contains("--out DIR"), "{command}: {told}");
    }
}

#[test]
fn links_that_lead_upwards_are_not_followed() {
    let book = Tiny::new();
    for link in ["steps/one/up", "steps/one/up-again", "steps/up", "book/up"] {
        symlink("../..", book.path(link)).expect("a link");
    }
    fs::create_dir(book.path("shared")).expect("a folder");
    symlink("..", book.path("shared/up")).expect("a link");
    symlink("..", book.path("shared/up-again")).expect("a link");
    // In a thread, for it used not to come back.
    let (built, outcome) = channel();
    let (root, out) = (book.path("book"), book.out());
    let _ = book.accept();
    std::thread::spawn(move || {
        let done = book::site::build(&root, &out);
        let _ = built.send(done.map(drop).map_err(|error| format!("{error:#}")));
    });
    let outcome = outcome.recv_timeout(PATIENCE).expect("the build ends");
    outcome.expect("the book is whole");
    let server = Serving::start(&book.path("book"), &book.path("book/pages"));
    let server = server.expect("a free port");
    server.built().expect("a build").expect("the book is whole");
}

#[test]
fn a_linked_folder_beside_the_chapters_is_a_fault() {
    let book = Tiny::new();
    symlink("../..", book.path("book/zh-CN/up")).expect("a link");
    let fault = book.fault();
    assert!(
        fault.contains("book/zh-CN/up: a link to a folder"),
        "{fault}"
    );
}

/// A file's length and time may be what they were.
#[test]
fn every_way_to_save_a_file_is_noticed() {
    let book = Tiny::new();
    let page = book.path("book/en/one.md");
    let server = Serving::start(&book.path("book"), &book.path("book/pages"));
    let server = server.expect("a free port");
    server.built().expect("a build").expect("the book is whole");
    let text = book.read("book/en/one.md");
    let time = fs::metadata(&page).and_then(|about| about.modified());
    let time = time.expect("a time");
    let dated = |path: &Path, text: String| {
        fs::write(path, text).expect("it is written");
        let file = File::options().append(true).open(path).expect("ours");
        file.set_modified(time).expect("it is ours");
    };
    let shown = |word: &str| {
        server.built().expect("a build").expect("the book is whole");
        let built = book.read("book/pages/en/one.html");
        assert!(built.contains(word), "{word}");
    };
    // Over what was there, of the same length, with the same time.
    dated(&page, text.replace("sleeps", "dreams"));
    shown("The process dreams");
    // Another file in its place, the same in both.
    let beside = book.path("book/en/.one");
    dated(&beside, text.replace("sleeps", "snores"));
    fs::rename(&beside, &page).expect("it is renamed");
    shown("The process snores");
}

#[test]
fn a_full_disk_is_told_and_is_no_success() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let told = "cannot write to standard output: No space left on device";
    for command in [
        "build --out \"$1\"",
        "serve --port 0 --out \"$1\"",
        "--help",
    ] {
        let line = format!("exec \"$0\" {command} >/dev/full");
        let (status, stderr) = end(start(&line, &scratch.path().join("pages")));
        assert_eq!(status, Some(2), "{command}: {stderr}");
        assert!(stderr.contains(told), "{command}: {stderr}");
        assert!(!stderr.contains("panicked"), "{command}: {stderr}");
    }
    let (status, stderr) = end(start("exec \"$0\" --help >&-", scratch.path()));
    assert_eq!(status, Some(2), "{stderr}");
}

#[test]
fn a_build_that_is_interrupted_leaves_nothing_behind() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let line = "exec \"$0\" build --out \"$1\"";
        let build = start(line, &scratch.path().join("pages"));
        let begun = || {
            let mut entries = scratch.path().read_dir().expect("ours");
            entries.next().is_some()
        };
        wait_until("the build begins", begun);
        kill(Pid::from_raw(build.id() as i32), signal).expect("it lives");
        let (status, told) = end(build);
        assert_eq!(status, Some(128 + signal as i32), "{told}");
        for entry in scratch.path().read_dir().expect("ours") {
            let name = entry.expect("an entry").file_name();
            assert_eq!(name, "pages", "{} was left behind", name.display());
        }
    }
}

#[test]
fn a_server_ends_when_it_is_asked_to() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let pages = scratch.path().join("pages");
        let server = start("exec \"$0\" serve --port 0 --out \"$1\"", &pages);
        wait_until("the pages are there", || pages.join("index.html").exists());
        kill(Pid::from_raw(server.id() as i32), signal).expect("it lives");
        let (status, told) = end(server);
        assert_eq!(status, Some(0), "{signal}: {told}");
    }
}

/// What was ignored at the start (`nohup`) ends nothing.
#[test]
fn a_hang_up_that_is_ignored_is_not_heard() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let line = "trap '' HUP; exec \"$0\" build --out \"$1\"";
    let pages = scratch.path().join("pages");
    let build = start(line, &pages);
    wait_until("the build begins", || {
        let mut entries = scratch.path().read_dir().expect("ours");
        entries.next().is_some()
    });
    kill(Pid::from_raw(build.id() as i32), Signal::SIGHUP).expect("it lives");
    let (status, told) = end(build);
    assert_eq!(status, Some(0), "{told}");
    assert!(pages.join("index.html").exists());
}

/// The first process of a container has no default action: only a handler ends it.
#[cfg(target_os = "linux")]
#[test]
fn the_first_process_of_a_container_ends() {
    const UNSHARE: &str = "unshare --user --map-root-user --pid --fork --mount-proc";
    let scratch = tempfile::tempdir().expect("a temporary folder");
    if end(start(&format!("exec {UNSHARE} true"), scratch.path())).0 != Some(0) {
        eprintln!("SKIPPED: no user namespace is to be had here");
        return;
    }
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let pages = scratch.path().join(signal.as_str());
        let line = format!("exec {UNSHARE} \"$0\" serve --port 0 --out \"$1\"");
        let unshare = start(&line, &pages);
        wait_until("the pages are there", || pages.join("index.html").exists());
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let children = fs::read_to_string(children).expect("unshare waits for the server");
        let first = children.trim().parse().expect("one child");
        kill(Pid::from_raw(first), signal).expect("it lives");
        let (status, told) = end(unshare);
        assert_eq!(status, Some(0), "{signal}: {told}");
    }
}
