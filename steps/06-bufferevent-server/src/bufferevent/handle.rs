// ANCHOR: head
use super::{BufferEvent, Life};
use event_loop_server::{EventBase, What};
use std::cell::RefCell;
use std::rc::Weak;
use std::time::Duration;

// ANCHOR_END: head

// ANCHOR: handle
/// A weak reference to a bufferevent: it can be kept by anybody, also for longer than that lives.
#[derive(Clone)]
pub struct Handle(Weak<RefCell<BufferEvent>>);

impl BufferEvent {
    /// A reference that can be kept. Taken before it has been given to a base, it refers to nothing.
    pub fn handle(&self) -> Handle {
        Handle(Weak::clone(&self.me))
    }
}

impl Handle {
    /// Lends the bufferevent to `act`, and returns what that returns. What is added to the output is
    /// sent by the loop. None, and `act` is not called: it has been freed, or one of its callbacks is
    /// running, which has it already, or `base` is not the one that it was given to.
    pub fn with<T>(
        &self,
        base: &mut EventBase,
        act: impl FnOnce(&mut BufferEvent) -> T,
    ) -> Option<T> {
        let bev = self.0.upgrade()?;
        let mut bev = bev.try_borrow_mut().ok()?;
        if bev.life == Life::Freed || !base.has(bev.event) {
            return None;
        }
        let result = act(&mut bev);
        if bev.update(base, What::empty()).is_err() {
            self.finish_turn_later(base);
        }
        Some(result)
    }
    // ANCHOR_END: handle

    // ANCHOR: later
    /// The caller may be in the middle of something: the callbacks are run by the loop.
    fn finish_turn_later(&self, base: &mut EventBase) {
        let handle = self.clone();
        base.once(Duration::ZERO, move |base| {
            if let Some(bev) = handle.0.upgrade() {
                bev.borrow_mut().finish_turn(base, What::empty());
            }
        });
    }
}
// ANCHOR_END: later
