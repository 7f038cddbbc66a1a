//! How long a case may take, whatever signs of life its program gives.

use crate::evidence::Evidence;
use crate::patience::is_endless;
use crate::program::Program;
use crate::verdict::Trouble;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use subject::Family;
use subject::processes::Waits;
use terminal::{Text, text};

/// How long a case may take: ten times what it takes, and three silences that are just not too long
/// ([`crate::PATIENCE`]). Time that is spent waiting for a processor does not count.
pub const CASE_TIME: Duration = Duration::from_secs(15);
/// How many times as long it may take at most where there is no processor to be had.
const SLOWEST: u32 = 4;

/// After how many cases that ran out of time a program gets less for the others: of one that drips, nearly
/// all end so.
const RAN_OUT: usize = 3;
/// How long those may take that begin afterwards; those that have begun, as long as an answer.
const TIME_AFTERWARDS: Duration = Duration::from_secs(1);

/// How long an answer may take that is no longer than [`SHORT`], from when it is waited for: a right server
/// gives it in one piece, and one that is just slow enough for [`crate::PATIENCE`] needs no longer.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(5);
/// The longest answer of which that is asked, in bytes: a mark's worth.
pub(crate) const SHORT: usize = 64 << 10;

/// By what a program is known: its executable and its arguments.
type Known = (PathBuf, Vec<OsString>);

/// Which programs have run out of time, and how often.
static HAVE_RUN_OUT: Mutex<BTreeMap<Known, usize>> = Mutex::new(BTreeMap::new());

thread_local! {
    /// That of the case which this thread judges.
    static OF_CASE: RefCell<Option<Deadline>> = const { RefCell::new(None) };
}

/// When a case is over.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    program: Known,
    start: Instant,
    limit: Duration,
    /// How long the judge's threads had waited for a processor before.
    waited_before: Arc<Waits>,
    family: Option<Family>,
    /// Until when, counted from the start in milliseconds, the waiting found so far extends it. To ask a
    /// family of a thousand processes takes as long as some of them wait: they are asked when that is over.
    extended: Arc<AtomicU64>,
    is_of_answer: bool,
    has_run_out: Arc<AtomicBool>,
    /// It was that of an answer which ran out.
    answer_ran_out: Arc<AtomicBool>,
}

impl Deadline {
    fn new(program: Known, limit: Duration) -> Deadline {
        Deadline {
            program,
            start: Instant::now(),
            limit,
            waited_before: waited_lately(),
            family: None,
            extended: Arc::default(),
            is_of_answer: false,
            has_run_out: Arc::default(),
            answer_ran_out: Arc::default(),
        }
    }

    /// The case that this thread judges begins now.
    pub(crate) fn begin(program: &Program) {
        let program = as_known(program);
        let limit = match has_often_run_out(&program) {
            true => TIME_AFTERWARDS,
            false => CASE_TIME,
        };
        OF_CASE.set(Some(Deadline::new(program, limit)));
    }

    /// What went before does not count, as somebody else was waited for.
    pub(crate) fn begin_again() {
        let before = Deadline::of_case();
        OF_CASE.set(Some(Deadline {
            family: before.family,
            ..Deadline::new(before.program, before.limit)
        }));
    }

    /// That of the case which this thread judges; where it judges none, one that begins now.
    pub(crate) fn of_case() -> Deadline {
        let of_case = OF_CASE.with_borrow(Clone::clone);
        of_case.unwrap_or_else(|| Deadline::new(Known::default(), CASE_TIME))
    }

    /// From now on these processes are those that the case which this thread judges is about: they, too, may
    /// have waited for a processor.
    pub(crate) fn is_about(family: Family) {
        OF_CASE.with_borrow_mut(|deadline| {
            if let Some(deadline) = deadline {
                deadline.family = Some(family);
            }
        });
    }

    /// That of an answer, which begins now, within this one.
    pub(crate) fn of_answer(&self) -> Deadline {
        let left = self.limit.saturating_sub(self.start.elapsed());
        if left < ANSWER_TIME {
            return self.clone();
        }
        Deadline {
            start: Instant::now(),
            limit: ANSWER_TIME,
            waited_before: waited_lately(),
            extended: Arc::default(),
            is_of_answer: true,
            ..self.clone()
        }
    }

    /// The same where these processes, too, may have waited for a processor.
    pub(crate) fn of(self, family: Option<Family>) -> Deadline {
        Deadline { family, ..self }
    }

