use crate::model;
use terminal::Text;

/// How many columns are shown before the first difference.
const BEFORE: usize = 16;
/// How many columns are shown from the first difference on.
const AFTER: usize = 24;

/// What was seen of a failure.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// What went over the wire.
    Exchange(Box<Exchange>),
    /// Something other than bytes.
    Finding {
        /// What should have been.
        expected: Text,
        /// What was.
        found: Text,
    },
    /// What was seen, where there is nothing to set beside it.
    Note(Text),
}

/// What went over the wire, cut down to the surroundings of the first difference.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What the client sent.
    pub sent: Excerpt,
    /// The client has half-closed: it has said all.
    pub finished: bool,
    /// What it is owed.
    pub expected: Excerpt,
    /// The server is to close.
    pub end_expected: bool,
    /// What came.
    pub received: Excerpt,
    /// How the connection stands.
    pub end: End,
    /// Where in the excerpts of expected and received bytes the first difference stands.
    pub difference: usize,
}

/// A piece of a stream of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// How many bytes came before.
    pub skipped: usize,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many bytes came after.
    pub left_out: usize,
}

/// How the client's side of a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server may still answer.
    Open,
    /// The same, but nothing more will come: the kernel tells that the server sleeps for ever, or spins.
    Still,
    /// The same, but the case's time was up.
    Late,
    /// The same, but nobody has waited for more: what came in one receive is what counts.
    OneReceive,
    /// The server has said all (FIN).
    Closed,
    /// The server has thrown the connection away (RST).
    Reset,
}

impl Exchange {
    /// Finds the first difference and cuts out what surrounds it.
    pub(crate) fn new(
        sent: &[u8],
        finished: bool,
        expected: &[u8],
        received: &[u8],
        end: End,
    ) -> Exchange {
        let common = expected
            .iter()
            .zip(received)
            .take_while(|(a, b)| a == b)
            .count();
        let source = model::source_of(sent, common);
        let expected_excerpt = excerpt(expected, common);
        Exchange {
            sent: excerpt(sent, source),
            finished,
            difference: common - expected_excerpt.skipped,
            expected: expected_excerpt,
            end_expected: finished,
            received: excerpt(received, common),
            end,
        }
    }
}

impl From<Exchange> for Evidence {
    fn from(exchange: Exchange) -> Evidence {
        Evidence::Exchange(Box::new(exchange))
    }
}

/// The surroundings of byte number `at`.
fn excerpt(bytes: &[u8], at: usize) -> Excerpt {
    let (before, after) = bytes.split_at(at.min(bytes.len()));
    let start = before.len() - fitting(before.iter().rev(), BEFORE);
    let end = before.len() + fitting(after.iter(), AFTER);
    Excerpt {
        skipped: start,
        bytes: bytes[start..end].to_vec(),
        left_out: bytes.len() - end,
    }
}

/// How many of the bytes are shown where `columns` are to be had: all, if they take a few more, as
/// the words that say how many were left out take a few as well.
fn fitting<'a>(bytes: impl Iterator<Item = &'a u8> + Clone, columns: usize) -> usize {
    let widths = bytes.map(|byte| byte.escape_ascii().len());
    let up_to = |columns: usize| {
        let ends = widths.clone().scan(0, |sum, width| {
            *sum += width;
            Some(*sum)
        });
        ends.take_while(|&end| end <= columns).count()
    };
    let with_a_few_more = up_to(columns + 8);
    if widths.clone().nth(with_a_few_more).is_none() {
        with_a_few_more
    } else {
        up_to(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_streams_are_shown_whole() {
        let exchange = Exchange::new(b"abc\ndef", true, b"nop\nqrs", b"nop\n", End::Closed);
        assert_eq!(exchange.sent.bytes, b"abc\ndef");
        assert_eq!(exchange.received.bytes, b"nop\n");
        assert_eq!(exchange.difference, 4);
    }

    #[test]
    fn long_streams_are_cut_to_the_difference() {
        let sent = vec![b'a'; 1000];
        let expected = vec![b'n'; 1000];
        let mut received = expected.clone();
        received[500] = b'X';
        let exchange = Exchange::new(&sent, false, &expected, &received, End::Open);
        for piece in [&exchange.sent, &exchange.expected, &exchange.received] {
            assert_eq!(
                (piece.skipped, piece.bytes.len(), piece.left_out),
                (484, 40, 476)
            );
        }
        assert_eq!(exchange.received.bytes[exchange.difference], b'X');
    }

    #[test]
    fn bytes_that_are_shown_wide_are_fewer() {
        let all = [0xFF; 1000];
        let middle = excerpt(&all, 500);
        assert_eq!((middle.skipped, middle.left_out), (496, 494));
        assert_eq!(
            excerpt(&all[..8], 0).left_out,
            0,
            "a few more columns are granted"
        );
    }
}
