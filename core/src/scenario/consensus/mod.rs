//! Agreeing on a value, a leader or an order.

mod gossip_udp;
mod single_leader;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[&single_leader::SCENARIO, &gossip_udp::SCENARIO];
