use crate::terminal::Terminal;
use console::measure_text_width;
use grader::Lost;
use grader::report::{grouped, pad};

/// How a column stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table that fits its columns to what is in them. On a terminal too narrow for it, each row
/// becomes a list.
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

/// What stands left of the table, and between two columns.
const GAP: &str = "  ";

impl Table {
    pub(crate) fn new(columns: &[(&str, Align)]) -> Table {
        Table {
            columns: columns
                .iter()
                .map(|&(name, align)| (name.to_owned(), align))
                .collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    pub(crate) fn print(&self, terminal: &Terminal) -> Result<(), Lost> {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| self.width(column))
            .collect();
        let total = widths.iter().map(|width| width + GAP.len()).sum();
        if terminal.width.is_some_and(|width| width < total) {
            return self.print_as_list(terminal);
        }
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        terminal.print(&terminal.dim(&self.line(&names, &widths)))?;
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            terminal.print(&self.line(&cells, &widths))?;
        }
        Ok(())
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

    fn print_as_list(&self, terminal: &Terminal) -> Result<(), Lost> {
        let widest = self
            .columns
            .iter()
            .map(|(name, _)| measure_text_width(name))
            .max();
        for (number, row) in self.rows.iter().enumerate() {
            if number > 0 {
                terminal.print("")?;
            }
            for ((name, _), cell) in self.columns.iter().zip(row) {
                let name = terminal.dim(&pad(name, widest.unwrap_or_default()));
                terminal.print(&format!("{GAP}{name}{GAP}{cell}"))?;
            }
        }
        Ok(())
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| &row[column]);
        let widths = cells
            .chain([&self.columns[column].0])
            .map(|cell| measure_text_width(cell));
        widths.max().unwrap_or_default()
    }
}

/// A size in the unit that makes it short.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{} B", grouped(bytes as usize)),
        10_240..10_485_760 => format!("{} KiB", grouped(bytes.div_ceil(1024) as usize)),
        _ => format!("{} MiB", grouped(bytes.div_ceil(1 << 20) as usize)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_carry_separators_and_units() {
        assert_eq!(size(240), "240 B");
        assert_eq!(size(208 * 1024), "208 KiB");
        assert_eq!(size(64 << 20), "64 MiB");
    }
}
