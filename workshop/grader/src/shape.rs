//! What an exchange looks like, by its bytes alone.

use crate::evidence::{End, Excerpt, Exchange};

impl Exchange {
    /// Every byte that is owed has come, and no other; the client waits for the end of file alone.
    pub(crate) fn lacks_only_the_end(&self) -> bool {
        let (owed, came) = (length(&self.expected), length(&self.received));
        matches!(self.end, End::Open | End::Still)
            && self.end_expected
            && owed == came
            && self.received.skipped + self.difference == came
    }

    /// What came is right, as far as it goes.
    pub(crate) fn lacks_the_rest(&self) -> bool {
        self.received.skipped + self.difference == length(&self.received)
            && length(&self.received) < length(&self.expected)
    }

    /// All that is owed came, and something after it.
    pub(crate) fn has_too_much(&self) -> bool {
        self.expected.skipped + self.difference == length(&self.expected)
            && length(&self.received) > length(&self.expected)
    }

    /// Something is owed, and nothing at all has come, not even an end.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self.end, End::Open | End::Still)
            && length(&self.received) == 0
            && length(&self.expected) > 0
    }
}

fn length(stream: &Excerpt) -> usize {
    stream.skipped + stream.bytes.len() + stream.left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_missing_when_every_byte_is_right() {
        let seen = |expected: &[u8], received: &[u8], finished, end| {
            Exchange::new(b"abc\n", finished, expected, received, end).lacks_only_the_end()
        };
        assert!(seen(b"nop\n", b"nop\n", true, End::Open));
        assert!(seen(b"", b"", true, End::Open));
        let long = vec![b'n'; 1000];
        assert!(seen(&long, &long, true, End::Open));
        assert!(!seen(b"nop\n", b"nop", true, End::Open));
        assert!(!seen(b"nop\n", b"noX\n", true, End::Open));
        assert!(!seen(b"nop\n", b"nop\n", true, End::Reset));
        assert!(!seen(b"nop\n", b"nop\n", false, End::Open));
    }

    #[test]
    fn silence_is_nothing_where_something_is_owed() {
        let seen = |expected: &[u8], received: &[u8], end| {
            Exchange::new(b"abc\n", true, expected, received, end).is_silent()
        };
        assert!(seen(b"nop\n", b"", End::Open));
        assert!(!seen(b"nop\n", b"n", End::Open));
        assert!(!seen(b"nop\n", b"", End::Closed));
        assert!(!seen(b"", b"", End::Open));
    }
}
