//! The book while it is being written: what is saved is shown.

use anyhow::{Result, anyhow, bail, ensure};

use crate::chromium::PATIENCE;
use crate::serving::Serving;
use crate::tab::{Frames, Tab};
use crate::tiny::{ENGLISH, Tiny};
use crate::world::World;
use crate::{Test, test};

pub(crate) fn tests() -> Vec<Test> {
    vec![test(
        "live::an_open_page_follows_its_source".to_owned(),
        follows,
    )]
}

fn follows(world: &World) -> Result<()> {
    let book = Tiny::new();
    // Long enough to be scrolled.
    let long = ENGLISH.replace("It wakes.", &format!("It wakes.{}", " Again.".repeat(5000)));
    book.write("book/en/one.md", &long);
    let server = Serving::start(&book.path("book"), &book.path("pages"))?;
    server.built()?.map_err(|faults| anyhow!(faults))?;
    let home = format!("http://{}/", server.address);
    let mut tab = Tab::open(world.browser()?, &home, Frames::Drawn)?;
    tab.go(&format!("{home}en/one.html"))?;
    listening(&mut tab, 1)?;
    tab.eval("scrollTo({ top: 700, behavior: 'instant' })")?;

    book.write("book/en/one.md", &long.replacen("sleeps", "dozes", 1));
    server.built()?.map_err(|faults| anyhow!(faults))?;
    shows(&mut tab, "dozes")?;
    listening(&mut tab, 2)?;
    tab.wait(
        "the place where the reader was",
        "Math.abs(scrollY - 700) < 5",
    )?;

    // A fault is told to the author; the reader keeps the last good page.
    book.write(
        "book/en/one.md",
        &long.replace("main.rs:whole", "main.rs:hole"),
    );
    let Err(faults) = server.built()? else {
        bail!("the planted fault was not found");
    };
    ensure!(faults.contains("en/one.md:10: "), "{faults}");
    tab.go(&format!("{home}en/one.html"))?;
    listening(&mut tab, 3)?;
    shows(&mut tab, "dozes")?;

    book.write("book/en/one.md", &long.replacen("sleeps", "slumbers", 1));
    server.built()?.map_err(|faults| anyhow!(faults))?;
    shows(&mut tab, "slumbers")?;
    ensure!(
        tab.notes.troubles.is_empty(),
        "{}",
        tab.notes.troubles.join("\n")
    );
    Ok(())
}

/// Waits until the page has asked to be told of changes, for that many times in all.
fn listening(tab: &mut Tab, times: usize) -> Result<()> {
    let deadline = std::time::Instant::now() + PATIENCE;
    while tab.notes.sockets < times {
        ensure!(
            std::time::Instant::now() < deadline,
            "the page does not listen for changes"
        );
        tab.eval("true")?;
    }
    Ok(())
}

fn shows(tab: &mut Tab, word: &str) -> Result<()> {
    let shown = format!("document.querySelector('main').textContent.includes({word:?})");
    tab.wait(&format!("the page to say {word:?}"), &shown)
}
