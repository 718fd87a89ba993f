//! Copies that are not always alike: what is promised to those who read them.

mod fifty_ms_commit;
mod hash_ring_kv;
mod leaderless_log;
mod read_repair;
mod read_your_writes;
mod write_skew;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    // How old an answer may be, and what transactions see.
    &read_your_writes::SCENARIO,
    &write_skew::SCENARIO,
    // How soon a write is safe, and where.
    &fifty_ms_commit::SCENARIO,
    // Who may write when nobody leads.
    &leaderless_log::SCENARIO,
    // Who keeps what.
    &hash_ring_kv::SCENARIO,
    // How copies become alike again.
    &read_repair::SCENARIO,
];
