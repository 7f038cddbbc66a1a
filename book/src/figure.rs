//! A drawing, inlined: an `<img>` could not see the page's colours.
//!
//! One file serves all editions. A line of it that says `lang="en"` or `lang="zh-CN"` is that
//! language's; the others are everybody's.

use crate::edition::Edition;
use crate::include::Region;

/// The drawing as one block of HTML. Side by side keeps the English labels: with both, neither
/// could be read.
pub(crate) fn render(edition: Edition, region: &Region) -> Vec<String> {
    let other = match edition {
        Edition::English | Edition::SideBySide => "lang=\"zh-CN\"",
        Edition::Chinese => "lang=\"en\"",
    };
    let drawing = region.lines.iter().map(|line| line.text.trim());
    // To Markdown, a blank line would end the block.
    let drawing = drawing.filter(|line| !line.is_empty() && !line.contains(other));
    let mut rows = vec!["<figure class=\"drawing\">".to_owned()];
    rows.extend(drawing.map(str::to_owned));
    rows.push("</figure>".to_owned());
    rows
}
