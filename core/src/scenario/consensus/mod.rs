//! Agreeing on a value, a leader or an order.

mod quorum_dial;
mod single_leader;
mod split_brain;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    // Who leads, and whom to obey.
    &single_leader::SCENARIO,
    &split_brain::SCENARIO,
    // What copies agree on.
    &quorum_dial::SCENARIO,
];
