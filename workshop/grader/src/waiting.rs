//! What the judge waits for when it is long, and what it cannot know: told to whoever wants to hear it.

use std::sync::{Mutex, PoisonError};
use terminal::Text;

type Listener = Box<dyn Fn(&Text) + Send>;

static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);

/// From now on `told` hears for what the judge waits, and how long at most, when it begins to; and what
/// it cannot know of a program.
pub fn tell_waits(told: impl Fn(&Text) + Send + 'static) {
    let mut listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
    *listener = Some(Box::new(told));
}

/// The judge begins to wait.
pub(crate) fn waiting(what: &Text) {
    mention(what);
}

/// Something that whoever looks on should know, and that is no merit and no fault.
pub(crate) fn mention(what: &Text) {
    let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(told) = listener.as_ref() {
        told(what);
    }
}
