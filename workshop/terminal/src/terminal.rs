use crate::lost::Lost;
use crate::printing;
use crate::text::{Encoding, Language};
use console::{Style, Term, strip_ansi_codes};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What somebody sees: results on standard output, progress and complaints on standard error.
#[derive(Clone)]
pub struct Terminal {
    /// The language asked for.
    pub language: Language,
    /// How many columns there are; `None` where the output is no terminal.
    pub width: Option<usize>,
    /// The program's name, with which its complaints begin.
    program: &'static str,
    /// Whether anybody sees what is printed.
    is_seen: bool,
    progress: MultiProgress,
    printed: Arc<Mutex<Vec<String>>>,
}

impl Terminal {
    /// The one that `program` was started in.
    pub fn new(program: &'static str, language: Language) -> Terminal {
        let screen = Term::stdout();
        let width = screen.is_term().then(|| usize::from(screen.size().1));
        Terminal {
            language,
            width,
            program,
            is_seen: true,
            progress: MultiProgress::new(),
            printed: Arc::default(),
        }
    }

    /// Another one, in a language, on which nothing is seen: what is printed there is only kept.
    pub fn unseen(&self, language: Language) -> Terminal {
        Terminal {
            language,
            is_seen: false,
            printed: Arc::default(),
            ..self.clone()
        }
    }

    /// One of two phrases, in the language asked for.
    pub fn say<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        match self.language {
            Language::English => en,
            Language::Chinese => zh,
        }
    }

    /// Prints on standard output, above the progress bar if there is one.
    ///
    /// # Errors
    ///
    /// When it is lost. Nobody waits for what would come after it.
    pub fn print(&self, text: &str) -> Result<(), Lost> {
        // Colour only on a terminal, and not where NO_COLOR is set.
        let shown = match console::colors_enabled() {
            true => text.into(),
            false => strip_ansi_codes(text),
        };
        if self.is_seen {
            self.print_for_programs(&self.encoded(&shown))?;
        }
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.extend(text.split('\n').map(str::to_owned));
        Ok(())
    }

    /// Prints what programs read, which is UTF-8 wherever it goes.
    ///
    /// # Errors
    ///
    /// When it is lost.
    pub fn print_for_programs(&self, text: &str) -> Result<(), Lost> {
        self.progress.suspend(|| printing::print(text))
    }

    /// Prints something for people without a newline, of which nothing is kept: a screen that is drawn
    /// again and again.
    ///
    /// # Errors
    ///
    /// When it is lost.
    pub fn print_at_once(&self, text: &str) -> Result<(), Lost> {
        printing::print_bare(&self.encoded(text))
    }

    /// As the terminal can show it, unless it was told to show Chinese all the same.
    fn encoded<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.language {
            Language::English => Encoding::of_the_terminal().fit(text),
            Language::Chinese => text.into(),
        }
    }

    /// All lines that were printed for people, in colour.
    pub fn printed(&self) -> Vec<String> {
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.clone()
    }

    /// Says on standard error what went wrong.
    pub fn complain(&self, message: &str) {
        let _ = writeln!(io::stderr(), "{}: {}", self.program, self.encoded(message));
    }

    /// Says on standard error, above the progress bar if there is one, what takes so long.
    pub fn mention(&self, what: &str) {
        self.progress.suspend(|| {
            let _ = writeln!(io::stderr(), "  {}", self.encoded(what));
        });
    }

    /// The same on a line of its own, where a progress bar may stand unfinished.
    pub fn complain_anew(&self, message: &str) {
        let _ = writeln!(io::stderr());
        self.complain(message);
    }

    /// Takes away every progress bar.
    pub fn clear_progress(&self) {
        let _ = self.progress.clear();
    }

    /// A step of work of unknown length, named on standard error.
    pub fn spinner(&self, what: &str) -> ProgressBar {
        announce(what);
        let bar = self.progress.add(ProgressBar::new_spinner());
        bar.set_style(style("  {spinner} {prefix}  {msg:.dim}  {elapsed:.dim}"));
        bar.set_prefix(what.to_owned());
        move_by_itself(&bar);
        bar
    }

    /// `length` pieces of work, counted on standard error.
    pub fn bar(&self, what: &str, length: usize) -> ProgressBar {
        announce(what);
        let bar = self.progress.add(ProgressBar::new(length as u64));
        bar.set_style(style("  {prefix}  {bar:30} {pos}/{len}  {msg:.dim}"));
        bar.set_prefix(what.to_owned());
        move_by_itself(&bar);
        bar
    }

    /// The same with the time that is left, drawn only when a piece is done: no thread of it runs
    /// while something is measured. What is printed meanwhile stands below it.
    pub fn still_bar(&self, what: &str, length: usize) -> ProgressBar {
        announce(what);
        let bar = ProgressBar::new(length as u64);
        bar.set_style(style("  {bar:30} {pos}/{len}  {msg:.dim}  {eta:.dim}"));
        bar
    }

    /// Words that matter less.
    pub fn dim(&self, words: &str) -> String {
        self.paint(Style::new().dim(), words)
    }

    /// Words that matter more.
    pub fn bold(&self, words: &str) -> String {
        self.paint(Style::new().bold(), words)
    }

    /// What is to be typed.
    pub fn accent(&self, words: &str) -> String {
        self.paint(Style::new().cyan(), words)
    }

    /// `words` in a style, which is taken off again where it does not belong.
    pub fn paint(&self, style: Style, words: &str) -> String {
        style.force_styling(true).apply_to(words).to_string()
    }
}

/// Where no bar can be drawn, a line says what takes time.
fn announce(what: &str) {
    if !Term::stderr().is_term() {
        let _ = writeln!(io::stderr(), "{what} ...");
    }
}

/// Lets a bar move while nothing is done. Where no thread is to be had, it does not: indicatif would panic.
fn move_by_itself(bar: &ProgressBar) {
    let trial = thread::Builder::new().spawn(|| {});
    if trial.is_ok_and(|trial| trial.join().is_ok()) {
        bar.enable_steady_tick(Duration::from_millis(100));
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the template is one");
    match Encoding::of_the_terminal() {
        Encoding::Utf8 => style.progress_chars("━╸─"),
        Encoding::Other => style.tick_chars("-\\|/ ").progress_chars("=>-"),
    }
}
