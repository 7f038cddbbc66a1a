//! What went wrong, in both languages: what was attempted, why that failed, why that did, and so on.

use crate::lost::Lost;
use crate::not_built::NotBuilt;
use crate::system;
use crate::text::{Language, Text};
use anyhow::{Error, Result};
use nix::errno::Errno;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::num::{IntErrorKind, ParseIntError};
use std::path::Path;

/// What went wrong.
#[derive(Debug)]
pub struct Told(pub Text);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl StdError for Told {}

/// What was attempted, and why it failed.
#[derive(Debug)]
struct Attempted {
    what: Text,
    why: Error,
}

impl fmt::Display for Attempted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what.en)
    }
}

impl StdError for Attempted {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.why.as_ref())
    }
}

/// For what can fail: says in both languages what was attempted.
pub trait Explain<T> {
    /// The same with what was attempted before the reason; or that it is not there, before nothing.
    ///
    /// # Errors
    ///
    /// Where it has failed, or is not there.
    fn explain(self, what: impl FnOnce() -> Text) -> Result<T>;
}

impl<T, E: Into<Error>> Explain<T> for Result<T, E> {
    fn explain(self, what: impl FnOnce() -> Text) -> Result<T> {
        self.map_err(|why| {
            let (what, why) = (what(), why.into());
            Attempted { what, why }.into()
        })
    }
}

impl<T> Explain<T> for Option<T> {
    fn explain(self, what: impl FnOnce() -> Text) -> Result<T> {
        self.ok_or_else(|| Told(what()).into())
    }
}

/// That what must hold does.
///
/// # Errors
///
/// What went wrong, where it does not.
pub fn ensure(holds: bool, otherwise: impl FnOnce() -> Text) -> Result<(), Told> {
    match holds {
        true => Ok(()),
        false => Err(Told(otherwise())),
    }
}

/// That a file, or a folder, could not be read.
pub fn cannot_read(file: &Path) -> Text {
    let file = file.display();
    Text::new(format!("cannot read {file}"), format!("无法读取 {file}"))
}

/// That it could not be written.
pub fn cannot_write(file: &Path) -> Text {
    let file = file.display();
    Text::new(format!("cannot write {file}"), format!("无法写入 {file}"))
}

/// That what stands in it could not be understood.
pub fn cannot_understand(file: &Path) -> Text {
    let file = file.display();
    Text::new(
        format!("cannot understand {file}"),
        format!("看不懂 {file} 的内容"),
    )
}

/// All of it in one language, from what was attempted to the last reason.
pub fn explained(error: &Error, language: Language) -> String {
    match language {
        Language::English => format!("{error:#}"),
        Language::Chinese => {
            let links: Vec<String> = error.chain().map(chinese).collect();
            links.join("：")
        }
    }
}

/// One error in Chinese, without what has caused it. What a library has said that speaks English only
/// is quoted.
pub fn chinese(error: &(dyn StdError + 'static)) -> String {
    if let Some(Told(text)) = error.downcast_ref() {
        text.zh.to_string()
    } else if let Some(Attempted { what, .. }) = error.downcast_ref() {
        what.zh.to_string()
    } else if let Some(error) = error.downcast_ref::<io::Error>() {
        system::chinese(error)
    } else if let Some(errno) = error.downcast_ref::<Errno>() {
        system::chinese(&(*errno).into())
    } else if let Some(NotBuilt(complaints)) = error.downcast_ref() {
        format!("cargo build 没有成功：\n{complaints}")
    } else if let Some(lost) = error.downcast_ref::<Lost>() {
        lost.words().zh.into_owned()
    } else if let Some(error) = error.downcast_ref::<ParseIntError>() {
        no_number(error).to_owned()
    } else {
        format!("{}“{}”", whose_words(error), error.to_string().trim_end())
    }
}

fn no_number(error: &ParseIntError) -> &'static str {
    match error.kind() {
        IntErrorKind::PosOverflow => "这个数太大",
        IntErrorKind::NegOverflow => "这个数太小",
        _ => "这里要写一个整数",
    }
}

/// Who speaks English here.
fn whose_words(error: &(dyn StdError + 'static)) -> &'static str {
    if error.is::<toml::de::Error>() {
        "TOML 解析器的原话是"
    } else if error.is::<serde_json::Error>() {
        "JSON 解析器的原话是"
    } else {
        "原话是"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::libc;

    #[test]
    fn every_link_of_a_chain_speaks_both_languages() {
        let attempt: io::Result<()> = Err(io::Error::from_raw_os_error(libc::ENOENT));
        let error = attempt
            .explain(|| cannot_read(Path::new("/a")))
            .explain(|| Text::new("cannot begin", "开始不了"))
            .expect_err("it is one");
        assert_eq!(
            explained(&error, Language::Chinese),
            "开始不了：无法读取 /a：没有那个文件或目录"
        );
        let english = explained(&error, Language::English);
        assert!(english.starts_with("cannot begin: cannot read /a: "));
    }

    #[test]
    fn what_is_not_there_is_told() {
        let error = None::<()>.explain(|| Text::new("nothing", "没有"));
        let error = error.expect_err("nothing is there");
        assert_eq!(explained(&error, Language::Chinese), "没有");
    }

    #[test]
    fn a_library_is_quoted() {
        let error = "a = ".parse::<toml::Table>().expect_err("no value").into();
        let told = explained(&error, Language::Chinese);
        assert!(told.starts_with("TOML 解析器的原话是“TOML parse error"));
        assert!(told.ends_with('”'), "{told}");
    }
}
