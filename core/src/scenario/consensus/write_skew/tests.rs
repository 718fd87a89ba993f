//! The row alone: what was decided is what the shards hold, and the phantom is where it is said to be.

use super::*;
use crate::check::draw_trial;
use crate::run::Run;
use crate::view::Verdict;

/// Plays a script of the row, by its place, and returns the checks that it breaks.
fn broken_by(script: usize, setup: &Setup) -> Vec<String> {
    let mut run = Run::new(setup.clone(), SCENARIO.script(setup, script));
    run.seek_time(2 * SCENARIO.horizon_us);
    let checks = run.simulation().checks().into_iter();
    let broken = checks.filter(|it| matches!(it.verdict, Verdict::Broken { .. }));
    broken.map(|it| it.name).collect()
}

fn hardened(seed: u64) -> Setup {
    Setup::of("write-skew", Preset::Hardened, seed).expect("it is listed")
}

/// An inserted shift is a row that no lock is on: of the three guards only the locks miss it.
#[test]
fn locks_alone_miss_an_inserted_shift() {
    for seed in 1..=20 {
        let broken = broken_by(1, &hardened(seed));
        assert_eq!(broken, ["a shift has no doctor"], "seed {seed}");
    }
}
