use super::painter::Painter;
use crate::patience::PATIENCE;

use crate::evidence::{End, Evidence, Excerpt, Exchange};
use console::{Style, measure_text_width};
use terminal::{Language, Text, text};
use terminal::{grouped, pad};

/// What was seen of a failure, in lines.
impl Painter {
    pub(super) fn evidence(&self, evidence: &Evidence) -> Vec<String> {
        match evidence {
            Evidence::Exchange(exchange) => self.exchange(exchange),
            Evidence::Finding { expected, found } => vec![
                format!("{}{}", self.label(&EXPECTED), expected.get(self.language)),
                format!("{}{}", self.label(&FOUND), found.get(self.language)),
            ],
            Evidence::Note(note) => note
                .get(self.language)
                .trim_end()
                .lines()
                .map(str::to_owned)
                .collect(),
        }
    }

    fn exchange(&self, exchange: &Exchange) -> Vec<String> {
        let [sent, expected, received] = [&exchange.sent, &exchange.expected, &exchange.received]
            .map(|piece| self.excerpt(piece));
        let width = [&sent, &expected, &received]
            .map(|s| measure_text_width(s))
            .into_iter()
            .max();
        let width = width.unwrap_or_default();
        let fin = |said: bool| if said { self.say(&THEN_FIN) } else { "" };
        // Of a line that has only begun, nothing is owed yet.
        let has_begun = exchange.sent.total() > exchange.expected.total();
        let owed_end = match (exchange.end_expected, has_begun) {
            (true, _) => self.say(&THEN_FIN),
            (false, true) => self.say(&SO_FAR),
            (false, false) => "",
        };
        let end = match exchange.end {
            End::Closed => self.say(&THEN_FIN).to_owned(),
            End::Reset => self.say(&THEN_RST).to_owned(),
            End::Open if exchange.was_waited_for() => match self.language {
                Language::English => format!("then nothing for {} s", PATIENCE.as_secs()),
                Language::Chinese => format!("然后 {} 秒没有动静", PATIENCE.as_secs()),
            },
            End::Open => String::new(),
            End::Still => self.say(&THEN_NOTHING).to_owned(),
            End::Late => self.say(&THEN_LATE).to_owned(),
            End::OneReceive => self.say(&IN_ONE_RECEIVE).to_owned(),
        };
        let row = |name: &Text, bytes: &str, end: &str| {
            format!("{}{} {end}", self.label(name), pad(bytes, width))
                .trim_end()
                .to_owned()
        };
        let before = self.excerpt_up_to(&exchange.received, exchange.difference);
        let caret = " ".repeat(LABEL_WIDTH + measure_text_width(&before));
        vec![
            row(&SENT, &sent, fin(exchange.finished)),
            row(&EXPECTED, &expected, owed_end),
            row(&RECEIVED, &received, &end),
            self.paint(
                Style::new().red(),
                &format!("{caret}^ {}", self.what_differs(exchange)),
            ),
        ]
    }

    fn what_differs(&self, exchange: &Exchange) -> String {
        let (expected, received) = (exchange.expected.total(), exchange.received.total());
        let at = exchange.received.skipped + exchange.difference;
        match (at == received, at == expected, self.language) {
            (true, true, _) => self.say(what_ended(exchange.end)).to_owned(),
            (true, false, Language::English) => format!("{} missing", bytes(expected - received)),
            (true, false, Language::Chinese) => format!("缺 {} 字节", grouped(expected - received)),
            (false, true, Language::English) => format!("{} too many", bytes(received - expected)),
            (false, true, Language::Chinese) => {
                format!("多出 {} 字节", grouped(received - expected))
            }
            (false, false, Language::English) => {
                format!("the first difference is at offset {}", grouped(at))
            }
            (false, false, Language::Chinese) => format!("从偏移 {} 起不同", grouped(at)),
        }
    }

    fn excerpt(&self, excerpt: &Excerpt) -> String {
        let start = self.excerpt_up_to(excerpt, excerpt.bytes.len());
        match (excerpt.left_out, self.language) {
            (0, _) => format!("{start}\""),
            (count, Language::English) => format!("{start}\" … {} more", bytes(count)),
            (count, Language::Chinese) => format!("{start}\" … 后面还有 {} 字节", grouped(count)),
        }
    }

    fn excerpt_up_to(&self, excerpt: &Excerpt, end: usize) -> String {
        let shown = excerpt.bytes[..end.min(excerpt.bytes.len())].escape_ascii();
        match (excerpt.skipped, self.language) {
            (0, _) => format!("\"{shown}"),
            (count, Language::English) => format!("{} … \"{shown}", bytes(count)),
            (count, Language::Chinese) => format!("前面 {} 字节 … \"{shown}", grouped(count)),
        }
    }
    fn label(&self, name: &Text) -> String {
        pad(name.get(self.language), LABEL_WIDTH)
    }
}

/// Every byte is right, and only the end is not.
fn what_ended(end: End) -> &'static Text {
    match end {
        End::Open | End::Still | End::Late | End::OneReceive => &NOT_CLOSED,
        End::Closed => &CLOSED,
        End::Reset => &RESET,
    }
}

impl Exchange {
    /// Something more was to come. Once there is a byte too many, nobody waits.
    fn was_waited_for(&self) -> bool {
        let (expected, received) = (self.expected.total(), self.received.total());
        received < expected || received == expected && self.end_expected
    }
}

impl Excerpt {
    /// The length of the whole stream, in bytes.
    fn total(&self) -> usize {
        self.skipped + self.bytes.len() + self.left_out
    }
}
fn bytes(count: usize) -> String {
    if count == 1 {
        "1 byte".into()
    } else {
        format!("{} bytes", grouped(count))
    }
}

const LABEL_WIDTH: usize = 10;
static SENT: Text = text("sent", "发出");
static EXPECTED: Text = text("expected", "应为");
static RECEIVED: Text = text("received", "收到");
static FOUND: Text = text("found", "实为");
static THEN_NOTHING: Text = text("then nothing", "然后没有动静");
static THEN_LATE: Text = text("then the time was up", "然后时间用完了");
static THEN_FIN: Text = text("then FIN", "然后 FIN");
static THEN_RST: Text = text("then RST", "然后 RST");
static IN_ONE_RECEIVE: Text = text("in one receive", "一次接收所得");
static NOT_CLOSED: Text = text(
    "every byte is there, but the connection was not closed",
    "字节都到齐了，连接却没有关闭",
);
static CLOSED: Text = text(
    "every byte is there, but the connection was closed",
    "字节都到齐了，连接却关了",
);
static RESET: Text = text(
    "every byte is there, but the connection was reset",
    "字节都到齐了，连接却被重置了",
);
static SO_FAR: Text = text("so far", "到此为止");
