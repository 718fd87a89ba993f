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

/// What is searched: an object, and the operations that are to be put in order.
pub(super) type Problem<'a, S> = (&'a S, &'a [&'a OperationOf<S>]);

/// An operation on an object with this specification.
pub(super) type OperationOf<S> =
    Operation<<S as SequentialSpecification>::Input, <S as SequentialSpecification>::Output>;

/// A search under way. It can be left and gone on with, on the same problem.
pub(super) struct Search<S: SequentialSpecification, F: Frontier> {
    pub(super) frontier: F,
    pub(super) state: S::State,
    path: Vec<Taken<S::State>>,
    /// Operations and state that led nowhere.
    dead_ends: BTreeSet<(F::Taken, S::State)>,
    /// What is tried next.
    candidate: Option<usize>,
    /// Calls tried so far.
    pub(super) steps: u64,
}

impl<S: SequentialSpecification, F: Frontier> Search<S, F> {
    pub(super) fn new(specification: &S, frontier: F) -> Self {
        Self {
            candidate: frontier.first(),
            frontier,
            state: specification.initial(),
            path: Vec::new(),
            dead_ends: BTreeSet::new(),
            steps: 0,
        }
    }

    /// Searches to the end, or until so many calls have been tried in all. `stuck` sees the search
    /// wherever nothing more can come next.
    pub(super) fn run(
        &mut self,
        problem: Problem<'_, S>,
        step_limit: u64,
        mut stuck: impl FnMut(&Self),
    ) -> Ending {
        while !self.frontier.is_complete() {
            let Some(operation) = self.candidate else {
                stuck(self);
                self.candidate = match self.go_back() {
                    Some(operation) => self.frontier.after(operation),
                    None => return Ending::Impossible,
                };
                continue;
            };
            if self.steps >= step_limit {
                return Ending::OutOfSteps;
            }
            self.candidate = if self.takes(problem, operation) {
                self.frontier.first()
            } else {
                self.frontier.after(operation)
            };
        }
        Ending::Complete
    }

    /// Returns the numbers of the operations taken, in order.
    pub(super) fn order(&self, operations: &[&OperationOf<S>]) -> Vec<usize> {
        self.path.iter().map(|taken| operations[taken.operation].number).collect()
    }

    /// Returns how many operations are taken.
    pub(super) fn depth(&self) -> usize {
        self.path.len()
    }

    /// Tries a call; returns whether it was taken.
    fn takes(&mut self, (specification, operations): Problem<'_, S>, index: usize) -> bool {
        self.steps += 1;
        let operation = operations[index];
        let mut state = self.state.clone();
        let answer = specification.invoke(&mut state, &operation.input);
        let is_only_choice = match &operation.completion {
            Completion::Answered(output) if *output != answer => return false,
            Completion::Answered(_) => specification.is_read_only(&operation.input),
            Completion::Unknown if state == self.state => return false,
            Completion::Unknown => false,
            Completion::Failed => return false,
        };
        self.frontier.take(index);
        if !self.dead_ends.is_empty() {
            let reached = (self.frontier.taken(), state);
            if self.dead_ends.contains(&reached) {
                self.frontier.put_back(index);
                return false;
            }
            state = reached.1;
        }
        let state_before = std::mem::replace(&mut self.state, state);
        self.path.push(Taken { operation: index, state_before, is_only_choice });
        true
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
