//! Agreeing on a value, a leader or an order.

mod raft_log;
mod single_leader;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[&single_leader::SCENARIO, &raft_log::SCENARIO];
