//! One version of one key.

use serde::{Deserialize, Serialize};

/// What things are called.
pub type Key = Vec<u8>;

/// What they are; none where one was deleted.
pub type Value = Option<Vec<u8>>;

/// The place of a write among all writes; the first is 1.
pub type Sequence = u64;

/// One version of what a key means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// What it is called.
    pub key: Key,
    /// Which write made it so.
    pub sequence: Sequence,
    /// What it is since.
    pub value: Value,
}
