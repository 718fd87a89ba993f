//! Depth first: one path at a time, so that only its states are held.

use super::explore::{Explorer, Search};
use super::model::{Model, Path};
use super::visited::Visited;

/// The present path.
pub(super) struct Depth<M: Model> {
    visited: Visited<()>,
    /// With a depth limit, how deep each state was reached. One that is reached by a shorter path is
    /// looked at again: more fits beneath it.
    depths: Option<Visited<u32>>,
    /// Initial states not taken up yet, the next one last.
    initial: Vec<(usize, M::State)>,
    /// Index of the initial state that the path starts from.
    start: usize,
    frames: Vec<Frame<M>>,
    /// What can happen in the states of the path and has not been tried, the next one last.
    actions: Vec<M::Action>,
}

/// A state of the path.
struct Frame<M: Model> {
    state: M::State,
    /// What led here; nothing led to an initial state.
    entered_by: Option<M::Action>,
    /// Where this state's actions begin.
    actions_from: usize,
}

impl<M: Model> Depth<M> {
    pub(super) fn new(explorer: &mut Explorer<M>, initial: Vec<M::State>) -> Self {
        let mut visited = Visited::new();
        let is_limited = explorer.exploration.depth_limit < u32::MAX;
        let mut depths = is_limited.then(Visited::new);
        let mut kept = Vec::new();
        for (index, state) in initial.into_iter().enumerate() {
            let fingerprint = explorer.fingerprint(&state);
            if explorer.is_new(&mut visited, fingerprint, ()) {
                if let Some(depths) = &mut depths {
                    depths.insert(fingerprint, 1);
                }
                explorer.judge(&state, |_| Path { initial: index, actions: Vec::new() });
                kept.push((index, state));
            }
        }
        kept.reverse();
        Self { visited, depths, initial: kept, start: 0, frames: Vec::new(), actions: Vec::new() }
    }

    /// Lengthens the path by a state.
    fn push(&mut self, explorer: &mut Explorer<M>, state: M::State, by: Option<M::Action>) {
        let actions_from = self.actions.len();
        explorer.model.actions(&state, &mut self.actions);
        self.actions[actions_from..].reverse();
        self.frames.push(Frame { state, entered_by: by, actions_from });
        let depth = depth_of(self.frames.len());
        explorer.progress.depth = explorer.progress.depth.max(depth);
        if depth >= explorer.exploration.depth_limit {
            explorer.is_cut |= self.actions.len() > actions_from;
            self.actions.truncate(actions_from);
        }
    }

    /// Shortens the path until its last state has an action left; returns whether one has.
    fn backtrack(&mut self, explorer: &mut Explorer<M>) -> bool {
        loop {
            match self.frames.last() {
                Some(frame) if self.actions.len() > frame.actions_from => return true,
                Some(_) => {
                    self.frames.pop();
                }
                None => match self.initial.pop() {
                    Some((start, state)) => {
                        self.start = start;
                        self.push(explorer, state, None);
                    }
                    None => return false,
                },
            }
        }
    }

    /// Returns the present path and one more action.
    fn path(&self, action: &M::Action) -> Path<M::Action> {
        let taken = self.frames.iter().filter_map(|frame| frame.entered_by.clone());
        Path { initial: self.start, actions: taken.chain([action.clone()]).collect() }
    }
}

impl<M: Model> Search<M> for Depth<M> {
    fn step(&mut self, explorer: &mut Explorer<M>) {
        if !self.backtrack(explorer) {
            return explorer.finish();
        }
        let (Some(frame), Some(action)) = (self.frames.last(), self.actions.pop()) else {
            return;
        };
        let Some(next) = explorer.model.next_state(&frame.state, &action) else {
            return;
        };
        // Before the actions of the next state: those are tried first, and go first.
        explorer.add_series(&mut self.actions, &action, &next);
        let fingerprint = explorer.fingerprint(&next);
        let depth = depth_of(self.frames.len() + 1);
        if explorer.is_new(&mut self.visited, fingerprint, ()) {
            if let Some(depths) = &mut self.depths {
                depths.insert(fingerprint, depth);
            }
            explorer.judge(&next, |_| self.path(&action));
            self.push(explorer, next, Some(action));
        } else if let Some(depths) = &mut self.depths
            && depths.lower(fingerprint, depth)
        {
            self.push(explorer, next, Some(action));
        }
    }

    fn pending(&self) -> u64 {
        (self.frames.len() + self.initial.len()) as u64
    }
}

fn depth_of(states: usize) -> u32 {
    u32::try_from(states).unwrap_or(u32::MAX)
}
