//! The row alone: what waiting for an ocean costs, and what a region that is lost takes along.

use super::*;
use crate::run::Run;
use crate::scenario::Preset;
use crate::sim::DiskFault;
use crate::view::{CheckKind, Verdict};

/// The metrics, by their places in the list.
const P99_MS: usize = 0;
const ONLY_HERE: usize = 1;

fn hardened(seed: u64) -> Setup {
    Setup::of(SCENARIO.slug, Preset::Hardened, seed).expect("it is listed")
}

/// Plays a script of the row, by its place, until then.
fn played(setup: &Setup, script: Option<usize>, until_us: u64) -> Run {
    let actions = script.map_or(Vec::new(), |script| SCENARIO.script(setup, script));
    let mut run = Run::new(setup.clone(), actions);
    run.seek_time(until_us);
    run
}

fn reading(run: &Run, metric: usize) -> i64 {
    run.simulation().readings()[metric]
}

/// The nearest other region is 75 ms away, there and back: no write is faster that waits for it.
#[test]
fn who_waits_for_every_region_waits_for_an_ocean() {
    for seed in 1..=10 {
        let run = played(&hardened(seed), None, 8_000_000);
        let fast = reading(&run, P99_MS);
        let mut setup = hardened(seed);
        setup.set("async", "off").expect("it is a switch");
        setup.set("remotes", "1").expect("it is a knob");
        let slow = reading(&played(&setup, None, 8_000_000), P99_MS);
        assert!((20..50).contains(&fast) && slow > 75 + 20, "seed {seed}: {fast} and {slow} ms");
    }
}

/// While the cables are cut nobody waits, and the region has what no other has; afterwards hardly any.
#[test]
fn a_backlog_grows_and_drains() {
    for seed in 1..=10 {
        let at = |until_us| reading(&played(&hardened(seed), Some(1), until_us), ONLY_HERE);
        let (before, during, after) = (at(5_400_000), at(7_400_000), at(9_500_000));
        assert!(before < 20 && during > 40 && after < 20, "{seed}: {before}, {during}, {after}");
    }
}

/// The whole region loses its power at any moment, with whatever its disks were writing torn, and comes back in
/// any order: what was acknowledged is there, and no copy ever knew more.
#[test]
fn the_region_may_go_dark_at_any_moment() {
    for seed in 1..=40 {
        let setup = hardened(seed);
        let dark_us = 400_000 + 37_003 * seed;
        let mut actions = Vec::new();
        for id in servers(&setup) {
            let bytes = 64 * (1 + u16::try_from(seed % 7).expect("it is small"));
            let torn = Action::Disk { node: id, fault: DiskFault::TornSectors { bytes } };
            actions.extend([at(dark_us, torn), at(dark_us, Action::Crash(id))]);
        }
        for (turn, id) in (1..).zip(servers(&setup)) {
            let back_us = 300_000 + 150_000 * ((turn * seed) % 4);
            actions.push(at(dark_us + back_us, Action::Restart(id)));
        }
        actions.sort_by_key(|it| it.at_us);
        let mut run = Run::new(setup, actions);
        run.seek_time(dark_us + 5_000_000);
        for check in run.simulation().checks() {
            let is_broken = matches!(check.verdict, Verdict::Broken { .. });
            assert!(check.kind != CheckKind::Invariant || !is_broken, "{seed}: {check:?}");
        }
        assert!(reading(&run, ONLY_HERE) < 20, "{seed}: the region serves and ships again");
    }
}

/// What is lost with the region is counted at the moment when it goes.
#[test]
fn a_region_that_is_lost_takes_its_backlog_along() {
    for seed in 1..=10 {
        let run = played(&hardened(seed), Some(2), 9_000_000);
        let broken = run.simulation().checks().into_iter();
        let broken = broken.filter(|it| matches!(it.verdict, Verdict::Broken { .. }));
        let broken: Vec<String> = broken.map(|it| it.name).collect();
        let alert = "more than 20 acknowledged writes are in no other region";
        assert!(broken.iter().any(|it| it == alert), "seed {seed}: {broken:?}");
        assert!(reading(&run, ONLY_HERE) > 20, "seed {seed}");
    }
}
