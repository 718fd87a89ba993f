//! The row alone: what was decided is what the shards hold, and the phantom is where it is said to be.

use super::*;
use crate::check::draw_trial;
use crate::run::Run;
use crate::view::{Verdict, Widget};

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

/// An inserted shift is a row that no lock is on: of the guards only the locks miss it.
#[test]
fn locks_alone_miss_an_inserted_shift() {
    for seed in 1..=20 {
        let broken = broken_by(1, &hardened(seed));
        assert_eq!(broken, ["a shift has no doctor"], "seed {seed}");
        let mut unguarded = hardened(seed);
        unguarded.set("ssi", "off").expect("it is a switch");
        let broken = broken_by(1, &unguarded);
        let sunday = "on Sunday each shift has a doctor";
        assert!(broken.iter().any(|it| it == sunday), "seed {seed}: {broken:?}");
    }
}

#[test]
fn whoever_has_promised_waits_for_the_coordinator() {
    let doubts = |seed| broken_by(2, &hardened(seed)).iter().any(|it| it.contains("in doubt"));
    assert!((1..=20).any(doubts));
}

/// Returns for each night how many are on call by the decisions, and by the newest rows of both shards.
fn on_call(run: &Run) -> Vec<(String, usize)> {
    let panels = run.simulation().scene().panels;
    let Widget::Matrix { rows, .. } = &panels[0].widgets[0] else { panic!("it is a matrix") };
    let of_night = rows.iter().map(|(_, cells)| {
        let decided = cells[0].text.split(' ').next().unwrap_or_default().to_owned();
        let newest = |text: &str| text.rsplit(", ").next().is_some_and(|it| it.starts_with("on@"));
        (decided, cells.iter().filter(|cell| newest(&cell.text)).count())
    });
    of_night.collect()
}

/// However a run went, once it has healed both shards hold what was decided, and nothing else.
#[test]
fn what_was_decided_is_what_the_shards_hold() {
    for seed in 1..=40 {
        let trial = draw_trial(&SCENARIO, Preset::Hardened, seed);
        let mut run = Run::new(trial.setup.clone(), trial.actions.clone());
        // Between a decision and its last row some milliseconds pass.
        let agrees = (0..40_u64).any(|nth| {
            run.seek_time(2 * SCENARIO.horizon_us + nth * 5_000);
            on_call(&run).iter().all(|(decided, held)| *decided == held.to_string())
        });
        assert!(agrees, "{:?} {}", on_call(&run), trial.link(None));
    }
}
