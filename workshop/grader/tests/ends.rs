//! Programs that never come to an end (`ends/`): the judge does, with a verdict. Skipped where there is no
//! Python.
#![cfg(target_os = "linux")]

#[path = "ends/judging.rs"]
mod judging;

use grader::step::{Assignment, Expected};
use grader::{Outcome, Program};
use judging::{A_LONG_TIME, client_case, must_fail, python, server_case, shell};
use std::sync::mpsc;
use std::thread;

#[test]
fn who_drips_gets_a_verdict() {
    let Some(program) = python("server.py", "drips") else {
        return;
    };
    thread::scope(|scope| {
        for slug in ["lines-8mib", "order-under-load", "half-close-answers-owed"] {
            let program = program.clone();
            scope.spawn(move || must_fail(server_case(slug), program, "ended by the judge"));
        }
    });
}

/// Of a program that nearly always runs out of time, the last cases get less.
#[test]
fn the_grade_of_whoever_drips_ends() {
    let Some(program) = python("server.py", "drips-again") else {
        return;
    };
    subject::signals::put_right();
    let slugs = [
        "lines-8mib",
        "random-8mib",
        "order-under-load",
        "pipelined",
        "half-close-answers-owed",
        "max-line",
        "max-line-plus-one",
        "long-line",
        "any-cut",
        "byte-at-a-time",
        "one-piece",
    ];
    let assignments = slugs.map(|slug| Assignment {
        case: server_case(slug),
        expected: Expected::Pass,
    });
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(grader::grade(&program, &assignments, |_| {})));
    let graded = told.recv_timeout(A_LONG_TIME * 2).expect("no report");
    assert_eq!(graded.len(), slugs.len());
    let notes = graded.iter().map(|graded| match &graded.outcome {
        Outcome::Failed(failure) => &failure.notes,
        other => panic!("{}: {other:?}", graded.case.slug),
    });
    let sooner = notes.flatten().filter(|note| {
        note.en
            .contains("3 other cases of this program have run out")
    });
    assert!(sooner.count() > 0);
}

#[test]
fn who_sips_gets_a_verdict() {
    let Some(program) = python("server.py", "sips") else {
        return;
    };
    thread::scope(|scope| {
        for slug in ["random-8mib", "unread-client", "pipelined"] {
            let program = program.clone();
            scope.spawn(move || must_fail(server_case(slug), program, "ended by the judge"));
        }
    });
}

#[test]
fn who_half_closes_and_reads_nothing_gets_a_verdict() {
    let Some(program) = python("server.py", "half-closes") else {
        return;
    };
    must_fail(server_case("lines-8mib"), program.clone(), "FIN");
    let said = said_and_listened(&program);
    assert!(said.contains("nothing more was taken"), "{said}");
}

/// What comes of more than the kernel holds, said to somebody who has half-closed.
fn said_and_listened(program: &Program) -> String {
    let program = program.clone();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let server = grader::Server::start(&program).expect("it starts");
        let mut client = server.connect().expect("it listens");
        let said = client.say_and_listen(&vec![b'x'; 64 << 20]);
        tell.send(format!("{said:?}"))
    });
    told.recv_timeout(A_LONG_TIME).expect("it comes to an end")
}

#[test]
fn whoever_leaves_a_child_that_holds_its_outputs_is_not_waited_for() {
    let Some(program) = python("client.py", "leaves-a-child") else {
        return;
    };
    let case = client_case("http-byte-at-a-time");
    must_fail(case, program, "the client ended without one");
    let program = python("server.py", "leaves-a-child").expect("there was one");
    must_fail(server_case("hello"), program, "exit status 3");
    let leaves = shell("leaves.sh", "");
    must_fail(client_case("http-help"), leaves, "exit status 3");
}

#[test]
fn a_client_that_goes_on_for_ever_gets_a_verdict() {
    thread::scope(|scope| {
        for (way, slug, part) in [
            ("asks-for-ever", "http-request", "xxxx"),
            ("asks-slowly", "http-request", "and another thing"),
            ("prints-slowly", "http-256mib", "right bytes"),
            ("prints-slowly", "http-byte-at-a-time", "it still runs"),
        ] {
            scope.spawn(move || {
                if let Some(program) = python("client.py", way) {
                    must_fail(client_case(slug), program, part);
                }
            });
        }
    });
}

/// The client that the kernel keeps little for is connected in another way than all others.
#[test]
fn who_has_no_room_for_a_client_gets_a_verdict() {
    let Some(program) = python("server.py", "is-full") else {
        return;
    };
    for slug in ["hello", "half-close-answers-owed"] {
        must_fail(server_case(slug), program.clone(), "cannot connect");
    }
}

#[test]
fn whoever_has_left_the_group_that_it_led_is_ended() {
    let Some(program) = python("client.py", "changes-its-group") else {
        return;
    };
    let case = client_case("http-byte-at-a-time");
    must_fail(case, program, "no connection");
}
