//! Stateright 0.31: its checkers, on our models and on models written its own way.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;

use faultline_core::check::history::{At, Completion, RegisterAnswer, RegisterCall};
use faultline_core::check::{Model, Order};
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
pub(crate) fn explore<M>(model: M, order: Order) -> u64
where
    M: stateright::Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq + Send + Sync + 'static,
{
    let builder = model.checker().threads(1);
    let distinct = match order {
        Order::BreadthFirst => builder.spawn_bfs().join().unique_state_count(),
        Order::DepthFirst => builder.spawn_dfs().join().unique_state_count(),
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

/// Judges a history, or its part at one key, with Stateright's tester.
pub(crate) fn is_linearizable(history: &Registers, key: Option<u64>) -> bool {
    // It recurses once for each operation.
    let judging = std::thread::Builder::new().stack_size(STACK_BYTES);
    std::thread::scope(|scope| {
        let judging = judging.spawn_scoped(scope, || judge(history, key));
        judging.expect("a thread can be started").join().expect("the tester does not panic")
    })
}

fn judge(history: &Registers, key: Option<u64>) -> bool {
    let mut events = BTreeMap::new();
    for operation in history.operations() {
        if key.is_none_or(|key| operation.input.key == key) {
            events.insert(operation.invoked, (operation, None));
            if let (Some(returned), Completion::Answered(answer)) =
                (operation.returned, &operation.completion)
            {
                events.insert(returned, (operation, Some(answer)));
            }
        }
    }
    let mut tester = LinearizabilityTester::new(Table::default());
    let mut clients = Clients::default();
    for (operation, answer) in events.into_values() {
        let client = clients.of(operation.process, answer.is_some());
        let taken = match answer {
            None => tester.on_invoke(client, operation.input.clone()),
            Some(answer) => tester.on_return(client, answer.clone()),
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
