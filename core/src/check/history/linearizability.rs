//! Linearizability (Herlihy and Wing 1990): every operation takes effect at one moment between its
//! invocation and its return, as if clients had come one at a time.
//!
//! Deciding it is NP-complete (Gibbons and Korach 1997), and a machine without a clock cannot stop
//! after a second: the search counts the calls it tries, and where it is told to stop, it answers
//! that it does not know. A history over many keys is checked key by key (Horn and Kroening 2015).

use std::collections::BTreeMap;

use super::order::{Ending, OperationOf, Search};
use super::real_time::{RealTime, answered_at};
use super::{At, Completion, History, Operation, SequentialSpecification};
use crate::order::sort_by_key;

/// More states than this are not listed in a [`Window`].
const STATE_LIMIT: usize = 64;

type Operations<'a, S> = Vec<&'a OperationOf<S>>;

/// What a search for an order of operations found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding<E> {
    /// In this order of operations, named by their numbers, one client at a time would have got the
    /// same answers. Unknown operations that are left out need never have happened.
    Possible(Vec<usize>),
    /// No order gives these answers, and this is why.
    Impossible(E),
    /// The steps ran out before either was known.
    Unknown,
}

/// What a search for an order of operations found, and what it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<E> {
    /// The answer.
    pub finding: Finding<E>,
    /// Calls tried.
    pub steps: u64,
}

/// The smallest beginning of a history that is impossible, and how it cannot go on.
///
/// Up to, but without, event [`Self::last_event`] the history is linearizable. With it, it is not:
/// the answer that returns there fits none of the states that the object can be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first invocation among the refused operation and those concurrent with it; ones without a
    /// known outcome do not widen the window.
    pub first_event: usize,
    /// The return that cannot be explained.
    pub last_event: usize,
    /// The operation that returns there.
    pub refused: usize,
    /// The operations that are concurrent with it, by then.
    pub concurrent: Vec<usize>,
    /// Every state the object can be in before that answer, with the answer it would give instead.
    /// If the other answers can be explained only by the refused operation's having taken effect
    /// with another answer, one state in which it would have.
    pub states: Vec<Refusal>,
    /// Whether the steps sufficed to find the smallest beginning and all of its states. If not, a
    /// shorter one may be impossible as well, and there may be more states.
    pub is_complete: bool,
}

/// A state that the object can be in, and why it does not give the answer that a client got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The state, as a person reads it.
    pub state: String,
    /// The answer that it would give.
    pub answer: String,
    /// One order of operations that leads to it.
    pub order: Vec<usize>,
}

/// What was found for each key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedReport<K> {
    /// Each key's report, in the order of the keys.
    pub keys: Vec<(K, Report<Window>)>,
}

impl<K> KeyedReport<K> {
    /// Whether the whole history is linearizable; `None` if that is not known.
    pub fn is_linearizable(&self) -> Option<bool> {
        let findings = || self.keys.iter().map(|(_, report)| &report.finding);
        if findings().any(|finding| matches!(finding, Finding::Impossible(_))) {
            return Some(false);
        }
        findings().all(|finding| matches!(finding, Finding::Possible(_))).then_some(true)
    }

    /// Returns the window that ends first, with its key.
    pub fn first_window(&self) -> Option<(&K, &Window)> {
        let windows = self.keys.iter().filter_map(|(key, report)| match &report.finding {
            Finding::Impossible(window) => Some((key, window)),
            Finding::Possible(_) | Finding::Unknown => None,
        });
        windows.min_by_key(|(_, window)| window.last_event)
    }

    /// Returns one order of the operations of all keys, if each key has one. It respects real time
    /// across keys as well: an operation is put where the latest invocation is of those that come
    /// before it at its key, which is before its own return.
    pub fn order<I, O>(&self, history: &History<I, O>) -> Option<Vec<usize>> {
        let mut placed: Vec<(usize, usize)> = Vec::new();
        for (_, report) in &self.keys {
            let Finding::Possible(order) = &report.finding else { return None };
            let mut event = 0;
            for number in order {
                event = history.operations().get(*number)?.invoked.max(event);
                placed.push((event, *number));
            }
        }
        sort_by_key(&mut placed, |(event, _)| *event);
        Some(placed.into_iter().map(|(_, number)| number).collect())
    }

