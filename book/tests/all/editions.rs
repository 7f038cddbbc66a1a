//! What the three editions hold.

use crate::tiny::Tiny;

fn built() -> Tiny {
    let book = Tiny::new();
    book.build().expect("the book is whole");
    book
}

#[test]
fn each_edition_speaks_its_language() {
    let book = built();
    for (folder, language, here, elsewhere) in [
        ("en", "en", "The process sleeps", "进程睡在"),
        ("zh-CN", "zh-CN", "进程睡在", "The process sleeps"),
    ] {
        let page = book.read(&format!("book/out/{folder}/one.html"));
        assert!(
            page.contains(&format!("<html lang=\"{language}\"")),
            "{folder}"
        );
        assert!(page.contains(here), "{folder}");
        assert!(!page.contains(elsewhere), "{folder}");
    }
}

#[test]
fn side_by_side_has_both_and_code_once() {
    let page = built().read("book/out/bi/one.html");
    assert!(page.contains("<html lang=\"en\""));
    let english = page
        .find("The process sleeps")
        .expect("the English paragraph");
    let chinese = page.find("进程睡在").expect("the Chinese paragraph");
    assert!(english < chinese);
    assert!(page[english..chinese].contains("<div class=\"zh\" lang=\"zh-CN\">"));
    assert_eq!(page.matches("first();").count(), 1);
    assert_eq!(page.matches("id=\"code\"").count(), 1);
}

#[test]
fn a_listing_has_the_files_name_and_numbers() {
    let page = built().read("book/out/en/one.html");
    // Lines 5 and 7 of the file are the nested anchor's.
    assert!(
        page.contains("<figure class=\"listing\" data-lines=\"4-4,6-6\">"),
        "{page}"
    );
    assert!(page.contains("<figcaption>steps/one/main.rs</figcaption>"));
    assert!(page.contains(">first();\nsecond();</code>"));
}

#[test]
fn a_drawing_is_inlined_with_the_labels_of_the_edition() {
    let book = Tiny::new();
    let svg =
        "<svg>\n\n<text lang=\"en\">kernel</text>\n<text lang=\"zh-CN\">内核</text>\n</svg>\n";
    book.write("book/figures/k.svg", svg);
    book.replace_in_both("```rust", "{{#include ../figures/k.svg}}\n\n```rust");
    book.build().expect("the book is whole");
    for (folder, kernel, inner) in [
        ("en", true, false),
        ("zh-CN", false, true),
        ("bi", true, false),
    ] {
        let page = book.read(&format!("book/out/{folder}/one.html"));
        assert_eq!(page.contains(">kernel</text>"), kernel, "{folder}");
        assert_eq!(page.contains(">内核</text>"), inner, "{folder}");
    }
}

#[test]
fn the_front_page_offers_all_editions_without_scripts() {
    let page = built().read("book/out/index.html");
    for folder in ["en", "zh-CN", "bi"] {
        assert!(
            page.contains(&format!("href=\"{folder}/index.html\"")),
            "{folder}"
        );
    }
}
