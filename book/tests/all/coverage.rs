//! Every line of a step stands in its chapter, and every listing comes from a compiled file.

use crate::tiny::Tiny;

/// A book whose chapter has a step of the same number, shown as a whole.
fn with_step() -> Tiny {
    let book = Tiny::new();
    for (language, title) in [("en", "# Step {#step}"), ("zh-CN", "# 步骤 {#step}")] {
        let chapter = format!("{title}\n\n{}\n{}", listing("first"), listing("second"));
        book.write(&format!("book/{language}/07-step.md"), &chapter);
        let summary = format!("book/{language}/SUMMARY.md");
        let text = book.read(&summary);
        book.write(&summary, &(text + "- [S](07-step.md)\n"));
    }
    book.write("steps/07-other/src/main.rs", SOURCE);
    book
}

const SOURCE: &str = "\
// ANCHOR: first
fn main() {
    wait();
}
// ANCHOR_END: first

// ANCHOR: second
fn wait() {}
// ANCHOR_END: second
";

fn listing(anchor: &str) -> String {
    format!("```rust\n{{{{#include ../../steps/07-other/src/main.rs:{anchor}}}}}\n```\n")
}

fn in_both(book: &Tiny, old: &str, new: &str) {
    for language in ["en", "zh-CN"] {
        book.replace(&format!("book/{language}/07-step.md"), old, new);
    }
}

#[track_caller]
fn says(fault: &str, parts: &[&str]) {
    for part in parts {
        assert!(fault.contains(part), "not said: {part:?}\n{fault}");
    }
}

#[test]
fn the_figure_is_told() {
    let book = with_step();
    book.accept().expect("both languages are of one shape");
    let built = book::site::build(&book.path("book"), &book.out()).expect("the book is whole");
    let told: Vec<String> = built.coverage.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["steps/07-other: all 4 lines stand in the chapter"]);
}

#[test]
fn a_line_that_stands_in_no_listing() {
    let book = with_step();
    let file = "steps/07-other/src/main.rs";
    book.write(file, &(SOURCE.to_owned() + "fn more() {}\n"));
    says(
        &book.fault(),
        &["steps/07-other/src/main.rs:10: 1 of 5 lines stand in no listing of book/en/07-step.md"],
    );
}

#[test]
fn a_file_that_no_chapter_mentions() {
    let book = with_step();
    book.write("steps/07-other/src/bin/deep/mod.rs", "fn hidden() {}\n");
    says(
        &book.fault(),
        &["steps/07-other/src/bin/deep/mod.rs:1: 1 of 1 lines"],
    );
}

#[test]
fn listings_out_of_order_or_twice() {
    let book = with_step();
    in_both(&book, &listing("first"), "");
    in_both(
        &book,
        &listing("second"),
        &(listing("second") + "\n" + &listing("first")),
    );
    says(
        &book.fault(),
        &["book/en/07-step.md:8: steps/07-other/src/main.rs:2 comes after line 8 of the same file"],
    );
    let book = with_step();
    in_both(
        &book,
        &listing("second"),
        &(listing("second") + "\n" + &listing("second")),
    );
    says(&book.fault(), &["07-step.md:11: ", "each line once"]);
}

#[test]
fn what_is_left_out_is_listed_with_number_and_reason() {
    let book = with_step();
    in_both(&book, &listing("second"), "");
    let list = |lines: usize, reason: &str| {
        let list = format!(
            "[[left-out]]\nfile = \"steps/07-other/src/main.rs\"\nanchor = \"second\"\n\
             lines = {lines}\nreason = \"{reason}\"\n"
        );
        book.write("book/left-out.toml", &list);
    };
    // An anchor that only the list names is not there for nothing.
    list(1, "nothing waits in it");
    book.accept().expect("both languages are of one shape");
    let built = book::site::build(&book.path("book"), &book.out()).expect("the book is whole");
    assert_eq!(
        built.coverage[0].to_string(),
        "steps/07-other: 3 of 4 lines stand in the chapter, 1 are left out (book/left-out.toml)"
    );
    list(2, "nothing waits in it");
    says(
        &book.fault(),
        &[
            "book/left-out.toml: ",
            "1 lines would be left out, 2 were agreed on",
        ],
    );
    list(1, " ");
    says(&book.fault(), &["say why in `reason`"]);
    book.write("book/left-out.toml", "[[left-out]]\nfil = \"x\"\n");
    says(&book.fault(), &["left-out.toml", "fil"]);
}

#[test]
fn a_pasted_listing() {
    let book = Tiny::new();
    book.replace_in_both("```rust\n", "```rust\nfn pasted() {}\n```\n\n```rust\n");
    says(
        &book.fault(),
        &["book/en/one.md:9: a rust listing is pasted: include it from a file that is compiled"],
    );
}

#[test]
fn a_listing_from_a_file_that_nobody_compiles() {
    let book = Tiny::new();
    book.write("book/en/sketch.rs", "fn sketch() {}\n");
    book.replace_in_both("../../steps/one/main.rs:whole", "../../book/en/sketch.rs");
    says(
        &book.fault(),
        &["book/en/one.md:9: book/en/sketch.rs is compiled by nobody"],
    );
}

#[test]
fn an_anchor_that_no_chapter_includes() {
    let book = Tiny::new();
    book.replace(
        "steps/one/main.rs",
        "// Line 1 of 9.\n",
        "// ANCHOR: idle\n// ANCHOR_END: idle\n",
    );
    says(
        &book.fault(),
        &["steps/one/main.rs:1: no chapter includes ANCHOR: idle"],
    );
}

#[test]
fn what_changed_is_shown_and_an_old_region_that_is_gone_is_named() {
    let book = Tiny::new();
    book.write(
        "steps/old/main.rs",
        "// ANCHOR: old\nfirst();\nthird();\n// ANCHOR_END: old\n",
    );
    book.replace_in_both(
        "```rust",
        "```rust,changed-from=../../steps/old/main.rs:old",
    );
    book.build().expect("the book is whole");
    let page = book.read("book/out/en/one.html");
    assert!(
        page.contains("<figure class=\"listing changed\" data-lines=\"4-4,x,6-6\">"),
        "{page}"
    );
    assert!(page.contains("<figcaption>steps/old/main.rs → steps/one/main.rs</figcaption>"));
    assert!(page.contains("\"language-diff"), "{page}");
    assert!(
        page.contains("> first();\n-third();\n+second();\n</code>"),
        "{page}"
    );
    book.replace_in_both("main.rs:old", "main.rs:odd");
    says(
        &book.fault(),
        &["book/en/one.md:9: cannot include steps/old/main.rs: there is no ANCHOR: odd"],
    );
}
