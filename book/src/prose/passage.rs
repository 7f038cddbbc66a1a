//! What a reader sees of a chapter, piece by piece.

use std::ops::Range;

/// What stands in the text for a code span or a directive.
pub(crate) const OBJECT: char = '\u{FFFC}';

/// Running text without a block boundary in it.
#[derive(Debug)]
pub(crate) struct Passage {
    pub(crate) place: Place,
    pub(crate) glyphs: Vec<Glyph>,
    /// The emphasised parts, inner ones before those that hold them.
    pub(crate) emphases: Vec<Emphasis>,
    /// Where the source goes on in another line.
    pub(crate) breaks: Vec<usize>,
}

/// Where a passage stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Heading {
        level: u8,
        id: String,
    },
    /// A paragraph, a list item, a cell; inside a box, a footnote or a folded answer as well.
    Prose,
    /// The text between two tags of an HTML block, such as a `summary`.
    Html,
}

/// One character of a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glyph {
    pub(crate) c: char,
    /// Its offset in the chapter.
    pub(crate) at: usize,
    pub(crate) form: Form,
}

/// How a character stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// Behind a backslash or as an entity.
    Escaped,
    /// In the text of a link or of an image.
    Linked,
    /// For [`OBJECT`].
    Object,
}

/// A part between `*` and `*`, or `**` and `**`.
#[derive(Debug)]
pub(crate) struct Emphasis {
    /// `*` or `_`.
    pub(crate) mark: char,
    /// In the chapter, with its marks.
    pub(crate) source: Range<usize>,
    /// In the passage.
    pub(crate) glyphs: Range<usize>,
}

impl Passage {
    pub(crate) fn text(&self) -> String {
        self.part(0..self.glyphs.len())
    }

    /// Is all of it between one pair of marks?
    pub(crate) fn is_one_emphasis(&self) -> bool {
        let whole = 0..self.glyphs.len();
        self.emphases.iter().any(|part| part.glyphs == whole)
    }

    /// The character at an index, or nothing outside the passage.
    pub(crate) fn char(&self, at: Option<usize>) -> Option<char> {
        Some(self.glyphs.get(at?)?.c)
    }

    /// Some of its characters.
    pub(crate) fn part(&self, range: Range<usize>) -> String {
        self.glyphs[range].iter().map(|glyph| glyph.c).collect()
    }

    /// The passage around some of its characters, for messages.
    pub(crate) fn around(&self, range: Range<usize>) -> String {
        const MORE: usize = 8;
        let (from, to) = (range.start.saturating_sub(MORE), range.end + MORE);
        let to = to.min(self.glyphs.len());
        self.part(from..to).replace(OBJECT, "`…`")
    }
}
