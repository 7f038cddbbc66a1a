//! Every fault that an author can make is planted once; the build must fail and name it.

use crate::tiny::Tiny;

/// The fault must name all of these: where it is, and what.
#[track_caller]
fn names(fault: &str, parts: &[&str]) {
    for part in parts {
        assert!(
            fault.contains(part),
            "the fault does not say {part:?}:\n{fault}"
        );
    }
}

#[test]
fn a_whole_book_is_built() {
    assert_eq!(Tiny::new().build(), Ok(()));
}

#[test]
fn missing_anchor() {
    let book = Tiny::new();
    book.replace_in_both("main.rs:whole", "main.rs:hole");
    let parts = [
        "book/en/one.md:10: ",
        "steps/one/main.rs",
        "there is no ANCHOR: hole",
    ];
    names(&book.fault(), &parts);
    names(&book.fault(), &["book/zh-CN/one.md:10: "]);
}

#[test]
fn anchor_without_end() {
    let book = Tiny::new();
    book.replace("steps/one/main.rs", "// ANCHOR_END: whole", "");
    names(
        &book.fault(),
        &["one.md:10: ", "ANCHOR: whole has no ANCHOR_END"],
    );
}

#[test]
fn missing_file() {
    let book = Tiny::new();
    book.replace_in_both("one/main.rs", "one/pain.rs");
    names(
        &book.fault(),
        &["book/en/one.md:10: cannot include steps/one/pain.rs: No such file"],
    );
}

#[test]
fn missing_file_in_the_middle_of_a_sentence() {
    let book = Tiny::new();
    book.replace(
        "book/en/one.md",
        "It wakes.",
        "It wakes {{#include ../when.txt}}.",
    );
    names(
        &book.fault(),
        &["book/en/one.md:5: cannot include book/when.txt"],
    );
}

#[test]
fn empty_region() {
    let book = Tiny::new();
    book.replace("steps/one/main.rs", "    second();\n", "\n");
    book.replace_in_both("main.rs:whole", "main.rs:nested");
    names(
        &book.fault(),
        &["book/en/one.md:10: ", "ANCHOR: nested is empty"],
    );
}

#[test]
fn a_range_of_line_numbers() {
    let book = Tiny::new();
    book.replace_in_both("main.rs:whole", "main.rs:2:4");
    names(&book.fault(), &["book/en/one.md:10: ", "name an ANCHOR"]);
}

#[test]
fn path_outside_the_project() {
    let book = Tiny::new();
    book.replace_in_both("../../steps/one/main.rs:whole", "../../../secret.rs");
    names(
        &book.fault(),
        &["book/en/one.md:10: ", "outside the project"],
    );
}

#[test]
fn leftover_directive() {
    let book = Tiny::new();
    book.replace_in_both("```rust", "{{#inculde x.rs}}\n\n```rust");
    names(
        &book.fault(),
        &["en/one.html: a directive is left over: {{#inculde x.rs}}"],
    );
}

#[test]
fn empty_listing() {
    let book = Tiny::new();
    book.replace_in_both("```rust", "<pre><code></code></pre>\n\n```rust");
    names(&book.fault(), &["en/one.html: a listing is empty"]);
}

/// What a program prints in both languages stands in each edition in its own, and in no other.
#[test]
fn an_output_in_the_other_language() {
    let book = Tiny::new();
    for (chapter, before, edition) in [
        ("book/en/one.md", "It wakes.", "en"),
        ("book/zh-CN/one.md", "它醒了。", "zh-CN"),
    ] {
        book.write(&format!("book/measured/x.{edition}.txt"), "1\n");
        let output = format!("```text\n{{{{#include ../measured/x.{edition}.txt}}}}\n```\n\n");
        book.replace(chapter, before, &format!("{output}{before}"));
    }
    assert_eq!(book.build(), Ok(()));
    book.replace("book/zh-CN/one.md", "x.zh-CN.txt", "x.en.txt");
    let parts = ["the code blocks differ", "only in Chinese", "x.en.txt"];
    names(&book.fault(), &parts);
}

#[test]
fn dropped_chinese_paragraph() {
    let book = Tiny::new();
    book.replace("book/zh-CN/one.md", "它醒了。见[代码](#code)。\n\n", "");
    let parts = [
        "book/en/one.md:5: paragraph: It wakes. See [the code](#code).",
        "book/zh-CN/one.md:5: heading 2: ## 代码 {#code}",
    ];
    names(&book.fault(), &parts);
}

#[test]
fn dropped_last_paragraph() {
    let book = Tiny::new();
    book.write(
        "book/en/one.md",
        &(book.read("book/en/one.md") + "\nThe end.\n"),
    );
    let parts = [
        "book/en/one.md:17: paragraph: The end.",
        "book/zh-CN/one.md: nothing more",
    ];
    names(&book.fault(), &parts);
}

