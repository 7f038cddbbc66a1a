use std::sync::OnceLock;

static SEED: OnceLock<u64> = OnceLock::new();

/// Where all random input of this process begins: a fresh one, or the one that a failure printed, by
/// [`set_seed`] or `GRADER_SEED=…`.
pub fn seed() -> u64 {
    *SEED.get_or_init(|| {
        let given = std::env::var("GRADER_SEED").ok();
        given
            .and_then(|seed| seed.parse().ok())
            .unwrap_or_else(|| fastrand::u64(..))
    })
}

/// Chooses it. Nothing random has been asked for yet: once it has been, it stays as it is.
pub fn set_seed(seed: u64) {
    let _ = SEED.set(seed);
}
