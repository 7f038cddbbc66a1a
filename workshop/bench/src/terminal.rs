use console::{Term, strip_ansi_codes};
use grader::Language;
use grader::report::Painter;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, Write};

/// What somebody sees: results on standard output, progress on standard error.
#[derive(Clone)]
pub(crate) struct Terminal {
    /// Paints in the language asked for, and in colour, which is taken off where it does not
    /// belong.
    pub(crate) painter: Painter,
}

impl Terminal {
    pub(crate) fn new(language: Language) -> Terminal {
        Terminal {
            painter: Painter {
                language,
                colour: true,
            },
        }
    }

    /// One of two phrases, in the language asked for.
    pub(crate) fn say<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        match self.painter.language {
            Language::English => en,
            Language::Chinese => zh,
        }
    }

    /// Prints on standard output. A reader that has gone (`| head`) is no reason to panic.
    pub(crate) fn print(&self, text: &str) {
        // Colour only on a terminal, and not where NO_COLOR is set.
        let shown = match console::colors_enabled() {
            true => text.into(),
            false => strip_ansi_codes(text),
        };
        let _ = writeln!(io::stdout(), "{shown}");
    }

    /// Says on standard error what is wrong.
    pub(crate) fn complain(&self, message: &str) {
        let _ = writeln!(io::stderr(), "bench: {message}");
    }

    /// The same on a line of its own, where a progress bar may stand unfinished.
    pub(crate) fn complain_anew(&self, message: &str) {
        let _ = writeln!(io::stderr());
        self.complain(message);
    }

    /// `length` pieces of work, counted on standard error; where no bar can be drawn, a line says
    /// what takes time.
    pub(crate) fn bar(&self, what: &str, length: usize) -> ProgressBar {
        if !Term::stderr().is_term() {
            let _ = writeln!(io::stderr(), "{what} ...");
        }
        let bar = ProgressBar::new(length as u64);
        let style = ProgressStyle::with_template("  {bar:30} {pos}/{len}  {msg:.dim}  {eta:.dim}");
        bar.set_style(style.expect("the template is one").progress_chars("━╸─"));
        bar
    }
}
