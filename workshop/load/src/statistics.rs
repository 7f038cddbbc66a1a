//! Medians and percentiles, exact: everything that was measured is kept.

/// What stands in the middle, and how far the rest is spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Half of the values are smaller.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Of these values; `None` where there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let half = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[half - 1], values[half])
        } else {
            values[half]
        };
        Some(Spread { median, min, max })
    }
}

/// The smallest of the values that `percent` per cent of them do not exceed (the *nearest rank*);
/// `None` where there are none. Leaves them in another order.
pub fn percentile(values: &mut [u32], percent: usize) -> Option<u32> {
    let rank = (values.len() * percent).div_ceil(100).max(1);
    if values.len() < rank {
        return None;
    }
    let (_, value, _) = values.select_nth_unstable(rank - 1);
    Some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_stands_in_the_middle() {
        let odd = Spread::of([3.0, 1.0, 100.0]).expect("there are values");
        assert_eq!((odd.median, odd.min, odd.max), (3.0, 1.0, 100.0));
        let even = Spread::of([4.0, 1.0, 2.0, 100.0]).expect("there are values");
        assert_eq!(even.median, 3.0);
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn percentiles_are_values_that_were_there() {
        let mut hundred: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(percentile(&mut hundred, 50), Some(50));
        assert_eq!(percentile(&mut hundred, 99), Some(99));
        assert_eq!(percentile(&mut hundred, 100), Some(100));
        assert_eq!(percentile(&mut [7], 99), Some(7));
        assert_eq!(percentile(&mut [1, 9], 50), Some(1));
        assert_eq!(percentile(&mut [], 50), None);
    }
}
