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
    RESOLVE = 1, "resolve", "A name is not an address", "名字不是地址";
    CONNECT = 1, "connect", "Connecting waits for the other side", "连接要等对方";
    SEND = 1, "send", "Sending may take only a part", "一次未必发得完";
    RECEIVE = 1, "receive", "Receiving waits for what comes", "接收就是等";
    CLIENT_LINE = 1, "run", "Run it", "跑起来";
    COMMAND_LINE = 2, "run", "Run it", "跑起来";
    LINES = 2, "lines", "What counts as a line", "怎样才算一行";
    CONVERSE = 2, "converse", "A conversation", "一场对话";
    LONG_LINES = 2, "long-lines", "A line that never ends", "没有尽头的一行";
    HALF_CLOSE = 2, "half-close", "When the client has said all", "客户端说完之后";
    PROCESSES = 2, "processes", "Somebody for each of them", "一人配一个帮手";
    COPIES = 2, "copies", "Two copies of everything", "什么都有两份";
    REAPING = 2, "reaping", "The dead must be asked", "收尸";
    WAKING = 2, "waking", "A sleeper with two alarm clocks", "睡着的人有两只闹钟";
    POOL = 2, "pool", "A few for all of them", "几个人伺候所有人";
    UNREAD = 2, "unread", "The client that never reads", "只说不听的客户端";
    LEAVING = 2, "leaving", "The client that leaves", "不辞而别的客户端";
    CLIENT = 2, "client", "The other end", "线的另一头";
    FD_SETSIZE = 4, "fd-setsize", "The 1,024th descriptor", "第 1,024 号描述符";
}
