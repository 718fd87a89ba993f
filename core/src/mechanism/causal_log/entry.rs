//! An entry, and what it is called.

use std::fmt::Debug;
use std::hash::Hash;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::mechanism::clock::VersionVector;
use crate::sim::NodeId;

/// Who did something, and the how many-eth time that was, from 1.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Dot {
    /// Who counts.
    pub by: NodeId,
    /// What it has come to.
    pub number: u64,
}

impl Dot {
    /// Returns true if a version vector contains it.
    pub fn is_in(self, vector: &VersionVector) -> bool {
        self.number <= vector.updates(self.by)
    }
}

/// What an entry can say.
pub trait Body: Clone + Debug + PartialEq + Eq + Hash + Serialize + DeserializeOwned {}

impl<B: Clone + Debug + PartialEq + Eq + Hash + Serialize + DeserializeOwned> Body for B {}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry<B> {
    /// Its name: who took it, and its count.
    pub dot: Dot,
    /// Its writer, and that writer's count: the same in each copy, wherever it was taken.
    pub id: Dot,
    /// What its writer had read: dots of other entries.
    pub context: VersionVector,
    /// What it says.
    pub body: B,
}
