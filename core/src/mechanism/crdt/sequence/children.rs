//! Which letters hang where.

use std::collections::BTreeMap;

use super::operation::{Id, Side};

/// Where a letter hangs, in the order of the text among its siblings.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hook {
    /// Beside which letter; at the beginning of the text if `None`.
    pub(super) parent: Option<Id>,
    /// On which side.
    pub(super) side: Side,
    /// Siblings stand in this order, which no two share.
    pub(super) rank: u64,
}

/// The children of every letter. A letter typed in a row with its parent is listed only if it has
/// siblings: mostly it has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Children(BTreeMap<Hook, Id>);

impl Children {
    /// Adds a letter.
    pub(super) fn insert(&mut self, hook: Hook, child: Id) {
        self.0.insert(hook, child);
    }

    /// Returns true if a letter is listed there.
    pub(super) fn has(&self, parent: Option<Id>, side: Side) -> bool {
        let first = Hook { parent, side, rank: 0 };
        self.0.range(first..=Hook { rank: u64::MAX, ..first }).next().is_some()
    }

    /// Returns the listed sibling that stands next before this place.
    pub(super) fn before(&self, hook: Hook) -> Option<Id> {
        let siblings = self.0.range(Hook { rank: 0, ..hook }..hook);
        siblings.map(|(_, &id)| id).next_back()
    }

    /// Returns the listed sibling that stands next after this place.
    pub(super) fn after(&self, hook: Hook) -> Option<Id> {
        let siblings = self.0.range(hook..=Hook { rank: u64::MAX, ..hook });
        siblings.map(|(_, &id)| id).find(|_| true)
    }

    /// Returns the first letter that stands before its parent.
    pub(super) fn first_left(&self, parent: Id) -> Option<Id> {
        self.after(Hook { parent: Some(parent), side: Side::Left, rank: 0 })
    }

    /// Of letters typed in a row: returns the last child of the first of them whose last child is not
    /// the letter typed after it.
    pub(super) fn way_off(&self, first: Id, last: Id) -> Option<Id> {
        let begin = Hook { parent: Some(first), side: Side::Left, rank: 0 };
        let end = Hook { parent: Some(last), side: Side::Right, rank: u64::MAX };
        let right = self.0.range(begin..=end).filter(|(hook, _)| hook.side == Side::Right);
        let mut on_way = right.peekable();
        while let Some((hook, &child)) = on_way.next() {
            let is_last = on_way.peek().is_none_or(|(next, _)| next.parent != hook.parent);
            let goes_on =
                hook.parent.is_some_and(|parent| parent < last && parent.later(1) == child);
            if is_last && !goes_on {
                return Some(child);
            }
        }
        None
    }
}
