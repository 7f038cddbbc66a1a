//! A listing: code from the project's own files, with the file's name and its real line numbers.

use similar::{ChangeTag, TextDiff};

use crate::fence::Fence;
use crate::html::escape;
use crate::include::{Line, Region};

/// The listing as Markdown: a figure around a fenced block, so that mdBook still colours the code.
pub(crate) fn render(fence: &Fence<'_>, region: &Region) -> Vec<String> {
    let lines = trimmed(&region.lines);
    let code = dedented(lines);
    let rows = if has_numbers(&region.file) {
        let numbers = lines.iter().map(|line| Some(line.number));
        figure(
            fence,
            "listing",
            &escape(&region.file),
            &ranges(numbers),
            &code,
        )
    } else {
        fenced(fence, fence.info, &code)
    };
    fence.at_its_place(&rows)
}

/// The region of `new` as a listing in which the lines are marked that `old` has not, with those
/// between them that only `old` has.
pub(crate) fn render_changed(fence: &Fence<'_>, old: &Region, new: &Region) -> Vec<String> {
    let (before, after) = (trimmed(&old.lines), trimmed(&new.lines));
    let (old_code, new_code) = (dedented(before), dedented(after));
    let diff = TextDiff::from_slices(&old_code, &new_code);
    let mut numbers = Vec::new();
    let mut rows = Vec::new();
    for change in diff.iter_all_changes() {
        let mark = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        let number = change.new_index().and_then(|index| after.get(index));
        numbers.push(number.map(|line| line.number));
        rows.push(format!("{mark}{}", change.value()));
    }
    let caption = format!("{} → {}", escape(&old.file), escape(&new.file));
    let fence = Fence {
        info: "diff",
        ..fence.clone()
    };
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let ranges = ranges(numbers.into_iter());
    fence.at_its_place(&figure(&fence, "listing changed", &caption, &ranges, &rows))
}

/// The target behind `changed-from=` among a fence's attributes.
pub(crate) fn changed_from(info: &str) -> Option<&str> {
    let mut attributes = info.split([',', ' ']);
    attributes.find_map(|attribute| attribute.strip_prefix("changed-from="))
}

/// The numbers travel in an attribute, as ranges (`39-52,54-60`, and `x` for a line that has none),
/// and `listing-numbers.js` draws them beside the code: were they in the code, they would be copied
/// and searched with it.
fn figure(
    fence: &Fence<'_>,
    class: &str,
    caption: &str,
    ranges: &str,
    code: &[&str],
) -> Vec<String> {
    let mut rows = vec![
        format!("<figure class=\"{class}\" data-lines=\"{ranges}\">"),
        format!("<figcaption>{caption}</figcaption>"),
        String::new(),
    ];
    rows.extend(fenced(fence, fence.info, code));
    rows.extend([String::new(), "</figure>".to_owned()]);
    rows
}

/// Source that a reader may open at a line; a measured output has lines, but nobody edits there.
fn has_numbers(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    name == "justfile"
        || [".rs", ".toml", ".sh"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// The lines without the indentation that all of them have.
fn dedented(lines: &[Line]) -> Vec<&str> {
    let indent = lines
        .iter()
        .filter(|line| !line.text.trim().is_empty())
        .map(|line| line.text.len() - line.text.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    let code = lines
        .iter()
        .map(|line| line.text.get(indent..).unwrap_or_default());
    code.collect()
}

fn fenced(fence: &Fence<'_>, info: &str, code: &[&str]) -> Vec<String> {
    // The code may hold fences itself, in a doc comment: ours must be longer.
    let longest = code.iter().map(|row| longest_run(row, fence.mark));
    let length = fence.length.max(longest.max().unwrap_or(0) + 1);
    let mark: String = std::iter::repeat_n(fence.mark, length).collect();
    let mut rows = vec![format!("{mark}{info}")];
    rows.extend(code.iter().map(|row| (*row).to_owned()));
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

fn ranges(numbers: impl Iterator<Item = Option<usize>>) -> String {
    let mut runs: Vec<(Option<usize>, usize)> = Vec::new();
    for number in numbers {
        match (runs.last_mut(), number) {
            (Some((Some(_), last)), Some(number)) if number == *last + 1 => *last = number,
            _ => runs.push((number, number.unwrap_or_default())),
        }
    }
    let runs = runs.into_iter().map(|(first, last)| match first {
        Some(first) => format!("{first}-{last}"),
        None => "x".to_owned(),
    });
    runs.collect::<Vec<_>>().join(",")
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
            ranges([Some(7), Some(8), None, None, Some(10)].into_iter()),
            "7-8,x,x,10-10"
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
    fn a_changed_listing_marks_what_is_new_and_keeps_what_is_gone() {
        let old = region("steps/1/src/main.rs", &[(1, "accept();"), (2, "fork();")]);
        let new = region(
            "steps/2/src/main.rs",
            &[(5, "    accept();"), (6, "    spawn();")],
        );
        let fence = Fence {
            info: "rust,changed-from=../../steps/1/src/main.rs",
            ..FENCE
        };
        assert_eq!(changed_from(fence.info), Some("../../steps/1/src/main.rs"));
        assert_eq!(
            render_changed(&fence, &old, &new),
            [
                "<figure class=\"listing changed\" data-lines=\"5-5,x,6-6\">",
                "<figcaption>steps/1/src/main.rs → steps/2/src/main.rs</figcaption>",
                "",
                "```diff",
                " accept();",
                "-fork();",
                "+spawn();",
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
