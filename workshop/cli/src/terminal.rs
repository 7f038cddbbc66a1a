use console::{Style, Term, strip_ansi_codes};
use grader::report::Painter;
use grader::{Encoding, Language, Lost};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Write};
use std::time::Duration;

/// What somebody sees: results on standard output, progress on standard error.
pub(crate) struct Terminal {
    /// Paints in the language asked for, and in colour, which is taken off again where it does
    /// not belong.
    pub(crate) painter: Painter,
    /// How many columns there are; `None` where the output is no terminal.
    pub(crate) width: Option<usize>,
    progress: MultiProgress,
    printed: RefCell<Vec<String>>,
}

impl Terminal {
    pub(crate) fn new(language: Language) -> Terminal {
        let screen = Term::stdout();
        let width = screen.is_term().then(|| usize::from(screen.size().1));
        Terminal {
            painter: Painter {
                language,
                colour: true,
            },
            width,
            progress: MultiProgress::new(),
            printed: RefCell::default(),
        }
    }

    /// One of two phrases, in the language asked for.
    pub(crate) fn say<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        match self.painter.language {
            Language::English => en,
            Language::Chinese => zh,
        }
    }

    /// Prints a line on standard output, above the progress bar if there is one.
    ///
    /// # Errors
    ///
    /// When it is lost. Nobody waits for what would come after it.
    pub(crate) fn print(&self, line: &str) -> Result<(), Lost> {
        // Colour only on a terminal, and not where NO_COLOR is set.
        let shown = if console::colors_enabled() {
            line.into()
        } else {
            strip_ansi_codes(line)
        };
        self.progress
            .suspend(|| grader::print(&self.encoded(&shown)))?;
        self.printed
            .borrow_mut()
            .extend(line.split('\n').map(str::to_owned));
        Ok(())
    }

    /// Prints what programs read, which is UTF-8 wherever it goes.
    ///
    /// # Errors
    ///
    /// When it is lost.
    pub(crate) fn print_for_programs(&self, text: &str) -> Result<(), Lost> {
        self.progress.suspend(|| grader::print(text))
    }

    /// As the terminal can show it, unless it was told to show Chinese all the same.
    fn encoded<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.painter.language {
            Language::English => Encoding::of_the_terminal().fit(text),
            Language::Chinese => text.into(),
        }
    }

    /// All lines that were printed, in colour.
    pub(crate) fn printed(&self) -> Vec<String> {
        self.printed.borrow().clone()
    }

    /// Says on standard error what went wrong.
    pub(crate) fn complain(&self, message: &str) {
        let _ = writeln!(io::stderr(), "workshop: {}", self.encoded(message));
    }

    /// A step of work of unknown length, named on standard error.
    pub(crate) fn spinner(&self, what: &str) -> ProgressBar {
        self.announce(what);
        let bar = self.progress.add(ProgressBar::new_spinner());
        bar.set_style(style("  {spinner} {prefix}  {msg:.dim}  {elapsed:.dim}"));
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// `length` pieces of work, counted on standard error.
    pub(crate) fn bar(&self, what: &str, length: usize) -> ProgressBar {
        self.announce(what);
        let bar = self.progress.add(ProgressBar::new(length as u64));
        bar.set_style(style("  {prefix}  {bar:30} {pos}/{len}  {msg:.dim}"));
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// Where no bar can be drawn, a line says what takes time.
    fn announce(&self, what: &str) {
        if !Term::stderr().is_term() {
            let _ = writeln!(io::stderr(), "{what} ...");
        }
    }

    /// From now on a Ctrl-C kills what was started, and says so.
    pub(crate) fn leave_nothing_behind(&self) -> io::Result<()> {
        let progress = self.progress.clone();
        let words = self
            .say(
                "interrupted; nothing is left running",
                "已中断；没有留下任何进程",
            )
            .to_owned();
        grader::kill_all_on_interrupt(move || {
            let _ = progress.clear();
            let _ = writeln!(io::stderr(), "\nworkshop: {words}");
        })
    }

    pub(crate) fn dim(&self, words: &str) -> String {
        self.painter.paint(Style::new().dim(), words)
    }

    pub(crate) fn bold(&self, words: &str) -> String {
        self.painter.paint(Style::new().bold(), words)
    }

    pub(crate) fn accent(&self, words: &str) -> String {
        self.painter.paint(Style::new().cyan(), words)
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the template is one");
    match Encoding::of_the_terminal() {
        Encoding::Utf8 => style.progress_chars("━╸─"),
        Encoding::Other => style.tick_chars("-\\|/ ").progress_chars("=>-"),
    }
}
