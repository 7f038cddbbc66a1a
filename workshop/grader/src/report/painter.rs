use console::Style;
use terminal::Terminal;
use terminal::{Language, Text};

/// Prints in one language, with colour or without.
#[derive(Clone, Copy, Debug)]
pub struct Painter {
    /// The language.
    pub language: Language,
    /// Colour marks only what somebody must see.
    pub colour: bool,
    /// The number of the step in hand, which is its chapter's: sections of other chapters are told
    /// beside it.
    pub step: Option<u8>,
}

impl Painter {
    /// Without colour.
    pub fn plain(language: Language) -> Painter {
        Painter {
            language,
            colour: false,
            step: None,
        }
    }

    /// In the terminal's language, and in colour, which it takes off again where it does not belong.
    pub fn of(terminal: &Terminal) -> Painter {
        Painter {
            language: terminal.language,
            colour: true,
            step: None,
        }
    }

    /// The same for what is handed in as this step.
    pub fn at_step(self, number: u8) -> Painter {
        Painter {
            step: Some(number),
            ..self
        }
    }

    pub(super) fn say(&self, words: &'static Text) -> &'static str {
        words.get(self.language)
    }

    /// `words` in a style, if there is colour at all.
    pub fn paint(&self, style: Style, words: &str) -> String {
        style.force_styling(self.colour).apply_to(words).to_string()
    }
}

/// In lines that a terminal of 100 columns holds.
pub(super) fn wrap(words: &str) -> impl Iterator<Item = String> {
    let options =
        textwrap::Options::new(LINE_WIDTH).word_splitter(textwrap::WordSplitter::NoHyphenation);
    // A rule's number does not stand at the beginning of a line.
    let words = words
        .replace("Rule ", "Rule\u{a0}")
        .replace("规则 ", "规则\u{a0}");
    let lines = textwrap::wrap(&words, options);
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.replace('\u{a0}', " "))
        .collect();
    lines.into_iter()
}

pub(super) fn indent(line: String) -> String {
    format!("    {line}")
}

const LINE_WIDTH: usize = 92;
