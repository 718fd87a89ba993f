//! What survives when the power goes: logs, tables and copies on disks of real bytes.

mod durable_counter;
mod reliable_delivery;
mod torn_ledger;
mod tsdb;
mod wal_lsm;
mod wal_scheduler;

use super::Scenario;

/// In teaching order.
pub(super) const SCENARIOS: &[&Scenario] = &[
    // Alone on one disk.
    &wal_lsm::SCENARIO,
    &durable_counter::SCENARIO,
    &tsdb::SCENARIO,
    // With peers.
    &reliable_delivery::SCENARIO,
    &torn_ledger::SCENARIO,
    &wal_scheduler::SCENARIO,
];
