//! The file in a checkout: what is read of it, what is left as it stands, and who may write it at once.

use progress::{Kept, Progress};
use std::fs;
use std::thread;
use tempfile::TempDir;
use terminal::Language;

fn checkout() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("work")).expect("a folder");
    folder
}

fn text(checkout: &TempDir) -> String {
    fs::read_to_string(checkout.path().join("work/progress.toml")).expect("it is there")
}

fn write(checkout: &TempDir, text: &str) {
    fs::write(checkout.path().join("work/progress.toml"), text).expect("it is written");
}

#[test]
fn what_is_noted_is_found_again_and_can_be_read_by_people() {
    let checkout = checkout();
    let kept = Kept::of(checkout.path());
    assert!(kept.read().expect("nothing yet").is_empty());
    let note = |progress: &mut Progress| {
        progress.set_language(Language::Chinese);
        progress.set_grade("fork-server", 31, 41, &["conversation"]);
        progress.set_hints("fork-server", "reaping", 2);
        progress.set_lesson("fork-server", "write");
    };
    kept.change(note).expect("it is kept");
    let progress = kept.read().expect("it is there");
    assert_eq!(progress.language(), Some(Language::Chinese));
    assert_eq!(progress.points("fork-server"), Some((31, 41)));
    assert_eq!(progress.tasks("fork-server"), ["conversation"]);
    assert_eq!(progress.hints("fork-server", "reaping"), 2);
    assert_eq!(progress.hints("fork-server", "conversation"), 0);
    assert_eq!(progress.lesson("fork-server"), Some("write"));
    let text = text(&checkout);
    for line in ["[fork-server]", "tasks = [\"conversation\"]", "reaping = 2"] {
        assert!(text.contains(line), "{text}");
    }
    let put_aside = |progress: &mut Progress| progress.forget_grade("fork-server");
    kept.change(put_aside).expect("it is kept");
    let progress = kept.read().expect("it is there");
    assert_eq!(progress.points("fork-server"), None);
    assert_eq!(progress.hints("fork-server", "reaping"), 2, "read is read");
}

#[test]
fn what_is_not_understood_stays() {
    let checkout = checkout();
    let kept = Kept::of(checkout.path());
    write(
        &checkout,
        "language = 7\n[fork-server]\npoints = \"many\"\nfrom_later = [1, 2]\n[later]\nx = 1.5\n",
    );
    let progress = kept.read().expect("it can be read");
    assert_eq!(
        (progress.language(), progress.points("fork-server")),
        (None, None)
    );
    let note = |progress: &mut Progress| progress.set_lesson("fork-server", "run");
    kept.change(note).expect("it is kept");
    let kept_text = text(&checkout);
    for line in [
        "from_later = [1, 2]",
        "x = 1.5",
        "lesson = \"run\"",
        "language = 7",
    ] {
        assert!(kept_text.contains(line), "{kept_text}");
    }
    write(&checkout, "[fork-server\n");
    assert!(kept.change(note).is_err());
    assert_eq!(text(&checkout), "[fork-server\n", "it is not touched");
}

#[test]
fn a_step_that_was_called_otherwise_keeps_what_was_done() {
    let mut progress = Progress::default();
    progress.set_grade("forking", 3, 4, &[]);
    progress.rename("forking", "fork-server");
    assert_eq!(progress.points("fork-server"), Some((3, 4)));
    progress.set_grade("forking", 1, 4, &[]);
    progress.rename("forking", "fork-server");
    assert_eq!(
        progress.points("fork-server"),
        Some((3, 4)),
        "the newer stays"
    );
}

#[test]
fn many_may_write_at_once_and_nothing_is_lost() {
    let checkout = checkout();
    let kept = Kept::of(checkout.path());
    thread::scope(|scope| {
        for place in 0..8 {
            let kept = kept.clone();
            scope.spawn(move || {
                let copy = format!("copy-{place}");
                let note = |progress: &mut Progress| progress.set_grade(&copy, place, 8, &[]);
                kept.change(note).expect("it is kept");
            });
        }
    });
    let progress = kept.read().expect("it is whole");
    for place in 0..8 {
        let copy = format!("copy-{place}");
        assert_eq!(progress.points(&copy), Some((place, 8)), "{copy}");
    }
    let left = fs::read_dir(checkout.path().join("work")).expect("a folder");
    assert_eq!(left.count(), 1, "nothing stays beside it");
}
