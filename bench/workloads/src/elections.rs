//! The election of a leader, with all its safeguards on: a scenario as the page runs it.

use faultline_core::check::draw_schedule;
use faultline_core::drive;
use faultline_core::run::Position;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::{Journal, TimedAction};
use faultline_core::view::Check;

/// Events in each fuzzed run.
const EVENTS_A_RUN: u32 = 2_000;

/// Returns the setup of the scenario.
///
/// # Panics
/// The scenario is gone.
pub fn setup(seed: u64) -> Setup {
    Setup::of("single-leader", Preset::Hardened, seed).expect("the scenario is listed")
}

/// Handles so many events without faults, with or without a record of them, and returns how many it
/// was.
pub fn run(is_recorded: bool, events: u64) -> u64 {
    let mut journal = if is_recorded { Journal::recording() } else { Journal::ignoring() };
    let mut simulation = setup(1).build();
    while u64::from(simulation.events()) < events && simulation.step(&mut journal) {}
    simulation.events().into()
}

/// Does so many runs of 2,000 events with faults drawn as a campaign draws them, judged as a
/// campaign judges them, and returns how many it was.
///
/// # Panics
/// A run breaks an invariant: the claim of the scenario is wrong.
pub fn fuzz(runs: u64) -> u64 {
    for number in 0..runs {
        let setup = setup(number);
        let schedule = draw_schedule(&setup, number);
        assert!(!is_violated(&setup, &schedule), "run {number} breaks an invariant");
    }
    runs
}

/// Runs the beginning of one schedule.
fn is_violated(setup: &Setup, schedule: &[TimedAction]) -> bool {
    let mut simulation = setup.build();
    let mut journal = Journal::ignoring();
    let mut position = Position::default();
    while simulation.events() < EVENTS_A_RUN
        && !simulation.is_violated()
        && drive::step(&mut *simulation, &mut position, schedule, &mut journal)
    {}
    simulation.checks().iter().any(Check::is_violated)
}
