//! Any clients whatever: a random script of what three of them do, and what each must get for it.
//!
//! The cases ask for what somebody has thought of. This asks for what nobody has; what fails is made
//! as small as it can be and still fails.

use crate::client::Client;
use crate::model::MAX_LINE;
use crate::program::Program;
use crate::report::Painter;
use crate::seed::seed;
use crate::server::Server;
use crate::verdict::{Trouble, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use std::thread;
use std::time::Duration;
use terminal::{Language, Text, text};

/// How many scripts are tried, unless PROPTEST_CASES says otherwise.
const SCRIPTS: u32 = 24;
/// How many clients there are: as many as the smallest pool of threads serves at once, less one.
const CLIENTS: usize = 3;
/// For how long a script that fails is made smaller, in milliseconds.
const SHRINKING: u32 = 20_000;
/// How long a client says nothing, so that what it says next comes by itself.
const PAUSE: Duration = Duration::from_millis(2);

/// One thing that a client does. When it has said all or has gone, it does no more.
#[derive(Clone, Debug)]
enum Act {
    /// It says a few bytes of any kind.
    Say(Vec<u8>),
    /// It says a letter so many times, and may end the line.
    Repeat {
        letter: char,
        times: usize,
        newline: bool,
    },
    Pause,
    /// It listens until all has come that it is owed by now.
    Hear,
    HalfClose,
    Reset,
}

/// Who does what, in order.
type Script = Vec<(usize, Act)>;

fn scripts() -> impl Strategy<Value = Script> {
    let byte = prop_oneof![4 => b'a'..=b'z', 2 => Just(b'\n'), 1 => any::<u8>()];
    let times = prop_oneof![0..200_usize, MAX_LINE - 2..=MAX_LINE + 2, 0..12 * MAX_LINE];
    let repeat = (proptest::char::range('a', 'z'), times, any::<bool>());
    let act = prop_oneof![
        4 => vec(byte, 0..40).prop_map(Act::Say),
        4 => repeat.prop_map(|(letter, times, newline)| Act::Repeat { letter, times, newline }),
        2 => Just(Act::Pause),
        2 => Just(Act::Hear),
        1 => Just(Act::HalfClose),
        1 => Just(Act::Reset),
    ];
    vec((0..CLIENTS, act), 0..30)
}

/// Tries random scripts on the server, a fresh one for each.
///
/// # Errors
///
/// The smallest script found for which it does not hold, what was seen of it, and the seed.
pub fn any_script(program: &Program) -> Result<(), String> {
    let given = std::env::var("PROPTEST_CASES").ok();
    let seed = seed();
    let mut runner = TestRunner::new(Config {
        cases: given.and_then(|it| it.parse().ok()).unwrap_or(SCRIPTS),
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_time: SHRINKING,
        failure_persistence: None,
        ..Config::default()
    });
    let tried = runner.run(&scripts(), |script| {
        play(program, &script).map_err(|trouble| TestCaseError::fail(words(&trouble)))
    });
    match tried {
        Ok(()) => Ok(()),
        Err(TestError::Fail(seen, script)) => Err(format!(
            "{seen}\n\nthe script: {script:#?}\nthe same scripts again: GRADER_SEED={seed}"
        )),
        Err(TestError::Abort(reason)) => Err(reason.to_string()),
    }
}

/// Plays the script on a fresh server, and hears every client that is still there to its end.
fn play(program: &Program, script: &Script) -> Verdict {
    let server = Server::start(program)?;
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        clients.push(Actor::new(&server, number)?);
    }
    for (who, act) in script {
        clients[*who].act(act)?;
    }
    for client in clients {
        client.leave()?;
    }
    server.connect()?.ask(b"Still there?\n", &DIED)
}

/// A client that follows the script.
struct Actor {
    /// `None` when it has gone.
    client: Option<Client>,
    finished: bool,
    number: usize,
}

impl Actor {
    /// The last of them has little room for answers: the server has to keep them.
    fn new(server: &Server, number: usize) -> Result<Actor, Trouble> {
        let client = if number == CLIENTS - 1 {
            Client::connect_narrow(server.address(), server.watched())
        } else {
            server.connect()
        };
        Ok(Actor {
            client: Some(client?),
            finished: false,
            number,
        })
    }

    fn act(&mut self, act: &Act) -> Verdict {
        let note = note(self.number);
        let Some(client) = self.client.as_mut().filter(|_| !self.finished) else {
            return Ok(());
        };
        let done = match act {
            Act::Say(bytes) => client.say_and_listen(bytes),
            Act::Repeat {
                letter,
                times,
                newline,
            } => {
                let end = if *newline { "\n" } else { "" };
                let line = letter.to_string().repeat(*times) + end;
                client.say_and_listen(line.as_bytes())
            }
            Act::Pause => {
                thread::sleep(PAUSE);
                Ok(())
            }
            Act::Hear => client.hear(&WRONG),
            Act::HalfClose => {
                client.finish();
                self.finished = true;
                Ok(())
            }
            Act::Reset => {
                let client = self.client.take();
                client.map_or(Ok(()), |client| {
                    client.reset();
                    Ok(())
                })
            }
        };
        done.map_err(|trouble| trouble.noted(note))
    }

    fn leave(self) -> Verdict {
        let note = note(self.number);
        let Some(mut client) = self.client else {
            return Ok(());
        };
        client.finish();
        client
            .hear_end(&WRONG)
            .map_err(|trouble| trouble.noted(note))
    }
}

fn note(number: usize) -> Text {
    Text::new(
        format!("this is client {number} of 0 to {}", CLIENTS - 1),
        format!("客户端编为 0 到 {} 号，这是第 {number} 号", CLIENTS - 1),
    )
}

fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Failed(failure) => Painter::plain(Language::English).seen(failure).join("\n"),
        Trouble::Skipped(reason) => reason.en.to_string(),
    }
}

static WRONG: Text = text(
    "What a client gets depends on the bytes that it has said and on nothing else. Rules 1 to 4.",
    "客户端收到什么，只取决于它说过的字节，别的都不相干。规则 1 到 4。",
);
static DIED: Text = text(
    "What one client does must never end the server. Rule 6.",
    "无论一个客户端做什么，都不该让整个服务器结束。规则 6。",
);
