//! Agreeing on a value, a leader or an order.

mod config_store;
mod election_styles;
mod gossip_udp;
mod heartbeats;
mod lock_from_scratch;
mod quorum_dial;
mod raft_log;
mod redis_lock;
mod single_leader;
mod split_brain;
mod swim_membership;
mod vector_clocks;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    // Who leads, and whom to obey.
    &single_leader::SCENARIO,
    &election_styles::SCENARIO,
    &raft_log::SCENARIO,
    &config_store::SCENARIO,
    &split_brain::SCENARIO,
    // What copies agree on.
    &quorum_dial::SCENARIO,
    // Who has the lock.
    &lock_from_scratch::SCENARIO,
    &redis_lock::SCENARIO,
    // Who is there.
    &heartbeats::SCENARIO,
    &swim_membership::SCENARIO,
    &gossip_udp::SCENARIO,
    // What came before what.
    &vector_clocks::SCENARIO,
];
