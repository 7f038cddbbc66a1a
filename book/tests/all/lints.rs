//! Each rule of the page is broken once, and the build must say where and what to write; good text
//! of the same kind must pass.

use crate::tiny::Tiny;

const ENGLISH: &str = "book/en/one.md";
const CHINESE: &str = "book/zh-CN/one.md";

/// Puts `text` into line 5 of a chapter; the build must fail there with these words.
#[track_caller]
fn caught(file: &str, text: &str, what: &str) {
    let book = Tiny::new();
    let old = match file {
        ENGLISH => "It wakes.",
        _ => "它醒了。",
    };
    book.replace(file, old, text);
    said(&book.fault(), file, 5, what);
}

#[track_caller]
fn said(fault: &str, file: &str, line: usize, what: &str) {
    let place = format!("{file}:{line}: ");
    let lines = fault.lines().filter(|line| line.starts_with(&place));
    assert!(
        lines.into_iter().any(|line| line.contains(what)),
        "no {place}{what} in:\n{fault}"
    );
}

/// The chapters with these texts in line 5 must be built.
#[track_caller]
fn passes(english: &str, chinese: &str) {
    let book = Tiny::new();
    book.replace(ENGLISH, "It wakes.", english);
    book.replace(CHINESE, "它醒了。", chinese);
    assert_eq!(book.build(), Ok(()), "{english} {chinese}");
}

#[test]
fn a_paragraph_is_one_line() {
    for (file, text) in [
        (ENGLISH, "It wakes,\nand reads."),
        (CHINESE, "它醒了，\n去读。"),
    ] {
        caught(
            file,
            text,
            "the paragraph goes on in the next line, write it as one line",
        );
    }
    caught(ENGLISH, "It wakes,  \nand reads.", "write it as one line");
    caught(
        ENGLISH,
        "> A box,\n> and more.\n\nIt",
        "write it as one line",
    );
}

#[test]
fn emphasis_closes() {
    caught(
        CHINESE,
        "**它醒了。**然后",
        "a * stands in the text as itself",
    );
    caught(CHINESE, "叫_醒_它。", "a _ stands in the text as itself");
    caught(ENGLISH, "It *wakes.", "a * stands in the text as itself");
    caught(ENGLISH, "It `wakes.", "a ` stands in the text as itself");
    passes(
        "In TIME_WAIT, 2 \\* 3, *so* **it is**.",
        "在 TIME_WAIT，*就*是**这样**。",
    );
}

#[test]
fn emphasis_in_chinese_is_starred_and_holds_no_punctuation_at_its_ends() {
    caught(CHINESE, "叫 _wake_ 吧。", "write *…* and not _…_");
    caught(
        CHINESE,
        "它**醒了，** 去读。",
        "put ， outside the emphasis",
    );
    caught(CHINESE, "它说：*“醒了”*。", "put “ outside the emphasis");
    let book = Tiny::new();
    book.replace(ENGLISH, "It wakes.", "**Does it wake?**\n\nIt *does*.");
    book.replace(CHINESE, "它醒了。", "**醒了吗？**\n\n它*醒了*。");
    assert_eq!(book.build(), Ok(()));
}

#[test]
fn banned_words() {
    for word in ["simply", "Magically", "let's", "as we all know"] {
        caught(
            ENGLISH,
            &format!("So {word} it wakes."),
            "the book does not say",
        );
    }
    for word in ["众所周知", "大家", "小伙伴"] {
        caught(CHINESE, &format!("{word}都醒了。"), "the book does not say");
    }
    caught(CHINESE, "请您醒来。", "write 你 for 您");
    caught(ENGLISH, "It wakes!", "without an exclamation mark");
    caught(CHINESE, "它醒了！", "without an exclamation mark");
    passes(
        "Let us see how `大家!` is unsimply.",
        "看看 `大家!` 吧，大伙。",
    );
}

#[test]
fn headings_have_addresses() {
    for id in ["Code", "the_code", "a--b", "代码"] {
        let book = Tiny::new();
        book.replace_in_both("{#code}", &format!("{{#{id}}}"));
        said(
            &book.fault(),
            ENGLISH,
            7,
            &format!("the id {id} is no address"),
        );
    }
    let book = Tiny::new();
    book.replace_in_both("{#code}", "{#waiting}");
    said(
        &book.fault(),
        CHINESE,
        7,
        "the id waiting is taken in this chapter",
    );
}

