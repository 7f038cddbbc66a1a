//! Failures of one cause are one finding: many cases fail by one bug.

use crate::case::{Drive, Graded};
use crate::complaints;
use crate::evidence::Evidence;
use crate::facts::{Ended, Sign};
use crate::stage::Stage;
use crate::verdict::{Failure, Outcome};
use terminal::{Text, text};

/// Cases that fail by one cause, as far as can be seen.
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    /// By what they belong together.
    pub cause: Cause,
    /// The cases, those of an earlier stage first; never empty.
    pub failed: Vec<&'a Graded>,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The program cannot be started.
    NotStarted,
    /// It does not say where it listens.
    NeverListened,
    /// It ended so, for a reason of this kind, if it gave one.
    Died(Ended, Option<String>),
    /// Something in it broke off for a reason of this kind, and it goes on.
    BrokeOff(String),
    /// It listens, and answers nothing.
    NeverAnswers,
    /// It was told once that bytes are there, and left some.
    ReadsOnce,
    /// One client keeps it from all others.
    OneAtATime,
    /// A connection is not closed, or its descriptor is not.
    NotClosed,
    /// Children have ended, and nobody has asked how.
    Zombies,
    /// Nothing but what the case says that it usually means.
    Meaning(String),
}

/// How many cases one cause explains that is mended before all others, whatever their stage.
const MANY: usize = 3;

/// All that failed, what is to be mended first at the beginning: without that nothing else can be
/// judged, or much comes of it, or it is of the earliest stage.
pub fn findings(graded: &[Graded]) -> Vec<Finding<'_>> {
    let known = Known::of(graded);
    let mut failed: Vec<(&Graded, &Failure)> = failures(graded).collect();
    failed.sort_by_key(|(graded, _)| graded.case.stage);
    let mut findings: Vec<Finding<'_>> = Vec::new();
    for (graded, failure) in failed {
        let cause = known.cause(graded, failure);
        match findings.iter_mut().find(|finding| finding.cause == cause) {
            Some(finding) => finding.failed.push(graded),
            None => findings.push(Finding {
                cause,
                failed: vec![graded],
            }),
        }
    }
    // What is equal stays in its order.
    findings.sort_by_key(|finding| {
        let cases = finding.failed.len();
        (
            finding.is_in_the_way(),
            finding.stage(),
            finding.rank(),
            usize::MAX - cases,
        )
    });
    findings
}

fn failures(graded: &[Graded]) -> impl Iterator<Item = (&Graded, &Failure)> {
    graded.iter().filter_map(|graded| match &graded.outcome {
        Outcome::Failed(failure) => Some((graded, &**failure)),
        _ => None,
    })
}

/// What all cases together say of each.
struct Known {
    /// It has come up.
    starts: bool,
    /// Somebody was answered.
    talks: bool,
    /// A client that says nothing keeps it from others.
    one_at_a_time: bool,
    /// A connection was not closed.
    leaks: bool,
}

impl Known {
    fn of(graded: &[Graded]) -> Known {
        let passed = |graded: &Graded| matches!(graded.outcome, Outcome::Passed);
        let sign = |sign| failures(graded).any(|(_, failure)| failure.facts.sign == Some(sign));
        let mut talking = graded
            .iter()
            .filter(|graded| graded.case.stage == Stage::Talks)
            .peekable();
        Known {
            starts: graded.iter().any(|graded| {
                let absent = |failure: &Failure| {
                    let sign = failure.facts.sign;
                    matches!(sign, Some(Sign::NotStarted | Sign::NeverListened))
                };
                let came_up = match &graded.outcome {
                    Outcome::Passed => true,
                    Outcome::Failed(failure) => !absent(failure),
                    Outcome::Skipped(_) | Outcome::Excepted(_) => false,
                };
                came_up && !matches!(graded.case.drive, Drive::Program(_))
            }),
            talks: talking.peek().is_none() || talking.any(passed),
            one_at_a_time: failures(graded).any(|(_, failure)| {
                failure.facts.sign == Some(Sign::OneAtATime) && is_silent(failure)
            }),
            leaks: sign(Sign::DescriptorsKept)
                || failures(graded).any(|(_, failure)| lacks_only_the_end(failure)),
        }
    }

