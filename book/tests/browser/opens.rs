//! Every page of every edition opens without a complaint, and asks nobody else for anything.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use crate::world::{EDITIONS, From, World};
use crate::{Test, test};

pub(crate) fn tests(pages: &[String]) -> Vec<Test> {
    let mut tests = Vec::new();
    for from in From::ALL {
        let name = |page: &str| format!("opens::{}::{page}", from.name());
        tests.push(test(name("index.html"), move |world| {
            opens(world, from, "index.html")
        }));
        for edition in EDITIONS {
            for page in pages {
                // Framed by pages without scripts. By itself it has no icon, and Chromium asks the
                // server for one.
                if matches!(from, From::Server) && page == "toc.html" {
                    continue;
                }
                let page = format!("{edition}/{page}");
                tests.push(test(name(&page), move |world| opens(world, from, &page)));
            }
        }
    }
    let pages: BTreeSet<String> = pages.iter().cloned().collect();
    let all = move |world: &World| every_page_is_tried(world, &pages);
    tests.push(test("opens::every_page_is_tried".to_owned(), all));
    tests
}

fn opens(world: &World, from: From, page: &str) -> Result<()> {
    let (mut tab, home) = world.reader(from)?;
    tab.go(&format!("{home}{page}"))?;
    if page == "index.html" {
        // It leads on to an edition.
        tab.wait(
            "the front page to lead on",
            "location.pathname.split('/').length > 2 && document.readyState === 'complete'",
        )?;
        tab.quiet()?;
    }
    let troubles = &tab.notes.troubles;
    ensure!(troubles.is_empty(), "{page}:\n  {}", troubles.join("\n  "));
    Ok(())
}

fn every_page_is_tried(world: &World, tried: &BTreeSet<String>) -> Result<()> {
    for edition in EDITIONS {
        let folder = world.folder()?.join(edition);
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?;
        let names = entries.flatten().map(|entry| entry.file_name());
        let names = names.filter_map(|name| name.into_string().ok());
        let built: BTreeSet<String> = names.filter(|name| name.ends_with(".html")).collect();
        ensure!(
            built == *tried,
            "{edition} has the pages {built:?}, and {tried:?} were tried"
        );
    }
    Ok(())
}
