//! The Chinese edition speaks Chinese, and so do its buttons, tooltips and messages.

use anyhow::{Result, ensure};

use crate::key::Key;
use crate::search::search;
use crate::tab::Tab;
use crate::world::{From, World};
use crate::{Test, test};

/// Names that are the same in Chinese, and keys as they stand on the keyboard.
const NAMES: [&str; 5] = ["Ayu", "English", "S", "Esc", "KiB"];

/// Every word in Latin letters that a reader can see, point at or have read aloud outside the
/// chapters' text, and on the buttons in it. What the side bar and the hits quote is that text.
const LATIN: &str = r#"(() => {
  const text = 'main, mdbook-sidebar-scrollbox li, #mdbook-searchresults li > *, script, style, noscript, template';
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(text)) said.push(walker.currentNode.data);
  const attributes = ['title', 'aria-label', 'aria-description', 'placeholder', 'alt'];
  for (const one of document.querySelectorAll('body *')) {
    if (one.closest('main') && !one.closest('button')) continue;
    for (const name of attributes) if (one.hasAttribute(name)) said.push(one.getAttribute(name));
  }
  for (const button of document.querySelectorAll('main button')) said.push(button.textContent);
  return [...new Set(said.flatMap(text => text.match(/[A-Za-z][A-Za-z_']*/g) ?? []))];
})()"#;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        test("chinese::searching".to_owned(), searching),
        test("chinese::copying".to_owned(), copying),
        test("chinese::columns".to_owned(), columns),
    ]
}

/// Looks at a page of the edition, with the window open that explains its keys.
pub(crate) fn speaks(tab: &mut Tab) -> Result<()> {
    tab.press(Key::Char('?'))?;
    let help =
        "getComputedStyle(document.getElementById('mdbook-help-container')).display === 'flex'";
    tab.wait("the help on keys", help)?;
    all_chinese(tab.texts(LATIN)?)
}

fn searching(world: &World) -> Result<()> {
    let (mut tab, home) = world.reader(From::File)?;
    tab.go(&format!("{home}zh-CN/preface.html"))?;
    for query in ["僵尸", "木琴"] {
        search(&mut tab, query)?;
        all_chinese(tab.texts(LATIN)?)?;
        tab.press(Key::Escape)?;
    }
    // One hit is said in other words; no query will have just one for ever.
    let said = "document.getElementById('mdbook-searchresults-header').textContent";
    tab.eval(&format!("{said} = \"1 search result for 'x':\""))?;
    tab.wait(
        "one hit in Chinese",
        &format!("{said} === '“x”有 1 条结果：'"),
    )
}

fn copying(world: &World) -> Result<()> {
    let (mut tab, home) = world.tab(From::File)?;
    tab.go(&format!("{home}zh-CN/02-fork-server.html"))?;
    tab.eval("document.querySelector('.clip-button').scrollIntoView({ block: 'center' })")?;
    tab.click(".clip-button")?;
    let said = "document.querySelector('.clip-button .tooltiptext').textContent";
    tab.wait("a word on copying", &format!("{said} !== ''"))?;
    let said = tab.text(said)?;
    ensure!(said == "已复制", "after copying, the button says {said:?}");
    Ok(())
}

/// Whether, in what was printed, a Han character and a full-width sign take the room of two letters.
const TWO_COLUMNS: &str = r#"(() => {
  const code = document.querySelector('main pre > code');
  const width = text => {
    const span = document.createElement('span');
    span.textContent = text;
    code.append(span);
    const { width } = span.getBoundingClientRect();
    span.remove();
    return width;
  };
  return Math.abs(width('睡在哪里，（每个）：') - width('x'.repeat(20))) < 1;
})()"#;

fn columns(world: &World) -> Result<()> {
    let (mut tab, home) = world.tab(From::File)?;
    tab.go(&format!("{home}zh-CN/02-fork-server.html"))?;
    tab.wait("columns that stand below each other", TWO_COLUMNS)
}

fn all_chinese(words: Vec<String>) -> Result<()> {
    let foreign = words
        .into_iter()
        .filter(|word| !NAMES.contains(&word.as_str()));
    let foreign: Vec<String> = foreign.collect();
    ensure!(foreign.is_empty(), "not Chinese: {}", foreign.join(", "));
    Ok(())
}
