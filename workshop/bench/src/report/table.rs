use console::{Style, measure_text_width};
use grader::report::{Painter, pad};

/// A table whose first column stands left, and all others right.
pub(crate) struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// What is not known.
pub(super) const UNKNOWN: &str = "–";
/// What stands left of the table, and between two columns.
const GAP: &str = "  ";
/// How wide the first column may be: a command of somebody's own may be long.
const WIDEST_NAME: usize = 28;

impl Table {
    pub(crate) fn new(names: &[&str]) -> Table {
        Table {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, mut row: Vec<String>) {
        row[0] = shortened(&row[0]);
        self.rows.push(row);
    }

    /// Without a column of which nothing is known.
    pub(crate) fn without_empty_columns(mut self) -> Table {
        for column in (1..self.names.len()).rev() {
            if self.rows.iter().all(|row| row[column] == UNKNOWN) {
                self.names.remove(column);
                for row in &mut self.rows {
                    row.remove(column);
                }
            }
        }
        self
    }

    pub(crate) fn render(&self, painter: &Painter) -> String {
        let widths: Vec<usize> = (0..self.names.len())
            .map(|column| self.width(column))
            .collect();
        let mut text = painter.paint(Style::new().dim(), &line(&self.names, &widths));
        text.push('\n');
        for row in &self.rows {
            text += &line(row, &widths);
            text.push('\n');
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        let cells = self
            .rows
            .iter()
            .chain([&self.names])
            .map(|row| &row[column]);
        cells
            .map(|cell| measure_text_width(cell))
            .max()
            .unwrap_or_default()
    }
}

/// The end of a long name: of a path, that is what differs.
fn shortened(name: &str) -> String {
    let mut kept = name;
    while measure_text_width(kept) >= WIDEST_NAME && kept.len() > 1 {
        let mut rest = kept.chars();
        rest.next();
        kept = rest.as_str();
    }
    if measure_text_width(name) > WIDEST_NAME {
        format!("…{kept}")
    } else {
        name.to_owned()
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        line += GAP;
        line += &match column {
            0 => pad(cell, width),
            _ => " ".repeat(width - measure_text_width(cell)) + cell,
        };
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_name_the_end_is_kept() {
        assert_eq!(shortened("select-server"), "select-server");
        let exact = "a".repeat(WIDEST_NAME);
        assert_eq!(shortened(&exact), exact);
        let long = shortened("/home/somebody/target/release/my-server -p");
        assert!(
            long.starts_with('…') && long.ends_with("/my-server -p"),
            "{long}"
        );
        assert_eq!(measure_text_width(&long), WIDEST_NAME);
    }

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let mut table = Table::new(&["程序", "lines/s", "µs"]);
        table.add(vec!["a".into(), "1".into(), "–".into()]);
        table.add(vec!["bcdef".into(), "1,000".into(), "–".into()]);
        let painter = Painter::plain(grader::Language::English);
        let shown = table.without_empty_columns().render(&painter);
        assert_eq!(
            shown,
            "  程序   lines/s\n  a            1\n  bcdef    1,000\n"
        );
    }
}
