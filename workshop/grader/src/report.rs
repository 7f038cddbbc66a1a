//! What came of grading: for people here, for programs in the modules.

pub mod json;
pub mod junit;

use crate::case::{Graded, Outcome};
use crate::evidence::{End, Evidence, Excerpt, Exchange};
use crate::text::{Language, Text, text};
use crate::{PATIENCE, Section};
use console::{Style, measure_text_width};

/// Prints in one language, with colour or without.
#[derive(Clone, Copy, Debug)]
pub struct Painter {
    /// The language.
    pub language: Language,
    /// Colour marks only what somebody must see.
    pub colour: bool,
}

/// The sum of what came of some cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// How many cases passed.
    pub passed: usize,
    /// How many passed or failed.
    pub judged: usize,
    /// How many could not be seen here.
    pub skipped: usize,
    /// How many the program is excused from.
    pub excepted: usize,
    /// What the passed ones are worth.
    pub points: u32,
    /// What the judged ones are worth.
    pub max_points: u32,
}

impl Score {
    /// Adds up.
    pub fn of(graded: &[Graded]) -> Score {
        let mut score = Score::default();
        for graded in graded {
            let points = graded.case.points;
            match graded.outcome {
                Outcome::Passed => {
                    score.passed += 1;
                    score.judged += 1;
                    score.points += points;
                    score.max_points += points;
                }
                Outcome::Failed(_) => {
                    score.judged += 1;
                    score.max_points += points;
                }
                Outcome::Skipped(_) => score.skipped += 1,
                Outcome::Excepted(_) => score.excepted += 1,
            }
        }
        score
    }

    /// Something was judged, and nothing failed.
    pub fn is_full(&self) -> bool {
        self.judged > 0 && self.points == self.max_points
    }
}

impl Painter {
    /// Without colour.
    pub fn plain(language: Language) -> Painter {
        Painter {
            language,
            colour: false,
        }
    }

    /// One line for a case: its mark, slug, points and title.
    pub fn line(&self, graded: &Graded) -> String {
        let case = graded.case;
        let head = format!(
            "{} {}  {:>2}  {}",
            self.mark(graded),
            pad(case.slug, 24),
            case.points,
            case.title.get(self.language)
        );
        let (what, reason) = match &graded.outcome {
            Outcome::Passed | Outcome::Failed(_) => return head,
            Outcome::Skipped(reason) => (self.say(&SKIPPED), reason),
            Outcome::Excepted(reason) => (self.say(&EXCEPTED), reason),
        };
        let mut lines = vec![head];
        let reason = match self.language {
            Language::English => format!("{what}: {}", reason.en),
            Language::Chinese => format!("{what}：{}", reason.zh),
        };
        lines.extend(wrap(&reason).map(indent));
        lines.join("\n")
    }

    /// Everything about a failed case; nothing about another.
    pub fn failure(&self, graded: &Graded) -> String {
        let Outcome::Failed(failure) = &graded.outcome else {
            return String::new();
        };
        let case = graded.case;
        let mut lines = vec![format!(
            "{} {}   {}   {}",
            self.mark(graded),
            self.bold(case.slug),
            self.points(case.points),
            self.section(case.section)
        )];
        for note in &failure.notes {
            lines.extend(wrap(&self.in_parentheses(note.get(self.language))).map(indent));
        }
        lines.extend(self.evidence(&failure.evidence).into_iter().map(indent));
        lines.extend(wrap(failure.meaning.get(self.language)).map(indent));
        lines.join("\n")
    }

