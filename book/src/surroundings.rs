//! What the program finds where it is started: signals that it has inherited, and a standard output
//! that may be lost. On Unix it is the workshop's own way with them.

use std::process::ExitCode;

use anyhow::Result;

/// To be called first of all: puts inherited signals right, and from now on those that ask the
/// program to end are noted. What was ignored stays ignored.
///
/// # Errors
///
/// When no handler can be installed.
pub fn begin() -> Result<()> {
    #[cfg(unix)]
    {
        use anyhow::Context;
        subject::signals::put_right();
        for signal in subject::signals::that_end() {
            let noted = std::sync::Arc::clone(&NOTED);
            signal_hook::flag::register_usize(signal, noted, signal as usize)
                .context("cannot catch Ctrl-C")?;
        }
    }
    Ok(())
}

#[cfg(unix)]
static NOTED: std::sync::LazyLock<std::sync::Arc<std::sync::atomic::AtomicUsize>> =
    std::sync::LazyLock::new(Default::default);

/// The number of the signal that has asked the program to end, if one has.
pub(crate) fn asked_to_end() -> Option<u8> {
    #[cfg(unix)]
    {
        let signal = NOTED.load(std::sync::atomic::Ordering::SeqCst);
        u8::try_from(signal).ok().filter(|&signal| signal != 0)
    }
    #[cfg(not(unix))]
    None
}

/// Returns when something asks the program to end.
pub(crate) async fn end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // Before one is looked for: it may have come already.
        let listening: std::io::Result<Vec<_>> = subject::signals::that_end()
            .map(|number| signal(SignalKind::from_raw(number)))
            .collect();
        let Ok(mut listening) = listening else {
            return std::future::pending().await;
        };
        if asked_to_end().is_none() {
            std::future::poll_fn(|context| {
                let mut one = listening.iter_mut();
                match one.any(|signal| signal.poll_recv(context).is_ready()) {
                    true => std::task::Poll::Ready(()),
                    false => std::task::Poll::Pending,
                }
            })
            .await;
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler of ours, Ctrl-C ends the process by itself.
        std::future::pending().await
    }
}

/// The checkout that one stands in, wherever this program was compiled.
///
/// # Errors
///
/// When one stands in none.
pub fn workspace() -> Result<std::path::PathBuf> {
    #[cfg(unix)]
    return terminal::workspace();
    // Elsewhere the one that it was compiled in: nobody looks for another.
    #[cfg(not(unix))]
    Ok(concat!(env!("CARGO_MANIFEST_DIR"), "/..").into())
}

/// Parses the command line, or ends the process with what is to be said of it, in the reader's language.
pub fn parse<T: clap::Parser>() -> T {
    #[cfg(unix)]
    return terminal::parse_in(terminal::Language::from_environment());
    #[cfg(not(unix))]
    T::parse()
}

/// Prints a line on standard output.
///
/// # Errors
///
/// When it is lost.
pub fn print(line: &str) -> Result<()> {
    #[cfg(unix)]
    terminal::print(&terminal::Encoding::of_the_terminal().fit(line))?;
    #[cfg(not(unix))]
    std::io::Write::write_all(&mut std::io::stdout(), format!("{line}\n").as_bytes())?;
    Ok(())
}

/// Is there nobody any more who reads what is printed?
pub(crate) fn nobody_reads(error: &anyhow::Error) -> bool {
    #[cfg(unix)]
    return error
        .downcast_ref::<terminal::Lost>()
        .is_some_and(|lost| lost.told().is_none());
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

/// Writes a file that is as it was until it has all of it.
///
/// # Errors
///
/// When it cannot be written.
pub(crate) fn replace_file(path: &std::path::Path, contents: &str) -> Result<()> {
    #[cfg(unix)]
    terminal::replace_file(path, contents.as_bytes())?;
    #[cfg(not(unix))]
    {
        use anyhow::Context;
        std::fs::write(path, contents)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Says on standard error what is to be known.
pub fn complain(line: &str) {
    use std::io::Write;
    #[cfg(unix)]
    let line = terminal::Encoding::of_the_terminal().fit(line);
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// How the program ends. After a signal, the status is the shell's custom for a death by it.
pub fn conclude(done: Result<()>) -> ExitCode {
    let done = done.map(|()| ExitCode::SUCCESS);
    #[cfg(unix)]
    let status = terminal::conclude(done, terminal::Language::English, complain);
    #[cfg(not(unix))]
    let status = done.unwrap_or_else(|error| {
        complain(&format!("{error:#}"));
        ExitCode::FAILURE
    });
    status
}

/// The exit status of what a signal has cut short.
pub fn interrupted() -> Option<ExitCode> {
    asked_to_end().map(|signal| ExitCode::from(128 + signal))
}
