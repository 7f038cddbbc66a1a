//! A client that does not read, until the server receives no more from it: what it is watched for then, and
//! when it reads again. How much the kernels hold is not the same in the model, nor is how often the server
//! wakes: only the questions at rest are compared, and that nothing is lost.

use crate::clients::Clients;
use crate::model::{self, Reading};
use crate::server::Server;
use crate::{Lines, Pair, SERVERS, can_be_watched, skip};
use stage::{Act, Action, Machine, Queues, Strategy};

const ONE: usize = 1;

/// What is asked in a while.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// The call in which it slept before, and what has ended that.
    first: Option<String>,
    /// What it was watched for at last, where the kernel keeps the list.
    last: Option<String>,
}

impl Asked {
    fn among(lines: &Lines) -> Asked {
        let mut all = lines.values().flatten();
        let waits = ["select(", "poll(", "epoll_wait("];
        let is_wait = |line: &&String| waits.iter().any(|it| line.starts_with(it));
        Asked {
            first: all.clone().find(is_wait).cloned(),
            last: all.rfind(|it| it.starts_with("epoll_ctl(")).cloned(),
        }
    }
}

fn action(act: Act) -> Action {
    Action { client: ONE, act }
}

/// The model: while it is held back, when it reads again, and when it says one more line.
fn of_model(strategy: Strategy, reading: Reading) -> [Asked; 3] {
    let mut machine = Machine::new(strategy, ONE, Queues::SMALL);
    let mut play = |acts: &[Act]| {
        let mut lines = Lines::new();
        for &act in acts {
            assert!(machine.act(action(act)), "{act:?} makes no sense");
            for (whose, more) in model::settle(&mut machine, reading) {
                lines.entry(whose).or_default().extend(more);
            }
        }
        Asked::among(&lines)
    };
    let mut held = vec![Act::Connect, Act::Pause];
    held.extend([Act::Block; 8]);
    [play(&held), play(&[Act::Resume]), play(&[Act::Line])]
}

fn of_server(pair: &Pair) -> Result<[Asked; 3], String> {
    let program = SERVERS.get(pair.program).expect("it was built");
    let mut server = Server::start(program, pair.arguments, pair.reading())?;
    let mut clients = Clients::new(server.address());
    let port = clients.connect(ONE);
    server.expect_client(ONE, port);
    clients.act(action(Act::Pause));
    let held = server.rest(|| clients.say_on(ONE));
    clients.act(action(Act::Resume));
    let again = server.rest(|| clients.say_the_rest(ONE) | clients.hear(ONE));
    assert!(
        clients.has_heard_all(ONE),
        "{}: an answer is lost",
        pair.program
    );
    clients.act(action(Act::Line));
    let line = server.rest(|| clients.hear(ONE));
    Ok([held, again, line].map(|lines| Asked::among(&lines)))
}

#[test]
fn who_does_not_read_is_held_back_alike() {
    if let Err(why) = can_be_watched() {
        return skip(&why);
    }
    let pairs = [
        Pair::new(Strategy::Select, "select-server"),
        Pair::new(Strategy::Poll, "poll-server"),
        Pair::new(Strategy::Epoll, "epoll-server"),
        Pair::new(Strategy::EventLoop, "event-loop-server"),
        Pair::new(Strategy::BufferEvent, "bufferevent-server"),
        Pair::new(Strategy::Async, "async-server"),
    ];
    for pair in pairs {
        let mut expected = of_model(pair.strategy, pair.reading());
        let mut seen = match of_server(&pair) {
            Ok(seen) => seen,
            Err(why) => return skip(&why),
        };
        // It begins with the listener, of which the model's clients are told one by one.
        (expected[0].first, seen[0].first) = (None, None);
        assert_eq!(seen, expected, "{}", pair.program);
    }
}
