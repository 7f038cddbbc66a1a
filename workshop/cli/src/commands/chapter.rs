//! A chapter of the book, in the reader's browser.

use anyhow::Result;
use grader::step::Step;
use std::path::Path;
use terminal::{Language, Terminal, Text};

/// Shows a section of the step's chapter in the browser, if the book has been built and there is a
/// browser; says what was done, or what to do.
///
/// # Errors
///
/// When one stands in no checkout.
pub(crate) fn open(terminal: &Terminal, step: &Step, section: Option<&str>) -> Result<Text> {
    let (edition, folder) = (edition(terminal.language), step.folder());
    let page = terminal::workspace()?
        .join("book/out")
        .join(edition)
        .join(format!("{folder}.html"));
    let source = format!("book/{edition}/{folder}.md");
    if !page.is_file() {
        return Ok(Text::new(
            format!("the book is not built yet: cargo run -p book -- build; or read {source}"),
            format!("书还没有构建：cargo run -p book -- build；也可以直接读 {source}"),
        ));
    }
    let address = address(&page, section);
    Ok(match open::that_detached(&address) {
        Ok(()) => Text::new(format!("opened {address}"), format!("已打开 {address}")),
        Err(_) => Text::new(
            format!("no browser is found here: open {address}, or read {source}"),
            format!("这里没有找到浏览器：请打开 {address}，或者读 {source}"),
        ),
    })
}

/// The folder of the edition in this language.
fn edition(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    }
}

fn address(page: &Path, section: Option<&str>) -> String {
    let section = section.map_or_else(String::new, |id| format!("#{id}"));
    format!("file://{}{section}", page.display())
}
