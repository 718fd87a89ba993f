//! Operations with names, in the order that the server gives them.

use serde::{Deserialize, Serialize};

use super::operation::Operation;
use crate::sim::NodeId;

/// Names an operation for ever.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name {
    /// Whose it is.
    pub site: NodeId,
    /// Since when: a client that starts anew begins to count anew.
    pub session: u32,
    /// How many of the session's operations came before.
    pub number: u32,
}

/// An operation of the server's history, as it takes effect after those before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: Name,
    /// What it does.
    pub operation: Operation,
}

/// What an operation is moved over that comes to a server.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everything that its author had not seen.
    AllSince,
    /// The last of that alone. Wrong where there is more than one.
    LastOnly,
}

/// Returns true if what an operation of the history inserts stands before what one inserts at the same place
/// that is not in it yet. Of one author's two sessions the older comes first.
pub fn comes_first(of_history: NodeId, waiting: NodeId) -> bool {
    of_history <= waiting
}

/// Moves an operation over what its author had not seen; returns what it comes to, and how many operations it
/// was moved over. What its own session did before is not news to it.
pub fn rebase<'a>(
    name: Name,
    operation: &Operation,
    unseen: impl Iterator<Item = &'a Entry>,
    context: Context,
) -> (Operation, u32) {
    let is_own = |it: &Entry| (it.name.site, it.name.session) == (name.site, name.session);
    let news: Vec<&Entry> = unseen.filter(|it| !is_own(it)).collect();
    let skipped = match context {
        Context::AllSince => 0,
        Context::LastOnly => news.len().saturating_sub(1),
    };
    let over = &news[skipped..];
    let moved = over.iter().fold(operation.clone(), |moved, it| {
        moved.over(&it.operation, !comes_first(it.name.site, name.site))
    });
    (moved, u32::try_from(over.len()).unwrap_or(u32::MAX))
}
