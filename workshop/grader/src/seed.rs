/// Where random input begins: a fresh one for each run, or the one that a failure printed:
/// `GRADER_SEED=…`.
pub(crate) fn seed() -> u64 {
    let given = std::env::var("GRADER_SEED").ok();
    given
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..))
}
