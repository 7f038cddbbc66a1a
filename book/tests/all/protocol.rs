//! The appendix lists the cases that judge each rule: made by a command, and still true.

#![cfg(unix)]

use std::path::Path;

use grader::{Language, protocol};

#[test]
fn the_lists_of_cases_are_what_the_judge_has() {
    let measured = Path::new(env!("CARGO_MANIFEST_DIR")).join("measured");
    for (file, language) in [
        ("cases.en.md", Language::English),
        ("cases.zh-CN.md", Language::Chinese),
    ] {
        let listed = std::fs::read_to_string(measured.join(file)).unwrap_or_default();
        let fresh = protocol::markdown(language);
        assert!(
            listed == fresh,
            "{file} is out of date: just measured makes it anew"
        );
    }
}
