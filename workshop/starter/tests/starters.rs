//! Every step's starter, as text: it is the reference's without what is to be written.

use grader::step::Steps;
use starter::Starter;
use std::fs;
use terminal::{Language, workspace};

#[test]
fn with_all_tasks_filled_back_src_is_the_references() {
    let root = workspace().expect("a checkout");
    for step in Steps::read().expect("the steps").0 {
        let starter = Starter::new(&root, &step, step.tasks.len(), Language::English);
        for (path, text) in starter.expect("it can be made").files {
            let reference = root.join("steps").join(step.folder()).join(&path);
            let reference = fs::read_to_string(reference).expect("it is there");
            assert!(text == reference, "{}/{}", step.slug, path.display());
        }
    }
}
