//! The book without a mouse.

use anyhow::{Result, ensure};

use crate::key::Key;
use crate::switch::{link, tab_to};
use crate::world::{EDITIONS, From, World};
use crate::{Test, test};

pub(crate) fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for edition in EDITIONS {
        let name = |what: &str| format!("keyboard::{edition}::{what}");
        tests.push(test(name("opens_the_search"), move |world| {
            opens_search(world, edition)
        }));
        tests.push(test(name("goes_to_the_neighbours"), move |world| {
            neighbours(world, edition)
        }));
        tests.push(test(name("shows_the_focus"), move |world| {
            focus(world, edition)
        }));
    }
    tests
}

fn opens_search(world: &World, edition: &str) -> Result<()> {
    let (mut tab, home) = world.reader(From::File)?;
    for key in ['s', '/'] {
        tab.go(&format!("{home}{edition}/preface.html"))?;
        tab.press(Key::Char(key))?;
        tab.wait(
            "the search field",
            "document.activeElement.id === 'mdbook-searchbar'",
        )?;
        let written = tab.text("document.activeElement.value")?;
        ensure!(written.is_empty(), "{key} was written into the field");
    }
    // And out of the list of hits again.
    tab.write("read")?;
    tab.wait(
        "hits",
        "document.querySelector('#mdbook-searchresults li') !== null",
    )?;
    tab.press(Key::Down)?;
    tab.wait(
        "a chosen hit",
        "document.querySelector('#mdbook-searchresults li.focus') !== null",
    )?;
    tab.press(Key::Escape)?;
    let closed = "document.getElementById('mdbook-search-wrapper').classList.contains('hidden')";
    tab.wait("the search to close", closed)
}

fn neighbours(world: &World, edition: &str) -> Result<()> {
    let (mut tab, home) = world.reader(From::File)?;
    tab.go(&format!("{home}{edition}/00-sockets.html"))?;
    for (key, page) in [
        (Key::Right, "01-blocking-client.html"),
        (Key::Right, "02-fork-server.html"),
        (Key::Left, "01-blocking-client.html"),
    ] {
        tab.press(key)?;
        let there = format!(
            "location.pathname.endsWith('/{edition}/{page}') && document.readyState === 'complete'"
        );
        tab.wait(page, &there)?;
    }
    Ok(())
}

fn focus(world: &World, edition: &str) -> Result<()> {
    let (mut tab, home) = world.reader(From::File)?;
    tab.go(&format!("{home}{edition}/preface.html"))?;
    for other in EDITIONS {
        tab_to(&mut tab, &link(other))?;
        let style = tab.texts("(style => [style.outlineStyle, style.outlineWidth])(getComputedStyle(document.activeElement))")?;
        ensure!(
            style[0] != "none" && style[1] != "0px",
            "nothing shows that the link to {other} has the focus: its outline is {style:?}"
        );
    }
    Ok(())
}
