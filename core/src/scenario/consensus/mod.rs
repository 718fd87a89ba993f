//! Agreeing on a value, a leader or an order.

mod gossip_udp;
mod single_leader;
mod swim_membership;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    // First agreeing, then hearing of each other at all.
    &single_leader::SCENARIO,
    &gossip_udp::SCENARIO,
    &swim_membership::SCENARIO,
];
