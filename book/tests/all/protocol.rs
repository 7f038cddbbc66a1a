//! The appendix lists the cases that judge each rule: made by a command, and still true.

#![cfg(unix)]

use std::path::Path;

use grader::{Rule, protocol};
use terminal::Language;

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

#[test]
fn every_rule_that_a_case_judges_is_a_heading_of_the_page_and_has_its_list() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR"));
    for edition in ["en", "zh-CN"] {
        let page = book.join(edition).join("protocol.md");
        let page = std::fs::read_to_string(page).expect("the page is there");
        for rule in Rule::OF_SERVERS.map(Rule::id) {
            let heading = page.find(&format!(" {{#{rule}}}\n"));
            let list = page.find(&format!("/measured/cases.{edition}.md:{rule}}}}}"));
            assert!(
                heading.is_some() && heading < list,
                "{edition}/protocol.md: {rule} wants its heading, and its list under it"
            );
        }
    }
}
