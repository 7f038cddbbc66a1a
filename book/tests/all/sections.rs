//! The judge names a chapter's section beside each failure: it must be there, by that name.

#![cfg(unix)]

use std::fs;
use std::path::Path;

use grader::cases;

#[test]
fn every_section_that_a_case_names_is_in_the_book() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, language) in [
        ("en", terminal::Language::English),
        ("zh-CN", terminal::Language::Chinese),
    ] {
        for section in cases::sections() {
            let prefix = format!("{:02}-", section.chapter);
            let chapter = fs::read_dir(book.join(folder))
                .expect("the edition is there")
                .map(|entry| entry.expect("it can be listed").path())
                .find(|path| {
                    path.file_name()
                        .is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
                })
                .unwrap_or_else(|| panic!("{folder} has no chapter {}", section.chapter));
            let heading = format!(" {} {{#{}}}", section.title.get(language), section.id);
            let text = fs::read_to_string(&chapter).expect("it can be read");
            assert!(
                text.lines()
                    .any(|line| line.trim_start_matches('#') == heading),
                "{} has no heading{heading}",
                chapter.display()
            );
        }
    }
}
