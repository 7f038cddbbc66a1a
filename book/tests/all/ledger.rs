//! What changed in one language and not in the other is named, until somebody accepts it.

use crate::tiny::Tiny;

const ENGLISH: &str = "book/en/one.md";
const CHINESE: &str = "book/zh-CN/one.md";

fn accepted() -> Tiny {
    let book = Tiny::new();
    book.accept().expect("both languages are of one shape");
    book.build_unread(&book.out())
        .expect("everything is accepted");
    book
}

fn fault(book: &Tiny) -> String {
    book.build_unread(&book.out())
        .expect_err("the change was not noticed")
}

#[track_caller]
fn says(fault: &str, parts: &[&str]) {
    for part in parts {
        assert!(fault.contains(part), "not said: {part:?}\n{fault}");
    }
    assert!(fault.ends_with("1 fault"), "more than one fault:\n{fault}");
}

#[test]
fn changed_english() {
    let book = accepted();
    book.replace(ENGLISH, "The process sleeps", "The process snores");
    says(
        &fault(&book),
        &[
            "book/en/one.md:3: the English changed and the Chinese did not",
            "book/en/one.md:3: The process snores in `read`.",
            "book/zh-CN/one.md:3: 进程睡在 `read` 里。",
            "cargo run -p book -- accept book/en/one.md:3",
        ],
    );
}

#[test]
fn changed_chinese() {
    let book = accepted();
    book.replace(CHINESE, "它醒了", "它起床了");
    says(
        &fault(&book),
        &["book/zh-CN/one.md:5: the Chinese changed and the English did not"],
    );
}

#[test]
fn new_in_both_languages() {
    let book = accepted();
    book.replace(ENGLISH, "## Code", "It rests.\n\n## Code");
    book.replace(CHINESE, "## 代码", "它歇着。\n\n## 代码");
    says(
        &fault(&book),
        &["book/en/one.md:7: new, and not read side by side yet"],
    );
}

#[test]
fn a_paragraph_that_moved_in_one_language() {
    let book = accepted();
    book.replace(
        CHINESE,
        "进程睡在 `read` 里。",
        "它睡了。\n\n进程睡在 `read` 里。",
    );
    book.replace(ENGLISH, "It wakes.", "It wakes up.\n\nIt wakes.");
    let fault = book
        .build_unread(&book.out())
        .expect_err("the change was not noticed");
    assert!(
        fault.contains("part ways") || fault.contains("differ"),
        "{fault}"
    );
}

#[test]
fn a_changed_heading_and_a_folded_answers_title() {
    let book = Tiny::new();
    let folded = |title| format!("<details>\n<summary>{title}</summary>\n\n");
    book.replace(ENGLISH, "It wakes.", &(folded("Answer") + "It wakes."));
    book.replace(CHINESE, "它醒了。", &(folded("答案") + "它醒了。"));
    for file in [ENGLISH, CHINESE] {
        book.replace(file, "(#code)", "(#code)\n\n</details>\n\n[code]: #code");
    }
    book.accept().expect("both languages are of one shape");
    book.replace(ENGLISH, ">Answer<", ">Solution<");
    says(&fault(&book), &["book/en/one.md:5: the English changed"]);
    book.replace(ENGLISH, ">Solution<", ">Answer<");
    book.replace(CHINESE, "# 等待 {", "# 等着 {");
    says(&fault(&book), &["book/zh-CN/one.md:1: the Chinese changed"]);
}

#[test]
fn accepting_names_what_is_new_and_settles_it() {
    let book = accepted();
    assert_eq!(book.accept(), Ok(Vec::new()));
    book.replace(ENGLISH, "The process sleeps", "The process snores");
    let accepted = book.accept().expect("both languages are of one shape");
    assert_eq!(accepted.len(), 1);
    assert!(accepted[0].contains("book/en/one.md:3: The process snores"));
    assert_eq!(book.build_unread(&book.out()), Ok(()));
}

#[test]
fn one_pair_is_accepted_by_its_place_in_either_language() {
    let book = accepted();
    book.replace(ENGLISH, "The process sleeps", "The process snores");
    book.replace(CHINESE, "它醒了", "它起床了");
    let noted = book.accept_at("book/zh-CN/one.md:3").expect("a pair");
    // Whole, to be read once more.
    let both = "book/en/one.md:3\nThe process snores in `read`.\n\n\
        book/zh-CN/one.md:3\n进程睡在 `read` 里。\n";
    assert_eq!(noted, [both]);
    // The other is as it was, and is still known by what it was agreed on with.
    says(
        &fault(&book),
        &["book/zh-CN/one.md:5: the Chinese changed and the English did not"],
    );
    book.accept_at("en/one.md:5").expect("a pair");
    assert_eq!(book.build_unread(&book.out()), Ok(()));
    // One by one comes to the same ledger as all at once.
    let ledger = book.read("book/ledger.txt");
    assert_eq!(book.accept(), Ok(Vec::new()));
    assert_eq!(book.read("book/ledger.txt"), ledger);
}

#[test]
fn nothing_is_accepted_at_a_place_without_a_pair() {
    let book = accepted();
    book.replace(ENGLISH, "It wakes", "It rises");
    let before = book.read("book/ledger.txt");
    for place in ["book/en/one.md:4", "book/en/two.md:5", "zh-CN/one.md:99"] {
        let error = book.accept_at(place).expect_err("no pair");
        assert!(error.contains("no pair of paragraphs at"), "{error}");
    }
    for place in ["book/en/one.md", "one.md:5", "en/one.md:five"] {
        let error = book.accept_at(place).expect_err("no place");
        assert!(error.contains("a place is FILE:LINE"), "{error}");
    }
    assert_eq!(book.read("book/ledger.txt"), before);
}

#[test]
fn nothing_is_accepted_while_the_shapes_differ() {
    let book = accepted();
    let before = book.read("book/ledger.txt");
    book.replace(ENGLISH, "It wakes.", "It wakes.\n\nIt rests.");
    let error = book.accept().expect_err("the shapes differ");
    assert!(error.contains("the two languages part ways"), "{error}");
    assert_eq!(book.read("book/ledger.txt"), before);
}

#[test]
fn a_spoilt_ledger_is_named_with_its_line() {
    let book = accepted();
    let ledger = book.read("book/ledger.txt");
    book.write("book/ledger.txt", &(ledger + "<<<<<<<\n"));
    let error = fault(&book);
    assert!(error.contains("ledger.txt:"), "{error}");
    assert!(error.contains("not a line of a ledger"), "{error}");
}
