use console::{Term, measure_text_width, strip_ansi_codes, truncate_str};
use terminal::{Lost, Terminal};

/// Where a view is drawn: over the last one on a terminal, below it elsewhere.
pub(super) struct Screen<'a> {
    terminal: &'a Terminal,
    is_drawn_over: bool,
    is_first: bool,
}

/// Of a terminal that does not say how large it is.
const ROWS: usize = 24;
const COLUMNS: usize = 80;

impl Screen<'_> {
    /// `is_drawn_over` where somebody presses keys: there, a view is replaced by the next.
    pub(super) fn new(terminal: &Terminal, has_keys: bool) -> Screen<'_> {
        let knows_cursor = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        Screen {
            terminal,
            is_drawn_over: has_keys && knows_cursor && Term::stdout().is_term(),
            is_first: true,
        }
    }

    /// Is a view replaced by the next?
    pub(super) fn is_drawn_over(&self) -> bool {
        self.is_drawn_over
    }

    /// Rows and columns.
    pub(super) fn size(&self) -> (usize, usize) {
        let size = Term::stdout().size_checked();
        size.map_or((ROWS, COLUMNS), |(rows, columns)| {
            (rows.into(), columns.into())
        })
    }

    /// Draws these lines, each of which is cut where the terminal ends.
    pub(super) fn draw(&mut self, lines: &[String]) -> Result<(), Lost> {
        if !self.is_drawn_over {
            return self.terminal.print(&lines.join("\n"));
        }
        let (_, columns) = self.size();
        let mut drawn = String::new();
        if self.is_first {
            drawn += CLEAR;
            self.is_first = false;
        }
        drawn += HOME;
        for (place, line) in lines.iter().enumerate() {
            let line = match console::colors_enabled() {
                true => line.into(),
                false => strip_ansi_codes(line),
            };
            let cut = match measure_text_width(&line) > columns {
                true => truncate_str(&line, columns, "…"),
                false => line.as_ref().into(),
            };
            if place > 0 {
                drawn += "\r\n";
            }
            drawn += &cut;
            drawn += TO_END_OF_LINE;
        }
        drawn += TO_END_OF_SCREEN;
        self.terminal.print_at_once(&drawn)
    }

    /// The next view is drawn on an empty screen: the last one may not be there any more.
    pub(super) fn clear(&mut self) {
        self.is_first = true;
    }

    /// What is printed next stands below the last view.
    pub(super) fn leave(&self) -> Result<(), Lost> {
        match self.is_drawn_over {
            true => self.terminal.print(""),
            false => Ok(()),
        }
    }
}

/// Control sequences (ECMA-48) that every terminal knows which has a cursor.
const CLEAR: &str = "\x1b[2J";
const HOME: &str = "\x1b[H";
const TO_END_OF_LINE: &str = "\x1b[K";
const TO_END_OF_SCREEN: &str = "\x1b[J";
