//! What the explorer and the schedulers need to know of a system: where it starts, what can happen
//! next, and what must hold.
//!
//! A model has no time and no randomness of its own: whatever is undecided is an action, and the
//! searcher decides it. Everything else has a default, so that a first model is three methods.
//!
//! Left out: fairness and liveness ("eventually") properties, which need cycles to be found and not
//! only states.

use std::fmt::Debug;
use std::hash::Hash;

use super::Fingerprinter;

/// A system as a graph: states, and actions that lead from one to another.
///
/// Both must be functions of their arguments alone: the explorer throws states away and finds them
/// again by repeating actions.
pub trait Model {
    /// A global state: every node, every message under way, and whatever the properties look at.
    type State: Clone + Hash;
    /// One thing that can happen: what a counterexample is a list of.
    type Action: Clone + Debug;

    /// Returns where the system can start.
    fn initial_states(&self) -> Vec<Self::State>;

    /// Appends what can happen in `state`, in a fixed order.
    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// Returns the state that `action` leads to, or `None` if it changes nothing worth a step (a
    /// message that its receiver ignores). Such a step is not counted as generated.
    fn next_state(&self, state: &Self::State, action: &Self::Action) -> Option<Self::State>;

    /// Returns the choices that were made in `action` on its way to `next`: what a handler tossed a
    /// coin for, or what a disk kept in a crash. Those that the action does not name were 0.
    ///
    /// Among how many options there is to choose, and how often, shows only when the action is tried.
    /// So [`Model::actions`] lists the action once, and the searcher tries every series of choices.
    fn choices(&self, _action: &Self::Action, _next: &Self::State) -> Vec<Choice> {
        Vec::new()
    }

    /// Returns `action` with these choices, and 0 for those after them.
    fn choosing(&self, action: &Self::Action, _choices: Vec<u64>) -> Self::Action {
        action.clone()
    }

    /// Writes what tells `state` from others. Override it to leave out what has no influence on the
    /// future and on the properties (counters of events, causes, metrics).
    fn identify(&self, state: &Self::State, fingerprinter: &mut Fingerprinter) {
        state.hash(fingerprinter);
    }

    /// Returns the state that stands for all states like this one but for a renaming of
    /// interchangeable parts, or `None` if the model declares no symmetry.
    ///
    /// Sound if states with one representative have the same futures and the same judgements but for
    /// that renaming (Ip & Dill 1996, "Better Verification Through Symmetry"). A representative that
    /// tells some of them apart is still sound, and reduces less.
    fn representative(&self, _state: &Self::State) -> Option<Self::State> {
        None
    }

    /// Returns a sentence that says what is broken in `state`, if an invariant is.
    fn violation(&self, _state: &Self::State) -> Option<String> {
        None
    }

    /// Returns the names of what should be seen sometimes: a model that never does anything
    /// breaks nothing either.
    fn sights(&self) -> &[&'static str] {
        &[]
    }

    /// Returns whether the sight with this index in [`Model::sights`] is to be seen in `state`.
    fn shows(&self, _state: &Self::State, _sight: usize) -> bool {
        false
    }

    /// Returns which thread of control takes `action` (the node that receives, the link that loses):
    /// what probabilistic concurrency testing gives priorities to.
    fn thread(&self, _action: &Self::Action) -> u32 {
        0
    }
}

/// One of several things that an action could do, picked on the way.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which option was taken, from 0.
    pub taken: u64,
    /// Among how many.
    pub options: u64,
}

/// Returns `action` with the series of choices after the given ones, or `None` after the last: the last
/// choice that can be raised is raised, and those after it start anew. One among more than
/// `option_limit` options is never raised.
pub(super) fn next_series<M: Model>(
    model: &M,
    action: &M::Action,
    choices: &[Choice],
    option_limit: u64,
) -> Option<M::Action> {
    let can_be_raised =
        |choice: &Choice| choice.taken + 1 < choice.options && choice.options <= option_limit;
    let raised = choices.iter().rposition(can_be_raised)?;
    let mut series: Vec<u64> = choices[..=raised].iter().map(|choice| choice.taken).collect();
    series[raised] += 1;
    Some(model.choosing(action, series))
}

/// Returns everything that can happen in `state`, with every series of choices, and where it leads. Of a
/// choice among more than `option_limit` options only the first is taken.
pub fn successors<M: Model>(
    model: &M,
    state: &M::State,
    option_limit: u64,
) -> impl Iterator<Item = (M::Action, M::State)> {
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    actions.reverse();
    std::iter::from_fn(move || {
        while let Some(action) = actions.pop() {
            let Some(next) = model.next_state(state, &action) else { continue };
            let choices = model.choices(&action, &next);
            actions.extend(next_series(model, &action, &choices, option_limit));
            return Some((action, next));
        }
        None
    })
}

/// A way through a model: where it starts, and what happens then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<A> {
    /// Index among [`Model::initial_states`].
    pub initial: usize,
    /// What happens, in order.
    pub actions: Vec<A>,
}

impl<A> Path<A> {
    /// Returns every state on the way, first and last included, or `None` if the model does not allow
    /// the path.
    pub fn states<M: Model<Action = A>>(&self, model: &M) -> Option<Vec<M::State>> {
        let mut states = vec![model.initial_states().into_iter().nth(self.initial)?];
        for action in &self.actions {
            let next = model.next_state(states.last()?, action)?;
            states.push(next);
        }
        Some(states)
    }
}

/// A broken invariant and a way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample<A> {
    /// What is broken, as [`Model::violation`] says it.
    pub reason: String,
    /// The way there. The shortest there is, if found breadth first.
    pub path: Path<A>,
}
