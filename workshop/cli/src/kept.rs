//! What a learner has done, as this tool keeps it: by the names that steps have now.

use anyhow::Result;
use grader::step::Steps;
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

/// The language that was asked for the last time; none where that cannot be told.
pub(crate) fn language() -> Option<Language> {
    Kept::of(&workspace().ok()?).read().ok()?.language()
}

fn rename(steps: &Steps, progress: &mut Progress) {
    for step in &steps.0 {
        for formerly in &step.formerly {
            progress.rename(formerly, &step.slug);
        }
    }
}
