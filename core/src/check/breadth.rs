//! Breadth first: level by level, so that the first way found to a state is the shortest.

use super::explore::{Explorer, Search};
use super::model::{Model, Path};
use super::visited::Visited;
use super::waiting::Waiting;

/// The states found and not yet looked at, in the order in which they were found.
///
/// The note of a visited fingerprint is the fingerprint of its parent; an initial state is its own.
pub(super) struct Breadth<M: Model> {
    visited: Visited<u64>,
    waiting: Waiting<(M::State, u64)>,
    /// The state that is looked at, and its fingerprint.
    present: Option<(M::State, u64)>,
    /// What can happen in it and has not been tried, the next one last.
    actions: Vec<M::Action>,
    /// How many of the waiting states belong to the present level.
    left_in_level: u64,
}

impl<M: Model> Breadth<M> {
    pub(super) fn new(explorer: &mut Explorer<M>, initial: Vec<M::State>) -> Self {
        let mut visited = Visited::new();
        let mut waiting = Waiting::new();
        for state in initial {
            let fingerprint = explorer.fingerprint(&state);
            if explorer.is_new(&mut visited, fingerprint, fingerprint) {
                explorer.judge(&state, |explorer| path_to(explorer, &visited, fingerprint));
                waiting.push((state, fingerprint));
            }
        }
        Self { visited, waiting, present: None, actions: Vec::new(), left_in_level: 0 }
    }

    /// Takes up the next waiting state. If there is none, everything has been explored.
    fn take_up_next(&mut self, explorer: &mut Explorer<M>) {
        self.present = self.waiting.pop();
        let Some((state, _)) = &self.present else {
            return explorer.finish();
        };
        if self.left_in_level == 0 {
            self.left_in_level = self.waiting.count() + 1;
            explorer.progress.depth += 1;
        }
        self.left_in_level -= 1;
        explorer.model.actions(state, &mut self.actions);
        self.actions.reverse();
        if explorer.progress.depth >= explorer.exploration.depth_limit {
            explorer.is_cut |= !self.actions.is_empty();
            self.actions.clear();
        }
    }
}

impl<M: Model> Search<M> for Breadth<M> {
    fn step(&mut self, explorer: &mut Explorer<M>) {
        let (Some((state, parent)), Some(action)) = (&self.present, self.actions.pop()) else {
            return self.take_up_next(explorer);
        };
        let Some(next) = explorer.model.next_state(state, &action) else {
            return;
        };
        explorer.add_series(&mut self.actions, &action, &next);
        let fingerprint = explorer.fingerprint(&next);
        if explorer.is_new(&mut self.visited, fingerprint, *parent) {
            explorer.judge(&next, |explorer| path_to(explorer, &self.visited, fingerprint));
            self.waiting.push((next, fingerprint));
        }
    }

    fn pending(&self) -> u64 {
        self.waiting.count() + u64::from(self.present.is_some())
    }
}

/// Returns the way to a visited state: its ancestors by their fingerprints, then the actions that lead
/// from each to the next.
fn path_to<M: Model>(
    explorer: &mut Explorer<M>,
    visited: &Visited<u64>,
    fingerprint: u64,
) -> Path<M::Action> {
    let mut ancestors = vec![fingerprint];
    let mut child = fingerprint;
    while let Some(parent) = visited.note(child).filter(|parent| *parent != child) {
        ancestors.push(parent);
        child = parent;
    }
    let mut path = Path { initial: 0, actions: Vec::new() };
    let starts = explorer.model.initial_states().into_iter().enumerate();
    let mut state = None;
    for (initial, start) in starts {
        if explorer.fingerprint(&start) == child {
            path.initial = initial;
            state = Some(start);
            break;
        }
    }
    for wanted in ancestors.into_iter().rev().skip(1) {
        let Some(from) = state.take() else {
            break;
        };
        if let Some((action, next)) = explorer.find(&from, wanted) {
            path.actions.push(action);
            state = Some(next);
        }
    }
    path
}
