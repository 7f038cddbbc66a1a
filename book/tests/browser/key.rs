//! Keys, as the DevTools protocol wants them described.

use serde_json::{Value, json};

/// A key on the reader's keyboard.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    /// One that writes a character.
    Char(char),
    Down,
    Enter,
    Escape,
    Left,
    Right,
    Tab,
}

impl Key {
    pub(crate) fn down(self) -> Value {
        let mut event = self.event("keyDown");
        match self {
            Key::Char(c) => event["text"] = c.to_string().into(),
            Key::Enter => event["text"] = "\r".into(),
            _ => {}
        }
        event
    }

    pub(crate) fn up(self) -> Value {
        self.event("keyUp")
    }

    fn event(self, kind: &str) -> Value {
        let (name, code) = match self {
            Key::Char(c) => (c.to_string(), u32::from(c.to_ascii_uppercase())),
            Key::Down => ("ArrowDown".to_owned(), 40),
            Key::Enter => ("Enter".to_owned(), 13),
            Key::Escape => ("Escape".to_owned(), 27),
            Key::Left => ("ArrowLeft".to_owned(), 37),
            Key::Right => ("ArrowRight".to_owned(), 39),
            Key::Tab => ("Tab".to_owned(), 9),
        };
        json!({ "type": kind, "key": name, "windowsVirtualKeyCode": code })
    }
}
