//! Reads and changes of the configuration store against linearizability (Herlihy and Wing 1990), decided
//! by search over all that clients asked and were told: no order that a mechanism might have in mind.

use faultline_core::check::draw_trial;
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, find};
use faultline_core::view::HistoryVerdict;
use faultline_core::witness::Witness;

/// Schedules tried, one for each seed.
const SCHEDULES: u64 = 60;
/// Calls that the checker may try for one history.
const STEPS: u64 = 2_000_000;

/// Returns what the search says of the run numbered `number`.
fn verdict(preset: Preset, number: u64) -> HistoryVerdict {
    let row = find("config-store").expect("a listed row");
    let trial = draw_trial(row, preset, number);
    let mut run = Run::new(trial.setup.clone(), trial.actions.clone());
    run.seek_time(row.horizon_us);
    let mut witness = Witness::new(&run);
    while !witness.follow(&run, 10_000) {}
    let testimony = witness.testimony().expect("a witness listens");
    testimony.object().expect("clients see registers").judge(testimony.operations(), STEPS)
}

#[test]
fn confirmed_reads_and_changes_have_an_order() {
    for number in 1..=SCHEDULES {
        let verdict = verdict(Preset::Hardened, number);
        assert!(matches!(verdict, HistoryVerdict::Possible { .. }), "{number}: {verdict:?}");
    }
}

#[test]
fn reads_from_any_server_have_none() {
    let is_refused =
        |number| matches!(verdict(Preset::Naive, number), HistoryVerdict::Impossible { .. });
    let refused = (1..=SCHEDULES).filter(|number| is_refused(*number)).count();
    eprintln!("{refused} of {SCHEDULES} schedules have no order");
    assert!(refused > 0);
}
