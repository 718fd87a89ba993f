//! The one rule by which a run goes on: at any instant all due actions come before all events.

use crate::run::Position;
use crate::sim::{Journal, Simulation, TimedAction};

/// Returns when the next event or action is due; `None` when nothing is left to happen. `actions` are
/// all of the run, in order of time.
pub fn next_at_us(
    simulation: &dyn Simulation,
    position: Position,
    actions: &[TimedAction],
) -> Option<u64> {
    let action = actions.get(position.actions as usize).map(|action| action.at_us);
    action.into_iter().chain(simulation.next_at_us()).min()
}

/// Does the next action, if it is due before or with the next event, else the next event; moves
/// `position` along. Returns false when nothing is left to happen.
pub fn step(
    simulation: &mut dyn Simulation,
    position: &mut Position,
    actions: &[TimedAction],
    journal: &mut Journal,
) -> bool {
    let next_event_us = simulation.next_at_us();
    match actions.get(position.actions as usize) {
        Some(timed) if next_event_us.is_none_or(|event_us| timed.at_us <= event_us) => {
            simulation.advance(timed.at_us, journal);
            simulation.act(position.actions, &timed.action, journal);
            position.actions += 1;
            true
        }
        Some(_) | None => {
            let stepped = simulation.step(journal);
            position.events = simulation.events();
            stepped
        }
    }
}
