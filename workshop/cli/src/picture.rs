//! What was printed, as a picture: a terminal drawn in SVG.

use console::{AnsiCodeIterator, measure_text_width};
use std::fmt::Write;

/// A character's width and a line's height, in the picture's units.
const CELL: f64 = 8.4;
const LINE: f64 = 20.0;
/// The space around the text.
const MARGIN: f64 = 16.0;
/// The window's bar with its three buttons.
const BAR: f64 = 30.0;

/// Of this picture alone, where several stand on one page.
const STYLE: &str = "\
.screen text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Noto Sans Mono CJK SC','PingFang SC','Microsoft YaHei',monospace;fill:#d8dee9;white-space:pre}\
.screen .bold{font-weight:700;fill:#fff}.screen .dim{fill:#8b95a7}.screen .cyan{fill:#7fd0e0}\
.screen .green{fill:#9ccc65}.screen .red{fill:#ff8a80}.screen .yellow{fill:#e8c468}";

/// Draws lines in which colours are marked by escape sequences.
pub(crate) fn draw(lines: &[String], title: &str) -> String {
    let columns = lines
        .iter()
        .map(|line| measure_text_width(line))
        .max()
        .unwrap_or_default();
    let width = columns as f64 * CELL + 2.0 * MARGIN;
    let height = lines.len() as f64 * LINE + BAR + MARGIN;
    let mut svg = format!(
        "<svg class=\"screen\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1f2430\"/>\n",
        escape(title)
    );
    for (place, colour) in ["#ff6159", "#ffbd2e", "#28c941"].into_iter().enumerate() {
        let x = MARGIN + 4.0 + place as f64 * 18.0;
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"16\" r=\"5.5\" fill=\"{colour}\"/>"
        );
    }
    for (row, line) in lines.iter().enumerate() {
        draw_line(&mut svg, line, BAR + (row as f64 + 0.75) * LINE);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Each run of characters stands at its own column and is as wide as its columns: a font's Han
/// characters are not always as wide as two others.
fn draw_line(svg: &mut String, line: &str, y: f64) {
    let (mut column, mut class) = (0, String::new());
    for (piece, is_escape) in AnsiCodeIterator::new(line) {
        if is_escape {
            class = class_after(&class, piece);
            continue;
        }
        for run in piece.split_inclusive("  ") {
            let words = run.trim_start();
            let x = MARGIN + (column + run.len() - words.len()) as f64 * CELL;
            let words = words.trim_end();
            if !words.is_empty() {
                let width = measure_text_width(words) as f64 * CELL;
                let words = escape(words);
                let _ = writeln!(
                    svg,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{width:.1}\" class=\"{class}\">{words}</text>"
                );
            }
            column += measure_text_width(run);
        }
    }
}

/// The classes in force after an escape sequence that sets a style (SGR, ECMA-48).
fn class_after(class: &str, escape: &str) -> String {
    let codes = escape.trim_start_matches("\u{1b}[").trim_end_matches('m');
    let mut class = class.to_owned();
    for code in codes.split(';') {
        match code {
            "" | "0" => class.clear(),
            "1" => class += " bold",
            "2" => class += " dim",
            "31" => class += " red",
            "32" => class += " green",
            "33" => class += " yellow",
            "36" => class += " cyan",
            _ => {}
        }
    }
    class.trim_start().to_owned()
}

fn escape(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_stands_at_its_column_in_its_colour() {
        let svg = draw(&["a\u{1b}[1m步骤\u{1b}[0m  <b>".to_owned()], "t & t");
        assert!(svg.contains("<title>t &amp; t</title>"));
        for (column, width, class, words) in [
            (0, 1, "", "a"),
            (1, 4, "bold", "步骤"),
            (7, 3, "", "&lt;b&gt;"),
        ] {
            let x = MARGIN + f64::from(column) * CELL;
            let width = f64::from(width) * CELL;
            let text = format!(
                "<text x=\"{x:.1}\" y=\"45.0\" textLength=\"{width:.1}\" class=\"{class}\">{words}</text>"
            );
            assert!(svg.contains(&text), "{text} is not in {svg}");
        }
    }
}
