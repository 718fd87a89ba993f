//! Agreeing on a value, a leader or an order.

mod heartbeats;
mod single_leader;
mod vector_clocks;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    &single_leader::SCENARIO,
    // What it is made of.
    &heartbeats::SCENARIO,
    &vector_clocks::SCENARIO,
];
