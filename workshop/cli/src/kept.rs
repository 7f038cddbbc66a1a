//! What a learner has done, as this tool keeps it: by the names that steps have now.

use anyhow::Result;
use grader::report::{Judged, Score, of_tasks};
use grader::step::{Step, Steps};
use progress::{Kept, Progress};
use terminal::{Language, workspace};

/// What has been done.
///
/// # Errors
///
/// Those of [`Kept::read`].
pub(crate) fn read(steps: &Steps) -> Result<Progress> {
    let mut progress = Kept::of(&workspace()?).read()?;
    rename(steps, &mut progress);
    Ok(progress)
}

/// Changes what is kept.
///
/// # Errors
///
/// Those of [`Kept::change`].
pub(crate) fn change(steps: &Steps, change: impl FnOnce(&mut Progress)) -> Result<()> {
    Kept::of(&workspace()?).change(|progress| {
        rename(steps, progress);
        change(progress);
    })
}

/// A copy has been graded, all of it.
///
/// # Errors
///
/// Those of [`Kept::change`].
pub(crate) fn graded(steps: &Steps, step: &Step, copy: &str, judged: &[Judged]) -> Result<()> {
    let scores = of_tasks(step, judged)?;
    let passed = scores.iter().filter(|score| score.is_passed());
    let passed: Vec<&str> = passed.map(|score| score.task.slug.as_str()).collect();
    let all = judged.iter().map(|judged| Score::of(&judged.graded));
    let (points, most) = all.fold((0, 0), |(points, most), score| {
        (points + score.counted(), most + score.max_points)
    });
    change(steps, |progress| {
        progress.set_grade(copy, points, most, &passed)
    })
}

/// A copy is begun: what is kept of one before it in the same folder is no more.
///
/// # Errors
///
/// Those of [`Kept::change`].
pub(crate) fn begun_anew(shown: &str) -> Result<()> {
    let copy = shown.rsplit('/').next().unwrap_or(shown);
    Kept::of(&workspace()?).change(|progress| progress.forget_grade(copy))
}

/// The language that was asked for the last time; none where that cannot be told.
pub(crate) fn language() -> Option<Language> {
    Kept::of(&workspace().ok()?).read().ok()?.language()
}

/// From now on this language is meant where none is asked for.
///
/// # Errors
///
/// Those of [`Kept::change`].
pub(crate) fn remember(language: Language) -> Result<()> {
    Kept::of(&workspace()?).change(|progress| progress.set_language(language))
}

fn rename(steps: &Steps, progress: &mut Progress) {
    for step in &steps.0 {
        for formerly in &step.formerly {
            progress.rename(formerly, &step.slug);
        }
    }
}
