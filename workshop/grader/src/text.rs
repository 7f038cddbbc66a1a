use std::borrow::Cow;

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
    /// The language that the environment asks for: the first of `LC_ALL`, `LC_MESSAGES`, `LANG`
    /// that is set decides, as it does for every other program (`locale(7)`).
    pub fn from_environment() -> Language {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty());
        match locale {
            Some(name) if name.starts_with("zh") => Language::Chinese,
            _ => Language::English,
        }
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