    /// Returns the calls tried for all keys.
    pub fn steps(&self) -> u64 {
        self.keys.iter().map(|(_, report)| report.steps).sum()
    }
}

/// Decides whether a history of one object is linearizable, trying at most `step_limit` calls.
pub fn linearizable<S: SequentialSpecification>(
    specification: &S,
    history: &History<S::Input, S::Output>,
    step_limit: u64,
) -> Report<Window> {
    let operations = happened::<S>(history.operations());
    let mut decision = Decision::new(specification, &operations);
    let ending = decision.go_on(specification, &operations, step_limit);
    Checker { specification, operations, step_limit, steps: 0 }.report(decision, ending)
}

/// Leaves out the operations that never took effect.
fn happened<S: SequentialSpecification>(operations: &[OperationOf<S>]) -> Operations<'_, S> {
    operations.iter().filter(|operation| operation.completion != Completion::Failed).collect()
}

/// Decides whether a history of many objects, each under its key, is linearizable, key by key. The
/// keys share `step_limit` evenly; what one leaves over goes to the ones after it.
pub fn linearizable_by_key<K: Clone + Ord, S: SequentialSpecification>(
    specification: &S,
    history: &History<At<K, S::Input>, S::Output>,
    step_limit: u64,
) -> KeyedReport<K> {
    let mut judging = Linearizing::new(history, step_limit);
    while !judging.go_on(specification, u64::MAX) {}
    judging.report
}

/// The same, a few calls at a time. What makes an impossible history so is found in one go.
pub(super) struct Linearizing<K, S: SequentialSpecification> {
    /// Keys to judge with their operations, the first one last.
    parts: Vec<(K, Vec<OperationOf<S>>)>,
    /// What is known of the first one.
    decision: Option<Decision<S>>,
    steps_left: u64,
    /// What has been found so far.
    pub(super) report: KeyedReport<K>,
}

impl<K: Clone + Ord, S: SequentialSpecification> Linearizing<K, S> {
    pub(super) fn new(history: &History<At<K, S::Input>, S::Output>, step_limit: u64) -> Self {
        let mut parts: BTreeMap<&K, Vec<OperationOf<S>>> = BTreeMap::new();
        for operation in history.operations() {
            let part = Operation {
                number: operation.number,
                process: operation.process,
                input: operation.input.input.clone(),
                completion: operation.completion.clone(),
                invoked: operation.invoked,
                returned: operation.returned,
            };
            parts.entry(&operation.input.key).or_default().push(part);
        }
        let parts = parts.into_iter().rev().map(|(key, operations)| (key.clone(), operations));
        let (decision, report) = (None, KeyedReport { keys: Vec::new() });
        Self { parts: parts.collect(), decision, steps_left: step_limit, report }
    }

    /// Tries so many calls more, if that many are needed. Returns true if all is judged.
    pub(super) fn go_on(&mut self, specification: &S, mut calls: u64) -> bool {
        let Self { parts, decision, steps_left, report } = self;
        while let Some((_, operations)) = parts.last() {
            let step_limit = *steps_left / parts.len() as u64;
            let operations = happened::<S>(operations);
            let mut begun =
                decision.take().unwrap_or_else(|| Decision::new(specification, &operations));
            let before = begun.search.steps;
            let until = step_limit.min(before.saturating_add(calls));
            let ending = begun.go_on(specification, &operations, until);
            if ending == Ending::OutOfSteps && until < step_limit {
                *decision = Some(begun);
                return false;
            }
            calls = calls.saturating_sub(begun.search.steps - before);
            let checker = Checker { specification, operations, step_limit, steps: 0 };
            let found = checker.report(begun, ending);
            *steps_left -= found.steps;
            report.keys.extend(parts.pop().map(|(key, _)| (key, found)));
        }
        true
    }

    /// Returns the calls tried so far.
    pub(super) fn steps(&self) -> u64 {
        self.report.steps() + self.decision.as_ref().map_or(0, |it| it.search.steps)
    }
}

