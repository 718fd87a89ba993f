//! What happened before what, by what nurses were shown and by nothing that a replica says of it.
//!
//! Lamport 1978, section 1, with the nurses for processes: an entry comes after all that its nurse had been
//! shown or had written by then, and after what those came after. A vector clock over nurses says that
//! exactly (Mattern 1989), since each one's entries come one after another. No vector of a replica is used.

use crate::mechanism::causal_log::Dot;
use crate::mechanism::clock::VersionVector;
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// What every nurse has been shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Truth {
    /// By nurse: up to which entry of each nurse she knows of.
    known: SmallMap<NodeId, VersionVector>,
    /// By entry: what its nurse knew of.
    pasts: SmallMap<Dot, VersionVector>,
}

impl Truth {
    /// A nurse is shown an entry.
    pub(super) fn shown(&mut self, nurse: NodeId, entry: Dot) {
        let past = self.pasts.get(entry).cloned().unwrap_or_default();
        let known = self.known.get_or_insert(nurse, VersionVector::default());
        known.merge(&past);
        known.contain(entry.by, entry.number);
    }

    /// A nurse writes an entry.
    pub(super) fn written(&mut self, nurse: NodeId, entry: Dot) {
        let known = self.known.get_or_insert(nurse, VersionVector::default());
        self.pasts.insert(entry, known.clone());
        known.contain(entry.by, entry.number);
    }

    /// Returns true if one entry comes before the other.
    pub(super) fn is_before(&self, one: Dot, other: Dot) -> bool {
        one != other && self.pasts.get(other).is_some_and(|past| one.is_in(past))
    }

    /// Lists, of these entries, those with a sibling among them such that none of them follows on both.
    pub(super) fn unsettled(&self, entries: &[Dot]) -> Vec<Dot> {
        // Whatever follows on two is an end, or an end follows on it.
        let mut followed = VersionVector::default();
        let pasts = entries.iter().filter_map(|entry| self.pasts.get(*entry));
        pasts.for_each(|past| followed.merge(past));
        let ends: Vec<Dot> =
            entries.iter().copied().filter(|entry| !entry.is_in(&followed)).collect();
        let lacks = |entry: Dot| move |end: &Dot| *end != entry && !self.is_before(entry, *end);
        entries.iter().copied().filter(|entry| ends.iter().any(lacks(*entry))).collect()
    }

    /// Returns the first of these, in this order, before which something is missing that comes before it.
    pub(super) fn out_of_order(&self, entries: impl Iterator<Item = Dot>) -> Option<Dot> {
        let mut above = VersionVector::default();
        for entry in entries {
            if self
                .pasts
                .get(entry)
                .is_some_and(|past| past.conflicts_with(&above) || *past > above)
            {
                return Some(entry);
            }
            above.contain(entry.by, entry.number);
        }
        None
    }

    /// Returns the last of these that a given entry follows on and `above` lacks.
    pub(super) fn missing(&self, entry: Dot, above: &[Dot]) -> Option<Dot> {
        let all = self.pasts.iter().map(|(it, _)| it);
        let missing = all.filter(|it| self.is_before(*it, entry) && !above.contains(it));
        missing.last()
    }

    /// Lists which of these entries follows directly on which other one, both by their places in the list.
    pub(super) fn edges(&self, entries: &[Dot]) -> Vec<(u16, u16)> {
        let is_direct = |one: Dot, other: Dot| {
            let is_between = |it: &Dot| self.is_before(one, *it) && self.is_before(*it, other);
            self.is_before(one, other) && !entries.iter().any(is_between)
        };
        let places = || (0..).zip(entries.iter().copied());
        let from = |(to, other)| {
            let before = places().filter(move |(_, one)| is_direct(*one, other));
            before.map(move |(from, _)| (from, to))
        };
        places().flat_map(from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: NodeId = NodeId(0);
    const BEN: NodeId = NodeId(1);

    fn entry(by: NodeId, number: u64) -> Dot {
        Dot { by, number }
    }

    #[test]
    fn what_was_shown_comes_before_and_what_was_not_is_a_sibling() {
        let mut truth = Truth::default();
        let (a, b, check) = (entry(ANN, 1), entry(BEN, 1), entry(ANN, 2));
        truth.written(ANN, a);
        truth.written(BEN, b);
        assert!(!truth.is_before(a, b) && !truth.is_before(b, a));
        assert_eq!(truth.unsettled(&[a, b]), [a, b]);
        truth.shown(ANN, b);
        truth.written(ANN, check);
        assert!(truth.is_before(a, check) && truth.is_before(b, check));
        assert_eq!(truth.unsettled(&[a, b, check]), []);
        assert_eq!(truth.edges(&[a, b, check]), [(0, 2), (1, 2)]);
    }

    #[test]
    fn what_comes_before_must_be_there_and_above() {
        let mut truth = Truth::default();
        let (a, b) = (entry(ANN, 1), entry(BEN, 1));
        truth.written(ANN, a);
        truth.shown(BEN, a);
        truth.written(BEN, b);
        assert_eq!(truth.out_of_order([a, b].into_iter()), None);
        assert_eq!(truth.out_of_order([b, a].into_iter()), Some(b));
        assert_eq!(truth.out_of_order([b].into_iter()), Some(b));
        assert_eq!(truth.missing(b, &[]), Some(a));
    }
}
