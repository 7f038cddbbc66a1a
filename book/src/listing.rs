//! A listing: code from the project's own files, with the file's name and its real line numbers.

use std::fmt::Write;

use crate::html::escape;
use crate::include::{Line, Region};

/// How a fenced block that holds one include directive was written in the chapter.
#[derive(Debug)]
pub(crate) struct Fence<'a> {
    /// What stands before the fence on its line: a list's marker, a quotation's mark, indentation.
    pub(crate) first: &'a str,
    /// The same for the lines below it, which no marker starts again.
    pub(crate) prefix: String,
    /// The fence's character and how many of them.
    pub(crate) mark: char,
    pub(crate) length: usize,
    /// What follows the fence: the language and mdBook's attributes.
    pub(crate) info: &'a str,
}

/// The listing as Markdown: a figure around a fenced block, so that mdBook still colours the code.
///
/// The numbers travel in an attribute, as ranges (`39-52,54-60`), and `listing-numbers.js` draws
/// them beside the code: were they in the code, they would be copied and searched with it.
pub(crate) fn render(fence: &Fence<'_>, region: &Region) -> Vec<String> {
    let lines = trimmed(&region.lines);
    let code = fenced(fence, lines);
    let rows = if has_numbers(&region.file) {
        let mut rows = vec![
            format!(
                "<figure class=\"listing\" data-lines=\"{}\">",
                ranges(lines)
            ),
            format!("<figcaption>{}</figcaption>", escape(&region.file)),
            String::new(),
        ];
        rows.extend(code);
        rows.extend([String::new(), "</figure>".to_owned()]);
        rows
    } else {
        code
    };
    let prefixes = std::iter::once(fence.first).chain(std::iter::repeat(fence.prefix.as_str()));
    let prefixed = prefixes
        .zip(&rows)
        .map(|(prefix, row)| format!("{prefix}{row}"));
    prefixed.map(|row| row.trim_end().to_owned()).collect()
}

/// Source that a reader may open at a line; a measured output has lines, but nobody edits there.
fn has_numbers(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    name == "justfile"
        || [".rs", ".toml", ".sh"]
            .iter()
            .any(|end| name.ends_with(end))
}

fn fenced(fence: &Fence<'_>, lines: &[Line]) -> Vec<String> {
    let indent = lines
        .iter()
        .filter(|line| !line.text.trim().is_empty())
        .map(|line| line.text.len() - line.text.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    // The code may hold fences itself, in a doc comment: ours must be longer.
    let longest = lines.iter().map(|line| longest_run(&line.text, fence.mark));
    let length = fence.length.max(longest.max().unwrap_or(0) + 1);
    let mark: String = std::iter::repeat_n(fence.mark, length).collect();
    let mut rows = vec![format!("{mark}{}", fence.info)];
    let body = lines.iter().map(|line| line.text.get(indent..));
    rows.extend(body.map(|text| text.unwrap_or_default().to_owned()));
    rows.push(mark);
    rows
}

fn longest_run(text: &str, mark: char) -> usize {
    text.split(|c| c != mark).map(str::len).max().unwrap_or(0)
}

/// The region without blank lines at either end: an anchor often stands a line off.
fn trimmed(lines: &[Line]) -> &[Line] {
    let full = |line: &Line| !line.text.trim().is_empty();
    let start = lines.iter().position(full).unwrap_or(0);
    let end = lines.iter().rposition(full).map_or(0, |last| last + 1);
    &lines[start..end]
}

fn ranges(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut run: Option<(usize, usize)> = None;
    for number in lines.iter().map(|line| line.number) {
        run = match run {
            Some((first, last)) if number == last + 1 => Some((first, number)),
            done => {
                push_range(&mut text, done);
                Some((number, number))
            }
        };
    }
    push_range(&mut text, run);
    text
}

fn push_range(text: &mut String, run: Option<(usize, usize)>) {
    let Some((first, last)) = run else { return };
    if !text.is_empty() {
        text.push(',');
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "{first}-{last}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rows: &[(usize, &str)]) -> Vec<Line> {
        rows.iter()
            .map(|&(number, text)| Line {
                number,
                text: text.to_owned(),
            })
            .collect()
    }

    fn region(file: &str, rows: &[(usize, &str)]) -> Region {
        Region {
            file: file.to_owned(),
            lines: lines(rows),
        }
    }

    const FENCE: Fence<'_> = Fence {
        first: "",
        prefix: String::new(),
        mark: '`',
        length: 3,
        info: "rust",
    };

    #[test]
    fn line_numbers_are_the_files_own_and_may_have_gaps() {
        assert_eq!(
            ranges(&lines(&[(7, "a"), (8, "b"), (10, "c")])),
            "7-8,10-10"
        );
    }

    #[test]
    fn common_indentation_and_blank_ends_are_left_out() {
        let region = region(
            "steps/x/src/lib.rs",
            &[
                (4, ""),
                (5, "    if a {"),
                (6, "        b();"),
                (7, "    }"),
            ],
        );
        assert_eq!(
            render(&FENCE, &region),
            [
                "<figure class=\"listing\" data-lines=\"5-7\">",
                "<figcaption>steps/x/src/lib.rs</figcaption>",
                "",
                "```rust",
                "if a {",
                "    b();",
                "}",
                "```",
                "",
                "</figure>"
            ]
        );
    }

    #[test]
    fn measured_output_has_neither_caption_nor_numbers() {
        let region = region("book/measured/x.txt", &[(1, "12 lines/s")]);
        assert_eq!(render(&FENCE, &region), ["```rust", "12 lines/s", "```"]);
    }

    #[test]
    fn a_fence_inside_the_code_does_not_end_the_listing() {
        let region = region("a.rs", &[(1, "/// ```"), (2, "/// ```")]);
        let rows = render(&FENCE, &region);
        assert!(rows.contains(&"````rust".to_owned()), "{rows:?}");
    }
}
