use std::fmt;
use std::io;
use std::time::Duration;
use terminal::{Text, chinese, text};

/// How many bytes of a difference are shown.
const SHOWN: usize = 24;

/// Why a load came to nothing. Connections count from 1, the busy ones first.
#[derive(Debug)]
pub enum Trouble {
    /// The server does not take as many clients: the system's reason, or none if it hung up or did
    /// not answer.
    TooMany {
        /// The first one that was not served.
        connection: usize,
        /// How many there were to be.
        of: usize,
        /// What happened to it.
        why: TurnedAway,
    },
    /// A byte is not what it should be, or not there.
    Wrong {
        /// On which connection.
        connection: usize,
        /// How many bytes it had received before.
        offset: u64,
        /// What is owed from there on.
        expected: Vec<u8>,
        /// What came instead.
        found: Vec<u8>,
    },
    /// More came than is owed.
    TooMuch {
        /// On which connection.
        connection: usize,
        /// How many bytes it had received before.
        offset: u64,
        /// What came.
        found: Vec<u8>,
    },
    /// The server hung up while it owed an answer.
    Closed {
        /// On which connection.
        connection: usize,
        /// How many bytes it had received before.
        offset: u64,
        /// How many more it is owed.
        missing: u64,
        /// The system's reason, if there is one.
        error: Option<io::Error>,
    },
    /// No byte has come for this long, and some are owed.
    Stalled {
        /// How long.
        patience: Duration,
        /// The first connection that is owed some.
        connection: usize,
        /// How many bytes it had received before.
        offset: u64,
        /// How many more it is owed.
        missing: u64,
    },
    /// The client has said all and been answered, and the server does not close.
    NotClosed {
        /// How long it was waited for.
        patience: Duration,
        /// On which connection.
        connection: usize,
    },
    /// A call of the load's own has failed.
    System {
        /// Which.
        attempted: Text,
        /// Why.
        error: io::Error,
    },
}

/// What became of a client that was one too many.
#[derive(Debug)]
pub enum TurnedAway {
    /// It could not connect.
    Refused(io::Error),
    /// The connection was closed before its first answer.
    Closed,
    /// Its first answer did not come for this long.
    Unanswered(Duration),
}

impl Trouble {
    /// Does this server not take as many clients as this load has? Then a smaller load may do.
    pub fn is_of_number(&self) -> bool {
        matches!(self, Trouble::TooMany { .. })
    }

    /// What happened, and the way out.
    pub fn text(&self) -> Text {
        match self {
            Trouble::TooMany {
                connection,
                of,
                why,
            } => {
                let (en, zh) = why.words();
                let (way_out, way_out_zh) = match connection {
                    1 => ("is the server there?", "服务器在吗？"),
                    _ => ("try a load with fewer", "换连接少一些的负载试试"),
                };
                Text::new(
                    format!("client {connection} of {of} {en}; {way_out}"),
                    format!("第 {connection} 个客户端（共 {of} 个）{zh}；{way_out_zh}"),
                )
            }
            Trouble::Wrong {
                connection,
                offset,
                expected,
                found,
            } => {
                let (expected, found) = (shown(expected), shown(found));
                Text::new(
                    format!(
                        "wrong answer on connection {connection}, offset {offset}: \
                         expected {expected}, found {found}"
                    ),
                    format!(
                        "连接 {connection} 在偏移 {offset} 处回答有误：\
                         应为 {expected}，收到 {found}"
                    ),
                )
            }
            Trouble::TooMuch {
                connection,
                offset,
                found,
            } => {
                let found = shown(found);
                Text::new(
                    format!(
                        "more than is owed on connection {connection}, offset {offset}: \
                         expected nothing, found {found}"
                    ),
                    format!("连接 {connection} 在偏移 {offset} 处多出字节：不应再有，收到 {found}"),
                )
            }
            Trouble::Closed {
                connection,
                offset,
                missing,
                error,
            } => {
                let (en, zh) = error.as_ref().map_or_else(Default::default, |error| {
                    (format!(" ({error})"), format!("（{}）", chinese(error)))
                });
                Text::new(
                    format!(
                        "the server has closed connection {connection} at offset {offset}, \
                         bytes still owed: {missing}{en}"
                    ),
                    format!(
                        "服务器在偏移 {offset} 处关闭了连接 {connection}，\
                         还欠 {missing} 个字节{zh}"
                    ),
                )
            }
            Trouble::Stalled {
                patience,
                connection,
                offset,
                missing,
            } => {
                let patience = patience.as_secs_f64();
                Text::new(
                    format!(
                        "no byte has come for {patience} s: connection {connection} stands at \
                         offset {offset}, bytes still owed: {missing}; does the server lose an \
                         answer, or miss a wake-up? Grade it: its cases say which"
                    ),
                    format!(
                        "{patience} 秒没有收到任何字节：连接 {connection} 停在偏移 {offset}，\
                         还欠 {missing} 个字节；服务器是丢了回答，还是错过了唤醒？\
                         给它评个分，用例会说明是哪一种"
                    ),
                )
            }
            Trouble::NotClosed {
                patience,
                connection,
            } => {
                let patience = patience.as_secs_f64();
                Text::new(
                    format!(
                        "connection {connection} is still open {patience} s after the client has \
                         half-closed it (rule 4 of the protocol)"
                    ),
                    format!(
                        "客户端半关闭 {patience} 秒之后，连接 {connection} 仍然开着\
                         （协议规则 4）"
                    ),
                )
            }
            Trouble::System { attempted, error } => Text::new(
                format!("the load cannot {}: {error}", attempted.en),
                format!("负载程序无法{}：{}", attempted.zh, chinese(error)),
            ),
        }
    }

    /// For `map_err`: this call of the load's own has failed.
    pub(super) fn system<E: Into<io::Error>>(
        en: &'static str,
        zh: &'static str,
    ) -> impl Fn(E) -> Trouble {
        move |error| Trouble::System {
            attempted: text(en, zh),
            error: error.into(),
        }
    }
}

impl TurnedAway {
    fn words(&self) -> (String, String) {
        match self {
            TurnedAway::Refused(error) => (
                format!("cannot connect ({error})"),
                format!("连不上（{}）", chinese(error)),
            ),
            TurnedAway::Closed => (
                "is closed before its first answer".to_owned(),
                "还没得到第一次回答就被关闭".to_owned(),
            ),
            TurnedAway::Unanswered(patience) => {
                let patience = patience.as_secs_f64();
                (
                    format!("has had no answer for {patience} s"),
                    format!("{patience} 秒没有得到回答"),
                )
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Trouble {}

fn shown(bytes: &[u8]) -> String {
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    format!(
        "\"{}\"{more}",
        bytes[..bytes.len().min(SHOWN)].escape_ascii()
    )
}
