//! The protocol as naively as it can be written: a byte at a time, no buffers, nothing clever.

/// The longest line that is answered in one piece, in bytes, its `\n` not counted (rule 3).
pub const MAX_LINE: usize = 16_384;

/// One byte's rotation (rule 1).
pub fn rot13(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        other => other,
    }
}

/// What one client has been owed so far, and what it has said of a line not yet complete.
#[derive(Debug, Default)]
pub struct Model {
    unfinished: Vec<u8>,
}

impl Model {
    /// Takes one byte; appends to `answer` what it makes the server owe (rules 2 and 3).
    pub fn take(&mut self, byte: u8, answer: &mut Vec<u8>) {
        if byte != b'\n' && self.unfinished.len() == MAX_LINE {
            answer.append(&mut self.unfinished);
            answer.push(b'\n');
        }
        self.unfinished.push(rot13(byte));
        if byte == b'\n' {
            answer.append(&mut self.unfinished);
        }
    }

    /// The client has said all; appends what is still owed (rule 4).
    pub fn finish(&mut self, answer: &mut Vec<u8>) {
        answer.append(&mut self.unfinished);
    }
}

/// What a client is owed that has sent `sent`; with `finished` it has said all.
pub fn owed(sent: &[u8], finished: bool) -> Vec<u8> {
    let (mut model, mut answer) = (Model::default(), Vec::with_capacity(sent.len()));
    for &byte in sent {
        model.take(byte, &mut answer);
    }
    if finished {
        model.finish(&mut answer);
    }
    answer
}

/// Which byte of `sent` the answer's byte number `at` stems from.
pub(crate) fn source_of(sent: &[u8], at: usize) -> usize {
    let (mut model, mut answer) = (Model::default(), Vec::new());
    sent.iter()
        .position(|&byte| {
            model.take(byte, &mut answer);
            answer.len() + model.unfinished.len() > at
        })
        .unwrap_or(sent.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked examples of the protocol, to the letter.
    #[test]
    fn worked_examples() {
        let n = |byte: u8, count: usize| vec![byte; count];
        let table: [(Vec<u8>, bool, Vec<u8>); 7] = [
            (b"Hello\n".to_vec(), false, b"Uryyb\n".to_vec()),
            (b"a".to_vec(), false, b"".to_vec()),
            (b"ab\n".to_vec(), false, b"no\n".to_vec()),
            (b"abc\ndef".to_vec(), true, b"nop\nqrs".to_vec()),
            (
                [n(b'b', MAX_LINE), n(b'\n', 1)].concat(),
                false,
                [n(b'o', MAX_LINE), n(b'\n', 1)].concat(),
            ),
            (
                [n(b'c', MAX_LINE + 1), n(b'\n', 1)].concat(),
                false,
                [n(b'p', MAX_LINE), b"\np\n".to_vec()].concat(),
            ),
            (b"\n\n".to_vec(), false, b"\n\n".to_vec()),
        ];
        for (sent, finished, answer) in table {
            assert!(owed(&sent, finished) == answer, "{} bytes", sent.len());
        }
    }

    #[test]
    fn a_byte_is_traced_to_its_source() {
        let sent = [vec![b'c'; MAX_LINE + 1], b"\nab".to_vec()].concat();
        assert_eq!(source_of(&sent, 0), 0);
        assert_eq!(source_of(&sent, MAX_LINE), MAX_LINE, "the inserted newline");
        assert_eq!(source_of(&sent, MAX_LINE + 3), MAX_LINE + 2);
        assert_eq!(source_of(&sent, MAX_LINE + 100), sent.len(), "past the end");
    }
}
