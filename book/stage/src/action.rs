//! What a hand can have a client do.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// One act of one client, which are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// Who.
    pub client: usize,
    /// What.
    pub act: Act,
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It comes, anew if it has been there.
    Connect,
    /// Half a line.
    Half,
    /// A line, or the rest of one that has begun.
    Line,
    /// Three lines at once.
    Burst,
    /// 64 KiB of lines.
    Block,
    /// It reads no more of what comes.
    Pause,
    /// It reads again.
    Resume,
    /// It says nothing more, and listens: `shutdown(SHUT_WR)`.
    HalfClose,
    /// It breaks off: RST.
    Reset,
}

impl Act {
    /// All that there are, by the name that a hand is written with.
    pub const ALL: [(Act, &'static str); 9] = [
        (Act::Connect, "connect"),
        (Act::Half, "half"),
        (Act::Line, "line"),
        (Act::Burst, "burst"),
        (Act::Block, "block"),
        (Act::Pause, "pause"),
        (Act::Resume, "resume"),
        (Act::HalfClose, "half-close"),
        (Act::Reset, "reset"),
    ];

    /// Its name in a hand.
    pub fn name(self) -> &'static str {
        let of = |it: &&(Act, &'static str)| it.0 == self;
        Act::ALL.iter().find(of).map_or("", |it| it.1)
    }
}

impl Display for Action {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.act.name(), self.client)
    }
}

impl FromStr for Action {
    type Err = String;

    /// `line 2`, `half-close 1`: as it is written.
    fn from_str(written: &str) -> Result<Action, String> {
        let (act, client) = written.split_once(' ').unwrap_or((written, ""));
        let named = Act::ALL.iter().find(|it| it.1 == act);
        let client: Option<usize> = client.parse().ok().filter(|&it| it > 0);
        match (named, client) {
            (Some(&(act, _)), Some(client)) => Ok(Action { client, act }),
            (None, _) => Err(format!("there is no act {act}")),
            (_, None) => Err(format!("{written} names no client: {act} 1")),
        }
    }
}
