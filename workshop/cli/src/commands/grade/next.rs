//! What comes after a grade of a copy: the comparison of what is done, and the next task.

use grader::report::TaskScore;
use grader::step::{Step, Steps};
use terminal::Text;

/// How a task that has just been passed is compared with the tutorial's own.
pub(crate) fn compare_words(step: &Step, score: &TaskScore) -> Text {
    let (number, place, title) = (step.number, score.place, &score.task.title);
    Text::new(
        format!(
            "{} is done; now compare: cargo run -- solution {number} {place}",
            title.en
        ),
        format!(
            "“{}”完成了；现在来对照：cargo run -- solution {number} {place}",
            title.zh
        ),
    )
}

/// Which task comes next.
pub(crate) fn next_words(
    step: &Step,
    warnings_allowed: bool,
    next: Option<&TaskScore>,
    in_rust: bool,
    untouched: bool,
) -> Text {
    let Some(score) = next else {
        return all_done(step, warnings_allowed);
    };
    let (title, place, count) = (&score.task.title, score.place, step.tasks.len());
    let mut files: Vec<&str> = Vec::new();
    for file in score.task.regions.iter().map(starter::file_of) {
        if in_rust && !files.contains(&file) {
            files.push(file);
        }
    }
    let (mut en, mut zh) = match untouched {
        true => (
            format!(
                "0 of {count}, as expected: begin with task {place}, {}",
                title.en
            ),
            format!(
                "{count} 个任务完成 0 个，本该如此：从任务 {place}“{}”开始",
                title.zh
            ),
        ),
        false => (
            format!("next: task {place}, {}", title.en),
            format!("下一个：任务 {place}“{}”", title.zh),
        ),
    };
    if !files.is_empty() {
        en += &format!(", in {}", files.join(", "));
        zh += &format!("，在 {}", files.join("、"));
    }
    Text::new(en, zh)
}

/// Where nothing is left, what there is to do: with the lines that a copy begins with, and elsewhere.
fn all_done(step: &Step, warnings_allowed: bool) -> Text {
    let next = step.number + 1;
    let (en, zh) = match warnings_allowed {
        true => (
            " (what is left: delete the lines #![allow(unused…)])",
            "（最后删掉 #![allow(unused…)] 那几行）",
        ),
        false => ("", ""),
    };
    let steps = Steps::read().map(|steps| steps.0).unwrap_or_default();
    match steps.iter().any(|step| step.number == next) {
        true => Text::new(
            format!("all tasks are done{en}; the next step: cargo run -- step {next}"),
            format!("任务全部完成{zh}；下一步：cargo run -- step {next}"),
        ),
        false => Text::new(
            format!("all tasks are done{en}"),
            format!("任务全部完成{zh}"),
        ),
    }
}
