//! A node looked into: what it stores, what waits for it, what its clocks read.

use serde::{Deserialize, Serialize};

use super::{NodeView, Widget};
use crate::sim::NodeId;

/// A message that has come to a node and waits to be taken up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WaitingScene {
    /// Who sent it.
    pub from: NodeId,
    /// At most 12 characters.
    pub label: String,
    /// All of it, in words.
    pub sentence: String,
    /// When it came, in true time.
    pub since_us: u64,
}

/// What is in a node beyond what it shows on the stage. Made for one node at a time, when somebody
/// looks: it copies the node's disk to see what a crash would leave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeInside {
    /// Who it is.
    pub id: NodeId,
    /// The disk piece by piece, if it is one of files; else nothing.
    pub disk: Vec<Widget>,
    /// There are writes that no sync covers yet.
    pub is_dirty: bool,
    /// Syncs that have begun and are not complete.
    pub syncs: u32,
    /// As what it would come back if it crashed now and lost all that is not durable.
    pub after_crash: NodeView,
    /// What waits in its inbox, oldest first: the first few.
    pub waiting: Vec<WaitingScene>,
    /// How many more wait.
    pub waiting_more: u32,
    /// What its wall clock reads.
    pub wall_us: u64,
    /// What its monotonic clock reads: zero when it last started.
    pub monotonic_us: u64,
}
