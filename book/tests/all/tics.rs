//! What is good once in a chapter is a fault when it stands there too often.

use crate::tiny::Tiny;

const ENGLISH: &str = "book/en/one.md";
const CHINESE: &str = "book/zh-CN/one.md";

fn with(english: &str, chinese: &str) -> Tiny {
    let book = Tiny::new();
    book.replace(ENGLISH, "It wakes.", english);
    book.replace(CHINESE, "它醒了。", chinese);
    book
}

#[test]
fn one_is_none_and_two_in_a_short_chapter_are_a_tic() {
    for (tic, once, twice) in [
        ("told", "An error is told with its number.", "It is told."),
        ("whoever", "Whoever waits.", "It answers whoever asks."),
        (
            "somebody of their own",
            "Each has somebody of their own.",
            "For somebody of their own it waits.",
        ),
        (
            "said all",
            "The client has said all.",
            "It said everything.",
        ),
        (
            ", as",
            "It waits, as the line is long.",
            "It goes on, as nobody asks.",
        ),
        (
            "it is tempting",
            "It is tempting to wait.",
            "*It is* tempting.",
        ),
    ] {
        assert_eq!(with(once, "它醒了。").build(), Ok(()), "{once}");
        let fault = with(&format!("{once} {twice}"), "它醒了。").fault();
        let what = format!("{ENGLISH}: “{tic}” stands here 2 times, at most 1 may");
        assert!(fault.contains(&what), "no {what} in:\n{fault}");
    }
    // A long chapter may have more.
    let long = format!("It is told. It is told.{}", " word".repeat(2000));
    assert_eq!(with(&long, "它醒了。").build(), Ok(()));
}

#[test]
fn the_right_use_of_a_word_is_no_tic() {
    let good = "The program is told when bytes have come, told that they are gone, and told \
        the name. It reads, as in chapter 2, as far as it can, as often as you like, and as well \
        as it can, as before. It said all of it, of its own. A `told` is code, and a `谁` as well.";
    assert_eq!(with(good, "它醒了，`told`，`谁`。").build(), Ok(()));
}

#[test]
fn chinese_words_that_are_none_of_the_field() {
    for tic in ["过界", "顶住", "量具", "称轻重", "空闲 CPU"] {
        let fault = with("It wakes.", &format!("它{tic}了。")).fault();
        let what = format!("{CHINESE}: “{tic}” stands here 1 times, at most 0 may");
        assert!(fault.contains(&what), "no {what} in:\n{fault}");
    }
    assert_eq!(with("It wakes.", "谁醒了？").build(), Ok(()));
    let fault = with("It wakes.", "谁醒了？谁也没有。").fault();
    assert!(fault.contains("“谁” stands here 2 times"), "{fault}");
    let long = format!("谁醒了？谁也没有。{}", "字".repeat(800));
    assert_eq!(with("It wakes.", &long).build(), Ok(()));
}

#[test]
fn the_list_excuses_a_sentence_and_knows_what_is_still_to_be_mended() {
    let book = with("Whoever waits. It answers whoever asks.", "它顶住了。");
    let allowed = "[[allowed]]\nfile = \"en/one.md\"\ntic = \"whoever\"\ntext = \"whoever asks\"\n\
        reason = \"it may be anybody\"\n";
    let known = "[[known]]\nfile = \"zh-CN/one.md\"\ntic = \"顶住\"\ncount = 1\n";
    book.write("book/tics.toml", &format!("{allowed}{known}"));
    assert_eq!(book.build(), Ok(()));
    book.replace(CHINESE, "它顶住了。", "它顶住了，顶住了。");
    let fault = book.fault();
    assert!(
        fault.contains("“顶住” stands here 2 times, at most 1"),
        "{fault}"
    );
    book.replace(CHINESE, "它顶住了，顶住了。", "它醒了。");
    book.replace(ENGLISH, "It answers whoever asks.", "It answers.");
    let fault = book.fault();
    assert!(
        fault.contains("“whoever asks” stands no more in en/one.md"),
        "{fault}"
    );
}

#[test]
fn all_are_counted_with_their_rate() {
    let book = with("Whoever waits.", "谁醒了？");
    let found = book::site::tics(&book.path("book")).expect("it can be read");
    let found = found.iter().filter(|found| found.count > 0);
    let found: Vec<String> = found.map(ToString::to_string).collect();
    assert!(
        found[0].starts_with("book/en/one.md: whoever: 1, "),
        "{found:?}"
    );
    assert!(
        found[0].ends_with(" in 2,000 words (at most 1)"),
        "{found:?}"
    );
    assert!(
        found[1].starts_with("book/zh-CN/one.md: 谁: 1, "),
        "{found:?}"
    );
}
