//! A page in the browser, and all that a reader can do with it.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::chromium::{Chromium, PATIENCE, next, result};
use crate::key::Key;
use crate::notes::Notes;

/// The print page opens the printer's dialogue by itself.
const NO_PRINTER: &str = "window.print = () => {};";

/// Between two looks at a page that has not changed yet.
const PAUSE: Duration = Duration::from_millis(10);

/// Whether anything is drawn of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frames {
    /// As in a window: what scripts do with the next frame, they do.
    Drawn,
    /// The page is laid out and hears keys, and no frame ever follows: the mouse, which moves from
    /// frame to frame, gets stuck. To draw pages, and windows around them, takes half of all the time.
    None,
}

/// A page of its own: storage is shared with no other one.
pub(crate) struct Tab {
    browser: Arc<Chromium>,
    context: String,
    session: String,
    messages: Receiver<Value>,
    /// The window's size, once it was set.
    size: Option<(u32, u32)>,
    /// Whether it stands for another medium or another system's colours.
    disguised: bool,
    /// What has happened on the page.
    pub(crate) notes: Notes,
}

impl Tab {
    /// An empty page; it may ask for addresses below `home` and for no others.
    pub(crate) fn open(browser: Arc<Chromium>, home: &str, frames: Frames) -> Result<Tab> {
        let context =
            text(&browser.ask("Target.createBrowserContext", json!({}))?["browserContextId"]);
        let target = browser.ask(
            "Target.createTarget",
            match frames {
                Frames::Drawn => {
                    json!({ "url": "about:blank", "browserContextId": context, "newWindow": true })
                }
                Frames::None => {
                    json!({ "url": "about:blank", "browserContextId": context, "hidden": true })
                }
            },
        )?;
        let session = browser.ask(
            "Target.attachToTarget",
            json!({ "targetId": target["targetId"], "flatten": true }),
        )?;
        let session = text(&session["sessionId"]);
        let messages = browser.inbox(&session);
        let mut tab = Tab {
            browser,
            context,
            session,
            messages,
            size: None,
            disguised: false,
            notes: Notes::new(home),
        };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.ask(&format!("{domain}.enable"), json!({}))?;
        }
        let source = json!({ "source": NO_PRINTER });
        tab.ask("Page.addScriptToEvaluateOnNewDocument", source)?;
        // Only one window has the focus otherwise, and only there keys and timers work as ever.
        tab.ask(
            "Emulation.setFocusEmulationEnabled",
            json!({ "enabled": true }),
        )?;
        tab.size(1280, 900)?;
        Ok(tab)
    }

    /// As it was opened: nothing kept, nothing noted, wide, and a screen.
    pub(crate) fn renew(&mut self, home: &str) -> Result<()> {
        self.eval("localStorage.clear(); sessionStorage.clear()")?;
        self.size(1280, 900)?;
        if self.disguised {
            self.undisguise()?;
        }
        self.notes = Notes::new(home);
        Ok(())
    }

    /// Asks the page's browser side.
    pub(crate) fn ask(&mut self, method: &str, parameters: Value) -> Result<Value> {
        let number = self.browser.send(&self.session, method, parameters)?;
        loop {
            let message = next(&self.messages, method)?;
            if message["id"] == number {
                return result(method, message);
            }
            self.notes.add(&message);
        }
    }

    /// Goes to an address and waits until everything on the page is there.
    pub(crate) fn go(&mut self, address: &str) -> Result<()> {
        let answer = self.ask("Page.navigate", json!({ "url": address }))?;
        if let Some(error) = answer["errorText"].as_str() {
            bail!("cannot open {address}: {error}");
        }
        self.wait(
            &format!("{address} to be loaded"),
            "document.readyState === 'complete' && document.fonts.status === 'loaded'",
        )?;
        self.quiet()
    }

    /// Waits until no answer from the network is outstanding.
    pub(crate) fn quiet(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        // What a script asks for at the very end is known once the page has answered once more.
        self.eval("new Promise(done => setTimeout(done))")?;
        while let Some(address) = self.notes.outstanding() {
            ensure!(Instant::now() < deadline, "{address} never came");
            let message = next(&self.messages, "the network")?;
            self.notes.add(&message);
        }
        Ok(())
    }

    /// The value of an expression on the page.
    pub(crate) fn eval(&mut self, expression: &str) -> Result<Value> {
        let mut answer = self.ask(
            "Runtime.evaluate",
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }),
        )?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let about = &thrown["exception"]["description"];
            bail!("{}\nin {expression}", about.as_str().unwrap_or("it threw"));
        }
        Ok(answer["result"]["value"].take())
    }

    /// The text that an expression gives.
    pub(crate) fn text(&mut self, expression: &str) -> Result<String> {
        Ok(text(&self.eval(expression)?))
    }

    /// The texts that an expression gives.
    pub(crate) fn texts(&mut self, expression: &str) -> Result<Vec<String>> {
        let value = self.eval(expression)?;
        let list = value.as_array().context("no list")?;
        Ok(list.iter().map(text).collect())
    }

    /// Looks until the expression is true.
    pub(crate) fn wait(&mut self, awaited: &str, expression: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Between two pages there is nothing that could answer.
            let state = self.eval(expression);
            match state {
                Ok(Value::Bool(true)) => return Ok(()),
                _ if Instant::now() < deadline => std::thread::sleep(PAUSE),
                Ok(value) => bail!("waited in vain for {awaited} ({expression} is {value})"),
                Err(error) => return Err(error.context(format!("waited in vain for {awaited}"))),
            }
        }
    }

    /// The window's size in pixels.
    pub(crate) fn size(&mut self, width: u32, height: u32) -> Result<()> {
        // Chromium lays the page out anew even where nothing changes.
        if self.size == Some((width, height)) {
            return Ok(());
        }
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.ask("Emulation.setDeviceMetricsOverride", size)?;
        self.size = Some((width, height));
        Ok(())
    }

    /// What the page is shown on, and whether the reader's system is set to dark.
    pub(crate) fn media(&mut self, media: &str, scheme: &str) -> Result<()> {
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let media = json!({ "media": media, "features": scheme });
        self.disguised = true;
        self.ask("Emulation.setEmulatedMedia", media)?;
        Ok(())
    }

    /// Shown on the screen again, on a system as it is.
    pub(crate) fn undisguise(&mut self) -> Result<()> {
        self.ask("Emulation.setEmulatedMedia", json!({}))?;
        self.disguised = false;
        Ok(())
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&mut self, key: Key) -> Result<()> {
        self.ask("Input.dispatchKeyEvent", key.down())?;
        self.ask("Input.dispatchKeyEvent", key.up())?;
        Ok(())
    }

    /// Types text into what has the focus. Han characters come as an input method hands them over:
    /// all at once, and then the key that chose them goes up.
    pub(crate) fn write(&mut self, text: &str) -> Result<()> {
        if text.is_ascii() {
            return text.chars().try_for_each(|c| self.press(Key::Char(c)));
        }
        self.ask("Input.insertText", json!({ "text": text }))?;
        self.ask("Input.dispatchKeyEvent", Key::Char(' ').up())?;
        Ok(())
    }

    /// Moves the mouse to the middle of the element and clicks there.
    pub(crate) fn click(&mut self, selector: &str) -> Result<()> {
        let middle = format!(
            "(one => {{ const box = one.getBoundingClientRect();
              return [box.x + box.width / 2, box.y + box.height / 2]; }})
              (document.querySelector({selector:?}))"
        );
        let middle = self.eval(&middle)?;
        let mouse = |kind: &str, button: &str| {
            json!({
                "type": kind, "x": middle[0], "y": middle[1], "button": button, "clickCount": 1,
            })
        };
        self.ask("Input.dispatchMouseEvent", mouse("mouseMoved", "none"))?;
        // Some buttons appear under the mouse only.
        let hit = format!(
            "document.querySelector({selector:?}).contains(document.elementFromPoint({}, {}))",
            middle[0], middle[1]
        );
        self.wait(&format!("{selector} to be in sight"), &hit)?;
        self.ask("Input.dispatchMouseEvent", mouse("mousePressed", "left"))?;
        self.ask("Input.dispatchMouseEvent", mouse("mouseReleased", "left"))?;
        Ok(())
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let context = json!({ "browserContextId": self.context });
        // Nobody waits for the page to be gone; the browser may be gone itself.
        let _ = self.browser.ask("Target.disposeBrowserContext", context);
    }
}

/// A string as it is, and anything else as JSON.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
