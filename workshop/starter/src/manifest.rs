//! A `Cargo.toml` that stands alone.

use anyhow::Result;
use std::fs;
use std::path::Path;
use terminal::{Explain, Text, cannot_read, cannot_understand};
use toml::{Table, Value};

/// A step's manifest, with every field written out that it has from the workspace.
#[derive(Debug)]
pub struct Manifest {
    step: Table,
    workspace: Table,
}

/// The judge, and what only its own tests need: a copy's tests are those that a learner reads.
const NOT_COPIED: [&str; 3] = ["grader", "subject", "terminal"];

impl Manifest {
    /// Reads that of the step in `folder`, and that of the workspace at `root`.
    ///
    /// # Errors
    ///
    /// When one cannot be read, or is not as it should be.
    pub fn read(root: &Path, folder: &str) -> Result<Manifest> {
        Ok(Manifest {
            step: table(&root.join("steps").join(folder).join("Cargo.toml"))?,
            workspace: table(&root.join("Cargo.toml"))?,
        })
    }

    /// It, for a package from which `to_root` leads to the workspace that the steps stand in.
    ///
    /// # Errors
    ///
    /// When the workspace lacks something that the step takes from it.
    pub fn written_out(&self, to_root: &str) -> Result<String> {
        self.with(&["dependencies", "dev-dependencies"], to_root)
    }

    /// The same without what only tests need: for a grade.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn for_a_grade(&self, root: &Path) -> Result<String> {
        self.with(&["dependencies"], &root.to_string_lossy())
    }

    fn with(&self, kinds: &[&str], to_root: &str) -> Result<String> {
        let mut text = String::new();
        text += "# A workspace of its own: nothing that is changed here changes the tutorial's.\n";
        text += "# Whatever stands here, a grade is made with the tutorial's own.\n";
        text += "[workspace]\n\n[package]\n";
        let package = self.step["package"]
            .as_table()
            .explain(|| Text::new("no [package]", "没有 [package]"))?;
        for (key, value) in package {
            let value = match is_of_workspace(value) {
                true => self.of_workspace(&["workspace", "package", key])?,
                false => value,
            };
            text += &format!("{key} = {value}\n");
        }
        text += &self.dependencies(&self.step, kinds, "", to_root)?;
        for (target, tables) in self
            .step
            .get("target")
            .and_then(Value::as_table)
            .into_iter()
            .flatten()
        {
            if let Some(tables) = tables.as_table() {
                let prefix = format!("target.{}.", Value::String(target.clone()));
                text += &self.dependencies(tables, kinds, &prefix, to_root)?;
            }
        }
        for example in self
            .step
            .get("example")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            text += "\n[[example]]\n";
            for (key, value) in example.as_table().into_iter().flatten() {
                text += &format!("{key} = {value}\n");
            }
        }
        text += "\n[lints.rust]\n";
        text += "unsafe_code = \"deny\"\n";
        text += "\n# Nobody debugs a dependency here, and a first build takes less time.\n";
        text += "[profile.dev.package.\"*\"]\ndebug = false\n";
        Ok(text)
    }

    fn dependencies(
        &self,
        tables: &Table,
        kinds: &[&str],
        prefix: &str,
        to_root: &str,
    ) -> Result<String> {
        let mut text = String::new();
        for &kind in kinds {
            let Some(table) = tables.get(kind).and_then(Value::as_table) else {
                continue;
            };
            let needed: Vec<_> = table
                .iter()
                .filter(|(name, _)| !NOT_COPIED.contains(&name.as_str()))
                .collect();
            if needed.is_empty() {
                continue;
            }
            text += &format!("\n[{prefix}{kind}]\n");
            for (name, value) in needed {
                let value = self.dependency(name, value, to_root)?;
                text += &format!("{name} = {value}\n");
            }
        }
        Ok(text)
    }

    /// What the workspace says of a dependency, and what the step adds.
    fn dependency(&self, name: &str, value: &Value, to_root: &str) -> Result<Value> {
        let mut table = full(value);
        if table.remove("workspace").is_some() {
            let mut whole = full(self.of_workspace(&["workspace", "dependencies", name])?);
            for (key, more) in table {
                match (whole.get_mut(&key), more) {
                    (Some(Value::Array(features)), Value::Array(more)) => features.extend(more),
                    (_, more) => drop(whole.insert(key, more)),
                }
            }
            table = whole;
        }
        if let Some(Value::String(path)) = table.get_mut("path") {
            let from_root = path.strip_prefix("../").map(|step| format!("steps/{step}"));
            *path = format!("{to_root}/{}", from_root.as_ref().unwrap_or(path));
        }
        // A version alone is written as one.
        match (table.len(), table.get("version")) {
            (1, Some(version)) => Ok(version.clone()),
            _ => Ok(Value::Table(table)),
        }
    }

    fn of_workspace(&self, path: &[&str]) -> Result<&Value> {
        let mut tables = Some(&self.workspace);
        let mut found = None;
        for key in path {
            found = tables.and_then(|table| table.get(*key));
            tables = found.and_then(Value::as_table);
        }
        found.explain(|| {
            let path = path.join(".");
            Text::new(
                format!("the workspace has no {path}"),
                format!("工作空间的 Cargo.toml 里没有 {path}"),
            )
        })
    }
}

fn table(file: &Path) -> Result<Table> {
    let text = fs::read_to_string(file).explain(|| cannot_read(file))?;
    text.parse().explain(|| cannot_understand(file))
}

fn is_of_workspace(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// A dependency as a table, even where only its version is written.
fn full(value: &Value) -> Table {
    match value {
        Value::Table(table) => table.clone(),
        other => Table::from_iter([("version".to_owned(), other.clone())]),
    }
}
