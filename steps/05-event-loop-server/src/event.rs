use slotmap::{Key, KeyData};

slotmap::new_key_type! {
    /// A place in a base, and its generation: how often the place has been given away.
    pub(crate) struct Place;
}

/// The handle of an event: the number of its base, its place there, and the generation of the place.
/// It can be copied and kept: once the event has been freed, it finds nothing any more, not even
/// another event which has been given its place. In another base it finds nothing from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    place: Place,
    base: u32,
}

impl Event {
    pub(crate) fn new(place: Place, base: u32) -> Event {
        Event { place, base }
    }

    /// Its place, in its own base. In any other: a place where nothing is.
    pub(crate) fn place_in(self, base: u32) -> Place {
        if self.base == base {
            self.place
        } else {
            Place::null()
        }
    }

    /// The poller belongs to one base, and knows an event by a number.
    pub(crate) fn to_number(self) -> usize {
        const { assert!(usize::BITS >= u64::BITS, "a handle needs 64 bits") };
        self.place.data().as_ffi() as usize
    }

    pub(crate) fn from_number(number: usize, base: u32) -> Event {
        Event::new(Place::from(KeyData::from_ffi(number as u64)), base)
    }
}
