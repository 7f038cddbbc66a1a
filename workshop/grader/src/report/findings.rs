//! Failures of one cause are one finding: many cases fail by one bug.

use crate::case::{Drive, Graded};
use crate::complaints;
use crate::evidence::Evidence;
use crate::facts::{Ended, Sign};
use crate::stage::Stage;
use crate::verdict::{Failure, Outcome};
use std::collections::HashSet;

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
    /// It does not set SO_REUSEADDR, and cannot be started again at once.
    AddressKept,
    /// It ended so, for a reason of this kind, if it gave one.
    Died(Ended, Option<String>),
    /// Something in it broke off for a reason of this kind, and it goes on.
    BrokeOff(String),
    /// It listens, and answers nothing.
    NeverAnswers,
    /// It was told once that bytes are there, and left some.
    ReadsOnce,
    /// It sleeps elsewhere while bytes of a client lie unread.
    LeavesUnread,
    /// Its backlog is short, or it accepts slowly: who comes in a crowd waits for seconds.
    BacklogFull,
    /// It sleeps until it can send to one client, and serves no other.
    SleepsInSend,
    /// One client keeps it from all others.
    OneAtATime,
    /// A connection is not closed, or its descriptor is not.
    NotClosed,
    /// Children have ended, and nobody has asked how.
    Zombies,
    /// It has nothing to do, and asks the kernel again and again.
    NeverSleeps,
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
    /// How it ended elsewhere, and for a reason of which kind.
    died: Vec<(Ended, String)>,
    /// What has broken off in cases that passed all the same: no cause of what fails in others.
    harmless: HashSet<String>,
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
                    Outcome::Skipped(_) | Outcome::Excepted(_) | Outcome::FailedOnPurpose(..) => {
                        false
                    }
                };
                came_up && !matches!(graded.case.drive, Drive::Program(_))
            }),
            talks: talking.peek().is_none() || talking.any(passed),
            one_at_a_time: failures(graded).any(|(_, failure)| {
                failure.facts.sign == Some(Sign::OneAtATime) && is_silent(failure)
            }),
            leaks: sign(Sign::DescriptorsKept)
                || failures(graded).any(|(_, failure)| lacks_only_the_end(failure)),
            died: failures(graded)
                .filter_map(|(graded, failure)| died(graded, failure))
                .filter_map(|(ended, kind)| Some((ended, kind?)))
                .collect(),
            harmless: graded
                .iter()
                .filter_map(|graded| graded.unharmed_by.as_deref().map(complaints::kind))
                .collect(),
        }
    }

    fn cause(&self, graded: &Graded, failure: &Failure) -> Cause {
        let facts = &failure.facts;
        let kind = facts.reason.as_deref().map(complaints::kind);
        let died = died(graded, failure).map(|(ended, _)| ended).or_else(|| {
            // Of the same it was seen to die elsewhere: here it was only not dead yet.
            let same = |(_, reason): &&(Ended, String)| Some(reason) == kind.as_ref();
            self.died.iter().find(same).map(|(ended, _)| *ended)
        });
        match (facts.sign, died, kind) {
            (Some(Sign::NotStarted), ..) => Cause::NotStarted,
            (Some(Sign::NeverListened), ..) if !self.starts => Cause::NeverListened,
            (Some(Sign::AddressKept), ..) => Cause::AddressKept,
            (_, Some(ended), kind) => Cause::Died(ended, kind),
            (_, None, Some(kind)) if !self.harmless.contains(&kind) => Cause::BrokeOff(kind),
            (Some(Sign::ReadsOnce), ..) => Cause::ReadsOnce,
            (Some(Sign::LeavesUnread), ..) => Cause::LeavesUnread,
            (Some(Sign::BacklogFull), ..) if !self.one_at_a_time => Cause::BacklogFull,
            (Some(Sign::SleepsInSend), ..) if !self.one_at_a_time => Cause::SleepsInSend,
            (Some(Sign::OneAtATime), ..) if self.talks && is_silent(failure) => Cause::OneAtATime,
            (Some(Sign::DescriptorsKept), ..) => Cause::NotClosed,
            (Some(Sign::DescriptorsRanOut), ..) if self.leaks => Cause::NotClosed,
            (Some(Sign::Zombies), ..) => Cause::Zombies,
            (Some(Sign::NeverSleeps), ..) => Cause::NeverSleeps,
            _ if lacks_only_the_end(failure) => Cause::NotClosed,
            _ if is_silent(failure) && !self.talks => Cause::NeverAnswers,
            _ if is_silent(failure) && self.one_at_a_time => Cause::OneAtATime,
            _ => Cause::Meaning(failure.meaning.en.to_string()),
        }
    }
}

