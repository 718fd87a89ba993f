//! Agreeing on a value, a leader or an order.

mod quorum_dial;
mod single_leader;
mod split_brain;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] =
    &[&single_leader::SCENARIO, &quorum_dial::SCENARIO, &split_brain::SCENARIO];
