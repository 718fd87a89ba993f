//! Agreeing on a value, a leader or an order.

mod lock_from_scratch;
mod single_leader;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] =
    &[&single_leader::SCENARIO, &lock_from_scratch::SCENARIO];
