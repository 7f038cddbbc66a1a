//! Every step's starter, as text: it is the reference's without what is to be written.

use grader::step::Steps;
use starter::{Manifest, Starter};
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

#[test]
fn show() {
    let root = workspace().expect("a checkout");
    let steps = Steps::read().expect("the steps");
    let step = &steps.0[1];
    let starter = Starter::new(&root, step, 0, Language::Chinese).expect("it can be made");
    for (path, text) in starter.files {
        if text.contains("task ") && !path.starts_with("tests") {
            println!("=== {}\n{text}", path.display());
        }
    }
    println!(
        "{}",
        Manifest::read(&root, &step.folder())
            .unwrap()
            .written_out("../..")
            .unwrap()
    );
    let step = &steps.0[7];
    println!(
        "{}",
        Manifest::read(&root, &step.folder())
            .unwrap()
            .written_out("../..")
            .unwrap()
    );
}
