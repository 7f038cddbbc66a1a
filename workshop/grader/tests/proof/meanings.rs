//! What the judge says that each failure usually means: recorded in `meanings.txt`, to be read as a whole.
//! A bug that is found for another reason than recorded proves nothing, and sends a learner the wrong way.
//!
//! A bug that stands below two meanings of a case may be told either. `RECORD=1` writes down what was seen
//! and was not allowed, and takes out what the table has no more: read the difference before you keep it.

use libtest_mimic::Failed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{LazyLock, Mutex};
use std::{env, fs};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proof/meanings.txt");

/// A kind of program, a case, a bug that it must find.
pub(crate) type Pair = [String; 3];

type Meanings = BTreeMap<Pair, BTreeSet<String>>;

static RECORDED: LazyLock<Meanings> =
    LazyLock::new(|| parse(&fs::read_to_string(PATH).unwrap_or_default()));
static SEEN: Mutex<Meanings> = Mutex::new(Meanings::new());

fn is_recording() -> bool {
    env::var_os("RECORD").is_some_and(|value| value == "1")
}

/// The failure of this pair has been said to mean this.
pub(crate) fn compare(pair: &Pair, meaning: &str) -> Result<(), Failed> {
    let recorded = RECORDED.get(pair);
    if recorded.is_some_and(|recorded| recorded.contains(meaning)) {
        return Ok(());
    }
    if is_recording() {
        let mut seen = SEEN.lock().expect("nobody panics with it");
        seen.insert(pair.clone(), BTreeSet::from([meaning.to_owned()]));
        return Ok(());
    }
    let what = match recorded {
        Some(_) => "for another reason than is recorded",
        None => "for a reason that is not recorded",
    };
    let mut told = format!("{} finds {} {what}\n", pair[1], pair[2]);
    for recorded in recorded.into_iter().flatten() {
        let _ = writeln!(told, "recorded  {recorded}");
    }
    let _ = write!(
        told,
        "told      {meaning}\nIf a learner with this bug should read that, RECORD=1 writes it into tests/proof/meanings.txt."
    );
    Err(told.into())
}

/// What is recorded is what the table asks for, and stands as it is written by `RECORD=1`.
pub(crate) fn are_complete(table: &[Pair]) -> Result<(), Failed> {
    if is_recording() || fs::read_to_string(PATH)? == written(table, &RECORDED) {
        return Ok(());
    }
    let missing = table.iter().filter(|pair| !RECORDED.contains_key(*pair));
    let superfluous = RECORDED.keys().filter(|pair| !table.contains(pair));
    let mut told = "tests/proof/meanings.txt is not as RECORD=1 writes it".to_owned();
    for (pairs, what) in [
        (missing.collect::<Vec<_>>(), "not recorded"),
        (superfluous.collect(), "not in the table"),
    ] {
        for pair in pairs {
            let _ = write!(told, "\n{}: {what}", pair.join(" "));
        }
    }
    Err(told.into())
}

/// Writes down what was seen, if that is wanted.
pub(crate) fn record(table: &[Pair]) -> std::io::Result<()> {
    if !is_recording() {
        return Ok(());
    }
    let mut all = RECORDED.clone();
    all.extend(SEEN.lock().expect("nobody panics with it").clone());
    fs::write(PATH, written(table, &all))
}

fn parse(text: &str) -> Meanings {
    let mut meanings = Meanings::new();
    let (mut kind, mut case, mut meaning) = ("", "", "");
    for line in text.lines().filter(|line| !line.is_empty()) {
        let words = line.trim_start();
        match line.len() - words.len() {
            0 => kind = words,
            2 => case = words,
            4 => meaning = words,
            _ => {
                let pair = [kind, case, words].map(str::to_owned);
                meanings.entry(pair).or_default().insert(meaning.to_owned());
            }
        }
    }
    meanings
}

/// In the order of the table, the bugs of one meaning together.
fn written(table: &[Pair], meanings: &Meanings) -> String {
    let mut text = String::new();
    for of_kind in table.chunk_by(|a, b| a[0] == b[0]) {
        let blank = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{blank}{}", of_kind[0][0]);
        for of_case in of_kind.chunk_by(|a, b| a[1] == b[1]) {
            let _ = writeln!(text, "  {}", of_case[0][1]);
            let mut told: Vec<&str> = Vec::new();
            for meaning in of_case
                .iter()
                .filter_map(|pair| meanings.get(pair))
                .flatten()
            {
                if !told.contains(&meaning.as_str()) {
                    told.push(meaning);
                }
            }
            for meaning in told {
                let _ = writeln!(text, "    {meaning}");
                let of_meaning = of_case.iter().filter(|pair| {
                    let recorded = meanings.get(*pair);
                    recorded.is_some_and(|recorded| recorded.contains(meaning))
                });
                for pair in of_meaning {
                    let _ = writeln!(text, "      {}", pair[2]);
                }
            }
        }
    }
    text
}
