use slotmap::{Key, KeyData};

slotmap::new_key_type! {
    /// The name of an event in its base: a place, and how often the place has been given away. It
    /// can be copied and kept: once the event has been freed, it names nothing any more, not even
    /// another event that has got its place.
    pub struct Event;
}

/// The poller knows an event by a number.
impl Event {
    pub(crate) fn to_number(self) -> usize {
        const { assert!(usize::BITS >= u64::BITS, "a name needs 64 bits") };
        self.data().as_ffi() as usize
    }

    pub(crate) fn from_number(number: usize) -> Event {
        Event::from(KeyData::from_ffi(number as u64))
    }
}
