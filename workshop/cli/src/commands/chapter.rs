//! A chapter of the book, in the reader's browser.

use anyhow::Result;
use grader::step::Step;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use terminal::{Language, Terminal, Text};

/// Shows a section of the step's chapter in the browser, if the book has been built and there is a
/// browser; says what was done, or what to do.
///
/// # Errors
///
/// When one stands in no checkout.
pub(crate) fn open(terminal: &Terminal, step: &Step, section: Option<&str>) -> Result<Text> {
    let source = source(terminal, step);
    let page = page(terminal, step)?;
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

/// Builds the book, if it has not been built. Where that fails, nothing is lost: its source can be read.
///
/// # Errors
///
/// When one stands in no checkout.
pub(crate) fn build(terminal: &Terminal, step: &Step) -> Result<()> {
    if is_built(terminal, step)? {
        return Ok(());
    }
    let what = terminal.say(
        "building the book (the first time takes a minute or two)",
        "正在构建这本书（第一次要一两分钟）",
    );
    let spinner = terminal.spinner(what);
    if let Ok(mut cargo) = builder(&terminal::workspace()?).spawn() {
        let _ = cargo.wait();
    }
    spinner.finish_and_clear();
    Ok(())
}

/// The command that builds the book, and says nothing. An interrupt at the terminal is for it, too.
pub(crate) fn builder(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command
        .args(["run", "--quiet", "--package", "book", "--", "build"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Has the book been built?
///
/// # Errors
///
/// When one stands in no checkout.
pub(crate) fn is_built(terminal: &Terminal, step: &Step) -> Result<bool> {
    Ok(page(terminal, step)?.is_file())
}

fn page(terminal: &Terminal, step: &Step) -> Result<PathBuf> {
    let page = format!("{}/{}.html", edition(terminal.language), step.folder());
    Ok(terminal::workspace()?.join("book/out").join(page))
}

/// The chapter as it is written.
pub(crate) fn source(terminal: &Terminal, step: &Step) -> String {
    format!("book/{}/{}.md", edition(terminal.language), step.folder())
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
