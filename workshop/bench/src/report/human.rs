use super::name::shortened;
use crate::results::{Held, Results, Row};
use console::Style;
use load::statistics::Spread;
use load::{Load, Measured};
use std::fmt::Write;
use terminal::{Language, Table, Terminal, UNKNOWN, grouped};

/// From which share of a round on it is told that the load was kept from running.
const DISTURBED: f64 = 0.05;

/// Every table, and beneath them what they were measured on.
pub(super) fn render(results: &Results, terminal: &Terminal) -> String {
    let page = Page { results, terminal };
    let mut text = String::new();
    for (load, rows) in &results.loads {
        let title = page.title(load);
        let _ = writeln!(text, "\n  {}\n", page.bold(&title));
        text += &page.table(rows);
        text += &page.remarks(rows);
        text += &page.disturbance(rows);
    }
    if let Some((clients, rows)) = &results.memory {
        let title = page.memory_title(*clients);
        let _ = writeln!(text, "\n  {}\n", page.bold(&title));
        text += &page.memory(rows);
        text += &page.remarks(rows);
    }
    text + &page.foot()
}

pub(super) struct Page<'a> {
    pub(super) results: &'a Results,
    terminal: &'a Terminal,
}

impl Page<'_> {
    fn title(&self, load: &Load) -> String {
        let Load {
            connections,
            bytes,
            in_flight,
            idle,
        } = *load;
        let (busy, bytes, beside) = (grouped(connections), grouped(bytes), grouped(idle));
        match self.language() {
            Language::English => {
                let title = format!(
                    "{load} · {busy} {} × {bytes} B × {in_flight} in flight",
                    counted(connections, "connection", "connections")
                );
                match idle {
                    0 => title,
                    _ => format!("{title}, beside {beside} idle"),
                }
            }
            Language::Chinese => {
                let title = format!("{load} · {busy} 条连接 × {bytes} 字节 × {in_flight} 行在途");
                match idle {
                    0 => title,
                    _ => format!("{title}，另有 {beside} 条空闲连接"),
                }
            }
        }
    }

    fn table(&self, rows: &[Row<Measured>]) -> String {
        let mut table = Table::of_figures(&[
            self.say("program", "程序"),
            self.say("CPU µs/line", "CPU µs/行"),
            self.say("min–max", "最小–最大"),
            "×",
            self.say("lines/s", "行/秒"),
            "p50 µs",
            "p99 µs",
        ]);
        let first = rows.first();
        for (name, row) in self.results.programs.iter().zip(rows) {
            let cpu = row.cpu_per_line();
            let digits = cpu.map_or(2, |cpu| digits(cpu.median));
            table.add(vec![
                shortened(name),
                cell(cpu, |cpu| format!("{:.digits$}", cpu.median)),
                cell(cpu, |cpu| {
                    format!("{:.digits$}–{:.digits$}", cpu.min, cpu.max)
                }),
                cell(first.and_then(|first| row.cpu_ratio(first)), |ratio| {
                    format!("{:.2}", ratio.median)
                }),
                cell(row.lines_per_second(), whole),
                cell(row.p50(), whole),
                cell(row.p99(), whole),
            ]);
        }
        table.without_empty_columns().render(None)
    }

    fn memory_title(&self, clients: usize) -> String {
        let clients = grouped(clients);
        match self.language() {
            Language::English => {
                format!("memory · {clients} idle connections, each has spoken once")
            }
            Language::Chinese => format!("内存 · {clients} 条空闲连接，每条都说过一行"),
        }
    }

    fn memory(&self, rows: &[Row<Held>]) -> String {
        let mut table = Table::of_figures(&[
            self.say("program", "程序"),
            self.say("at rest KiB", "起始 KiB"),
            self.say("bytes/connection", "字节/连接"),
            "×",
        ]);
        let first = rows.first().and_then(Row::per_client);
        for (name, row) in self.results.programs.iter().zip(rows) {
            let each = row.per_client();
            table.add(vec![
                shortened(name),
                cell(row.at_rest(), |bytes| grouped((bytes / 1024.0) as usize)),
                cell(each, |bytes| grouped(bytes.round() as usize)),
                cell(each.zip(first), |(each, first)| ratio(each, first)),
            ]);
        }
        table.render(None)
    }

    /// Why rows are empty.
    fn remarks<T>(&self, rows: &[Row<T>]) -> String {
        let mut text = String::new();
        for (name, row) in self.results.programs.iter().zip(rows) {
            if let Some(out) = &row.out {
                let (colon, out) = (self.say(": ", "："), out.get(self.language()));
                let line = format!("  {name}{colon}{out}");
                let _ = writeln!(text, "{}", self.dim(&line));
            }
        }
        text
    }

    /// The load's core should be the load's own.
    fn disturbance(&self, rows: &[Row<Measured>]) -> String {
        let shares = rows.iter().filter_map(Row::kept_waiting);
        let worst = shares.fold(0.0, f64::max);
        if worst < DISTURBED {
            return String::new();
        }
        let percent = worst * 100.0;
        let line = match self.language() {
            Language::English => format!(
                "  something else ran on the load's core, for up to {percent:.0} % of a round: \
                 measure again on an idle machine"
            ),
            Language::Chinese => format!(
                "  负载所在的核上有别的程序在跑，最多占一轮的 {percent:.0} %：请在空闲的机器上重测"
            ),
        };
        format!("{}\n", self.paint(Style::new().yellow(), &line))
    }

    pub(super) fn language(&self) -> Language {
        self.terminal.language
    }

    pub(super) fn say<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        self.terminal.say(en, zh)
    }

    fn bold(&self, words: &str) -> String {
        self.terminal.bold(words)
    }

    pub(super) fn dim(&self, words: &str) -> String {
        self.terminal.dim(words)
    }

    pub(super) fn paint(&self, style: Style, words: &str) -> String {
        self.terminal.paint(style, words)
    }
}

fn cell<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), show)
}

fn whole(spread: Spread) -> String {
    grouped(spread.median.round() as usize)
}

fn ratio(value: f64, first: f64) -> String {
    if first > 0.0 {
        format!("{:.2}", value / first)
    } else {
        UNKNOWN.to_owned()
    }
}

/// Three digits that count.
fn digits(value: f64) -> usize {
    match value {
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    }
}

pub(super) fn counted<'a>(count: usize, one: &'a str, more: &'a str) -> &'a str {
    if count == 1 { one } else { more }
}
