//! Rows that exercise the failure handling of the page; openable by link, listed nowhere.

use super::Scenario;

/// By slug.
pub(super) const SCENARIOS: &[&Scenario] = &[];
