//! The explorer counts what others counted, and agrees with brute force.

use faultline_core::check::{Exploration, Explorer, Model, Order, Status};
use faultline_tests::models::{
    ChangRoberts, RegisterSystem, Server, SingleCopy, TransactionCommit, TwoPhaseCommit,
};

/// Returns distinct states, generated states and depth of a complete breadth-first exploration.
fn count(model: impl Model) -> (u64, u64, u32) {
    let mut explorer = Explorer::new(model, Exploration::default());
    let progress = explorer.run_to_end();
    assert_eq!(progress.status, Status::Complete, "{:?}", progress);
    (progress.distinct, progress.generated, progress.depth)
}

/// TLA+ Examples, `transaction_commit/manifest.json`.
#[test]
fn transaction_commit_has_as_many_states_as_tlc_counts() {
    assert_eq!(count(TransactionCommit::<3>), (34, 94, 7));
}

/// TLA+ Examples, `transaction_commit/manifest.json`; for six, the module's last comment.
#[test]
fn two_phase_commit_has_as_many_states_as_tlc_counts() {
    assert_eq!(count(TwoPhaseCommit::<3>), (288, 1_146, 11));
    assert_eq!(count(TwoPhaseCommit::<6>).0, 50_816);
}

/// TLA+ Examples, `chang_roberts/manifest.json`.
#[test]
fn chang_roberts_has_as_many_states_as_tlc_counts() {
    assert_eq!(count(ChangRoberts::<3>), (137, 227, 10));
}

/// Stateright 0.31, the example's own test and the readme's report.
#[test]
fn single_copy_register_has_as_many_states_as_stateright_counts() {
    assert_eq!(count(RegisterSystem::<SingleCopy, 1, 2>::new()), (93, 121, 9));
}

/// Stateright 0.31, the example's own test.
#[test]
fn paxos_has_as_many_states_as_stateright_counts() {
    assert_eq!(count(RegisterSystem::<Server<3>, 3, 2>::new()).0, 16_668);
}

/// The two orders see the same states by the same number of transitions.
#[test]
fn depth_first_counts_the_same() {
    let exploration = Exploration { order: Order::DepthFirst, ..Exploration::default() };
    let mut explorer = Explorer::new(RegisterSystem::<Server<3>, 3, 2>::new(), exploration);
    let depth_first = explorer.run_to_end();
    let (distinct, generated, _) = count(RegisterSystem::<Server<3>, 3, 2>::new());
    assert_eq!(depth_first.status, Status::Complete);
    assert_eq!((depth_first.distinct, depth_first.generated), (distinct, generated));
}
