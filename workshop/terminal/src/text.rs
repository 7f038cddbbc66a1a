use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

/// The languages that the workshop speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

impl Language {
    /// Both.
    const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// As names of files have it, and pages of the web.
    fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-CN",
        }
    }

    /// The files that somebody names by one word, and the language of each. A name in which `{lang}`
    /// stands is that of two, one in either language; any other is a file in `self`.
    pub fn files(self, named: &Path) -> Vec<(Language, PathBuf)> {
        let Some(name) = named.to_str().filter(|name| name.contains(LANG)) else {
            return vec![(self, named.to_owned())];
        };
        let files = Language::ALL.map(|it| (it, name.replace(LANG, it.tag()).into()));
        files.into()
    }

    /// The language that the environment asks for, if the terminal can show it: Chinese is printed
    /// in UTF-8, and would be garbage on a terminal that knows GBK.
    pub fn from_environment() -> Language {
        match locale("LC_MESSAGES") {
            Some(name)
                if name.starts_with("zh") && Encoding::of_the_terminal() == Encoding::Utf8 =>
            {
                Language::Chinese
            }
            _ => Language::English,
        }
    }
}

/// Stands in the name of a file for the language that it is in.
const LANG: &str = "{lang}";

/// The option that chooses a language, on every command line of the workshop.
#[derive(Clone, Copy, Debug, clap::Args)]
// What is said of it here would stand in the help where the program is introduced.
#[command(about = None, long_about = None)]
pub struct LanguageOption {
    /// The language of what is printed [default: the environment's, from LANG]
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Lang {
    En,
    Zh,
}

impl LanguageOption {
    /// The language that was chosen, or the environment's.
    pub fn language(self) -> Language {
        match self.lang {
            Some(Lang::En) => Language::English,
            Some(Lang::Zh) => Language::Chinese,
            None => Language::from_environment(),
        }
    }
}

/// The locale for one category: the first of `LC_ALL`, the category's own variable, and `LANG` that
/// is set decides, as it does for every other program (`locale(7)`).
fn locale(category: &str) -> Option<String> {
    ["LC_ALL", category, "LANG"]
        .iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty())
}

/// What a terminal takes the bytes for that are printed on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8. Where nothing is said, it is supposed: a container's environment is often empty.
    Utf8,
    /// Anything else, which has ASCII in common with it.
    Other,
}

impl Encoding {
    /// As the environment says it, in `language_TERRITORY.CODESET@modifier`.
    pub fn of_the_terminal() -> Encoding {
        let name = locale("LC_CTYPE").unwrap_or_default();
        let name = name.split('@').next().unwrap_or_default();
        match name.split_once('.') {
            Some((_, codeset)) => {
                let codeset = codeset.replace(['-', '_'], "");
                match codeset.eq_ignore_ascii_case("utf8") {
                    true => Encoding::Utf8,
                    false => Encoding::Other,
                }
            }
            // The C library's own names from before UTF-8: GB2312 and Big5.
            None if name.starts_with("zh_") && cfg!(target_env = "gnu") => Encoding::Other,
            None => Encoding::Utf8,
        }
    }

    /// English text as the terminal can show it; Chinese in brackets beside it is left out.
    pub fn fit(self, text: &str) -> Cow<'_, str> {
        if self == Encoding::Utf8 || text.is_ascii() {
            return text.into();
        }
        let mut fitted = String::new();
        let mut in_brackets = false;
        for c in text.chars() {
            match c {
                '（' => in_brackets = true,
                '）' => in_brackets = false,
                _ if in_brackets => {}
                _ => push_ascii(&mut fitted, c),
            }
        }
        fitted.into()
    }
}

/// What comes nearest, as wide where a table may have it.
fn push_ascii(text: &mut String, c: char) {
    match c {
        '·' | '–' | '—' => text.push('-'),
        '×' | '✗' => text.push('x'),
        '÷' => text.push('/'),
        '◦' => text.push('o'),
        '✓' => text.push('+'),
        'µ' => text.push('u'),
        '…' => text.push_str("..."),
        '“' | '”' => text.push('"'),
        '‘' | '’' => text.push('\''),
        '━' => text.push('='),
        _ => text.push(if c.is_ascii() { c } else { '?' }),
    }
}

/// Words for people, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Text {
    /// In English.
    pub en: Cow<'static, str>,
    /// In Chinese.
    pub zh: Cow<'static, str>,
}

/// Words that are known beforehand.
pub const fn text(en: &'static str, zh: &'static str) -> Text {
    Text {
        en: Cow::Borrowed(en),
        zh: Cow::Borrowed(zh),
    }
}

impl Text {
    /// Words with something in them that was measured.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Text {
        Text {
            en: Cow::Owned(en.into()),
            zh: Cow::Owned(zh.into()),
        }
    }

    /// The words in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_place_for_the_language_is_that_of_two_files() {
        let files = |named: &str| Language::Chinese.files(Path::new(named));
        assert_eq!(files("a/b.txt"), [(Language::Chinese, "a/b.txt".into())]);
        let both = [
            (Language::English, "a/b.en.txt".into()),
            (Language::Chinese, "a/b.zh-CN.txt".into()),
        ];
        assert_eq!(files("a/b.{lang}.txt"), both);
    }

    #[test]
    fn what_a_terminal_cannot_show_is_left_out_or_stands_in_ascii() {
        let text = "All at once（一览）: 02 · 3 × 4 µs … “中”";
        assert_eq!(Encoding::Utf8.fit(text), text);
        assert_eq!(
            Encoding::Other.fit(text),
            "All at once: 02 - 3 x 4 us ... \"?\""
        );
    }
}
