use grader::model::MAX_LINE;
use std::fmt;
use std::str::FromStr;

/// The most lines that one client may have in flight: far more than keep any server busy.
const MOST_IN_FLIGHT: usize = 4_096;

/// A kind of load, written `50x64x16+5000`: connections, bytes of a line, lines in flight on each
/// connection, and idle connections beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// How many clients say lines.
    pub connections: usize,
    /// How long a line is, its newline included: 64 are 63 bytes and a newline.
    pub bytes: usize,
    /// How many lines a client has said that are not yet answered.
    pub in_flight: usize,
    /// How many clients are there beside them, have spoken once, and are silent.
    pub idle: usize,
}

impl Load {
    /// How many connections that are in all.
    pub fn all_connections(&self) -> usize {
        self.connections + self.idle
    }
}

impl FromStr for Load {
    type Err = String;

    fn from_str(text: &str) -> Result<Load, String> {
        let (busy, idle) = text.split_once('+').unwrap_or((text, "0"));
        let parts: Vec<&str> = busy.split('x').collect();
        let [connections, bytes, in_flight] = parts[..] else {
            return Err(
                "write CONNECTIONSxBYTESxLINES, as in 50x64x1; beside 5,000 idle ones: 50x64x1+5000"
                    .to_owned(),
            );
        };
        Ok(Load {
            connections: number(connections, "connections", 1, 1_000_000)?,
            bytes: number(bytes, "bytes of a line", 1, MAX_LINE + 1)?,
            in_flight: number(in_flight, "lines in flight", 1, MOST_IN_FLIGHT)?,
            idle: number(idle, "idle connections", 0, 1_000_000)?,
        })
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Load {
            connections,
            bytes,
            in_flight,
            idle,
        } = self;
        write!(f, "{connections}x{bytes}x{in_flight}")?;
        if *idle > 0 {
            write!(f, "+{idle}")?;
        }
        Ok(())
    }
}

fn number(text: &str, what: &str, least: usize, most: usize) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("{what}: a number from {least} to {most}, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_are_read_and_written_alike() {
        let load = Load {
            connections: 50,
            bytes: 64,
            in_flight: 16,
            idle: 5_000,
        };
        assert_eq!("50x64x16+5000".parse(), Ok(load));
        assert_eq!("50x64x16".parse(), Ok(Load { idle: 0, ..load }));
        for text in ["50x64x16+5000", "1x1x1", "1000x16385x4096"] {
            assert_eq!(
                text.parse::<Load>().map(|it| it.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn what_is_no_load_is_told_with_the_way_to_write_one() {
        for (text, told) in [
            ("50", "50x64x1"),
            ("50x64", "50x64x1"),
            ("50x64x1x1", "50x64x1"),
            ("0x64x1", "connections"),
            ("50x0x1", "bytes of a line"),
            ("50x16386x1", "16385"),
            ("50x64x0", "lines in flight"),
            ("50x64x1+many", "idle connections"),
            ("-1x64x1", "connections"),
        ] {
            let error = text.parse::<Load>().expect_err(text);
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
