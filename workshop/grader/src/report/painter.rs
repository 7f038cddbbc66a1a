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
    /// How many columns there are.
    pub columns: usize,
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
            columns: MOST_COLUMNS,
            step: None,
        }
    }

    /// In the terminal's language and width, and in colour, which it takes off again where it does not belong.
    pub fn of(terminal: &Terminal) -> Painter {
        Painter {
            language: terminal.language,
            colour: true,
            columns: terminal.width.unwrap_or(MOST_COLUMNS),
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

    /// In lines that the terminal holds, indented.
    pub(super) fn wrap(&self, words: &str) -> std::vec::IntoIter<String> {
        wrap(
            words,
            self.columns.clamp(LEAST_COLUMNS, MOST_COLUMNS) - INDENTATION,
        )
    }
}

fn wrap(words: &str, width: usize) -> std::vec::IntoIter<String> {
    let options =
        textwrap::Options::new(width).word_splitter(textwrap::WordSplitter::NoHyphenation);
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

/// Longer lines are hard to read.
const MOST_COLUMNS: usize = 100;
/// In fewer, words would not hold.
const LEAST_COLUMNS: usize = 40;
/// What may stand before a line.
const INDENTATION: usize = 8;
