//! The search for an order of operations that an object could have gone through one at a time.
//!
//! Wing and Gong 1993, with the memory of Lowe 2017: depth first, taking one operation after the
//! other, and never again from operations and state that led nowhere before. Two rules of our own
//! take nothing away: an answered call that never changes a state can be taken at once, since any order
//! that has it later also works with it first; an unanswered call that leaves the state as it is need
//! not be taken here.
//!
//! Which operations may come next is what tells consistency models apart: that is the [`Frontier`].

use std::collections::BTreeSet;

use super::{Completion, Operation, SequentialSpecification};

/// Which operations may come next. Operations are named by their place in the searched list.
pub(super) trait Frontier {
    /// Which operations have been taken, in a form that is the same for the same operations.
    type Taken: Ord;

    /// Returns the first operation that may come next.
    fn first(&self) -> Option<usize>;
    /// Returns the operation after `candidate` that may come next as well.
    fn after(&self, candidate: usize) -> Option<usize>;
    /// Takes an operation that may come next.
    fn take(&mut self, operation: usize);
    /// Puts back the operation that was taken last.
    fn put_back(&mut self, operation: usize);
    /// Whether every answered operation has been taken.
    fn is_complete(&self) -> bool;
    /// Returns which operations have been taken.
    fn taken(&self) -> Self::Taken;
}

/// How a search ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Every answered operation has its place.
    Complete,
    /// No order works.
    Impossible,
    /// The steps ran out before either was known.
    OutOfSteps,
}

/// An operation that was taken.
struct Taken<S> {
    operation: usize,
    state_before: S,
    /// Whether nothing else needs to be tried in its place.
    is_only_choice: bool,
}

/// A search under way.
pub(super) struct Search<'a, S: SequentialSpecification, F: Frontier> {
    specification: &'a S,
    operations: &'a [&'a Operation<S::Input, S::Output>],
    pub(super) frontier: F,
    pub(super) state: S::State,
    path: Vec<Taken<S::State>>,
    /// Operations and state that led nowhere.
    dead_ends: BTreeSet<(F::Taken, S::State)>,
    /// Calls tried so far.
    pub(super) steps: u64,
    step_limit: u64,
}

/// What came of trying a call.
enum Attempt {
    Taken,
    Refused,
    OutOfSteps,
}

impl<'a, S: SequentialSpecification, F: Frontier> Search<'a, S, F> {
    pub(super) fn new(
        specification: &'a S,
        operations: &'a [&'a Operation<S::Input, S::Output>],
        frontier: F,
        step_limit: u64,
    ) -> Self {
        Self {
            specification,
            operations,
            frontier,
            state: specification.initial(),
            path: Vec::new(),
            dead_ends: BTreeSet::new(),
            steps: 0,
            step_limit,
        }
    }

    /// Searches to the end. `stuck` sees the search wherever nothing more can come next.
    pub(super) fn run(&mut self, mut stuck: impl FnMut(&Self)) -> Ending {
        let mut candidate = self.frontier.first();
        while !self.frontier.is_complete() {
            let Some(operation) = candidate else {
                stuck(self);
                candidate = match self.go_back() {
                    Some(operation) => self.frontier.after(operation),
                    None => return Ending::Impossible,
                };
                continue;
            };
            candidate = match self.attempt(operation) {
                Attempt::Taken => self.frontier.first(),
                Attempt::Refused => self.frontier.after(operation),
                Attempt::OutOfSteps => return Ending::OutOfSteps,
            };
        }
        Ending::Complete
    }

    /// Returns the numbers of the operations taken, in order.
    pub(super) fn order(&self) -> Vec<usize> {
        self.path.iter().map(|taken| self.operations[taken.operation].number).collect()
    }

    /// Returns how many operations are taken.
    pub(super) fn depth(&self) -> usize {
        self.path.len()
    }

    fn attempt(&mut self, index: usize) -> Attempt {
        if self.steps == self.step_limit {
            return Attempt::OutOfSteps;
        }
        self.steps += 1;
        let operation = self.operations[index];
        let mut state = self.state.clone();
        let answer = self.specification.invoke(&mut state, &operation.input);
        let is_only_choice = match &operation.completion {
            Completion::Answered(output) if *output != answer => return Attempt::Refused,
            Completion::Answered(_) => self.specification.is_read_only(&operation.input),
            Completion::Unknown if state == self.state => return Attempt::Refused,
            Completion::Unknown => false,
            Completion::Failed => return Attempt::Refused,
        };
        self.frontier.take(index);
        if !self.dead_ends.is_empty() {
            let reached = (self.frontier.taken(), state);
            if self.dead_ends.contains(&reached) {
                self.frontier.put_back(index);
                return Attempt::Refused;
            }
            state = reached.1;
        }
        let state_before = std::mem::replace(&mut self.state, state);
        self.path.push(Taken { operation: index, state_before, is_only_choice });
        Attempt::Taken
    }

    /// Goes back to the last choice, remembers what led nowhere, and returns what was chosen.
    fn go_back(&mut self) -> Option<usize> {
        loop {
            let taken = self.path.pop()?;
            let state = std::mem::replace(&mut self.state, taken.state_before);
            self.dead_ends.insert((self.frontier.taken(), state));
            self.frontier.put_back(taken.operation);
            if !taken.is_only_choice {
                return Some(taken.operation);
            }
        }
    }
}
