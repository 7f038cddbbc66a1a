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
            "cargo run -p book -- accept",
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
