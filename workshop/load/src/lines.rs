use super::shape::Load;
use grader::model;

/// How many bytes of lines are prepared, about: more than any client has in flight, less than a
/// core's own cache.
const PREPARED: usize = 64 * 1024;
/// How many lines at least.
const FEWEST: usize = 16;

/// What the clients say, and what they are owed for it: prepared lines, said round and round.
///
/// Three of four bytes are letters, the fourth is anything but a newline. What is owed comes from
/// the judge's model and never from the code that the servers share.
#[derive(Debug)]
pub struct Lines {
    said: Vec<u8>,
    owed: Vec<u8>,
    /// Bytes of a line, its newline included.
    length: usize,
    /// How many bytes are different; behind them stand the first ones again, so that whatever is in
    /// flight is one slice.
    period: usize,
}

impl Lines {
    /// Prepares the lines of a load; the same seed makes the same lines.
    pub fn new(load: &Load, seed: u64) -> Lines {
        let length = load.bytes;
        let period = (PREPARED / length).max(FEWEST) * length;
        let mut random = fastrand::Rng::with_seed(seed);
        let mut said = Vec::with_capacity(period + load.in_flight * length);
        while said.len() < period {
            said.extend((1..length).map(|_| byte(&mut random)));
            said.push(b'\n');
        }
        for at in 0..load.in_flight * length {
            said.push(said[at]);
        }
        let owed = model::owed(&said, false);
        Lines {
            said,
            owed,
            length,
            period,
        }
    }

    /// Bytes of a line, its newline included.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Where a client begins, so that no two neighbours say the same.
    pub(super) fn start_of(&self, client: usize) -> u64 {
        (client * 7 * self.length % self.period) as u64
    }

    /// `count` bytes from position `at` of what a client says.
    pub(super) fn said(&self, at: u64, count: usize) -> &[u8] {
        let start = self.place(at);
        &self.said[start..start + count]
    }

    /// `count` bytes from position `at` of what it is owed: as many bytes as it says.
    pub(super) fn owed(&self, at: u64, count: usize) -> &[u8] {
        let start = self.place(at);
        &self.owed[start..start + count]
    }

    fn place(&self, at: u64) -> usize {
        (at % self.period as u64) as usize
    }
}

fn byte(random: &mut fastrand::Rng) -> u8 {
    match random.u8(..4) {
        0 => match random.u8(..) {
            b'\n' => b'\r',
            byte => byte,
        },
        _ => random.alphabetic() as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(load: &str, seed: u64) -> Lines {
        Lines::new(&load.parse().expect("a load"), seed)
    }

    #[test]
    fn lines_are_as_long_as_asked_for() {
        for load in ["1x1x1", "1x2x3", "1x64x16", "1x16385x4"] {
            let lines = lines(load, 1);
            for line in lines.said.chunks(lines.length()) {
                assert_eq!(line.len(), lines.length(), "{load}");
                let newline = line.iter().position(|&byte| byte == b'\n');
                assert_eq!(newline, Some(lines.length() - 1), "{load}");
            }
            assert_eq!(lines.said.len(), lines.owed.len(), "{load}");
        }
    }

    #[test]
    fn letters_are_rotated_and_all_else_is_there_too() {
        let lines = lines("1x64x1", 1);
        assert!(lines.said.contains(&0) && lines.said.contains(&0xFF));
        for (&said, &owed) in lines.said.iter().zip(&lines.owed) {
            assert_eq!(said.is_ascii_alphabetic(), said != owed, "{said:#04x}");
        }
    }

    #[test]
    fn a_seed_makes_lines_and_another_one_others() {
        assert_eq!(lines("1x64x1", 7).said, lines("1x64x1", 7).said);
        assert_ne!(lines("1x64x1", 7).said, lines("1x64x1", 8).said);
    }

    #[test]
    fn whatever_is_in_flight_is_one_slice() {
        let lines = lines("1x64x16", 1);
        let last = lines.period as u64 - 64;
        assert_eq!(lines.said(last, 1024)[64..], *lines.said(0, 960));
        assert_eq!(
            lines.owed(last + lines.period as u64, 64),
            lines.owed(last, 64)
        );
    }
}
