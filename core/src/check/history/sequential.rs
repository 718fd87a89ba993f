//! Sequential consistency (Lamport 1979): one order of all operations that keeps each process's own
//! order. What happened first on the clock does not count.
//!
//! Not local, unlike linearizability: two registers can each be sequentially consistent and not both
//! together (Herlihy and Wing 1990, section 3.3). A history over many keys is checked as a whole, as
//! one of the object [`super::Keyed`].

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use super::order::{Ending, Frontier, Search};
use super::{
    At, Completion, Finding, History, Keyed, Operation, Report, SequentialSpecification,
    linearizable_by_key,
};

/// The longest order found that goes on for no process, and why it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// The operations that have their place.
    pub order: Vec<usize>,
    /// The state after them, as a person reads it.
    pub state: String,
    /// Each process's next operation, with the answer that this state would give it.
    pub refused: Vec<(usize, String)>,
}

/// Decides whether a history is sequentially consistent, trying at most `step_limit` calls.
pub fn sequentially_consistent<S: SequentialSpecification>(
    specification: &S,
    history: &History<S::Input, S::Output>,
    step_limit: u64,
) -> Report<Standstill> {
    let happened = history.operations().iter().filter(|it| it.completion != Completion::Failed);
    let operations: Vec<&Operation<S::Input, S::Output>> = happened.collect();
    let frontier = ProcessOrder::new(&operations);
    let mut search = Search::new(specification, frontier);
    let mut deepest = None;
    let ending = search.run((specification, &operations), step_limit, |search| {
        if deepest.as_ref().is_none_or(|(depth, _)| search.depth() > *depth) {
            let refused = search.frontier.answered_next(&operations).map(|operation| {
                let mut state = search.state.clone();
                let answer = specification.invoke(&mut state, &operation.input);
                (operation.number, answer.to_string())
            });
            let standstill = Standstill {
                order: search.order(&operations),
                state: specification.describe(&search.state),
                refused: refused.collect(),
            };
            deepest = Some((search.depth(), standstill));
        }
    });
    let finding = match (ending, deepest) {
        (Ending::Complete, _) => Finding::Possible(search.order(&operations)),
        (Ending::Impossible, Some((_, standstill))) => Finding::Impossible(standstill),
        (Ending::Impossible, None) | (Ending::OutOfSteps, _) => Finding::Unknown,
    };
    Report { finding, steps: search.steps }
}

/// Decides whether a history of many objects, each under its key, is sequentially consistent, trying
/// at most `step_limit` calls: the first half of them to find it even linearizable, which can be
/// done key by key and usually ends much sooner.
pub fn sequentially_consistent_by_key<K, S>(
    specification: &S,
    history: &History<At<K, S::Input>, S::Output>,
    step_limit: u64,
) -> Report<Standstill>
where
    K: Clone + Ord + Debug + Display,
    S: SequentialSpecification + Clone,
{
    let by_key = linearizable_by_key(specification, history, step_limit / 2);
    let spent = by_key.steps();
    if let Some(order) = by_key.order(history) {
        return Report { finding: Finding::Possible(order), steps: spent };
    }
    let whole = Keyed::new(specification.clone());
    let report = sequentially_consistent(&whole, history, step_limit - spent);
    Report { finding: report.finding, steps: spent + report.steps }
}

/// Which operations may come next if only the order within each process counts.
struct ProcessOrder {
    /// Each process's operations, in its order.
    lines: Vec<Vec<usize>>,
    /// The process of each operation, among the lines.
    line_of: Vec<usize>,
    is_answered: Vec<bool>,
    /// How many of each process are taken.
    taken: Vec<usize>,
    unexplained: usize,
}

impl ProcessOrder {
    fn new<I, O>(operations: &[&Operation<I, O>]) -> Self {
        let mut lines: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (index, operation) in operations.iter().enumerate() {
            lines.entry(operation.process).or_default().push(index);
        }
        let lines: Vec<Vec<usize>> = lines.into_values().collect();
        let mut line_of = vec![0; operations.len()];
        for (line, members) in lines.iter().enumerate() {
            for index in members {
                line_of[*index] = line;
            }
        }
        let is_answered =
            operations.iter().map(|it| matches!(it.completion, Completion::Answered(_)));
        let is_answered: Vec<bool> = is_answered.collect();
        Self {
            taken: vec![0; lines.len()],
            unexplained: is_answered.iter().filter(|is_answered| **is_answered).count(),
            lines,
            line_of,
            is_answered,
        }
    }

    fn next_of_lines(&self) -> impl Iterator<Item = usize> {
        let lines = self.lines.iter().zip(&self.taken);
        lines.filter_map(|(line, taken)| line.get(*taken).copied())
    }

    fn answered_next<'a, I, O>(
        &self,
        operations: &[&'a Operation<I, O>],
    ) -> impl Iterator<Item = &'a Operation<I, O>> {
        let next = self.next_of_lines().filter(|index| self.is_answered[*index]);
        next.map(|index| operations[index])
    }
}

impl Frontier for ProcessOrder {
    type Taken = Box<[usize]>;

    // What was invoked first is tried first: most histories are nearly linearizable.
    fn first(&self) -> Option<usize> {
        self.next_of_lines().min()
    }

    fn after(&self, candidate: usize) -> Option<usize> {
        self.next_of_lines().filter(|index| *index > candidate).min()
    }

    fn take(&mut self, operation: usize) {
        self.taken[self.line_of[operation]] += 1;
        self.unexplained -= usize::from(self.is_answered[operation]);
    }

    fn put_back(&mut self, operation: usize) {
        self.taken[self.line_of[operation]] -= 1;
        self.unexplained += usize::from(self.is_answered[operation]);
    }

    fn is_complete(&self) -> bool {
        self.unexplained == 0
    }

    fn taken(&self) -> Box<[usize]> {
        self.taken.as_slice().into()
    }
}
