use crate::text::Text;
use crate::told::{Explain, Told};
use anyhow::Result;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace that one stands in: of the current folder and those above it, the
/// nearest with the steps. Where this program was compiled does not matter: whoever copies a checkout
/// copies its programs, too.
///
/// # Errors
///
/// When one stands in none.
pub fn workspace() -> Result<PathBuf> {
    let here = env::current_dir()
        .explain(|| Text::new("cannot tell the current folder", "不知道现在在哪个目录里"))?;
    let found = here.ancestors().find(|folder| has_steps(folder));
    let found = found.map(Path::to_owned);
    found.ok_or_else(|| Told(no_workspace(&here)).into())
}

/// A `Cargo.toml` of a workspace, beside it the folder `steps`, in it a step.
fn has_steps(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok();
    let manifest = manifest.and_then(|toml| toml.parse::<toml::Table>().ok());
    let steps = fs::read_dir(folder.join("steps"));
    manifest.is_some_and(|manifest| manifest.contains_key("workspace"))
        && steps.is_ok_and(|mut steps| {
            steps.any(|step| step.is_ok_and(|step| step.path().join("step.toml").is_file()))
        })
}

fn no_workspace(here: &Path) -> Text {
    let here = here.display();
    Text::new(
        format!(
            "no steps are found in {here}, nor in any folder above it: change into the folder of the \
             tutorial, the one that has steps/ in it (cd), and try again"
        ),
        format!(
            "在 {here} 和它的各级上层目录里都没有找到各步的程序：请先用 cd 进入本教程的目录（里面有 steps/），再试一次"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_without_steps_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        assert!(!has_steps(root));
        fs::create_dir_all(root.join("steps/01-first")).expect("a folder");
        fs::write(root.join("Cargo.toml"), "[workspace]\n").expect("it is written");
        assert!(!has_steps(root), "a folder steps without a step");
        fs::write(root.join("steps/01-first/step.toml"), "").expect("it is written");
        assert!(has_steps(root));
        fs::write(root.join("Cargo.toml"), "[package]\n").expect("it is written");
        assert!(!has_steps(root), "a learner's own package");
    }

    #[test]
    fn the_tests_of_a_package_stand_in_the_workspace() {
        let root = workspace().expect("this is one");
        assert!(root.join("workshop/grader").is_dir());
    }
}
