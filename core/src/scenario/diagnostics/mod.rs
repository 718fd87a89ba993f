//! Rows that exercise the failure handling and the limits of the page; openable by link, listed nowhere.

mod crowd;
mod panics;

use super::Scenario;

/// By slug.
pub(super) const SCENARIOS: &[&Scenario] = &[&panics::SCENARIO, &crowd::SCENARIO];
