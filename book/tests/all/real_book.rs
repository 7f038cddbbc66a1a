//! The book itself, as it stands in the tree.

use std::path::Path;

use mdbook_driver::MDBook;

const FOLDERS: [&str; 3] = ["en", "zh-CN", "bi"];

#[test]
fn the_book_builds_and_its_listings_are_the_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let out = scratch.path().join("out");
    if let Err(error) = book::site::build(root, &out) {
        panic!("{error:#}");
    }
    for folder in FOLDERS {
        let pages = std::fs::read_dir(out.join(folder)).expect("the edition's folder");
        for page in pages.map(|entry| entry.expect("an entry").path()) {
            if page.extension().is_some_and(|end| end == "html") {
                let html = std::fs::read_to_string(&page).expect("the page");
                for listing in html.split("<figure class=\"listing\"").skip(1) {
                    check_listing(&root.join(".."), listing);
                }
            }
        }
    }
}

/// A figure shows what was measured last, as the table beside it does.
#[test]
fn the_drawings_are_those_of_the_measured_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, drawn) in book::draw::drawings(root).expect("the measured files are there") {
        let stands = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        assert!(
            stands == drawn,
            "book/{path} is of an earlier measurement: cargo run -p book -- draw"
        );
    }
}

/// Whoever has mdBook and not this crate can read the English book all the same.
#[test]
fn a_stock_mdbook_builds_the_english_edition() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let mut book = MDBook::load(env!("CARGO_MANIFEST_DIR")).expect("mdBook reads the sources");
    book.config.build.build_dir = scratch.path().join("stock");
    book.build().expect("mdBook renders the sources");
    let page = std::fs::read_to_string(scratch.path().join("stock/index.html")).expect("a page");
    assert!(page.contains("<html lang=\"en\""));
}

/// Each line of the listing must be the line of the file that its number says.
fn check_listing(project: &Path, listing: &str) {
    let between = |from: &str, to: &str| {
        let (_, rest) = listing.split_once(from).expect(from);
        rest.split_once(to).expect(to).0
    };
    let name = between("<figcaption>", "</figcaption>");
    let file = std::fs::read_to_string(project.join(name)).expect(name);
    let file: Vec<&str> = file.lines().collect();
    let (_, code) = between("<code", "</code>").split_once('>').expect("a tag");
    let code = plain(code);
    let numbers = between("data-lines=\"", "\"").split(',').flat_map(|range| {
        let (first, last) = range.split_once('-').expect("a range");
        let number = |text: &str| text.parse::<usize>().expect("a number");
        number(first)..=number(last)
    });
    let numbers: Vec<usize> = numbers.collect();
    assert_eq!(numbers.len(), code.lines().count(), "{name}");
    for (number, line) in numbers.into_iter().zip(code.lines()) {
        assert_eq!(file[number - 1].trim(), line.trim(), "{name}:{number}");
    }
}

fn plain(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
