//! Several hands on one thing: replicated data types and concurrent editing.

mod docs_ot;
mod g_counter;
mod offline_editors;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    &g_counter::SCENARIO,
    &offline_editors::SCENARIO,
    // The same task with a server in the middle.
    &docs_ot::SCENARIO,
];
