//! Several hands on one thing: replicated data types and concurrent editing.

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[];
