//! Agreeing on a value, a leader or an order.

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[];
