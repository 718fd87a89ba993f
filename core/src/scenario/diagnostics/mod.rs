//! Rows that exercise the failure handling of the page; openable by link, listed nowhere.

mod panics;

use super::Scenario;

/// By slug.
pub(super) const SCENARIOS: &[&Scenario] = &[&panics::SCENARIO];
