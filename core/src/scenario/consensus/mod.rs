//! Agreeing on a value, a leader or an order.

mod lock_from_scratch;
mod redis_lock;
mod single_leader;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    // Who leads.
    &single_leader::SCENARIO,
    // Who has the lock.
    &lock_from_scratch::SCENARIO,
    &redis_lock::SCENARIO,
];