/// The search for an order of all operations of an object.
struct Decision<S: SequentialSpecification> {
    search: Search<S, RealTime>,
    /// The furthest answer that blocked it: its event and operation.
    blocked: Option<(usize, usize)>,
}

impl<S: SequentialSpecification> Decision<S> {
    fn new(specification: &S, operations: &[&OperationOf<S>]) -> Self {
        Self { search: Search::new(specification, RealTime::new(operations)), blocked: None }
    }

    /// Searches to the end, or until so many calls have been tried in all.
    fn go_on(&mut self, specification: &S, operations: &[&OperationOf<S>], limit: u64) -> Ending {
        let Self { search, blocked } = self;
        search.run((specification, operations), limit, |search| {
            *blocked = (*blocked).max(blocked_at(search, operations));
        })
    }
}

/// The check of one object's operations.
struct Checker<'a, S: SequentialSpecification> {
    specification: &'a S,
    operations: Operations<'a, S>,
    step_limit: u64,
    steps: u64,
}

/// States of an object, each with an order of operations that leads there.
type States<S> = Vec<(<S as SequentialSpecification>::State, Vec<usize>)>;

/// What the search of a beginning of the history found.
struct Beginning<S: SequentialSpecification> {
    ending: Ending,
    order: Vec<usize>,
    /// The furthest answer that blocked the search: its event and operation.
    blocked: Option<(usize, usize)>,
    /// Where it was blocked there, with an order that leads there.
    states: BTreeMap<S::State, Vec<usize>>,
}

/// Returns the event and the operation of the first answer that is still to be explained.
fn blocked_at<S: SequentialSpecification>(
    search: &Search<S, RealTime>,
    operations: &[&OperationOf<S>],
) -> Option<(usize, usize)> {
    let index = search.frontier.blocked_by()?;
    answered_at(operations[index]).map(|event| (event, index))
}

