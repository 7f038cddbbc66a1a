use std::path::Path;
use subject::undisturbed;
use terminal::Lost;

/// Writes a file that then has all of it; until then, and if anything goes wrong, it is as it was. An
/// interrupt that is caught here waits ([`kill_all_on_interrupt`](crate::kill_all_on_interrupt)).
///
/// # Errors
///
/// When it cannot be written.
pub fn replace_file(path: &Path, contents: &[u8]) -> Result<(), Lost> {
    terminal::replace_file(path, contents, undisturbed)
}
