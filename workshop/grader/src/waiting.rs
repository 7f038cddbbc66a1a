//! What the judge waits for when it is long: told to whoever wants to know.

use std::sync::{Mutex, PoisonError};
use terminal::Text;

type Listener = Box<dyn Fn(&Text) + Send>;

static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);

/// From now on `told` hears for what the judge waits, and how long at most, when it begins to.
pub fn tell_waits(told: impl Fn(&Text) + Send + 'static) {
    let mut listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
    *listener = Some(Box::new(told));
}

/// The judge begins to wait.
pub(crate) fn waiting(what: &Text) {
    let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(told) = listener.as_ref() {
        told(what);
    }
}
