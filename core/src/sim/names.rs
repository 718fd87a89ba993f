//! How the things of a world are called: nodes by number, messages and timers by their owner.

use std::fmt;
use std::ops::Index;

use serde::{Deserialize, Serialize};

/// A node's identity, dense from zero.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct NodeId(pub u16);

impl NodeId {
    /// The sender of what the viewer does: no node of the world.
    pub const OUTSIDE: Self = Self(u16::MAX);

    /// Returns the index of this node in a list of all nodes.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the identities `0..count`, in order.
    pub fn first(count: u16) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        Self::range(0, count)
    }

    /// Returns `count` identities from `first` on, in order.
    pub fn range(
        first: u16,
        count: u16,
    ) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        (first..first.saturating_add(count)).map(Self)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::OUTSIDE { f.write_str("you") } else { write!(f, "node {}", self.0) }
    }
}

/// A message, named relative to its link so that an action keeps its target when a switch flips or
/// another action is removed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageName {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// How many messages `from` had sent to `to` before it.
    pub nth: u32,
}

/// A timer, named relative to its node by a digest of its value.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimerName {
    /// Whose timer.
    pub node: NodeId,
    /// The low bits of the timer's digest.
    pub digest: u32,
}

/// What the nodes of a world are called on screen, by identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    /// Names the nodes `0..names.len()`.
    pub fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// Returns the number of nodes.
    pub fn count(&self) -> u16 {
        u16::try_from(self.0.len()).unwrap_or(u16::MAX)
    }

    /// Returns the identities, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        NodeId::first(self.count())
    }

    /// Lists `nodes` in words: "S1, S2 and S3".
    pub fn list(&self, nodes: impl IntoIterator<Item = NodeId>) -> String {
        let names: Vec<&str> = nodes.into_iter().map(|id| &self[id]).collect();
        match names.split_last() {
            None => "nobody".into(),
            Some((only, [])) => (*only).into(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        }
    }
}

impl Index<NodeId> for Names {
    type Output = str;

    fn index(&self, id: NodeId) -> &str {
        if id == NodeId::OUTSIDE {
            return "you";
        }
        self.0.get(id.index()).map_or("no node", String::as_str)
    }
}
