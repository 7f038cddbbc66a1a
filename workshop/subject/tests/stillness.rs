//! Of whom it is said that nothing more can come of them by themselves, and of whom it must not be:
//! `sleepers/sleepers.c` has one of each kind. Skipped where there is no C compiler.
#![cfg(target_os = "linux")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use subject::processes::{self, Busy, Process, Processor, Stillness};
use subject::{Group, Start, Started, poll_until};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How far apart two looks are.
const APART: Duration = Duration::from_millis(10);
/// How often is looked at what is never to be still, and does not end.
const LOOKS: usize = 30;

static SLEEPERS: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sleepers/sleepers.c");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sleepers");
    let compiled = Command::new("cc")
        .args(["-O1", "-pthread", "-o"])
        .args([&program, &source])
        .status();
    match compiled {
        Ok(status) => assert!(status.success(), "{} does not compile", source.display()),
        Err(_) => println!("skipped: there is no cc"),
    }
    program.exists().then_some(program)
});

fn start(arguments: &[&str]) -> Option<Started> {
    let mut command = Command::new(SLEEPERS.as_deref()?);
    let started = Start::default().spawn_and_read(command.args(arguments));
    Some(started.expect("it has been compiled"))
}

/// Two looks, one after the other.
fn is_still(group: &Group) -> bool {
    let look = || -> Option<Stillness> { group.family().stillness(None).expect("Linux tells") };
    let before = look();
    std::thread::sleep(APART);
    before.is_some() && look() == before
}

#[test]
fn who_sleeps_for_ever_is_still() {
    for mode in [
        "s_accept",
        "s_epoll",
        "s_poll",
        "s_select",
        "s_recv",
        "s_pipe",
        "s_join",
        "s_wait",
        "s_socketpair",
        "s_timerfd_disarmed",
        "s_sockets_that_do_nothing",
        "s_sigwait",
    ] {
        let Some(started) = start(&[mode]) else {
            return;
        };
        let deadline = Instant::now() + PATIENCE;
        assert!(poll_until(deadline, || is_still(&started.group)), "{mode}");
    }
}

/// They end by themselves: up to then nobody may say that nothing more will come.
#[test]
fn who_wakes_by_itself_is_not() {
    let mut wrong = vec![];
    for mode in [
        "l_poll",
        "l_ppoll",
        "l_select",
        "l_epoll",
        "l_nanosleep",
        "l_futex",
        "l_timerfd",
        "l_timerfd_epoll",
        "l_setitimer",
        "l_alarm",
        "l_setitimer_sigwait",
        "l_setitimer_thread",
        "l_timer_thread",
        "l_rcvtimeo_recv",
        "l_rcvtimeo_accept",
        "l_sndtimeo",
        "l_rcvtimeo_unix",
        "l_rcvtimeo_wide",
        "l_child",
        "l_headless",
        "l_uring",
        "l_uring_eventfd",
        "l_uring_registered",
        "l_uring_registered_eventfd",
    ] {
        let Some(started) = start(&[mode]) else {
            return;
        };
        wrong.extend(still_before_its_end(started).then_some(mode));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn who_waits_for_somebody_that_has_left_is_not() {
    let mut wrong = vec![];
    for mode in [
        "l_left",
        "l_left_bare",
        "l_left_headless",
        "l_left_bare_headless",
    ] {
        let Some(started) = start(&[mode]) else {
            return;
        };
        wrong.extend(still_before_its_end(started).then_some(mode));
    }
    assert_eq!(wrong, [""; 0]);
    // Who has left and ended was adopted, and is not kept. What others guard is their guardians'.
    let me = std::process::id();
    let is_stray = |process: &Process| {
        process.state == 'Z' && process.parent == me && process.session != process.pid
    };
    let children = processes::tree(me).expect("Linux tells");
    let own = children[0].session;
    let strays = children
        .iter()
        .filter(|it| it.session != own && is_stray(it));
    assert_eq!(strays.count(), 0);
}

#[test]
fn who_waits_for_somebody_else_is_not() {
    let mut wrong = vec![];
    for (speaks, hears) in [
        ("a_speak_late", "a_hear"),
        ("a_speak_late_unix", "a_hear_unix"),
    ] {
        let Some(speaker) = start(&[speaks]) else {
            return;
        };
        let address = speaker.stdout.first_line(PATIENCE).expect("it says where");
        let hearer = start(&[hears, &address]).expect("there is a compiler");
        wrong.extend(still_before_its_end(hearer).then_some(hears));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn of_whom_it_cannot_be_told_is_not() {
    let mut wrong = vec![];
    for mode in [
        "s_headless",
        "s_vfork",
        "s_inotify",
        "s_unix_listener",
        "s_udp",
    ] {
        let Some(started) = start(&[mode]) else {
            return;
        };
        let is_wrong = (0..LOOKS).any(|_| is_still(&started.group));
        wrong.extend(is_wrong.then_some(mode));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn who_is_stopped_is_not_before_it_goes_on() {
    let Some(started) = start(&["s_accept"]) else {
        return;
    };
    let send = |signal| kill(Pid::from_raw(started.group.id() as i32), signal).expect("it lives");
    let look = || is_still(&started.group);
    assert!(poll_until(Instant::now() + PATIENCE, look));
    send(Signal::SIGSTOP);
    assert!(poll_until(Instant::now() + PATIENCE, || !look()));
    for _ in 0..LOOKS {
        assert!(!look());
    }
    send(Signal::SIGCONT);
    assert!(poll_until(Instant::now() + PATIENCE, look));
}

/// How much processor time a program gets before it is judged.
const ENOUGH: Duration = Duration::from_millis(300);

/// What it had for so long without getting anything done; `None` if it had twice as much, and got
/// something done again and again.
fn in_vain(mode: &str) -> Option<Option<Processor>> {
    let started = start(&[mode])?;
    let family = started.group.family();
    let deadline = Instant::now() + PATIENCE;
    let mut since: Option<Busy> = None;
    while family.cpu() < 2 * ENOUGH {
        assert!(Instant::now() < deadline, "{mode} gets no processor");
        std::thread::sleep(APART);
        let now = family.busy(None).expect("Linux tells");
        let had = now.as_ref().zip(since.as_ref());
        match had.and_then(|(now, since)| now.since(since)) {
            Some(had) if had.total() >= ENOUGH => return Some(Some(had)),
            Some(_) => {}
            None => since = now,
        }
    }
    Some(None)
}

#[test]
fn who_asks_the_kernel_in_vain_is_told_from_who_computes() {
    let share = |mode| {
        let had = in_vain(mode)?.unwrap_or_else(|| panic!("{mode} got something done"));
        Some(had.system.as_secs_f64() / had.total().as_secs_f64())
    };
    let Some(asks) = share("b_asks") else {
        return;
    };
    let computes = share("b_computes").expect("there is a compiler");
    assert!(asks > 0.4 && computes < 0.1, "{asks} {computes}");
}

#[test]
fn who_moves_bytes_or_may_wake_does_not_ask_in_vain() {
    for mode in ["b_moves_bytes", "b_naps", "b_has_a_napper"] {
        let Some(had) = in_vain(mode) else {
            return;
        };
        assert_eq!(had, None, "{mode}");
    }
}

fn still_before_its_end(mut started: Started) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while started.group.ended().is_none() {
        if is_still(&started.group) {
            return true;
        }
        assert!(Instant::now() < deadline, "it does not end");
    }
    let ended = started.group.ended();
    assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
    false
}
