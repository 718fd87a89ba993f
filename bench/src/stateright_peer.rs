//! Stateright 0.31: its checkers, on our models and on models written its own way.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;

use faultline_core::check::history::{At, Completion, Operation, RegisterAnswer, RegisterCall};
use faultline_core::check::{Model, Traversal};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use stateright::{Checker, Property};

use crate::linearizability::Registers;

/// The stack for its linearizability tester; pages that are not touched cost nothing.
const STACK_BYTES: usize = 1 << 30;

/// One of our models in Stateright's terms: the same states by the same code, so that only the
/// checkers differ.
pub(crate) struct Adapter<M>(pub(crate) M);

impl<M> stateright::Model for Adapter<M>
where
    M: Model,
    M::Action: PartialEq,
    M::State: PartialEq,
{
    type State = M::State;
    type Action = M::Action;

    fn init_states(&self) -> Vec<M::State> {
        self.0.initial_states()
    }

    fn actions(&self, state: &M::State, actions: &mut Vec<M::Action>) {
        self.0.actions(state, actions);
    }

    fn next_state(&self, state: &M::State, action: M::Action) -> Option<M::State> {
        self.0.next_state(state, &action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![Property::always("invariant", |model: &Self, state| {
            model.0.violation(state).is_none()
        })];
        let sights: [fn(&Self, &M::State) -> bool; 2] =
            [|model, state| model.0.shows(state, 0), |model, state| model.0.shows(state, 1)];
        for (name, shows) in self.0.sights().iter().zip(sights) {
            properties.push(Property::sometimes(name, shows));
        }
        properties
    }
}

/// Explores a model to its end on one thread and returns the number of distinct states.
pub(crate) fn explore<M>(model: M, order: Traversal) -> u64
where
    M: stateright::Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq + Send + Sync + 'static,
{
    let builder = model.checker().threads(1);
    let distinct = match order {
        Traversal::BreadthFirst => builder.spawn_bfs().join().unique_state_count(),
        Traversal::DepthFirst => builder.spawn_dfs().join().unique_state_count(),
    };
    distinct as u64
}

/// Registers by key in Stateright's terms.
#[derive(Clone, Default)]
struct Table(BTreeMap<u64, u64>);

impl SequentialSpec for Table {
    type Op = At<u64, RegisterCall<u64>>;
    type Ret = RegisterAnswer<u64>;

    fn invoke(&mut self, call: &Self::Op) -> Self::Ret {
        let held = self.0.entry(call.key).or_default();
        match call.input {
            RegisterCall::Read => RegisterAnswer::Value(*held),
            RegisterCall::Write(value) => {
                *held = value;
                RegisterAnswer::Written
            }
            RegisterCall::CompareAndSet { expected, new } => {
                let is_expected = *held == expected;
                *held = if is_expected { new } else { *held };
                RegisterAnswer::Swapped(is_expected)
            }
        }
    }
}

/// One event of a history in Stateright's terms: whose it is, and the call or its answer.
#[derive(Clone)]
pub(crate) enum Event {
    Call(usize, At<u64, RegisterCall<u64>>),
    Answer(usize, RegisterAnswer<u64>),
}

/// Puts a history into Stateright's terms: as one part, or one for each key.
pub(crate) fn parts(history: &Registers, by_key: bool) -> Vec<Vec<Event>> {
    let mut parts: BTreeMap<Option<u64>, BTreeMap<usize, _>> = BTreeMap::new();
    for operation in history.operations() {
        let part = parts.entry(by_key.then_some(operation.input.key)).or_default();
        part.insert(operation.invoked, (operation, None));
        if let (Some(returned), Completion::Answered(answer)) =
            (operation.returned, &operation.completion)
        {
            part.insert(returned, (operation, Some(answer)));
        }
    }
    let part = |events: BTreeMap<_, (&Operation<_, _>, Option<&RegisterAnswer<u64>>)>| {
        let mut clients = Clients::default();
        let event = |(operation, answer): (&Operation<At<u64, RegisterCall<u64>>, _>, _)| {
            let answer: Option<&RegisterAnswer<u64>> = answer;
            let client = clients.of(operation.process, answer.is_some());
            match answer {
                None => Event::Call(client, operation.input.clone()),
                Some(answer) => Event::Answer(client, answer.clone()),
            }
        };
        events.into_values().map(event).collect()
    };
    parts.into_values().map(part).collect()
}

/// Judges the parts of a history with Stateright's tester, on one thread.
pub(crate) fn are_linearizable(parts: &[Vec<Event>]) -> bool {
    // It recurses once for each operation.
    let judging = std::thread::Builder::new().stack_size(STACK_BYTES);
    std::thread::scope(|scope| {
        let judging = judging.spawn_scoped(scope, || parts.iter().all(|part| judge(part)));
        judging.expect("a thread can be started").join().expect("the tester does not panic")
    })
}

fn judge(events: &[Event]) -> bool {
    let mut tester = LinearizabilityTester::new(Table::default());
    for event in events {
        let taken = match event {
            Event::Call(client, call) => tester.on_invoke(*client, call.clone()),
            Event::Answer(client, answer) => tester.on_return(*client, answer.clone()),
        };
        taken.expect("the history is well formed");
    }
    tester.is_consistent()
}

/// Few threads instead of one for each operation, which would cost the tester dearly: a thread is
/// used again once its operation has returned.
#[derive(Default)]
struct Clients {
    idle: Vec<usize>,
    used: usize,
    of: BTreeMap<u64, usize>,
}

impl Clients {
    fn of(&mut self, process: u64, returns: bool) -> usize {
        if returns {
            let client = self.of.remove(&process).expect("it was invoked");
            self.idle.push(client);
            return client;
        }
        let client = self.idle.pop().unwrap_or_else(|| {
            self.used += 1;
            self.used
        });
        self.of.insert(process, client);
        client
    }
}
