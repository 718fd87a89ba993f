//! What copies tell each other.

use serde::{Deserialize, Serialize};

use crate::sim::NodeId;

/// The name of an operation, and of the letter if it inserts one: who made it, and how many that author
/// had made before.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id {
    /// Who.
    pub agent: NodeId,
    /// How many operations of this author came before.
    pub counter: u32,
}

impl Id {
    /// Returns the name that the author gives `by` operations later.
    #[must_use]
    pub fn later(self, by: u32) -> Self {
        Self { counter: self.counter + by, ..self }
    }
}

/// On which side of its parent a letter hangs, and so stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Before it.
    Left,
    /// After it.
    Right,
}

/// One author's operations in a row: letter after letter, each the right child of the one before, or
/// deletion after deletion.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Operation {
    /// The name of the first.
    pub id: Id,
    /// The time of the first on its author's Lamport clock; each further one is one later.
    pub stamp: u32,
    /// What they do.
    pub edit: Edit,
}

/// What operations do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Edit {
    /// Insert letters.
    Insert {
        /// The letter beside which the first hangs; the beginning of the text if `None`.
        parent: Option<Id>,
        /// On which side.
        side: Side,
        /// The letters.
        text: String,
    },
    /// Delete letters whose names follow each other.
    Delete {
        /// The first to go.
        target: Id,
        /// How many.
        length: u32,
        /// Each further one is the letter before, as the backspace key does it, not the letter after.
        is_backward: bool,
    },
}

impl Operation {
    /// Returns how many operations these are.
    pub fn length(&self) -> u32 {
        match &self.edit {
            Edit::Insert { text, .. } => letters(text),
            Edit::Delete { length, .. } => *length,
        }
    }

    /// Returns all but the first `count`, of which there are more.
    pub(super) fn skip(self, count: u32) -> Self {
        if count == 0 {
            return self;
        }
        let edit = match self.edit {
            Edit::Insert { text, .. } => Edit::Insert {
                parent: Some(self.id.later(count - 1)),
                side: Side::Right,
                text: text.chars().skip(count as usize).collect(),
            },
            Edit::Delete { target, length, is_backward } => Edit::Delete {
                target: moved(target, count, is_backward),
                length: length - count,
                is_backward,
            },
        };
        Self { id: self.id.later(count), stamp: self.stamp + count, edit }
    }
}

/// Returns the letter that goes `steps` after `target`.
pub(super) fn moved(target: Id, steps: u32, is_backward: bool) -> Id {
    if is_backward { Id { counter: target.counter - steps, ..target } } else { target.later(steps) }
}

/// Returns how many letters a text has.
pub(super) fn letters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}