    fn cause(&self, graded: &Graded, failure: &Failure) -> Cause {
        let facts = &failure.facts;
        let kind = facts.reason.as_deref().map(complaints::kind);
        // One that is told to end has not died.
        let died = facts
            .ended
            .filter(|_| !matches!(graded.case.drive, Drive::Ending(_)));
        match (facts.sign, died, kind) {
            (Some(Sign::NotStarted), ..) => Cause::NotStarted,
            (Some(Sign::NeverListened), ..) if !self.starts => Cause::NeverListened,
            (_, Some(ended), kind) => Cause::Died(ended, kind),
            (_, None, Some(kind)) => Cause::BrokeOff(kind),
            (Some(Sign::ReadsOnce), ..) => Cause::ReadsOnce,
            (Some(Sign::OneAtATime), ..) if self.talks && is_silent(failure) => Cause::OneAtATime,
            (Some(Sign::DescriptorsKept), ..) => Cause::NotClosed,
            (Some(Sign::DescriptorsRanOut), ..) if self.leaks => Cause::NotClosed,
            (Some(Sign::Zombies), ..) => Cause::Zombies,
            _ if lacks_only_the_end(failure) => Cause::NotClosed,
            _ if is_silent(failure) && !self.talks => Cause::NeverAnswers,
            _ if is_silent(failure) && self.one_at_a_time => Cause::OneAtATime,
            _ => Cause::Meaning(failure.meaning.en.to_string()),
        }
    }
}

fn lacks_only_the_end(failure: &Failure) -> bool {
    matches!(&failure.evidence, Evidence::Exchange(exchange) if exchange.lacks_only_the_end())
}

fn is_silent(failure: &Failure) -> bool {
    matches!(&failure.evidence, Evidence::Exchange(exchange) if exchange.is_silent())
}

impl Finding<'_> {
    /// The earliest stage in which something fails by it.
    pub fn stage(&self) -> Stage {
        self.failed[0].case.stage
    }

    /// What the cases are worth.
    pub fn points(&self) -> u32 {
        self.failed.iter().map(|graded| graded.case.points).sum()
    }

    /// Smaller than others' if nothing can be judged meanwhile, or much comes of it.
    fn is_in_the_way(&self) -> usize {
        match self.cause {
            Cause::NotStarted => 0,
            Cause::NeverListened => 1,
            Cause::Meaning(_) => 3,
            _ if self.failed.len() >= MANY => 2,
            _ => 3,
        }
    }

    /// Within a stage: smaller for what others follow from.
    fn rank(&self) -> usize {
        match self.cause {
            Cause::NotStarted | Cause::NeverListened => 0,
            Cause::Died(..) => 1,
            Cause::BrokeOff(_) => 2,
            Cause::NeverAnswers | Cause::ReadsOnce => 3,
            Cause::NotClosed => 4,
            Cause::OneAtATime | Cause::Zombies => 5,
            Cause::Meaning(_) => 6,
        }
    }

    /// What was seen, in a few words.
    pub fn title(&self) -> Text {
        let case = self.failed[0].case;
        match &self.cause {
            Cause::NotStarted => text("the program cannot be started", "程序启动不了"),
            Cause::NeverListened => self.because(&NEVER_LISTENED),
            Cause::Died(ended, _) => {
                let how = match (ended.signal(), ended) {
                    (Some(name), _) => Text::new(
                        format!("the server dies: killed by {name}"),
                        format!("服务器死了：被 {name} 杀死"),
                    ),
                    (None, Ended::Exited(status) | Ended::Killed(status)) => Text::new(
                        format!("the server ends, exit status {status}"),
                        format!("服务器自己退出了，退出状态 {status}"),
                    ),
                };
                self.because(&how)
            }
            Cause::BrokeOff(_) => self.because(&BROKE_OFF),
            Cause::NeverAnswers => NEVER_ANSWERS.clone(),
            Cause::ReadsOnce => READS_ONCE.clone(),
            Cause::OneAtATime => ONE_AT_A_TIME.clone(),
            Cause::NotClosed => NOT_CLOSED.clone(),
            Cause::Zombies => ZOMBIES.clone(),
            Cause::Meaning(_) => Text::new(
                format!("{} fails: {}", case.slug, case.title.en),
                format!("{} 没有通过：{}", case.slug, case.title.zh),
            ),
        }
    }

    /// The same words, and the reason that the program gave.
    fn because(&self, what: &Text) -> Text {
        let reasons = self
            .failed
            .iter()
            .filter_map(|graded| match &graded.outcome {
                Outcome::Failed(failure) => failure.facts.reason.as_deref(),
                _ => None,
            });
        match reasons.into_iter().next() {
            None => what.clone(),
            Some(reason) => Text::new(
                format!("{}: {reason}", what.en),
                format!("{}：{reason}", what.zh),
            ),
        }
    }

    /// Why it is to be mended before the others, and what to look at.
    pub fn why(&self) -> Text {
        match &self.cause {
            Cause::NotStarted | Cause::NeverListened => WHY_NOT_STARTED.clone(),
            Cause::Died(..) => WHY_DIED.clone(),
            Cause::BrokeOff(_) => WHY_BROKE_OFF.clone(),
            Cause::NeverAnswers => WHY_NEVER_ANSWERS.clone(),
            Cause::ReadsOnce => WHY_READS_ONCE.clone(),
            Cause::OneAtATime => WHY_ONE_AT_A_TIME.clone(),
            Cause::NotClosed => WHY_NOT_CLOSED.clone(),
            Cause::Zombies => WHY_ZOMBIES.clone(),
            Cause::Meaning(_) => {
                let stage = self.stage().title();
                Text::new(
                    format!(
                        "Of all that fails, it is of the earliest stage: {}.",
                        stage.en
                    ),
                    format!("在没有通过的用例里，它属于最早的一关：{}。", stage.zh),
                )
            }
        }
    }
}

