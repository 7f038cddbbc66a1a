//! The book as readers meet it: in a browser, from a folder and from the book's own server.
//!
//! Drives the Chromium that is installed; without one, every test says so and is ignored.
//! `CHROMIUM=/path` chooses another one, and with `BOOK_BROWSER=required` none is a failure.

mod chinese;
mod chromium;
mod key;
mod keyboard;
mod live;
mod looks;
mod notes;
mod opens;
mod print;
mod search;
#[path = "../all/serving.rs"]
mod serving;
mod stage;
mod switch;
mod tab;
#[path = "../all/tiny.rs"]
#[allow(dead_code, reason = "the other tests of the book use the rest")]
mod tiny;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::world::World;

/// More than there are cores: a page often waits for its next frame or for the network.
const SIDE_BY_SIDE: usize = 4;

/// A test's name, and what it does.
type Test = (String, Box<dyn FnOnce(&World) -> Result<()> + Send>);

/// A test of a page: its name says which.
fn test(name: String, run: impl FnOnce(&World) -> Result<()> + Send + 'static) -> Test {
    (name, Box::new(run))
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    let pages = world::pages()?;
    let mut tests = opens::tests(&pages);
    tests.extend(switch::tests());
    tests.extend(search::tests());
    tests.extend(chinese::tests());
    tests.extend(looks::tests());
    tests.extend(keyboard::tests());
    tests.extend(live::tests());
    tests.extend(stage::tests(&pages));

    let chromium = match chromium::find() {
        Ok(chromium) => chromium,
        Err(reason) => return Ok(without_browser(&arguments, tests, &reason)),
    };
    let world = Arc::new(World::new(chromium)?);
    let trials = tests.into_iter().map(|(name, run)| {
        let world = Arc::clone(&world);
        Trial::test(name, move || {
            run(&world).map_err(|error| Failed::from(format!("{error:#}")))
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    // The browser, the server and their folders go with it.
    drop(world);
    Ok(conclusion.exit_code())
}

fn without_browser(arguments: &Arguments, tests: Vec<Test>, reason: &str) -> ExitCode {
    let required = std::env::var_os("BOOK_BROWSER").is_some_and(|value| value == "required");
    let count = tests.len();
    let trials = tests.into_iter().map(|(name, _)| {
        let reason = reason.to_owned();
        Trial::ignorable_test(name, move || {
            if required {
                Err(Failed::from(reason))
            } else {
                Ok(Completion::ignored_with(reason))
            }
        })
    });
    let conclusion = libtest_mimic::run(arguments, trials.collect());
    if !required && !arguments.list {
        eprintln!("SKIPPED: {count} tests of the book in a browser: {reason}");
    }
    conclusion.exit_code()
}
