//! The states seen so far, as fingerprints with a note each.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// So many tables: one that grows holds its old and its new self at once, and this is how small a
/// part of the whole does so at any time.
const SHARDS: usize = 64;
/// Which bits of a fingerprint choose the table: ones that the tables themselves look at last.
const SHARD_SHIFT: u32 = 48;

/// A map from fingerprints to notes.
///
/// Eight bytes a state, the note, and one byte of the table's own, at a load between 7/16 and 7/8:
/// without notes 10 to 21 bytes, with a parent's fingerprint for a note 19 to 39.
pub(super) struct Visited<N> {
    shards: Vec<HashTable<(u64, N)>>,
    count: u64,
}

impl<N: Copy + PartialOrd> Visited<N> {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| HashTable::new()).collect(), count: 0 }
    }

    /// Returns how many fingerprints there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Notes a fingerprint and returns whether it is new; one that is known keeps its note.
    pub(super) fn insert(&mut self, fingerprint: u64, note: N) -> bool {
        let shard = &mut self.shards[shard_of(fingerprint)];
        // Fingerprints are hashes already.
        match shard.entry(fingerprint, |known| known.0 == fingerprint, |known| known.0) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert((fingerprint, note));
                self.count += 1;
                true
            }
        }
    }

    /// Lowers the note of a known fingerprint and returns whether it was higher.
    pub(super) fn lower(&mut self, fingerprint: u64, note: N) -> bool {
        let shard = &mut self.shards[shard_of(fingerprint)];
        let known = shard.find_mut(fingerprint, |known| known.0 == fingerprint);
        let Some(known) = known.filter(|known| known.1 > note) else {
            return false;
        };
        known.1 = note;
        true
    }

    /// Returns the note of a fingerprint.
    pub(super) fn note(&self, fingerprint: u64) -> Option<N> {
        let shard = &self.shards[shard_of(fingerprint)];
        shard.find(fingerprint, |known| known.0 == fingerprint).map(|known| known.1)
    }
}

fn shard_of(fingerprint: u64) -> usize {
    (fingerprint >> SHARD_SHIFT) as usize % SHARDS
}
