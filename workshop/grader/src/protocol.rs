//! Which cases judge which rule of the protocol: for the book.

use crate::cases;
use crate::rule::Rule;
use std::fmt::Write;
use terminal::Language;

/// The cases under each rule as a list in Markdown, each between mdBook's anchors of its name.
pub fn markdown(language: Language) -> String {
    let cases = cases::to_be_read();
    let mut page = String::new();
    for rule in Rule::OF_SERVERS {
        let id = rule.id();
        let _ = writeln!(page, "<!-- ANCHOR: {id} -->");
        for case in cases.iter().filter(|case| case.rule == rule) {
            let (title, colon) = match language {
                Language::English => (&case.title.en, ": "),
                Language::Chinese => (&case.title.zh, "："),
            };
            // mdBook would make a dash of it.
            let title = title.replace("--", "\\-\\-");
            let _ = writeln!(page, "- `{}`{colon}{title}", case.slug);
        }
        let _ = writeln!(page, "<!-- ANCHOR_END: {id} -->");
    }
    page
}
