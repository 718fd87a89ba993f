//! Agreeing on a value, a leader or an order.

mod heartbeats;
mod lock_from_scratch;
mod redis_lock;
mod single_leader;
mod vector_clocks;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    // Who leads, and whom to obey.
    &single_leader::SCENARIO,
    // Who has the lock.
    &lock_from_scratch::SCENARIO,
    &redis_lock::SCENARIO,
    // Who is there.
    &heartbeats::SCENARIO,
    // What came before what.
    &vector_clocks::SCENARIO,
];
