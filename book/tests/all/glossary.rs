//! The glossary: its two pages, its words in the chapters, and the links that lead to it.

use crate::tiny::Tiny;

const TERMS: &str = "\
[process]
en = [\"process\", \"processes\"]
zh = [\"进程\"]
avoid = [\"task\", \"行程\"]

[fork]
en = [\"fork\"]
zh = [\"fork\"]
";

/// The tiny book with a glossary of two terms, of which its chapter uses one.
fn with_glossary() -> Tiny {
    let book = Tiny::new();
    book.write("book/terms.toml", TERMS);
    for (folder, title, process, text) in [
        ("en", "Glossary", "process · 进程", "It runs."),
        ("zh-CN", "术语表", "进程 · process", "它在跑。"),
    ] {
        let summary = format!("book/{folder}/SUMMARY.md");
        book.write(
            &summary,
            &(book.read(&summary) + &format!("- [{title}](glossary.md)\n")),
        );
        let page = format!(
            "# {title} {{#glossary}}\n\n### {process} {{#process}}\n\n{text}\n\n### fork {{#fork}}\n\n{text}\n"
        );
        book.write(&format!("book/{folder}/glossary.md"), &page);
    }
    book
}

#[track_caller]
fn says(fault: &str, parts: &[&str]) {
    for part in parts {
        assert!(
            fault.contains(part),
            "the fault does not say {part:?}:\n{fault}"
        );
    }
}

#[test]
fn the_first_use_in_a_chapter_is_a_link_in_every_edition() {
    let book = with_glossary();
    book.replace("book/en/one.md", "It wakes.", "The process wakes.");
    book.replace("book/zh-CN/one.md", "它醒了。", "进程醒了。");
    assert_eq!(book.build(), Ok(()));
    let link = |word: &str| format!("<a class=\"term\" href=\"glossary.html#process\">{word}</a>");
    for (folder, words) in [
        ("en", &["process"][..]),
        ("zh-CN", &["进程"]),
        ("bi", &["process", "进程"]),
    ] {
        let page = book.read(&format!("book/out/{folder}/one.html"));
        assert_eq!(
            page.matches("class=\"term\"").count(),
            words.len(),
            "{folder}"
        );
        for word in words {
            assert!(page.contains(&link(word)), "{folder}: {page}");
        }
        let glossary = book.read(&format!("book/out/{folder}/glossary.html"));
        assert!(!glossary.contains("class=\"term\""), "{folder}");
    }
}

#[test]
fn side_by_side_a_heading_names_its_words_once() {
    let book = with_glossary();
    assert_eq!(book.build(), Ok(()));
    let page = book.read("book/out/bi/glossary.html");
    assert!(page.contains(">process · 进程</a>"), "{page}");
    assert!(!page.contains("进程 · process"), "{page}");
}

#[test]
fn a_term_without_its_heading() {
    let book = with_glossary();
    let text = book.read("book/terms.toml") + "\n[thread]\nen = [\"thread\"]\nzh = [\"线程\"]\n";
    book.write("book/terms.toml", &text);
    let parts = [
        "book/terms.toml:10: book/en/glossary.md does not explain it",
        "`### thread · 线程 {#thread}`",
        "book/terms.toml:10: book/zh-CN/glossary.md does not explain it",
        "`### 线程 · thread {#thread}`",
    ];
    says(&book.fault(), &parts);
}

#[test]
fn a_heading_without_its_term() {
    let book = with_glossary();
    book.write(
        "book/terms.toml",
        TERMS.split("[fork]").next().expect("a part"),
    );
    let parts = [
        "book/en/glossary.md:7: book/terms.toml has no [fork]",
        "book/zh-CN/glossary.md:7: ",
    ];
    says(&book.fault(), &parts);
}

#[test]
fn a_heading_of_other_words() {
    let book = with_glossary();
    book.replace("book/zh-CN/glossary.md", "进程 · process", "程序 · process");
    says(
        &book.fault(),
        &[
            "book/zh-CN/glossary.md:3: ",
            "write `### 进程 · process {#process}`",
        ],
    );
}

#[test]
fn a_form_to_avoid() {
    let book = with_glossary();
    book.replace("book/en/one.md", "It wakes.", "The Task wakes.");
    book.replace("book/zh-CN/one.md", "它醒了。", "行程醒了。");
    let parts = [
        "book/en/one.md:5: the book says “process”, not “Task”",
        "book/zh-CN/one.md:5: the book says “进程”, not “行程”",
    ];
    says(&book.fault(), &parts);
}

#[test]
fn a_term_that_one_language_leaves_out() {
    let book = with_glossary();
    book.replace("book/zh-CN/one.md", "进程睡在", "它睡在");
    let parts = [
        "book/en/one.md:3: “process” is a term",
        "book/zh-CN/one.md uses none",
        "进程",
    ];
    says(&book.fault(), &parts);
    let book = with_glossary();
    book.replace("book/en/one.md", "It wakes.", "It forks: a fork.");
    says(&book.fault(), &["book/en/one.md:5: “fork” is a term"]);
}

#[test]
fn a_loose_term_may_be_left_out() {
    let book = with_glossary();
    book.replace(
        "book/terms.toml",
        "avoid = [",
        "loose = \"a reason\"\navoid = [",
    );
    book.replace("book/zh-CN/one.md", "进程睡在", "它睡在");
    assert_eq!(book.build(), Ok(()));
}

#[test]
fn a_form_of_two_terms() {
    let book = with_glossary();
    book.replace("book/terms.toml", "\"processes\"", "\"fork\"");
    says(
        &book.fault(),
        &["book/terms.toml:", "both have “fork”, leave one"],
    );
}

#[test]
fn terms_that_are_not_of_their_form() {
    let book = with_glossary();
    book.replace("book/terms.toml", "avoid", "avoids");
    says(
        &book.fault(),
        &[
            "cannot use book/terms.toml as the glossary's terms",
            "avoids",
        ],
    );
}
