//! Decides who may commit so that transactions on snapshots stay serializable.

use super::{Overwrite, Stamp, Tx};
use crate::mechanism::small_map::SmallMap;

/// Two anti-dependencies in a row. In every cycle that snapshot isolation leaves there is one (Fekete et
/// al. 2005, theorem 2.1); not every one is in a cycle.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dangerous {
    /// Read what the pivot overwrote.
    pub reader: Tx,
    /// Overwrote what one read, and read what another overwrote.
    pub pivot: Tx,
    /// Overwrote what the pivot read; may be the reader.
    pub writer: Tx,
}

/// Keeps track of who read what another overwrote, wherever that was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Certifier {
    overwrites: Vec<Overwrite>,
    committed: SmallMap<Tx, Stamp>,
}

impl Certifier {
    /// Hears of overwritten reads. Whoever of the two is not decided may still abort.
    pub fn note(&mut self, overwrites: impl IntoIterator<Item = Overwrite>) {
        for overwrite in overwrites {
            if !self.overwrites.contains(&overwrite) {
                self.overwrites.push(overwrite);
            }
        }
    }

    /// Lists the overwritten reads between a transaction and those that have committed.
    pub fn overwrites_of(&self, tx: Tx) -> impl Iterator<Item = Overwrite> {
        let counts = move |it: &Overwrite| {
            (it.reader == tx || it.writer == tx)
                && self.counts(tx, it.reader)
                && self.counts(tx, it.writer)
        };
        self.overwrites.iter().copied().filter(counts)
    }

    /// Whether a transaction has committed, as far as that is remembered.
    pub fn has_committed(&self, tx: Tx) -> bool {
        self.committed.get(tx).is_some()
    }

    fn counts(&self, tx: Tx, other: Tx) -> bool {
        other == tx || self.has_committed(other)
    }

    /// Returns the dangerous structure that `tx` would complete if it committed now, if any. Only those
    /// that have committed count: of two that endanger each other the first may commit.
    pub fn danger(&self, tx: Tx) -> Option<Dangerous> {
        let counts = |it: &&Overwrite| self.counts(tx, it.reader) && self.counts(tx, it.writer);
        let all = || self.overwrites.iter().filter(counts);
        all().find_map(|into| {
            let out = all().find(|out| {
                let is_new = [into.reader, into.writer, out.writer].contains(&tx);
                out.reader == into.writer && is_new
            })?;
            Some(Dangerous { reader: into.reader, pivot: into.writer, writer: out.writer })
        })
    }

    /// A transaction has committed.
    pub fn commit(&mut self, tx: Tx, stamp: Stamp) {
        self.committed.insert(tx, stamp);
    }

    /// A transaction is undone: what it read and overwrote no longer counts.
    pub fn abort(&mut self, tx: Tx) {
        self.overwrites.retain(|it| it.reader != tx && it.writer != tx);
    }

    /// Comes up after a crash: who had not committed never will.
    pub fn recover(&mut self) {
        let committed = &self.committed;
        let is_decided = |tx| committed.get(tx).is_some();
        self.overwrites.retain(|it| is_decided(it.reader) && is_decided(it.writer));
    }

    /// Forgets what nobody with a snapshot from `floor` on can be part of.
    pub fn forget(&mut self, floor: Stamp) {
        let committed = &self.committed;
        let is_old = |tx| committed.get(tx).is_some_and(|stamp| *stamp <= floor);
        self.overwrites.retain(|it| !(is_old(it.reader) && is_old(it.writer)));
        let overwrites = &self.overwrites;
        self.committed.retain(|tx, stamp| {
            *stamp > floor || overwrites.iter().any(|it| it.reader == tx || it.writer == tx)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overwrite(reader: u64, writer: u64) -> Overwrite {
        Overwrite { reader: Tx(reader), writer: Tx(writer) }
    }

    #[test]
    fn of_two_that_endanger_each_other_one_commits() {
        let mut certifier = Certifier::default();
        certifier.note([overwrite(1, 2), overwrite(2, 1)]);
        assert_eq!(certifier.danger(Tx(1)), None);
        certifier.commit(Tx(1), 1);
        let danger = certifier.danger(Tx(2)).expect("it completes the cycle");
        assert_eq!((danger.reader, danger.writer), (danger.writer, danger.reader));
        certifier.abort(Tx(2));
        assert_eq!(certifier.danger(Tx(2)), None);
    }

    #[test]
    fn a_structure_counts_whoever_of_the_three_comes_last() {
        for last in 1..=3 {
            let mut certifier = Certifier::default();
            certifier.note([overwrite(1, 2), overwrite(2, 3)]);
            for tx in (1..=3).filter(|tx| *tx != last) {
                assert_eq!(certifier.danger(Tx(tx)), None);
                certifier.commit(Tx(tx), tx);
            }
            let three = Dangerous { reader: Tx(1), pivot: Tx(2), writer: Tx(3) };
            assert_eq!(certifier.danger(Tx(last)), Some(three), "{last} is last");
        }
    }

    #[test]
    fn an_old_transaction_is_remembered_as_long_as_a_young_one_read_what_it_overwrote() {
        let mut certifier = Certifier::default();
        certifier.note([overwrite(2, 3)]);
        certifier.commit(Tx(3), 1);
        certifier.commit(Tx(2), 2);
        certifier.forget(1);
        certifier.note([overwrite(1, 2)]);
        assert!(certifier.danger(Tx(1)).is_some());
        certifier.forget(2);
        assert_eq!(certifier.danger(Tx(1)), None);
    }
}
