use std::sync::OnceLock;

/// Where random input begins, in every case of a run: a fresh one for each run, or the one that a
/// failure printed: `GRADER_SEED=…`.
pub(crate) fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| {
        let given = std::env::var("GRADER_SEED").ok();
        given
            .and_then(|seed| seed.parse().ok())
            .unwrap_or_else(|| fastrand::u64(..))
    })
}
