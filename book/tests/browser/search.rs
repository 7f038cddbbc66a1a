//! Searching, in both languages.

use anyhow::{Result, ensure};

use crate::key::Key;
use crate::tab::Tab;
use crate::world::{From, World};
use crate::{Test, test};

/// Edition, query, and the page that must be the first or the second one found besides the glossary,
/// which has every term.
const FOUND: [(&str, &str, &str); 18] = [
    ("en", "loopback", "00-sockets.html"),
    ("en", "head-of-line", "01-blocking-client.html"),
    ("en", "zombie", "02-fork-server.html"),
    ("en", "high-water", "03-busy-poll-server.html"),
    ("en", "level-triggered", "04-select-server.html"),
    ("en", "thread pool", "02-fork-server.html"),
    ("zh-CN", "三次握手", "00-sockets.html"),
    ("zh-CN", "队头阻塞", "01-blocking-client.html"),
    ("zh-CN", "半关闭", "02-fork-server.html"),
    ("zh-CN", "僵尸", "02-fork-server.html"),
    ("zh-CN", "背压", "02-fork-server.html"),
    ("zh-CN", "线程池 队列", "02-fork-server.html"),
    ("zh-CN", "忙轮询", "03-busy-poll-server.html"),
    ("zh-CN", "水平触发", "04-select-server.html"),
    ("bi", "zombie", "02-fork-server.html"),
    ("bi", "僵尸", "02-fork-server.html"),
    ("bi", "三次握手", "00-sockets.html"),
    ("zh-CN", "waitpid", "02-fork-server.html"),
];

/// Edition, query, and what the page then says.
const NOT_FOUND: [(&str, &str, &str); 4] = [
    ("en", "xylophone", "No search results for 'xylophone'."),
    ("en", "木琴", "No search results for '木琴'."),
    ("zh-CN", "木琴", "没有找到“木琴”。"),
    ("zh-CN", "xylophone", "没有找到“xylophone”。"),
];

pub(crate) fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for (number, (edition, query, page)) in FOUND.into_iter().enumerate() {
        // The pages are the same ones; where they come from matters to how the index is fetched.
        let from = From::ALL[number % 2];
        let name = format!("search::{}::{edition}::{query}", from.name());
        let run = move |world: &World| finds(world, from, edition, query, page);
        tests.push(test(name, run));
    }
    for (edition, query, words) in NOT_FOUND {
        let name = format!("search::nothing::{edition}::{query}");
        let run = move |world: &World| says(world, edition, query, words);
        tests.push(test(name, run));
    }
    let run = |world: &World| says(world, "zh-CN", "半关闭", "条结果");
    tests.push(test("search::counts_in_chinese".to_owned(), run));
    let name = "search::an_input_method_keeps_its_keys".to_owned();
    tests.push(test(name, input_method));
    tests
}

fn finds(world: &World, from: From, edition: &str, query: &str, page: &str) -> Result<()> {
    let (mut tab, home) = world.reader(from)?;
    tab.go(&format!("{home}{edition}/preface.html"))?;
    search(&mut tab, query)?;
    let hits = tab.texts(
        "[...document.querySelectorAll('#mdbook-searchresults li > a')]
            .map(hit => new URL(hit.href).pathname.split('/').at(-1))",
    )?;
    let mut pages: Vec<&str> = Vec::new();
    for hit in &hits {
        if hit != "glossary.html" && !pages.contains(&hit.as_str()) {
            pages.push(hit);
        }
    }
    pages.truncate(2);
    ensure!(
        pages.contains(&page),
        "{query} leads to {pages:?} and not to {page}"
    );

    tab.press(Key::Enter)?;
    tab.wait(
        "the first hit's page",
        &format!(
            "document.readyState === 'complete' && location.pathname.endsWith('/{}')",
            hits[0]
        ),
    )?;
    tab.wait(
        "a marked word",
        "document.querySelector('main mark') !== null",
    )?;
    let troubles = &tab.notes.troubles;
    ensure!(troubles.is_empty(), "{}", troubles.join("\n"));
    Ok(())
}

fn says(world: &World, edition: &str, query: &str, words: &str) -> Result<()> {
    let (mut tab, home) = world.reader(From::Server)?;
    tab.go(&format!("{home}{edition}/preface.html"))?;
    search(&mut tab, query)?;
    let said = tab.text("document.getElementById('mdbook-searchresults-header').textContent")?;
    ensure!(
        said.contains(words),
        "the page says {said:?} and not {words:?}"
    );
    Ok(())
}

/// Enter, while an input method is at work, takes its candidate; it must not lead to the first hit.
fn input_method(world: &World) -> Result<()> {
    let (mut tab, home) = world.reader(From::Server)?;
    tab.go(&format!("{home}zh-CN/preface.html"))?;
    search(&mut tab, "僵尸")?;
    for key in ["Enter", "ArrowDown", "Escape"] {
        let prevented = tab.eval(&format!(
            "!document.getElementById('mdbook-searchbar').dispatchEvent(new KeyboardEvent('keydown',
                {{ key: '{key}', isComposing: true, bubbles: true, cancelable: true }}))"
        ))?;
        ensure!(prevented == false, "{key} was taken from the input method");
    }
    let focus = tab.text("document.activeElement.id")?;
    ensure!(focus == "mdbook-searchbar", "the focus went to {focus:?}");
    Ok(())
}

/// Opens the search as readers do, types, and waits for what it says.
pub(crate) fn search(tab: &mut Tab, query: &str) -> Result<()> {
    tab.press(Key::Char('/'))?;
    // The index comes when the search is first opened, and takes the focus once it is there.
    tab.wait(
        "the search index",
        "document.activeElement.id === 'mdbook-searchbar' && typeof elasticlunr === 'function'
            && document.getElementById('mdbook-search-index') !== null
            && !document.getElementById('mdbook-searchbar-outer').classList.contains('searching')",
    )?;
    tab.write(query)?;
    let answered = format!(
        "document.getElementById('mdbook-searchresults-header').textContent.includes({query:?})"
    );
    tab.wait(&format!("an answer to {query:?}"), &answered)
}
