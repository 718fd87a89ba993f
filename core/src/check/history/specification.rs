//! What an object does when it is used by one client at a time: its sequential specification
//! (Herlihy and Wing 1990, section 2.2).
//!
//! Only objects that are total and deterministic: any call is possible in any state, and has one
//! answer. That is why a call whose outcome is unknown can always be taken as never having happened.
//! An object that may choose, such as a bag that returns any of its items, is left out.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

/// An object as one client at a time sees it.
pub trait SequentialSpecification {
    /// What the object remembers. Two states are the same if they are equal.
    type State: Clone + Ord + Debug;
    /// A call, as a person reads it: `write 3`.
    type Input: Clone + Debug + Display;
    /// An answer, as a person reads it: `3`.
    type Output: Clone + PartialEq + Debug + Display;

    /// Returns the state before the first call.
    fn initial(&self) -> Self::State;

    /// Makes a call take effect and returns the answer.
    fn invoke(&self, state: &mut Self::State, input: &Self::Input) -> Self::Output;

    /// Whether a call changes no state, whichever it is. The search tries such a call in one place
    /// instead of many.
    fn is_read_only(&self, input: &Self::Input) -> bool;

    /// Returns the state as a person reads it.
    fn describe(&self, state: &Self::State) -> String;
}

/// A call to the object that belongs to a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At<K, I> {
    /// Whose object.
    pub key: K,
    /// The call.
    pub input: I,
}

impl<K: Display, I: Display> Display for At<K, I> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.key, self.input)
    }
}

/// Many objects of one kind, each under its key, as one object.
///
/// Linearizability is local (Herlihy and Wing 1990, theorem 1): a history of this object is
/// linearizable exactly if its part at each key is, so that nobody needs to check it as a whole. It
/// is here for sequential consistency, which is not local, and to prove the checkers against.
#[derive(Clone, Debug)]
pub struct Keyed<K, S> {
    object: S,
    keys: std::marker::PhantomData<K>,
}

impl<K, S> Keyed<K, S> {
    /// Creates the object that holds one `object` for each key.
    pub fn new(object: S) -> Self {
        Self { object, keys: std::marker::PhantomData }
    }
}

impl<K, S> SequentialSpecification for Keyed<K, S>
where
    K: Clone + Ord + Debug + Display,
    S: SequentialSpecification,
{
    /// Only what differs from the initial state, so that equal worlds are equal states.
    type State = BTreeMap<K, S::State>;
    type Input = At<K, S::Input>;
    type Output = S::Output;

    fn initial(&self) -> Self::State {
        BTreeMap::new()
    }

    fn invoke(&self, state: &mut Self::State, input: &Self::Input) -> Self::Output {
        let initial = self.object.initial();
        let mut part = state.get(&input.key).cloned().unwrap_or_else(|| initial.clone());
        let output = self.object.invoke(&mut part, &input.input);
        if part == initial {
            state.remove(&input.key);
        } else {
            state.insert(input.key.clone(), part);
        }
        output
    }

    fn is_read_only(&self, input: &Self::Input) -> bool {
        self.object.is_read_only(&input.input)
    }

    fn describe(&self, state: &Self::State) -> String {
        let part = |(key, part)| format!("{key}: {}", self.object.describe(part));
        let parts: Vec<String> = state.iter().map(part).collect();
        if parts.is_empty() { "nothing written".into() } else { parts.join(", ") }
    }
}
