//! Stateright 0.31: its checkers, on our models and on models written its own way.

use std::fmt::Debug;
use std::hash::Hash;

use faultline_core::check::{Model, Order};
use stateright::{Checker, Property};

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
