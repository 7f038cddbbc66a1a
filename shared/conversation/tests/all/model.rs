//! A model of the protocol that is too simple to be wrong.

use conversation::{MAX_LINE, rot13};

/// What is owed for all of `input`: rules 1 to 4, one byte at a time.
pub(crate) fn model(input: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut length = 0;
    for &byte in input {
        if byte != b'\n' && length == MAX_LINE {
            answer.push(b'\n');
            length = 0;
        }
        answer.push(byte);
        length = if byte == b'\n' { 0 } else { length + 1 };
    }
    rot13(&mut answer);
    answer
}
