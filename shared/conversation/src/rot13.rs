// ANCHOR: rot13
/// Rotates every ASCII letter of `bytes` by 13 places, in place; all other bytes stay as they are.
///
/// ASCII only, on purpose: what counts as a letter must not depend on a locale, as it does with
/// C's `isalpha(3)`. Twice is the identity.
pub fn rot13(bytes: &mut [u8]) {
    // No table and no `if`: both arms of the `match` are arithmetic on one byte, so the compiler
    // turns the loop into vector instructions and works at the speed of memory.
    for byte in bytes {
        *byte = match *byte {
            b'A'..=b'M' | b'a'..=b'm' => *byte + 13,
            b'N'..=b'Z' | b'n'..=b'z' => *byte - 13,
            other => other,
        };
    }
}
// ANCHOR_END: rot13

#[cfg(test)]
mod tests {
    use super::rot13;

    /// Every byte there is, against the two alphabets written out.
    #[test]
    fn rotates_letters_and_nothing_else() {
        const FROM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        const TO: &[u8] = b"NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm";
        for byte in 0..=u8::MAX {
            let expected = FROM.iter().position(|&b| b == byte).map_or(byte, |i| TO[i]);
            let mut rotated = [byte];
            rot13(&mut rotated);
            assert_eq!(rotated, [expected], "byte {byte:#04x}");
        }
    }

    #[test]
    fn twice_is_the_identity() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let mut twice = all.clone();
        rot13(&mut twice);
        assert_ne!(twice, all);
        rot13(&mut twice);
        assert_eq!(twice, all);
    }
}
