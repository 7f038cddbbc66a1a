use console::{Term, strip_ansi_codes};
use grader::report::Painter;
use grader::{Encoding, Language, Lost};
use indicatif::{ProgressBar, ProgressStyle};
use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

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

    /// Prints on standard output.
    ///
    /// # Errors
    ///
    /// When it is lost.
    pub(crate) fn print(&self, text: &str) -> Result<(), Lost> {
        // Colour only on a terminal, and not where NO_COLOR is set.
        let shown = match console::colors_enabled() {
            true => text.into(),
            false => strip_ansi_codes(text),
        };
        grader::print(&self.encoded(&shown))
    }

    /// Prints what programs read, which is UTF-8 wherever it goes.
    ///
    /// # Errors
    ///
    /// When it is lost.
    pub(crate) fn print_for_programs(&self, text: &str) -> Result<(), Lost> {
        grader::print(text)
    }

    /// As the terminal can show it, unless it was told to show Chinese all the same.
    fn encoded<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.painter.language {
            Language::English => Encoding::of_the_terminal().fit(text),
            Language::Chinese => text.into(),
        }
    }

    /// Says on standard error what is wrong.
    pub(crate) fn complain(&self, message: &str) {
        let _ = writeln!(io::stderr(), "bench: {}", self.encoded(message));
    }

    /// The same on a line of its own, where a progress bar may stand unfinished.
    pub(crate) fn complain_anew(&self, message: &str) {
        let _ = writeln!(io::stderr());
        self.complain(message);
    }

    /// A step of work of unknown length, named on standard error.
    pub(crate) fn spinner(&self, what: &str) -> ProgressBar {
        announce(what);
        let bar = ProgressBar::new_spinner();
        bar.set_style(style("  {spinner} {prefix}  {msg:.dim}  {elapsed:.dim}"));
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// `length` pieces of work, counted on standard error.
    pub(crate) fn bar(&self, what: &str, length: usize) -> ProgressBar {
        announce(what);
        let bar = ProgressBar::new(length as u64);
        bar.set_style(style("  {bar:30} {pos}/{len}  {msg:.dim}  {eta:.dim}"));
        bar
    }
}

/// Where no bar can be drawn, a line says what takes time.
fn announce(what: &str) {
    if !Term::stderr().is_term() {
        let _ = writeln!(io::stderr(), "{what} ...");
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the template is one");
    match Encoding::of_the_terminal() {
        Encoding::Utf8 => style.progress_chars("━╸─"),
        Encoding::Other => style.tick_chars("-\\|/ ").progress_chars("=>-"),
    }
}
