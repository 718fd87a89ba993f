//! Models explored to their last state.

use faultline_core::check::{Exploration, Explorer, Model, Status, Traversal};
use faultline_tests::models::{RegisterSystem, Server, TwoPhaseCommit};

/// Two-phase commit with seven resource managers.
pub const TWO_PHASE_COMMIT: TwoPhaseCommit<7> = TwoPhaseCommit;

/// Single-decree Paxos: three servers, three clients.
pub type PaxosSystem = RegisterSystem<Server<3>, 3, 3>;

/// Explores a model to its end and returns the number of distinct states.
///
/// # Panics
/// The model is not finite, or it breaks its invariant.
pub fn explore(model: impl Model, order: Traversal) -> u64 {
    let mut explorer = Explorer::new(model, Exploration { order, ..Exploration::default() });
    let progress = explorer.run_to_end();
    assert_eq!(progress.status, Status::Complete, "the models are finite and correct");
    progress.distinct
}

/// Explores two-phase commit.
pub fn two_phase_commit(order: Traversal) -> u64 {
    explore(TWO_PHASE_COMMIT, order)
}

/// Explores Paxos.
pub fn paxos(order: Traversal) -> u64 {
    explore(PaxosSystem::new(), order)
}