#[test]
fn chinese_punctuation_is_full_width() {
    for (text, what) in [
        ("它醒了,去读。", "write ， for ,"),
        ("它醒了.", "write 。 for ."),
        ("用 Rust.", "write 。 for ."),
        ("它读 `x`, 然后写。", "write ， for ,"),
        ("它醒了; 去读。", "write ； for ;"),
        ("它说: 醒了。", "write ： for :"),
        ("醒了?", "write ？ for ?"),
        ("内核(kernel) 醒了。", "write （ for ("),
        ("内核 (kernel) 醒了。", "write （ for ("),
        ("a (内核) 醒了。", "write ） for )"),
        ("它说\"醒了\"。", "write “ or ” for a straight quote"),
        ("它说'醒了'。", "write ‘ or ’ for a straight quote"),
        ("它说「醒了」。", "write “ for 「"),
        ("它睡...醒了。", "write …… for dots"),
        ("它睡…醒了。", "write ……, two characters"),
        ("它睡--醒了。", "write —— for hyphens"),
        ("它睡—醒了。", "write ——, two characters"),
        ("有 １ 个。", "write １ half-width"),
        ("有 Ａ 个。", "write Ａ half-width"),
    ] {
        caught(CHINESE, text, what);
    }
    passes(
        "See recv(2), section 3.3.2, at 11:30, the 1,024th of *Beej's Guide*.",
        "见 recv(2)、recv(2) 的第 3.3.2 节，11:30，第 1,024 个，*Beej's Guide*，“睡”——……（和 W. R. Stevens 的）。",
    );
}

#[test]
fn one_space_between_two_scripts() {
    for (text, what) in [
        ("用Rust写。", "write a space between 用 and R"),
        ("有 3个。", "write a space between 3 and 个"),
        ("调用`read`。", "write a space between 用 and `…`"),
        ("*用*Rust 写。", "write a space between 用 and R"),
        ("调用 `read` ，醒了。", "no space before ，"),
        ("它醒了， 去读。", "no space after ，"),
        ("它 醒了。", "no space between 它 and 醒"),
        ("它 **醒** 了。", "no space between 它 and 醒"),
        ("用  Rust 写。", "write one space"),
        ("用\u{2009}Rust 写。", "U+2009"),
        ("用\u{a0}Rust 写。", "U+00A0"),
        ("它\u{200b}醒了。", "U+200B"),
        ("它\u{3000}醒了。", "U+3000"),
    ] {
        caught(CHINESE, text, what);
    }
    caught(ENGLISH, "It  wakes.", "write one space");
    caught(ENGLISH, "It\u{a0}wakes.", "U+00A0");
    passes("In Rust, 3 times.", "用 Rust，写了 3 遍：“Rust”。");
}

#[test]
fn boxes_lists_tables_and_folded_titles_are_read() {
    let bad = "见,";
    for (block, line) in [
        (format!("> [!NOTE]\n> {bad}看。\n\n它"), 6),
        (format!("- {bad}看\n\n它"), 5),
        (format!("| a |\n|---|\n| {bad}看 |\n\n它"), 7),
        (
            format!("<details>\n<summary>{bad}看</summary>\n\n</details>\n\n它"),
            6,
        ),
        (format!("## {bad}看 {{#x}}\n\n它"), 5),
    ] {
        let book = Tiny::new();
        book.replace(CHINESE, "它醒了。", &block);
        said(&book.fault(), CHINESE, line, "write ， for ,");
    }
}

#[test]
fn english_is_written_in_english() {
    caught(ENGLISH, "It 醒了 wakes.", "醒 is no English");
    caught(
        ENGLISH,
        "It wakes， and reads.",
        "write ， half-width in English",
    );
    caught(ENGLISH, "It “wakes”.", "write a straight quote for “");
    caught(
        ENGLISH,
        "It wakes -- and reads.",
        "write another sentence for a dash",
    );
    passes(
        "It says \"wake\" and 你好, and the kernel's `醒`.",
        "它说“醒”和“你好”，还有 `醒`。",
    );
}

#[test]
fn names_in_the_table_of_contents_are_read() {
    let book = Tiny::new();
    book.replace("book/zh-CN/SUMMARY.md", "[等待]", "[等待Rust]");
    let fault = book.fault();
    let what = "book/zh-CN/SUMMARY.md: in 等待Rust: write a space between 待 and R";
    assert!(fault.contains(what), "{fault}");
}

#[test]
fn code_is_not_prose() {
    let code = "<pre>它 醒,了! 您... --x</pre>\n\n";
    passes(&format!("{code}It wakes."), &format!("{code}它醒了。"));
}
