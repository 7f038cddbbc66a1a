//! English · 中文 · 对照: the same page, the same heading, and the choice is remembered.

use anyhow::{Context, Result, bail, ensure};

use crate::key::Key;
use crate::tab::Tab;
use crate::world::{From, World};
use crate::{Test, test};

/// A chapter with many headings.
const PAGE: &str = "02-fork-server.html";

pub(crate) fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for from in From::ALL {
        let name = |what: &str| format!("switch::{}::{what}", from.name());
        let run = move |world: &World| keeps_the_place(world, from);
        tests.push(test(name("keeps_page_heading_and_choice"), run));
        let run = move |world: &World| stays_at_the_end(world, from);
        tests.push(test(name("keeps_the_last_heading"), run));
        let run = move |world: &World| by_keyboard(world, from);
        tests.push(test(name("by_keyboard"), run));
    }
    tests
}

fn keeps_the_place(world: &World, from: From) -> Result<()> {
    let (mut tab, home) = world.tab(from)?;
    tab.go(&format!("{home}en/{PAGE}"))?;
    let headings = headings(&mut tab)?;
    ensure!(
        headings.len() > 4,
        "{PAGE} has too few headings for this test"
    );
    let heading = &headings[headings.len() / 2];
    scroll_to(&mut tab, heading)?;
    // Round twice: a step that loses a little of the place would have lost it all by then.
    for edition in ["zh-CN", "bi", "en", "zh-CN", "bi", "en"] {
        show_the_bar(&mut tab)?;
        tab.click(&link(edition))?;
        arrived(&mut tab, edition, heading)?;
    }
    for edition in ["bi", "zh-CN"] {
        show_the_bar(&mut tab)?;
        tab.click(&link(edition))?;
        arrived(&mut tab, edition, heading)?;
        leads_back(&mut tab, &home, edition)?;
        tab.go(&format!("{home}{edition}/{PAGE}#{heading}"))?;
    }
    Ok(())
}

/// How often a page of the edition is followed by `index.html` until this leads back to the edition:
/// Chromium tells its other processes late of what a page from a folder has stored, and only a
/// program goes on within that time. What is not stored is not there the third time either.
const TRIES: usize = 3;

fn leads_back(tab: &mut Tab, home: &str, edition: &str) -> Result<()> {
    let mut led_to = Vec::new();
    for _ in 0..TRIES {
        tab.go(&format!("{home}index.html"))?;
        tab.wait(
            "index.html to lead on",
            "/\\/(en|zh-CN|bi)\\/index\\.html$/.test(location.pathname)",
        )?;
        let there = tab.text("location.pathname")?;
        if there.ends_with(&format!("/{edition}/index.html")) {
            return Ok(());
        }
        led_to.push(there);
        tab.go(&format!("{home}{edition}/{PAGE}"))?;
    }
    bail!("{edition} was chosen, but index.html led to {led_to:?}")
}

fn stays_at_the_end(world: &World, from: From) -> Result<()> {
    let (mut tab, home) = world.tab(from)?;
    tab.go(&format!("{home}en/{PAGE}"))?;
    let last = headings(&mut tab)?.pop().context("no headings")?;
    // Low windows and short last sections: the heading cannot come to the top.
    tab.size(1280, 2000)?;
    tab.go(&format!("{home}en/{PAGE}#{last}"))?;
    for edition in ["zh-CN", "bi", "en"] {
        show_the_bar(&mut tab)?;
        tab.click(&link(edition))?;
        let hash = format!(
            "location.pathname.includes('/{edition}/') && decodeURIComponent(location.hash) === '#{last}' && document.readyState === 'complete'"
        );
        tab.wait(&format!("{edition} at #{last}"), &hash)?;
    }
    Ok(())
}

fn by_keyboard(world: &World, from: From) -> Result<()> {
    let (mut tab, home) = world.tab(from)?;
    tab.go(&format!("{home}en/{PAGE}"))?;
    tab_to(&mut tab, &link("zh-CN"))?;
    let heading = headings(&mut tab)?.swap_remove(3);
    // Somebody who has tabbed to the switch may still scroll.
    scroll_to(&mut tab, &heading)?;
    tab.press(Key::Enter)?;
    arrived(&mut tab, "zh-CN", &heading)
}

/// Presses Tab until the element has the focus.
pub(crate) fn tab_to(tab: &mut Tab, selector: &str) -> Result<()> {
    for _ in 0..200 {
        tab.press(Key::Tab)?;
        if tab.eval(&format!("document.activeElement.matches({selector:?})"))? == true {
            return Ok(());
        }
    }
    bail!("200 times Tab did not lead to {selector}")
}

/// The switch's link to an edition.
pub(crate) fn link(edition: &str) -> String {
    format!(".edition-switch a[href*='/{edition}/']")
}

fn headings(tab: &mut Tab) -> Result<Vec<String>> {
    tab.texts("[...document.querySelectorAll('main h2[id]')].map(h => h.id)")
}

/// As a reader scrolls, who has not clicked on any heading.
fn scroll_to(tab: &mut Tab, heading: &str) -> Result<()> {
    tab.eval(&format!(
        "document.getElementById({heading:?}).scrollIntoView({{ block: 'start' }})"
    ))?;
    // The bar at the top follows the scrolling one frame later.
    tab.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")?;
    Ok(())
}

/// The bar hides while one scrolls down and comes back as soon as one scrolls up.
fn show_the_bar(tab: &mut Tab) -> Result<()> {
    tab.eval("scrollBy({ top: -60, behavior: 'instant' })")?;
    let shown =
        "(() => { const box = document.querySelector('.edition-switch').getBoundingClientRect();
        return box.top >= 0 && box.bottom < innerHeight; })()";
    tab.wait("the bar to be shown", shown)
}

fn arrived(tab: &mut Tab, edition: &str, heading: &str) -> Result<()> {
    let page = format!(
        "location.pathname.endsWith('/{edition}/{PAGE}') && document.readyState === 'complete'"
    );
    tab.wait(&format!("{PAGE} in {edition}"), &page)?;
    let near = format!(
        "(() => {{ const top = document.getElementById({heading:?}).getBoundingClientRect().top;
          return top >= 0 && top < innerHeight / 4; }})()"
    );
    tab.wait(&format!("#{heading} near the top in {edition}"), &near)?;
    let language = tab.text("document.documentElement.lang")?;
    let expected = if edition == "zh-CN" { "zh-CN" } else { "en" };
    ensure!(
        language == expected,
        "{edition} is said to be in {language}"
    );
    let current = tab.text("document.querySelector('.edition-switch [aria-current]').href")?;
    ensure!(
        current.contains(&format!("/{edition}/")),
        "{edition} marks {current} as chosen"
    );
    Ok(())
}