    /// Is it time to end? From then on, the case has run out of time.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over_for(|| self.family.clone())
    }

    /// The same where these processes, too, may have waited for a processor.
    pub(crate) fn is_over_for(&self, family: impl FnOnce() -> Option<Family>) -> bool {
        let took = self.start.elapsed();
        if took < self.limit.min(ANSWER_TIME) || is_endless() {
            return false;
        }
        let limit = match has_often_run_out(&self.program) {
            true => self.limit.min(ANSWER_TIME),
            false => self.limit,
        };
        let is_over = took >= limit
            && (took >= limit * SLOWEST || !self.is_extended_beyond(took, limit, family));
        self.has_run_out.fetch_or(is_over, Ordering::SeqCst);
        let is_of_answer = is_over && self.is_of_answer;
        self.answer_ran_out.fetch_or(is_of_answer, Ordering::SeqCst);
        is_over
    }

    fn is_extended_beyond(
        &self,
        took: Duration,
        limit: Duration,
        family: impl FnOnce() -> Option<Family>,
    ) -> bool {
        let took = took.as_millis() as u64;
        if took < self.extended.load(Ordering::SeqCst) {
            return true;
        }
        let extended = limit + self.waited(family().as_ref());
        let extended = extended.as_millis() as u64;
        self.extended.fetch_max(extended, Ordering::SeqCst);
        took < extended
    }

    /// Would it be time, had no time been spent waiting for a processor?
    pub(crate) fn is_extended(&self) -> bool {
        self.start.elapsed() >= self.limit
    }

    /// Was it found to be time?
    pub(crate) fn has_run_out(&self) -> bool {
        self.has_run_out.load(Ordering::SeqCst)
    }

    /// How long a processor was waited for: by the judge's threads, of which several may work for one
    /// case, and by one of the program's.
    fn waited(&self, family: Option<&Family>) -> Duration {
        let ours = self.waited_before.since();
        let theirs = family.map(Family::waited);
        ours + theirs.unwrap_or_default()
    }

    /// A failed case, if it is time.
    ///
    /// # Errors
    ///
    /// That it is.
    pub(crate) fn check(&self) -> Result<(), Trouble> {
        if !self.is_over() {
            return Ok(());
        }
        let evidence = Evidence::Finding {
            expected: text("the case comes to its end", "用例进行到底"),
            found: text("its time is up before", "时间先用完了"),
        };
        Err(Trouble::failed(evidence, &TOO_LONG))
    }

    /// The case that this thread has judged is over: if it ran out of time, a failure says so.
    pub(crate) fn end(program: &Program, trouble: Trouble) -> Trouble {
        let deadline = Deadline::of_case();
        OF_CASE.set(None);
        if !deadline.has_run_out() {
            return trouble;
        }
        *known().entry(as_known(program)).or_default() += 1;
        if deadline.answer_ran_out.load(Ordering::SeqCst) {
            let (limit, length) = (ANSWER_TIME.as_secs(), SHORT >> 10);
            return trouble.noted(Text::new(
                format!(
                    "ended by the judge: {limit} s is the time for an answer of up to {length} KiB"
                ),
                format!("评判程序终止了这个用例：不超过 {length} KiB 的回答，最多等 {limit} 秒"),
            ));
        }
        let limit = CASE_TIME.as_secs();
        trouble.noted(match has_often_run_out(&deadline.program) {
            false => Text::new(
                format!("ended by the judge: {limit} s is the time for a case"),
                format!("评判程序终止了这个用例：一个用例最多 {limit} 秒"),
            ),
            true => Text::new(
                format!(
                    "ended by the judge: {RAN_OUT} other cases of this program have run out of time, and there is less for the rest"
                ),
                format!(
                    "评判程序终止了这个用例：这个程序已有 {RAN_OUT} 个用例用完了时间，剩下的用例时间更短"
                ),
            ),
        })
    }
}

/// How old it may be what is known of them.
const LATELY: Duration = Duration::from_millis(50);

/// How long the judge's threads had waited for a processor a moment ago. What has passed since then is taken
/// for a wait: each of dozens of threads has a file that tells it, and thousands of answers are waited for.
fn waited_lately() -> Arc<Waits> {
    static LAST: Mutex<Option<(Instant, Arc<Waits>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((asked, waits)) = &*last
        && asked.elapsed() < LATELY
    {
        return Arc::clone(waits);
    }
    let (asked, waits) = (Instant::now(), Arc::new(Waits::now()));
    *last = Some((asked, Arc::clone(&waits)));
    waits
}

fn has_often_run_out(program: &Known) -> bool {
    known().get(program) >= Some(&RAN_OUT)
}

fn as_known(program: &Program) -> Known {
    (program.path.clone(), program.arguments.clone())
}

fn known() -> MutexGuard<'static, BTreeMap<Known, usize>> {
    HAVE_RUN_OUT.lock().unwrap_or_else(PoisonError::into_inner)
}

static TOO_LONG: Text = text(
    "The program gives signs of life, and so few of them that it would go on for a very long time.",
    "程序一直有动静，但进展太慢，这样下去要很久很久。",
);