static NEVER_LISTENED: Text = text("the program does not come up", "程序没有起来");
static BROKE_OFF: Text = text(
    "something in the server breaks off",
    "服务器里有一处出错中断",
);
static NEVER_ANSWERS: Text = text(
    "the server listens, and answers nobody",
    "服务器在监听，却谁也不回答",
);
static READS_ONCE: Text = text(
    "the server is told once that bytes are there (EPOLLET), and leaves some unread",
    "边沿触发（EPOLLET）只通知一次，服务器却没有把字节读完",
);
static ONE_AT_A_TIME: Text = text(
    "one client keeps the server from all others",
    "一个客户端就把服务器占住，别人都得不到回答",
);
static NOT_CLOSED: Text = text(
    "the server does not close connections",
    "服务器没有关闭连接",
);
static ZOMBIES: Text = text(
    "nobody asks how children have ended",
    "子进程结束了，没有人去问结局",
);

static WHY_NOT_STARTED: Text = text(
    "Until it listens and says where, nothing else can be judged.",
    "程序监听好并说出地址之前，别的都无从评起。",
);
static WHY_DIED: Text = text(
    "A server that has died answers nobody: what else fails may come of it.",
    "服务器死了，谁也得不到回答：别的失败可能都由此而来。",
);
static WHY_BROKE_OFF: Text = text(
    "Whatever was to be done after that place is not done: what else fails may come of it.",
    "那一处之后该做的事都没有做：别的失败可能都由此而来。",
);
static WHY_NEVER_ANSWERS: Text = text(
    "Every other case begins with an answer.",
    "别的用例都要先等到一个回答。",
);
static WHY_READS_ONCE: Text = text(
    "Under edge triggering the kernel tells of new bytes only: after each event, read until recv fails with EAGAIN, or what is left is heard of no more.",
    "边沿触发时，内核只在有新字节到来时通知：每次都要一直读到 recv 返回 EAGAIN，否则剩下的字节再也没有人来报。",
);
static WHY_ONE_AT_A_TIME: Text = text(
    "It sleeps for one client, in recv or in send, while others have spoken: every case with several clients fails by it.",
    "它为一个客户端睡在 recv 或 send 里，别人说的话没有人听：凡是有好几个客户端的用例都会因此失败。",
);
static WHY_NOT_CLOSED: Text = text(
    "A connection ends when its last descriptor is closed, in the parent, in every child: an end of file that does not come, and descriptors that run out, are the same mistake.",
    "连接的最后一个描述符关掉（父进程的、每个子进程的都算），连接才算结束：等不到文件结束，和描述符越来越多，是同一个错误。",
);
static WHY_ZOMBIES: Text = text(
    "Each child that has ended keeps its place in the process table until waitpid: in the end there are no places left.",
    "子进程结束之后，要等 waitpid 才让出进程表里的位置：位置迟早会用完。",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;
    use crate::evidence::{End, Exchange};
    use crate::facts::Facts;
    use crate::verdict::Trouble;
    use std::time::Duration;

    fn graded(slug: &str, outcome: Outcome) -> Graded {
        let case = cases::all().into_iter().find(|case| case.slug == slug);
        Graded {
            case: case.expect(slug),
            outcome,
            took: Duration::ZERO,
        }
    }

    fn failed(slug: &str, evidence: impl Into<Evidence>, facts: Facts) -> Graded {
        let meaning = text("this is what it means", "这是它的意思");
        let Trouble::Failed(mut failure) = Trouble::failed(evidence, &meaning) else {
            unreachable!("it has failed")
        };
        failure.meaning = Text::new(format!("{slug} means this"), "它的意思");
        failure.facts = facts;
        graded(slug, Outcome::Failed(failure))
    }

    fn note() -> Evidence {
        Evidence::Note(text("seen", "看到"))
    }

    fn exchange(received: &[u8]) -> Exchange {
        Exchange::new(b"abc\n", true, b"nop\n", received, End::Open)
    }

    fn sign(sign: Sign) -> Facts {
        Facts {
            sign: Some(sign),
            ..Facts::default()
        }
    }

    fn dead(reason: &str) -> Facts {
        Facts {
            ended: Some(Ended::Exited(1)),
            reason: Some(reason.to_owned()),
            ..Facts::default()
        }
    }

    fn slugs(findings: &[Finding]) -> Vec<Vec<&'static str>> {
        let slugs = |finding: &Finding| finding.failed.iter().map(|it| it.case.slug).collect();
        findings.iter().map(slugs).collect()
    }

    #[test]
    fn who_died_of_the_same_is_one_finding_and_the_earliest_stage_is_first() {
        let all = [
            failed("reset-client", note(), dead("BrokenPipeError: [Errno 32]")),
            failed("every-byte", note(), dead("ValueError: byte 0x80")),
            failed("random-8mib", note(), dead("ValueError: byte 0x99")),
            graded("hello", Outcome::Passed),
        ];
        let found = findings(&all);
        assert_eq!(
            slugs(&found),
            [vec!["every-byte", "random-8mib"], vec!["reset-client"]]
        );
        let title = found[0].title();
        assert_eq!(
            title.en,
            "the server ends, exit status 1: ValueError: byte 0x80"
        );
        assert_eq!(found[0].points(), all[1].case.points + all[2].case.points);
    }

    #[test]
    fn one_forgotten_close_is_one_finding() {
        let all = [
            graded("hello", Outcome::Passed),
            failed("half-close", exchange(b"nop\n"), Facts::default()),
            failed("order-under-load", exchange(b"nop\n"), Facts::default()),
            failed(
                "descriptors-given-back",
                note(),
                sign(Sign::DescriptorsKept),
            ),
            failed(
                "out-of-descriptors",
                exchange(b""),
                sign(Sign::DescriptorsRanOut),
            ),
            failed("help", note(), Facts::default()),
        ];
        let found = findings(&all);
        assert_eq!(found[0].cause, Cause::NotClosed);
        assert_eq!(slugs(&found)[0].len(), 4);
        assert_eq!(slugs(&found)[1], ["help"]);
        // Its stage is not the earliest, but most comes of it.
        let mut all = all.to_vec();
        all.push(failed("max-line", note(), Facts::default()));
        assert_eq!(findings(&all)[0].cause, Cause::NotClosed);
        // Who is stuck without descriptors for another reason has forgotten no close.
        let found = findings(&all[4..6]);
        assert!(matches!(&found[0].cause, Cause::Meaning(_)), "{found:?}");
    }

    #[test]
    fn silence_of_all_is_another_thing_than_silence_of_some() {
        let silent = |slug| failed(slug, exchange(b""), Facts::default());
        let all = [silent("hello"), silent("pipelined"), silent("crowd")];
        let found = findings(&all);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].cause, Cause::NeverAnswers);
        let all = [
            graded("hello", Outcome::Passed),
            silent("crowd"),
            failed("silent-neighbour", exchange(b""), sign(Sign::OneAtATime)),
        ];
        let found = findings(&all);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].cause, Cause::OneAtATime);
        let found = findings(&all[..2]);
        assert!(matches!(&found[0].cause, Cause::Meaning(_)), "{found:?}");
    }

    #[test]
    fn what_does_not_start_is_told_first_and_once() {
        let absent = |slug| failed(slug, note(), sign(Sign::NeverListened));
        let all = [
            failed("help", note(), Facts::default()),
            absent("hello"),
            absent("ipv6"),
        ];
        let found = findings(&all);
        assert_eq!(slugs(&found), [vec!["hello", "ipv6"], vec!["help"]]);
        assert_eq!(found[0].cause, Cause::NeverListened);
        // It comes up, and only not on IPv6.
        let all = [graded("hello", Outcome::Passed), absent("ipv6")];
        let found = findings(&all);
        assert!(matches!(&found[0].cause, Cause::Meaning(_)), "{found:?}");
    }

    #[test]
    fn who_is_told_to_end_has_not_died() {
        let all = [failed(
            "sigterm",
            note(),
            Facts {
                ended: Some(Ended::Killed(15)),
                ..Facts::default()
            },
        )];
        assert!(matches!(&findings(&all)[0].cause, Cause::Meaning(_)));
    }

    #[test]
    fn every_finding_has_words_in_both_languages() {
        let ended = Ended::Killed(13);
        for cause in [
            Cause::NotStarted,
            Cause::NeverListened,
            Cause::Died(ended, None),
            Cause::BrokeOff(String::new()),
            Cause::NeverAnswers,
            Cause::ReadsOnce,
            Cause::OneAtATime,
            Cause::NotClosed,
            Cause::Zombies,
            Cause::Meaning(String::new()),
        ] {
            let all = [failed("hello", note(), Facts::default())];
            let finding = Finding {
                cause,
                failed: all.iter().collect(),
            };
            for words in [finding.title(), finding.why()] {
                assert!(words.en.is_ascii() && !words.zh.is_ascii(), "{words:?}");
            }
        }
    }
}