#[test]
fn wrong_heading_id() {
    let book = Tiny::new();
    book.replace("book/zh-CN/one.md", "## 代码 {#code}", "## 代码 {#kode}");
    let parts = [
        "the heading ids differ: only in English: code; only in Chinese: kode",
        "book/en/one.md:7: ",
        "book/zh-CN/one.md:7: ",
    ];
    names(&book.fault(), &parts);
}

#[test]
fn heading_without_id() {
    let book = Tiny::new();
    book.replace("book/en/one.md", "## Code {#code}", "## Code");
    names(&book.fault(), &["book/en/one.md:7: the heading has no id"]);
}

#[test]
fn differing_code_span() {
    let book = Tiny::new();
    book.replace("book/zh-CN/one.md", "`read`", "`recv`");
    let parts = [
        "code spans differ: only in English: `read`; only in Chinese: `recv`",
        "book/en/one.md:3: ",
        "book/zh-CN/one.md:3: ",
    ];
    names(&book.fault(), &parts);
}

#[test]
fn differing_code() {
    let book = Tiny::new();
    book.replace("book/zh-CN/one.md", "main.rs:whole", "main.rs:nested");
    names(&book.fault(), &["code blocks differ", "book/en/one.md:9: "]);
}

#[test]
fn differing_list() {
    let book = Tiny::new();
    book.replace("book/en/one.md", "It wakes.", "- a\n- b\n\nIt wakes.");
    book.replace("book/zh-CN/one.md", "它醒了。", "- 甲\n\n它醒了。");
    names(&book.fault(), &["parts differ: only in English: item"]);
}

#[test]
fn differing_table() {
    let book = Tiny::new();
    book.replace(
        "book/en/one.md",
        "It wakes.",
        "| a | b |\n|-|-|\n| 1 | 2 |\n\nIt wakes.",
    );
    book.replace(
        "book/zh-CN/one.md",
        "它醒了。",
        "| 甲 |\n|-|\n| 1 |\n\n它醒了。",
    );
    names(
        &book.fault(),
        &["parts differ: only in English: cell, cell"],
    );
}

#[test]
fn differing_contents() {
    let book = Tiny::new();
    book.write("book/en/two.md", "# Two {#two}\n");
    book.replace("book/en/SUMMARY.md", "- [W", "- [Two](two.md)\n- [W");
    let parts = ["book/zh-CN/SUMMARY.md: entry 1 is one.md", "it is two.md"];
    names(&book.fault(), &parts);
}

#[test]
fn dead_fragment() {
    let book = Tiny::new();
    book.replace_in_both("(#code)", "(one.md#mode)");
    names(
        &book.fault(),
        &["en/one.html: <a> leads nowhere: one.html#mode"],
    );
}

#[test]
fn dead_page() {
    let book = Tiny::new();
    book.replace_in_both("(#code)", "(three.md)");
    names(
        &book.fault(),
        &["zh-CN/one.html: <a> leads nowhere: three.html"],
    );
}

#[test]
fn picture_from_outside() {
    let book = Tiny::new();
    book.replace_in_both("```rust", "![](https://example.org/x.png)\n\n```rust");
    let fault = book.fault();
    names(
        &fault,
        &["en/one.html: <img> fetches https://example.org/x.png from outside"],
    );
}

#[test]
fn html_that_is_never_closed() {
    let book = Tiny::new();
    book.replace_in_both("```rust", "<details>\n\n```rust");
    names(&book.fault(), &["<details>", "one.md"]);
}

#[test]
fn a_failed_build_leaves_the_good_pages() {
    let book = Tiny::new();
    book.build().expect("the book is whole");
    let good = book.read("book/out/en/one.html");
    book.replace_in_both("(#code)", "(three.md)");
    book.fault();
    assert_eq!(book.read("book/out/en/one.html"), good);
    let left = std::fs::read_dir(book.path("book")).expect("the folder is there");
    let left = left.flatten().map(|entry| entry.file_name());
    assert!(
        !left
            .into_iter()
            .any(|name| name.to_string_lossy().starts_with(".out-"))
    );
}

#[test]
fn a_folder_with_other_files_is_never_replaced() {
    let book = Tiny::new();
    book.write("home/letter.txt", "Dear reader,");
    let error = book
        .build_into(&book.path("home"))
        .expect_err("the folder is not ours");
    names(&error, &["will not replace", "home"]);
    assert_eq!(book.read("home/letter.txt"), "Dear reader,");
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("its address").port();
    let error = book::serve::Server::bind(port).expect_err("the port is taken");
    let error = format!("{error:#}");
    names(
        &error,
        &[&format!("cannot listen on 127.0.0.1:{port}"), "--port 0"],
    );
    assert_eq!(error.lines().count(), 1);
}
