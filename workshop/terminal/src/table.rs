use crate::columns::pad;
use console::{Style, measure_text_width};

/// What stands where nothing is known.
pub const UNKNOWN: &str = "–";

/// What stands left of the table, and between two columns.
const GAP: &str = "  ";

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A table that fits its columns to what is in them.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these columns, and no row yet.
    pub fn new(columns: &[(&str, Align)]) -> Table {
        let columns = columns
            .iter()
            .map(|&(name, align)| (name.to_owned(), align));
        Table {
            columns: columns.collect(),
            rows: Vec::new(),
        }
    }

    /// A column of names, and beside it columns of figures.
    pub fn of_figures(columns: &[&str]) -> Table {
        let align = std::iter::once(Align::Left).chain(std::iter::repeat(Align::Right));
        let columns: Vec<_> = columns.iter().copied().zip(align).collect();
        Table::new(&columns)
    }

    /// Adds a row: a cell for each column.
    pub fn add(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// Without a column of which nothing is known, but for the first.
    pub fn without_empty_columns(mut self) -> Table {
        for column in (1..self.columns.len()).rev() {
            if self.rows.iter().all(|row| row[column] == UNKNOWN) {
                self.columns.remove(column);
                for row in &mut self.rows {
                    row.remove(column);
                }
            }
        }
        self
    }

    /// Its lines, the names of the columns dim. Where `room`, in columns of a terminal, is too narrow
    /// for it, each row becomes a list.
    pub fn render(&self, room: Option<usize>) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| self.width(column))
            .collect();
        let total = widths.iter().map(|width| width + GAP.len()).sum();
        if room.is_some_and(|room| room < total) {
            return self.as_list();
        }
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut text = dim(&self.line(&names, &widths)) + "\n";
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            text += &self.line(&cells, &widths);
            text.push('\n');
        }
        text
    }

    fn line(&self, cells: &[&str], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, &width), &(_, align)) in cells.iter().zip(widths).zip(&self.columns) {
            line += GAP;
            line += &match align {
                Align::Left => pad(cell, width),
                Align::Right => " ".repeat(width - measure_text_width(cell)) + cell,
            };
        }
        line.trim_end().to_owned()
    }

    fn as_list(&self) -> String {
        let widths = self
            .columns
            .iter()
            .map(|(name, _)| measure_text_width(name));
        let widest = widths.max().unwrap_or_default();
        let lists = self.rows.iter().map(|row| {
            let lines = self.columns.iter().zip(row).map(|((name, _), cell)| {
                let name = dim(&pad(name, widest));
                format!("{GAP}{name}{GAP}{cell}\n")
            });
            lines.collect::<String>()
        });
        lists.collect::<Vec<_>>().join("\n")
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| &row[column]);
        let widths = cells
            .chain([&self.columns[column].0])
            .map(|cell| measure_text_width(cell));
        widths.max().unwrap_or_default()
    }
}

fn dim(words: &str) -> String {
    let dim = Style::new().dim().force_styling(true);
    dim.apply_to(words).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::of_figures(&["程序", "lines/s", "µs"]);
        table.add(vec!["a".into(), "1".into(), UNKNOWN.into()]);
        table.add(vec!["bcdef".into(), "1,000".into(), UNKNOWN.into()]);
        table
    }

    fn shown(table: &Table, room: Option<usize>) -> String {
        console::strip_ansi_codes(&table.render(room)).into_owned()
    }

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let expected = "  程序   lines/s\n  a            1\n  bcdef    1,000\n";
        let table = table().without_empty_columns();
        assert_eq!(shown(&table, None), expected);
        assert_eq!(shown(&table, Some(16)), expected, "it fits exactly");
    }

    #[test]
    fn in_too_little_room_each_row_is_a_list() {
        let table = table().without_empty_columns();
        assert_eq!(
            shown(&table, Some(15)),
            "  程序     a\n  lines/s  1\n\n  程序     bcdef\n  lines/s  1,000\n"
        );
    }

    #[test]
    fn names_of_columns_are_dim() {
        assert!(table().render(None).starts_with("\u{1b}[2m  程序 "));
    }
}
