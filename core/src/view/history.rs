//! The verdict on what clients were told.

use serde::{Deserialize, Serialize};

/// Whether there is an order of the clients' operations in which one client at a time would have been
/// told the same. Operations are named by their place in the order in which they began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryVerdict {
    /// Yes: in this order. Operations without an answer that are left out need never have happened.
    Possible {
        /// The operations, in that order.
        order: Vec<usize>,
    },
    /// No, and this is the smallest beginning of the history that is impossible.
    Impossible {
        /// The operation whose answer cannot be explained.
        refused: usize,
        /// The operations that were under way at the same time.
        concurrent: Vec<usize>,
        /// The states that the object can be in before that answer, each with the answer that it would
        /// have given.
        states: Vec<(String, String)>,
        /// One order of operations that leads to the first of these.
        order: Vec<usize>,
        /// Whether the search had time to find the smallest beginning and all states.
        is_complete: bool,
    },
    /// The search was given up before it knew.
    Unknown {
        /// Calls tried.
        steps: u64,
    },
}
