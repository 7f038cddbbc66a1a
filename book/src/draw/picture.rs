//! A drawing in the book's symbols, as text: the page's style sheet has the colours.

use std::fmt::Display;

/// What is said in both languages.
pub(super) struct Words<T> {
    pub(super) en: T,
    pub(super) zh: T,
}

/// Where a text stands, relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
}

/// How wide every drawing is, in units of about a pixel of a phone.
const WIDTH: u32 = 400;

pub(super) struct Picture {
    lines: Vec<String>,
}

impl Picture {
    /// An empty one. The title names it, and the description says to those who do not see it what
    /// it shows; `key` begins their ids.
    pub(super) fn new(
        key: &str,
        height: f64,
        title: Words<&str>,
        description: Words<String>,
    ) -> Picture {
        let (Words { en, zh }, says) = (title, description);
        let lines = vec![
            format!(
                "<svg class=\"io-figure narrow\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{key}-title-en {key}-desc-en {key}-title-zh {key}-desc-zh\" xmlns=\"http://www.w3.org/2000/svg\">"
            ),
            format!("  <title id=\"{key}-title-en\" lang=\"en\">{en}</title>"),
            format!("  <title id=\"{key}-title-zh\" lang=\"zh-CN\">{zh}</title>"),
            format!(
                "  <desc id=\"{key}-desc-en\" lang=\"en\">{}</desc>",
                says.en
            ),
            format!(
                "  <desc id=\"{key}-desc-zh\" lang=\"zh-CN\">{}</desc>",
                says.zh
            ),
        ];
        Picture { lines }
    }

    /// A line along `path`, in the syntax of SVG.
    pub(super) fn path(&mut self, class: &str, path: &str) {
        self.lines
            .push(format!("  <path class=\"{class}\" d=\"{path}\"/>"));
    }

    /// A circle, for a client or a point.
    pub(super) fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        self.lines.push(format!(
            "  <circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>"
        ));
    }

    /// A text that is the same in both languages.
    pub(super) fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: impl Display) {
        self.put("", class, at, anchor, text);
    }

    /// A text in both languages.
    pub(super) fn words<T: Display>(
        &mut self,
        class: &str,
        at: (f64, f64),
        anchor: Anchor,
        words: Words<T>,
    ) {
        self.put(" lang=\"en\"", class, at, anchor, words.en);
        self.put(" lang=\"zh-CN\"", class, at, anchor, words.zh);
    }

    fn put(
        &mut self,
        lang: &str,
        class: &str,
        (x, y): (f64, f64),
        anchor: Anchor,
        text: impl Display,
    ) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
        };
        self.lines.push(format!(
            "  <text{lang} class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// The whole file.
    pub(super) fn finish(mut self) -> String {
        self.lines.push("</svg>\n".to_owned());
        self.lines.join("\n")
    }
}
