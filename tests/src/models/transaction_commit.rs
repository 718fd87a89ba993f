//! Transaction commit as such, without a protocol: Gray & Lamport 2006, "Consensus on Transaction
//! Commit", §2, as the module `TCommit` of the TLA+ Examples.

use faultline_core::check::Model;

/// Resource managers that must all commit or all abort.
#[derive(Copy, Clone, Debug)]
pub struct TransactionCommit<const N: usize>;

/// Where a resource manager stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceManager {
    /// It may still do either.
    Working,
    /// It will do what is decided.
    Prepared,
    /// Done.
    Committed,
    /// Undone.
    Aborted,
}

/// What a resource manager does.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It gets ready.
    Prepare(usize),
    /// It commits, which it may if all are prepared or committed.
    DecideCommit(usize),
    /// It aborts, which it may if none has committed.
    DecideAbort(usize),
}

impl<const N: usize> Model for TransactionCommit<N> {
    type State = [ResourceManager; N];
    type Action = Action;

    fn initial_states(&self) -> Vec<Self::State> {
        vec![[ResourceManager::Working; N]]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Action>) {
        use ResourceManager::{Committed, Prepared, Working};
        let can_commit = state.iter().all(|manager| matches!(manager, Prepared | Committed));
        let not_committed = !state.contains(&Committed);
        for (index, manager) in state.iter().enumerate() {
            if *manager == Working {
                actions.push(Action::Prepare(index));
            }
            if *manager == Prepared && can_commit {
                actions.push(Action::DecideCommit(index));
            }
            if matches!(manager, Working | Prepared) && not_committed {
                actions.push(Action::DecideAbort(index));
            }
        }
    }

    fn next_state(&self, state: &Self::State, action: &Action) -> Option<Self::State> {
        let mut next = *state;
        match *action {
            Action::Prepare(index) => next[index] = ResourceManager::Prepared,
            Action::DecideCommit(index) => next[index] = ResourceManager::Committed,
            Action::DecideAbort(index) => next[index] = ResourceManager::Aborted,
        }
        Some(next)
    }

    fn violation(&self, state: &Self::State) -> Option<String> {
        is_torn(state).then(|| "one has committed and another has aborted".to_owned())
    }
}

/// Returns whether one has committed and another has aborted.
pub(super) fn is_torn(managers: &[ResourceManager]) -> bool {
    managers.contains(&ResourceManager::Committed) && managers.contains(&ResourceManager::Aborted)
}
