use terminal::Language;
use toml::{Table, Value};

/// What the file says.
///
/// ```toml
/// language = "zh"
///
/// [fork-server]            # a copy, by the name of its folder
/// points = 31
/// max_points = 41
/// tasks = ["conversation"] # those that its last grade has passed
/// hints = { reaping = 2 }  # how many have been seen
/// lesson = "write"         # where `step` goes on
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    table: Table,
}

/// The keys of what is kept of a copy.
const POINTS: &str = "points";
const MAX_POINTS: &str = "max_points";
const TASKS: &str = "tasks";
const HINTS: &str = "hints";
const LESSON: &str = "lesson";
const LANGUAGE: &str = "language";

impl Progress {
    pub(crate) fn of(table: Table) -> Progress {
        Progress { table }
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// Has nothing been done yet?
    pub fn is_empty(&self) -> bool {
        self.table.values().all(|value| !value.is_table())
    }

    /// The language that was asked for the last time.
    pub fn language(&self) -> Option<Language> {
        match self.table.get(LANGUAGE)?.as_str()? {
            "en" => Some(Language::English),
            "zh" => Some(Language::Chinese),
            _ => None,
        }
    }

    /// From now on this language is meant where none is asked for.
    pub fn set_language(&mut self, language: Language) {
        let name = match language {
            Language::English => "en",
            Language::Chinese => "zh",
        };
        self.table.insert(LANGUAGE.to_owned(), name.into());
    }

    /// A copy's points and how many there are, from its last grade.
    pub fn points(&self, copy: &str) -> Option<(u32, u32)> {
        let number = |key| u32::try_from(self.entry(copy)?.get(key)?.as_integer()?).ok();
        Some((number(POINTS)?, number(MAX_POINTS)?))
    }

    /// The tasks that a copy's last grade has passed.
    pub fn tasks(&self, copy: &str) -> Vec<&str> {
        let tasks = self
            .entry(copy)
            .and_then(|entry| entry.get(TASKS)?.as_array());
        let tasks = tasks.into_iter().flatten();
        tasks.filter_map(Value::as_str).collect()
    }

    /// A copy has been graded.
    pub fn set_grade(&mut self, copy: &str, points: u32, max_points: u32, tasks: &[&str]) {
        let entry = self.entry_mut(copy);
        entry.insert(POINTS.to_owned(), points.into());
        entry.insert(MAX_POINTS.to_owned(), max_points.into());
        let tasks: Vec<Value> = tasks.iter().map(|&task| task.into()).collect();
        entry.insert(TASKS.to_owned(), tasks.into());
    }

    /// A copy has been put aside: what came of it is no more. What its learner has read is.
    pub fn forget_grade(&mut self, copy: &str) {
        let entry = self.entry_mut(copy);
        for key in [POINTS, MAX_POINTS, TASKS] {
            entry.remove(key);
        }
    }

    /// How many hints for a step's task have been seen.
    pub fn hints(&self, step: &str, task: &str) -> usize {
        let seen = self
            .entry(step)
            .and_then(|entry| entry.get(HINTS)?.get(task)?.as_integer());
        seen.and_then(|seen| usize::try_from(seen).ok())
            .unwrap_or(0)
    }

    /// So many have been seen.
    pub fn set_hints(&mut self, step: &str, task: &str, seen: usize) {
        let hints = table_in(self.entry_mut(step), HINTS);
        hints.insert(task.to_owned(), Value::Integer(seen as i64));
    }

    /// Where a step's lesson goes on.
    pub fn lesson(&self, step: &str) -> Option<&str> {
        self.entry(step)?.get(LESSON)?.as_str()
    }

    /// The lesson has come so far.
    pub fn set_lesson(&mut self, step: &str, place: &str) {
        self.entry_mut(step).insert(LESSON.to_owned(), place.into());
    }

    /// A step that was called otherwise: what is kept of it is of the same.
    pub fn rename(&mut self, from: &str, to: &str) {
        if !self.table.contains_key(to)
            && let Some(kept) = self.table.remove(from)
        {
            self.table.insert(to.to_owned(), kept);
        }
    }

    fn entry(&self, copy: &str) -> Option<&Table> {
        self.table.get(copy)?.as_table()
    }

    fn entry_mut(&mut self, copy: &str) -> &mut Table {
        table_in(&mut self.table, copy)
    }
}

/// The table of this name, which is made where there is none.
fn table_in<'a>(table: &'a mut Table, key: &str) -> &'a mut Table {
    let value = table.entry(key).or_insert_with(|| Table::new().into());
    if !value.is_table() {
        *value = Table::new().into();
    }
    value.as_table_mut().expect("it is one now")
}
