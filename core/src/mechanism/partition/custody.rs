//! Copies that a node keeps for others: until all whose they are have them.

use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// What a node keeps for others: of each such key, who has confirmed to have it by now. It may let go
/// of a copy only when all whose it is have confirmed the very version that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Custody(SmallMap<u16, Vec<NodeId>>);

impl Custody {
    /// A version of this key has come that is to be kept for others: earlier confirmations are of an
    /// older one.
    pub fn take(&mut self, key: u16) {
        self.0.insert(key, Vec::new());
    }

    /// Returns true if this key is kept for others.
    pub fn has(&self, key: u16) -> bool {
        self.0.get(key).is_some()
    }

    /// Returns how many keys are kept for others.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if nothing is kept for others.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lists the keys that are kept for others.
    pub fn keys(&self) -> impl Iterator<Item = u16> {
        self.0.iter().map(|(key, _)| key)
    }

    /// Returns those of `owners` that have not confirmed this key yet.
    pub fn waits_for<'a>(
        &'a self,
        key: u16,
        owners: &'a [NodeId],
    ) -> impl Iterator<Item = NodeId> + use<'a> {
        let confirmed = self.0.get(key);
        let waits = move |id: &&NodeId| confirmed.is_some_and(|by| !by.contains(id));
        owners.iter().filter(waits).copied()
    }

    /// Notes that a node has this key, in the version that is held here. True if all owners have now:
    /// then the copy may go.
    pub fn confirm(&mut self, key: u16, by: NodeId, owners: &[NodeId]) -> bool {
        let Some(confirmed) = self.0.get_mut(key) else { return false };
        if !confirmed.contains(&by) {
            confirmed.push(by);
        }
        self.waits_for(key, owners).next().is_none()
    }

    /// Lets go of a key.
    pub fn release(&mut self, key: u16) {
        self.0.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_may_go_when_all_owners_have_this_very_version() {
        let [a, b] = [NodeId(0), NodeId(1)];
        let mut custody = Custody::default();
        assert!(!custody.confirm(7, a, &[a, b]), "it is not kept here");
        custody.take(7);
        assert!(!custody.confirm(7, a, &[a, b]) && !custody.confirm(7, a, &[a, b]));
        assert_eq!(custody.waits_for(7, &[a, b]).collect::<Vec<_>>(), [b]);
        custody.take(7);
        assert!(!custody.confirm(7, b, &[a, b]), "that a had an older one counts for nothing");
        assert!(custody.confirm(7, a, &[a, b]));
        custody.release(7);
        assert!(custody.is_empty() && custody.waits_for(7, &[a, b]).next().is_none());
    }
}
