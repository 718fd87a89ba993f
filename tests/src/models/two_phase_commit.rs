//! Two-phase commit: Gray & Lamport 2006, "Consensus on Transaction Commit", §3, as the module
//! `TwoPhase` of the TLA+ Examples. Messages are a set that only grows; receiving one twice has no
//! effect, and no step is needed for losing one.

use faultline_core::check::Model;

use super::transaction_commit::{ResourceManager, is_torn};

/// A transaction manager and `N` resource managers, up to 16.
#[derive(Copy, Clone, Debug)]
pub struct TwoPhaseCommit<const N: usize>;

/// Where the transaction manager stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum TransactionManager {
    /// It waits for resource managers to be prepared.
    Init,
    /// It has decided to commit.
    Committed,
    /// It has decided to abort.
    Aborted,
}

/// The variables of the specification; sets of resource managers are sets of bits.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct State<const N: usize> {
    managers: [ResourceManager; N],
    coordinator: TransactionManager,
    /// Those whose “prepared” the transaction manager has received.
    prepared: u16,
    /// The messages sent: “prepared” of these resource managers, “commit”, “abort”.
    sent_prepared: u16,
    sent_commit: bool,
    sent_abort: bool,
}

/// The actions of the specification, by their names there.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `TMCommit`
    Commit,
    /// `TMAbort`
    Abort,
    /// `TMRcvPrepared`
    ReceivePrepared(usize),
    /// `RMPrepare`
    Prepare(usize),
    /// `RMChooseToAbort`
    ChooseToAbort(usize),
    /// `RMRcvCommitMsg`
    ReceiveCommit(usize),
    /// `RMRcvAbortMsg`
    ReceiveAbort(usize),
}

impl<const N: usize> Model for TwoPhaseCommit<N> {
    type State = State<N>;
    type Action = Action;

    fn initial_states(&self) -> Vec<State<N>> {
        vec![State {
            managers: [ResourceManager::Working; N],
            coordinator: TransactionManager::Init,
            prepared: 0,
            sent_prepared: 0,
            sent_commit: false,
            sent_abort: false,
        }]
    }

    fn actions(&self, state: &State<N>, actions: &mut Vec<Action>) {
        let is_open = state.coordinator == TransactionManager::Init;
        if is_open && state.prepared.count_ones() as usize == N {
            actions.push(Action::Commit);
        }
        if is_open {
            actions.push(Action::Abort);
        }
        for (index, manager) in state.managers.iter().enumerate() {
            if is_open && state.sent_prepared & (1 << index) != 0 {
                actions.push(Action::ReceivePrepared(index));
            }
            if *manager == ResourceManager::Working {
                actions.push(Action::Prepare(index));
                actions.push(Action::ChooseToAbort(index));
            }
            if state.sent_commit {
                actions.push(Action::ReceiveCommit(index));
            }
            if state.sent_abort {
                actions.push(Action::ReceiveAbort(index));
            }
        }
    }

    fn next_state(&self, state: &State<N>, action: &Action) -> Option<State<N>> {
        let mut next = *state;
        match *action {
            Action::Commit => {
                next.coordinator = TransactionManager::Committed;
                next.sent_commit = true;
            }
            Action::Abort => {
                next.coordinator = TransactionManager::Aborted;
                next.sent_abort = true;
            }
            Action::ReceivePrepared(index) => next.prepared |= 1 << index,
            Action::Prepare(index) => {
                next.managers[index] = ResourceManager::Prepared;
                next.sent_prepared |= 1 << index;
            }
            Action::ChooseToAbort(index) | Action::ReceiveAbort(index) => {
                next.managers[index] = ResourceManager::Aborted;
            }
            Action::ReceiveCommit(index) => next.managers[index] = ResourceManager::Committed,
        }
        Some(next)
    }

    /// Resource managers are interchangeable: they are put in order of all that is known of each.
    fn representative(&self, state: &State<N>) -> Option<State<N>> {
        let has = |set: u16, index: usize| set & (1 << index) != 0;
        let mut each: [(ResourceManager, bool, bool); N] = std::array::from_fn(|index| {
            (state.managers[index], has(state.prepared, index), has(state.sent_prepared, index))
        });
        each.sort_unstable();
        let mut representative = State { prepared: 0, sent_prepared: 0, ..*state };
        for (index, (manager, prepared, sent)) in each.into_iter().enumerate() {
            representative.managers[index] = manager;
            representative.prepared |= u16::from(prepared) << index;
            representative.sent_prepared |= u16::from(sent) << index;
        }
        Some(representative)
    }

    fn violation(&self, state: &State<N>) -> Option<String> {
        is_torn(&state.managers).then(|| "one has committed and another has aborted".to_owned())
    }

    fn sights(&self) -> &[&'static str] {
        &["all have committed", "all have aborted"]
    }

    fn shows(&self, state: &State<N>, sight: usize) -> bool {
        let wanted = [ResourceManager::Committed, ResourceManager::Aborted][sight];
        state.managers.iter().all(|manager| *manager == wanted)
    }
}