    /// The last line: cases, points.
    pub fn score(&self, score: &Score) -> String {
        let Score {
            passed,
            judged,
            skipped,
            excepted,
            points,
            max_points,
        } = score;
        let mut line = match self.language {
            Language::English => {
                format!("{passed} of {judged} cases, {points} of {max_points} points")
            }
            Language::Chinese => {
                format!("{judged} 个用例通过 {passed} 个，满分 {max_points} 分，得 {points} 分")
            }
        };
        if *skipped > 0 {
            line += &match self.language {
                Language::English => format!(", {skipped} skipped"),
                Language::Chinese => format!("，跳过 {skipped} 个"),
            };
        }
        if *excepted > 0 {
            line += &match self.language {
                Language::English => format!(", {excepted} excepted"),
                Language::Chinese => format!("，例外 {excepted} 个"),
            };
        }
        let style = if score.is_full() {
            Style::new().green()
        } else {
            Style::new().red()
        };
        self.paint(style.bold(), &line)
    }

    fn evidence(&self, evidence: &Evidence) -> Vec<String> {
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

    fn in_parentheses(&self, words: &str) -> String {
        match self.language {
            Language::English => format!("({words})"),
            Language::Chinese => format!("（{words}）"),
        }
    }

    fn label(&self, name: &Text) -> String {
        pad(name.get(self.language), LABEL_WIDTH)
    }

    fn points(&self, points: u32) -> String {
        match self.language {
            Language::English if points == 1 => "1 point".into(),
            Language::English => format!("{points} points"),
            Language::Chinese => format!("{points} 分"),
        }
    }

    fn section(&self, section: &Section) -> String {
        let Section { chapter, title, .. } = section;
        match self.language {
            Language::English => format!("chapter {chapter}, \"{}\"", title.en),
            Language::Chinese => format!("第 {chapter} 章“{}”", title.zh),
        }
    }

    fn mark(&self, graded: &Graded) -> String {
        match graded.outcome {
            Outcome::Passed => self.paint(Style::new().green(), "✓"),
            Outcome::Failed(_) => self.paint(Style::new().red().bold(), "✗"),
            Outcome::Skipped(_) => self.paint(Style::new().yellow(), "–"),
            Outcome::Excepted(_) => self.paint(Style::new().yellow(), "◦"),
        }
    }

    fn bold(&self, words: &str) -> String {
        self.paint(Style::new().bold(), words)
    }

    fn say(&self, words: &'static Text) -> &'static str {
        words.get(self.language)
    }

    /// `words` in a style, if there is colour at all.
    pub fn paint(&self, style: Style, words: &str) -> String {
        style.force_styling(self.colour).apply_to(words).to_string()
    }
}

/// Every byte is right, and only the end is not.
fn what_ended(end: End) -> &'static Text {
    match end {
        End::Open | End::OneReceive => &NOT_CLOSED,
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

/// A count with a comma at every thousand.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `words` and as many spaces as fill `width` columns; a Han character takes two.
pub fn pad(words: &str, width: usize) -> String {
    let spaces = width.saturating_sub(measure_text_width(words));
    format!("{words}{}", " ".repeat(spaces))
}

/// In lines that a terminal of 100 columns holds.
fn wrap(words: &str) -> impl Iterator<Item = String> {
    let options =
        textwrap::Options::new(LINE_WIDTH).word_splitter(textwrap::WordSplitter::NoHyphenation);
    // A rule's number does not stand at the beginning of a line.
    let words = words
        .replace("Rule ", "Rule\u{a0}")
        .replace("规则 ", "规则\u{a0}");
    let lines = textwrap::wrap(&words, options);
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.replace('\u{a0}', " "))
        .collect();
    lines.into_iter()
}

fn indent(line: String) -> String {
    format!("    {line}")
}

fn bytes(count: usize) -> String {
    if count == 1 {
        "1 byte".into()
    } else {
        format!("{} bytes", grouped(count))
    }
}

const LABEL_WIDTH: usize = 10;
const LINE_WIDTH: usize = 92;
static SENT: Text = text("sent", "发出");
static EXPECTED: Text = text("expected", "应为");
static RECEIVED: Text = text("received", "收到");
static FOUND: Text = text("found", "实为");
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
static SKIPPED: Text = text("skipped", "跳过");
static EXCEPTED: Text = text("excepted", "例外");
