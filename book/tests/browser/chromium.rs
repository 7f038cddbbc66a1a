//! One Chromium for the whole run, driven over a pair of pipes.
//!
//! The messages are those of the DevTools protocol: JSON, each ended by a zero byte. With pipes there
//! is no port to find, nobody else can connect, and the browser ends by itself when ours ends, in
//! whatever way.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take that the browser is asked to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

const FLAGS: [&str; 14] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1280,900",
    "--remote-debugging-pipe",
    // Nothing of what follows is about the book: by itself, Chromium starts a process for every page
    // that is gone to, one more beforehand, and keeps those that were left.
    "--disable-features=SpareRendererForSitePerProcess,BackForwardCache,ProactivelySwapBrowsingInstance",
    "--disable-site-isolation-trials",
    "--renderer-process-limit=4",
];

/// Hands our two pipes on as descriptors 3 and 4, where the browser looks for them.
const LAUNCH: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// Where a Chromium is, or why there is none.
pub(crate) fn find() -> Result<PathBuf, String> {
    if cfg!(not(unix)) {
        return Err("the browser is driven over inherited pipes, as only Unix has them".to_owned());
    }
    if let Some(chosen) = std::env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(chosen));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|file| file.is_file()).ok_or_else(|| {
        "no Chromium on the PATH (apt-get install chromium fonts-noto-cjk; or CHROMIUM=/path/to/it)"
            .to_owned()
    })
}

/// A running browser; dropping it ends it.
pub(crate) struct Chromium {
    process: Child,
    requests: Mutex<ChildStdin>,
    /// Who waits for messages, by the session that they belong to.
    inboxes: Arc<Mutex<HashMap<String, Sender<Value>>>>,
    /// Answers to what was asked of the browser itself and not of a page.
    answers: Mutex<Receiver<Value>>,
    next: AtomicU64,
    /// Removed with all that the browser has kept in it.
    _profile: TempDir,
}

impl Chromium {
    pub(crate) fn launch(program: &Path) -> Result<Chromium> {
        let profile = TempDir::new().context("cannot make a folder for the browser's profile")?;
        let stderr = std::fs::File::create(profile.path().join("stderr"))
            .context("cannot write to the browser's profile")?;
        let mut process = Command::new("sh")
            .args(["-c", LAUNCH])
            .arg(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let requests = process.stdin.take().context("no pipe to the browser")?;
        let messages = process.stdout.take().context("no pipe from the browser")?;
        let (inbox, answers) = channel();
        let inboxes = Arc::new(Mutex::new(HashMap::from([(String::new(), inbox)])));
        let sorted = Arc::clone(&inboxes);
        std::thread::spawn(move || sort(messages, &sorted));
        let browser = Chromium {
            process,
            requests: Mutex::new(requests),
            inboxes,
            answers: Mutex::new(answers),
            next: AtomicU64::new(1),
            _profile: profile,
        };
        if let Err(error) = browser.ask("Browser.getVersion", json!({})) {
            let said = std::fs::read_to_string(browser._profile.path().join("stderr"));
            let said = said.unwrap_or_default();
            return Err(error.context(format!("{} does not start: {said}", program.display())));
        }
        Ok(browser)
    }

    /// Asks the browser itself.
    pub(crate) fn ask(&self, method: &str, parameters: Value) -> Result<Value> {
        let answers = locked(&self.answers);
        let number = self.send("", method, parameters)?;
        loop {
            let message = next(&answers, method)?;
            if message["id"] == number {
                return result(method, message);
            }
        }
    }

    /// Messages of this session go to the receiver from now on.
    pub(crate) fn inbox(&self, session: &str) -> Receiver<Value> {
        let (inbox, messages) = channel();
        locked(&self.inboxes).insert(session.to_owned(), inbox);
        messages
    }

    /// Sends a request and returns its number.
    pub(crate) fn send(&self, session: &str, method: &str, parameters: Value) -> Result<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut request = json!({ "id": number, "method": method, "params": parameters });
        if !session.is_empty() {
            request["sessionId"] = session.into();
        }
        let mut bytes = request.to_string().into_bytes();
        bytes.push(0);
        let sent = locked(&self.requests).write_all(&bytes);
        sent.with_context(|| format!("the browser has ended; it was asked for {method}"))?;
        Ok(number)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.send("", "Browser.close", json!({}));
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Hands each message to whoever waits for those of its session, until the browser ends.
fn sort(messages: ChildStdout, inboxes: &Mutex<HashMap<String, Sender<Value>>>) {
    for message in BufReader::new(messages).split(0).map_while(Result::ok) {
        let Ok(message) = serde_json::from_slice::<Value>(&message) else {
            continue;
        };
        let session = message["sessionId"].as_str().unwrap_or_default();
        if let Some(inbox) = locked(inboxes).get(session) {
            // A closed page may still be spoken of.
            let _ = inbox.send(message);
        }
    }
    // So that nobody waits for a browser that is no more.
    locked(inboxes).clear();
}

/// The next message, which must come in time.
pub(crate) fn next(messages: &Receiver<Value>, awaited: &str) -> Result<Value> {
    let message = messages.recv_timeout(PATIENCE);
    message.with_context(|| format!("the browser ended or hung; waited for {awaited}"))
}

/// What the browser answered, or its reason for not doing it.
pub(crate) fn result(method: &str, mut message: Value) -> Result<Value> {
    if let Some(error) = message.get("error") {
        bail!(
            "{method}: {}",
            error["message"].as_str().unwrap_or("refused")
        );
    }
    Ok(message["result"].take())
}

/// One test's panic must not fail the others.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
