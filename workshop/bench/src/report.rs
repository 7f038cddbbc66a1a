//! What came of a run: tables for people, one object for programs.

mod foot;
mod human;
mod json;
mod name;

pub(crate) use name::shortened;

use crate::results::Results;
use anyhow::{Context, Result};
use console::strip_ansi_codes;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use terminal::{Language, Lost, Terminal};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Tables, for people
    #[default]
    Human,
    /// One object, for programs: every round of every program
    Json,
}

/// How and where a report is to be written.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) format: Format,
    pub(crate) file: Option<PathBuf>,
}

impl Report {
    /// Nothing is measured in vain: a file that cannot be written is told now.
    pub(crate) fn begin(&self) -> Result<()> {
        Ok(can_be_written(self.file.as_deref())?)
    }

    /// For a run that may be interrupted.
    pub(crate) fn shared(self) -> Shared {
        Shared(Arc::new(Inner {
            report: self,
            results: Mutex::default(),
            interrupted: Arc::default(),
        }))
    }

    fn write(&self, terminal: &Terminal, results: &Results) -> Result<()> {
        let file = self.file.as_deref();
        match self.format {
            Format::Human => write(terminal, file, |terminal| human::render(results, terminal))?,
            Format::Json if file.is_some() => write(terminal, file, |_| json::render(results))?,
            Format::Json => terminal.print_for_programs(json::render(results).trim_end())?,
        }
        Ok(())
    }
}

/// Asked before anything takes time, of a file or of one in each language ([`Language::files`]).
pub(crate) fn can_be_written(file: Option<&Path>) -> Result<(), Lost> {
    let files = file.map(|file| Language::default().files(file));
    let mut files = files.into_iter().flatten();
    files.try_for_each(|(_, file)| terminal::can_be_written(&file))
}

/// Writes a text to a file, or to one in each language, or prints it.
pub(crate) fn write(
    terminal: &Terminal,
    file: Option<&Path>,
    text: impl Fn(&Terminal) -> String,
) -> Result<(), Lost> {
    let Some(file) = file else {
        return terminal.print(text(terminal).trim_end());
    };
    for (language, file) in terminal.language.files(file) {
        let text = text(&terminal.unseen(language));
        terminal::replace_file(&file, strip_ansi_codes(&text).as_bytes())?;
    }
    Ok(())
}

/// Results that grow while somebody may press Ctrl-C. Whoever comes first reports them, once.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Inner>);

struct Inner {
    report: Report,
    results: Mutex<Option<Results>>,
    interrupted: Arc<AtomicBool>,
}

impl Shared {
    pub(crate) fn set(&self, results: Results) {
        *self.results() = Some(results);
    }

    pub(crate) fn get<T>(&self, ask: impl FnOnce(&Results) -> T) -> Option<T> {
        self.results().as_ref().map(ask)
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Results)) {
        if let Some(results) = self.results().as_mut() {
            change(results);
        }
    }

    /// From now on a Ctrl-C kills what was started, and reports what was measured.
    pub(crate) fn report_on_interrupt(&self, terminal: &Terminal) -> Result<()> {
        for signal in subject::signals::that_end() {
            // Set before anything is killed: whoever then finds a server gone knows why.
            signal_hook::flag::register(signal, Arc::clone(&self.0.interrupted))
                .context("cannot catch Ctrl-C")?;
        }
        let (shared, terminal) = (self.clone(), terminal.clone());
        subject::kill_all_on_interrupt(move || {
            let what = match shared.get(|_| ()) {
                Some(()) => terminal.say(
                    "interrupted; nothing is left running. What was measured so far:",
                    "已中断；没有留下任何进程。到此为止的结果：",
                ),
                None => terminal.say(
                    "interrupted; nothing is left running",
                    "已中断；没有留下任何进程",
                ),
            };
            // The progress bar has left the cursor behind it, and hides nothing.
            terminal.complain_anew(what);
            if let Err(error) = shared.write_once(&terminal) {
                terminal.complain(&format!("{error:#}"));
            }
        })
        .context("cannot catch Ctrl-C")
    }

    /// Does not return after an interrupt: whoever caught it reports, and ends the process.
    pub(crate) fn leave_to_interrupt(&self) {
        while self.0.interrupted.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }

    /// Reports.
    pub(crate) fn finish(&self, terminal: &Terminal, complete: bool) -> Result<()> {
        self.leave_to_interrupt();
        self.update(|results| results.complete = complete);
        self.write_once(terminal)
    }

    fn write_once(&self, terminal: &Terminal) -> Result<()> {
        match self.results().take() {
            Some(results) => self.0.report.write(terminal, &results),
            None => Ok(()),
        }
    }

    fn results(&self) -> MutexGuard<'_, Option<Results>> {
        self.0
            .results
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