impl<S: SequentialSpecification> Checker<'_, S> {
    fn report(mut self, decision: Decision<S>, ending: Ending) -> Report<Window> {
        let whole = self.beginning(decision, ending, &self.operations.clone());
        let finding = match whole.ending {
            Ending::Complete => Finding::Possible(whole.order),
            Ending::OutOfSteps => Finding::Unknown,
            Ending::Impossible => Finding::Impossible(self.window(whole)),
        };
        Report { finding, steps: self.steps }
    }

    fn search(&mut self, operations: &[&OperationOf<S>]) -> Beginning<S> {
        let mut decision = Decision::new(self.specification, operations);
        let ending = decision.go_on(self.specification, operations, self.steps_left());
        self.beginning(decision, ending, operations)
    }

    fn beginning(
        &mut self,
        Decision { search, blocked }: Decision<S>,
        ending: Ending,
        operations: &[&OperationOf<S>],
    ) -> Beginning<S> {
        let (order, steps) = (search.order(operations), search.steps);
        // To keep an order of operations at each place on the way would take longer than the search.
        let is_impossible = ending == Ending::Impossible;
        let states =
            if is_impossible { self.states_at(blocked, operations) } else { BTreeMap::new() };
        self.steps += steps;
        Beginning { ending, order, blocked, states }
    }

    fn steps_left(&self) -> u64 {
        self.step_limit - self.steps
    }

    /// Goes through a search once more, and returns the states in which it was blocked at this place.
    fn states_at(
        &self,
        place: Option<(usize, usize)>,
        operations: &[&OperationOf<S>],
    ) -> BTreeMap<S::State, Vec<usize>> {
        let mut states = BTreeMap::new();
        let mut search = Search::new(self.specification, RealTime::new(operations));
        search.run((self.specification, operations), self.steps_left(), |search| {
            let is_here = place.is_some() && blocked_at(search, operations) == place;
            if is_here && states.len() < STATE_LIMIT && !states.contains_key(&search.state) {
                states.insert(search.state.clone(), search.order(operations));
            }
        });
        states
    }

    /// Finds the first return up to which the history is impossible. Any beginning of a
    /// linearizable history is linearizable, so that returns can be skipped in growing steps, and
    /// then halved.
    fn window(&mut self, whole: Beginning<S>) -> Window {
        let mut ends: Vec<usize> =
            self.operations.iter().filter_map(|it| answered_at(it)).collect();
        ends.sort_unstable();
        // No order gets past `furthest`, whatever comes later: what is before it is possible.
        let furthest = whole.blocked.map_or(0, |(event, _)| event);
        let mut possible = ends.partition_point(|end| *end < furthest);
        let mut impossible = ends.len() - 1;
        let mut smallest = None;
        let mut stride = 1;
        let mut is_complete = true;
        // Invariant: impossible up to and with `ends[impossible]`, possible without `ends[possible]`.
        while possible < impossible || smallest.is_none() {
            let middle = usize::midpoint(possible, impossible);
            let guess = middle.min(possible + stride - 1);
            let beginning = self.until(ends[guess]);
            match beginning.ending {
                Ending::Complete => {
                    possible = guess + 1;
                    stride *= 2;
                }
                Ending::Impossible => {
                    impossible = guess;
                    smallest = Some(beginning);
                }
                Ending::OutOfSteps => {
                    is_complete = false;
                    break;
                }
            }
        }
        let last_event = ends[impossible];
        let beginning = smallest.unwrap_or(whole);
        is_complete &= beginning.states.len() < STATE_LIMIT;
        let states = self.states(last_event, beginning);
        is_complete &= states.is_some();
        self.describe(last_event, states.unwrap_or_default(), is_complete)
    }

    /// Returns the states that the object can be in before the answer at `last_event`; `None` if the
    /// steps run out.
    fn states(&mut self, last_event: usize, beginning: Beginning<S>) -> Option<States<S>> {
        if beginning.blocked.is_some_and(|(event, _)| event == last_event) {
            return Some(beginning.states.into_iter().collect());
        }
        // The others need the refused operation: see when it takes effect if its answer is open.
        let before = self.until(last_event - 1);
        if before.ending != Ending::Complete {
            return None;
        }
        let refused = self.answered_at(last_event).number;
        let order = before.order.into_iter().take_while(|number| *number != refused);
        let order: Vec<usize> = order.collect();
        let mut state = self.specification.initial();
        for number in &order {
            let found = self.operations.binary_search_by_key(number, |operation| operation.number);
            let input = found.ok().map(|index| &self.operations[index].input);
            input.map(|input| self.specification.invoke(&mut state, input));
        }
        Some(vec![(state, order)])
    }

    /// Returns the operation that is answered at `event`.
    fn answered_at(&self, event: usize) -> &OperationOf<S> {
        let found = self.operations.iter().find(|operation| answered_at(operation) == Some(event));
        found.expect("an operation returns at the end of a window")
    }

    /// Searches the history up to and with `event`; what is open by then is unknown.
    fn until(&mut self, event: usize) -> Beginning<S> {
        let begun = self.operations.iter().filter(|operation| operation.invoked <= event);
        let cut: Vec<OperationOf<S>> = begun
            .map(|operation| {
                let mut operation = (*operation).clone();
                if !operation.is_answered_by(event) {
                    operation.completion = Completion::Unknown;
                    operation.returned = None;
                }
                operation
            })
            .collect();
        self.search(&cut.iter().collect::<Vec<_>>())
    }

    fn describe(&self, last_event: usize, states: States<S>, is_complete: bool) -> Window {
        let refused = self.answered_at(last_event);
        let is_near = |operation: &&&OperationOf<S>| {
            operation.number != refused.number
                && operation.invoked <= last_event
                && operation.is_concurrent_with(refused)
        };
        let concurrent: Vec<_> = self.operations.iter().filter(is_near).collect();
        let known = concurrent.iter().filter(|operation| operation.returned.is_some());
        let first_event = known.map(|operation| operation.invoked).chain([refused.invoked]).min();
        let states = states.into_iter().map(|(state, order)| {
            let description = self.specification.describe(&state);
            let mut after = state;
            let answer = self.specification.invoke(&mut after, &refused.input).to_string();
            Refusal { state: description, answer, order }
        });
        Window {
            first_event: first_event.unwrap_or(refused.invoked),
            last_event,
            refused: refused.number,
            concurrent: concurrent.iter().map(|operation| operation.number).collect(),
            states: states.collect(),
            is_complete,
        }
    }
}