/// How the server ended, and the kind of its reason; none of one that was told to end.
fn died(graded: &Graded, failure: &Failure) -> Option<(Ended, Option<String>)> {
    let facts = &failure.facts;
    let ended = facts
        .ended
        .filter(|_| !matches!(graded.case.drive, Drive::Ending(_)))?;
    Some((ended, facts.reason.as_deref().map(complaints::kind)))
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

    /// Can nothing else be judged meanwhile?
    pub(super) fn stops_all(&self) -> bool {
        matches!(self.cause, Cause::NotStarted | Cause::NeverListened)
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
            Cause::NeverAnswers | Cause::ReadsOnce | Cause::LeavesUnread | Cause::NeverSleeps => 3,
            Cause::NotClosed | Cause::AddressKept => 4,
            Cause::OneAtATime | Cause::SleepsInSend | Cause::BacklogFull | Cause::Zombies => 5,
            Cause::Meaning(_) => 6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;
    use crate::evidence::{End, Exchange};
    use crate::facts::Facts;
    use crate::verdict::Trouble;
    use std::time::Duration;
    use terminal::{Text, text};

    fn graded(slug: &str, outcome: Outcome) -> Graded {
        let case = cases::all().into_iter().find(|case| case.slug == slug);
        Graded {
            case: case.expect(slug),
            outcome,
            took: Duration::ZERO,
            unharmed_by: None,
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
    fn a_server_that_never_sleeps_is_one_finding_and_no_other_mechanism() {
        let all = [
            failed("mechanism", note(), sign(Sign::NeverSleeps)),
            failed("idle-cpu", note(), sign(Sign::NeverSleeps)),
            graded("hello", Outcome::Passed),
        ];
        assert_eq!(slugs(&findings(&all)), [["mechanism", "idle-cpu"]]);
        let score = |all: &[Graded]| crate::report::Score::of(all);
        assert_eq!(score(&all).counted(), score(&all).points);
        let mut many: Vec<Graded> = cases::server()
            .into_iter()
            .map(|case| graded(case.slug, Outcome::Passed))
            .collect();
        many.push(failed("mechanism", note(), Facts::default()));
        let score = score(&many);
        assert!(score.points > score.max_points / 2);
        assert_eq!(score.counted(), score.max_points / 2);
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
        // It may not be dead yet when it is looked at.
        let mut dying = dead("ValueError: byte 0x11");
        dying.ended = None;
        let all = [all.to_vec(), vec![failed("any-cut", note(), dying)]].concat();
        assert_eq!(slugs(&findings(&all))[0].len(), 3);
    }

    #[test]
    fn what_breaks_off_where_all_is_well_is_no_cause() {
        let broke_off = |reason: &str| Facts {
            reason: Some(reason.to_owned()),
            ..Facts::default()
        };
        let mut all = [
            graded("hello", Outcome::Passed),
            failed("half-close", exchange(b"nop\n"), broke_off("OSError: 1")),
            failed("every-byte", note(), broke_off("ValueError: 2")),
        ];
        let causes = |all: &[Graded]| -> Vec<Cause> {
            findings(all).into_iter().map(|it| it.cause).collect()
        };
        let broken = |reason: &str| Cause::BrokeOff(reason.to_owned());
        assert_eq!(
            causes(&all),
            [broken("ValueError: #"), broken("OSError: #")]
        );
        all[0].unharmed_by = Some("OSError: 7".to_owned());
        assert_eq!(causes(&all), [broken("ValueError: #"), Cause::NotClosed]);
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
            Cause::AddressKept,
            Cause::Died(ended, None),
            Cause::BrokeOff(String::new()),
            Cause::NeverAnswers,
            Cause::ReadsOnce,
            Cause::LeavesUnread,
            Cause::BacklogFull,
            Cause::SleepsInSend,
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
