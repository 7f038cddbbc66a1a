use super::crowd::Crowd;
use super::trouble::Trouble;
use grader::model;
use std::io::{self, ErrorKind, Read, Write};

/// What is said in every round: 64 bytes.
const LINE: &[u8; 64] = b"How many system calls does it take the server to answer a line?\n";

impl Crowd {
    /// Lets all busy clients say a line at once, and hears all of them, again and again: so many lines
    /// are answered, not one more or less.
    ///
    /// # Errors
    ///
    /// The first client that is not answered as it should be.
    pub fn rounds(&self, rounds: usize) -> Result<(), Trouble> {
        let owed = model::owed(LINE, false);
        for round in 0..rounds {
            for mut client in &self.busy {
                client
                    .write_all(LINE)
                    .map_err(Trouble::system("send", "发送"))?;
            }
            for (index, mut client) in self.busy.iter().enumerate() {
                let (connection, offset) = (index + 1, (round * owed.len()) as u64);
                let mut found = vec![0; owed.len()];
                client.read_exact(&mut found).map_err(|error| {
                    let missing = owed.len() as u64;
                    match error.kind() {
                        ErrorKind::WouldBlock | ErrorKind::TimedOut => Trouble::Stalled {
                            patience: self.patience,
                            connection,
                            offset,
                            missing,
                        },
                        kind => Trouble::Closed {
                            connection,
                            offset,
                            missing,
                            error: (kind != ErrorKind::UnexpectedEof)
                                .then(|| io::Error::from(kind)),
                        },
                    }
                })?;
                if found != owed {
                    return Err(Trouble::Wrong {
                        connection,
                        offset,
                        expected: owed,
                        found,
                    });
                }
            }
        }
        Ok(())
    }
}
