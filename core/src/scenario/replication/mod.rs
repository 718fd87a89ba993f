//! Copies that are not always alike: what is promised to those who read them.

mod read_your_writes;
mod write_skew;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[&read_your_writes::SCENARIO, &write_skew::SCENARIO];
