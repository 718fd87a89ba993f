//! What is measured both natively and in WebAssembly: each workload does a given amount of work and
//! returns how much it was.
//!
//! It is a package of its own because the peers, which the measuring program brings along, do not
//! compile for WebAssembly.

pub mod elections;
pub mod exploring;
pub mod ping_pong;

use faultline_core::check::Traversal;

/// Something to do, by name and number.
pub struct Workload {
    /// How reports call it.
    pub name: &'static str,
    /// What is counted.
    pub unit: &'static str,
    /// An amount that shows whether it works.
    pub quick: u32,
    /// An amount that is worth measuring.
    pub full: u32,
    /// Does about so much and returns how much it was.
    pub work: fn(u64) -> u64,
}

/// All workloads. A WebAssembly module and the program that runs it mean the same by a place in this
/// list because they are compiled from it together.
pub const WORKLOADS: [Workload; 7] = [
    Workload {
        name: "ping_pong_25_pairs",
        unit: "messages",
        quick: 100_000,
        full: 1_000_000,
        work: |messages| ping_pong::play::<25, false>(false, messages),
    },
    Workload {
        name: "ping_pong_25_pairs_facts_and_causes",
        unit: "messages",
        quick: 100_000,
        full: 1_000_000,
        work: |messages| ping_pong::play::<25, true>(true, messages),
    },
    Workload {
        name: "election",
        unit: "events",
        quick: 100_000,
        full: 1_000_000,
        work: |events| elections::run(false, events),
    },
    Workload {
        name: "election_facts_and_causes",
        unit: "events",
        quick: 100_000,
        full: 1_000_000,
        work: |events| elections::run(true, events),
    },
    Workload {
        name: "election_fuzzed_runs_of_2000_events",
        unit: "runs",
        quick: 100,
        full: 500,
        work: elections::fuzz,
    },
    Workload {
        name: "two_phase_commit_7_bfs",
        unit: "states",
        quick: 296_448,
        full: 296_448,
        work: |_| exploring::two_phase_commit(Traversal::BreadthFirst),
    },
    Workload {
        name: "paxos_3_clients_bfs",
        unit: "states",
        quick: 1_194_428,
        full: 1_194_428,
        work: |_| exploring::paxos(Traversal::BreadthFirst),
    },
];
