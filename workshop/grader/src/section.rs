use crate::text::{Text, text};

/// A section of the book, where a case's reason is told.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    /// The chapter's number.
    pub chapter: u8,
    /// The heading's id in the chapter's page.
    pub id: &'static str,
    /// The heading.
    pub title: Text,
}

macro_rules! sections {
    ($($name:ident = $chapter:literal, $id:literal, $en:literal, $zh:literal;)*) => {
        $(pub(crate) const $name: Section = Section { chapter: $chapter, id: $id, title: text($en, $zh) };)*
        impl Section {
            /// Every section that a case points at.
            pub const ALL: &[Section] = &[$($name),*];
        }
    };
}

sections! {
    COMMAND_LINE = 2, "run", "Run it", "跑起来";
    LINES = 2, "lines", "What counts as a line", "怎样才算一行";
    LONG_LINES = 2, "long-lines", "A line that never ends", "没有尽头的一行";
    HALF_CLOSE = 2, "half-close", "When the client has said all", "客户端说完之后";
    PROCESSES = 2, "processes", "Somebody for each of them", "一人配一个帮手";
    COPIES = 2, "copies", "Two copies of everything", "什么都有两份";
    REAPING = 2, "reaping", "The dead must be asked", "收尸";
    WAKING = 2, "waking", "A sleeper with two alarm clocks", "睡着的人有两只闹钟";
    UNREAD = 2, "unread", "The client that never reads", "只说不听的客户端";
    LEAVING = 2, "leaving", "The client that leaves", "不辞而别的客户端";
    CLIENT = 2, "client", "The other end", "线的另一头";
}
