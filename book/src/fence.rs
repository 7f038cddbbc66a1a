//! The fences of a chapter: where code begins in its source, and where it ends.

use crate::include;

/// How a fenced block that holds one include directive was written in the chapter.
#[derive(Debug, Clone)]
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

impl Fence<'_> {
    /// The rows in the list or quotation in which the fence stood.
    pub(crate) fn at_its_place(&self, rows: &[String]) -> Vec<String> {
        let prefixes = std::iter::once(self.first).chain(std::iter::repeat(self.prefix.as_str()));
        let placed = prefixes
            .zip(rows)
            .map(|(prefix, row)| format!("{prefix}{row}"));
        placed.map(|row| row.trim_end().to_owned()).collect()
    }
}

/// The fence that opens on this line, in whatever list or quotation it stands.
pub(crate) fn opening(line: &str) -> Option<Fence<'_>> {
    let start = line.find(['`', '~'])?;
    let (before, fence) = line.split_at(start);
    if !before
        .chars()
        .all(|c| " >-*+.)".contains(c) || c.is_ascii_digit())
    {
        return None;
    }
    let mark = fence.chars().next()?;
    let info = fence.trim_start_matches(mark);
    let length = fence.len() - info.len();
    if length < 3 || info.contains('`') {
        return None;
    }
    Some(Fence {
        first: before,
        // A list's marker stands on its first line only; below it is indentation.
        prefix: before
            .chars()
            .map(|c| if c == '>' { '>' } else { ' ' })
            .collect(),
        mark,
        length,
        info,
    })
}

pub(crate) fn closes(fence: &Fence<'_>, line: &str) -> bool {
    let line = line.trim_start_matches([' ', '>']).trim_end();
    line.len() >= fence.length && line.chars().all(|c| c == fence.mark)
}

/// The target, when the lines after an opening fence are one directive and the closing fence.
pub(crate) fn whole_body<'a>(fence: &Fence<'_>, rest: &[&'a str]) -> Option<&'a str> {
    let [body, end, ..] = rest else { return None };
    let target = include::lone_target(body.trim_start_matches([' ', '>']))?;
    closes(fence, end).then_some(target)
}
