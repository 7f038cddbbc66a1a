use memchr::memchr_iter;

/// How many bytes have gone one way of a conversation, newlines apart.
///
/// A server adds newlines to long lines (rule 3 of the protocol), so more of them may come back
/// than were said. Of everything else exactly as much comes back: totals that include the newlines
/// would let a server pass that loses three bytes and adds three newlines.
///
/// ```
/// let (mut said, mut answered) = (shared::Tally::default(), shared::Tally::default());
/// said.count(b"Hello\n");
/// answered.count(b"Ur\n\n\n\n");
/// let fault = said.fault(answered);
/// assert_eq!(
///     fault.as_deref(),
///     Some("closed the connection early: 2 of 5 bytes answered, newlines not counted")
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    newlines: u64,
    others: u64,
}

impl Tally {
    /// Counts `bytes` in.
    pub fn count(&mut self, bytes: &[u8]) {
        let newlines = memchr_iter(b'\n', bytes).count();
        self.newlines += newlines as u64;
        self.others += (bytes.len() - newlines) as u64;
    }

    /// This was said to a server, which has `answered` and closed: what is wrong with that, as the
    /// end of a sentence about the server. None: it has answered everything.
    pub fn fault(self, answered: Tally) -> Option<String> {
        let early = "closed the connection early";
        if answered.others < self.others {
            let (answered, said) = (answered.others, self.others);
            Some(format!(
                "{early}: {answered} of {said} bytes answered, newlines not counted"
            ))
        } else if answered.others > self.others {
            let (answered, said) = (answered.others, self.others);
            Some(format!(
                "answered more than was said: {answered} bytes to {said}, newlines not counted"
            ))
        } else if answered.newlines < self.newlines {
            let (answered, said) = (answered.newlines, self.newlines);
            Some(format!("{early}: {answered} of {said} newlines answered"))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn fault(said: &[u8], answered: &[u8]) -> Option<String> {
        let (mut these, mut those) = (Tally::default(), Tally::default());
        these.count(said);
        those.count(answered);
        these.fault(those)
    }

    #[test]
    fn newlines_may_be_added_and_nothing_else_may_change_in_number() {
        assert_eq!(fault(b"", b""), None);
        assert_eq!(fault(b"Hello\nBye", b"Uryyb\nOlr"), None);
        assert_eq!(fault(b"Hello\nBye", b"Ur\nyyb\nOlr\n"), None);
        for (answered, told) in [
            (&b"Uryyb\nO\n\n\n"[..], "early: 6 of 8 bytes"),
            (b"Uryyb", "early: 5 of 8 bytes"),
            (b"UryybOlr", "early: 0 of 1 newlines"),
            (b"Uryyb\nOlr!", "more than was said: 9 bytes to 8"),
        ] {
            let fault = fault(b"Hello\nBye", answered).expect("there is one");
            assert!(fault.contains(told), "{fault}");
        }
    }
}
