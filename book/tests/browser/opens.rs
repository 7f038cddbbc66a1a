//! Every page of every edition opens without a complaint, and asks nobody else for anything. Whatever
//! else must be true of every page is looked at while it is open: loading them takes longest.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use crate::tab::Tab;
use crate::world::{EDITIONS, From, World};
use crate::{Test, chinese, looks, print, test};

pub(crate) fn tests(pages: &[String]) -> Vec<Test> {
    let mut tests = Vec::new();
    for from in From::ALL {
        let name = format!("opens::{}::index.html", from.name());
        tests.push(test(name, move |world| front(world, from)));
        for edition in EDITIONS {
            for page in pages {
                // Framed by pages without scripts. By itself it has no icon, and Chromium asks the
                // server for one.
                if matches!(from, From::Server) && page == "toc.html" {
                    continue;
                }
                let name = format!("opens::{}::{edition}/{page}", from.name());
                let page = page.clone();
                tests.push(test(name, move |world| visit(world, from, edition, &page)));
            }
        }
    }
    let pages: BTreeSet<String> = pages.iter().cloned().collect();
    let all = move |world: &World| every_page_is_tried(world, &pages);
    tests.push(test("opens::every_page_is_tried".to_owned(), all));
    tests
}

fn front(world: &World, from: From) -> Result<()> {
    let (mut tab, home) = world.reader(from)?;
    tab.go(&format!("{home}index.html"))?;
    // It leads on to an edition.
    tab.wait(
        "the front page to lead on",
        "location.pathname.split('/').length > 2 && document.readyState === 'complete'",
    )?;
    tab.quiet()?;
    untroubled(&tab)
}

/// Loads the page once and looks at all of it: what one check finds hides nothing from the next. The
/// same pages come from both: from a folder they are wide, from the server as narrow as a telephone.
fn visit(world: &World, from: From, edition: &str, page: &str) -> Result<()> {
    // What is shown on paper only is laid out for the frame after.
    if from == From::File && page == "print.html" {
        let (mut tab, home) = world.tab(from)?;
        return look(&mut tab, &home, from, edition, page);
    }
    let (mut tab, home) = world.reader(from)?;
    look(&mut tab, &home, from, edition, page)
}

fn look(tab: &mut Tab, home: &str, from: From, edition: &str, page: &str) -> Result<()> {
    if from == From::Server {
        looks::like_a_telephone(tab)?;
    }
    tab.go(&format!("{home}{edition}/{page}"))?;
    // Before anything is clicked.
    let mut checks = vec![("opens", untroubled(tab))];
    match from {
        // No reader sees the list of chapters by itself: it stands in for the side bar without
        // scripts.
        From::File if page == "toc.html" => {}
        From::File => {
            if page == "print.html" {
                checks.push(("on paper", print::unfolded(tab)));
            }
            checks.push(("in light", looks::contrast(tab, "light")));
            checks.push(("in navy", looks::contrast(tab, "navy")));
            if edition == "zh-CN" {
                checks.push(("in Chinese", chinese::speaks(tab)));
            }
        }
        From::Server => checks.push(("narrow", looks::narrow(tab))),
    }
    let faults = checks.into_iter().filter_map(|(check, result)| {
        let error = result.err()?;
        Some(format!("{edition}/{page}, {check}: {error:#}"))
    });
    let faults: Vec<String> = faults.collect();
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

pub(crate) fn untroubled(tab: &Tab) -> Result<()> {
    let troubles = &tab.notes.troubles;
    ensure!(troubles.is_empty(), "\n  {}", troubles.join("\n  "));
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
