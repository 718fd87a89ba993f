//! Verdicts on what is stated of a run.

use serde::{Deserialize, Serialize};

use crate::sim::{NodeId, Step};

/// What kind of statement a check judges.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CheckKind {
    /// Must hold after every event.
    Invariant,
    /// Must be reached.
    Goal,
    /// A gauge that an operator watches.
    Alert,
    /// Must be seen to happen in some run, else the checks prove little.
    Sometimes,
}

/// The verdict on one statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Holds so far (invariant), or is quiet (alert).
    Holds,
    /// Broke, or was missed: since when, in which step, why, and who is involved.
    Broken {
        /// True time.
        at_us: u64,
        /// After which step the state was the first in which it did not hold.
        step: Step,
        /// Why, in a sentence.
        reason: String,
        /// The nodes involved.
        nodes: Vec<NodeId>,
        /// What contradicts each other: when, in true time, and at which node.
        moments: Vec<(u64, NodeId)>,
    },
    /// Reached, fired or seen: since when.
    Reached {
        /// True time.
        at_us: u64,
    },
    /// Not reached or seen yet.
    NotYet,
}

/// A statement about the run and the verdict on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Check {
    /// The statement.
    pub name: String,
    /// Its kind.
    pub kind: CheckKind,
    /// The verdict.
    pub verdict: Verdict,
    /// In how many states it has been judged: until it broke, or was reached, fired or seen.
    pub judged: u64,
}

impl Check {
    /// Returns true if this is a broken invariant or a missed goal.
    pub fn is_violated(&self) -> bool {
        matches!(self.kind, CheckKind::Invariant | CheckKind::Goal)
            && matches!(self.verdict, Verdict::Broken { .. })
    }
}
