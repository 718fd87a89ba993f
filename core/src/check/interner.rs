//! Values by number: each different one is kept once.

use std::hash::Hash;
use std::rc::Rc;

use hashbrown::HashTable;

use super::Fingerprinter;

/// Values, told apart by their fingerprints, and numbered in the order in which they came.
pub(super) struct Interner<T> {
    values: Vec<Rc<T>>,
    numbers: HashTable<(u64, u32)>,
    fingerprinter: Fingerprinter,
}

impl<T: Hash> Interner<T> {
    /// Knows nothing yet.
    pub(super) fn new() -> Self {
        let fingerprinter = Fingerprinter::default();
        Self { values: Vec::new(), numbers: HashTable::new(), fingerprinter }
    }

    /// Returns the number of a value, a new one if it has none.
    pub(super) fn number(&mut self, value: T) -> u32 {
        let fingerprint = self.fingerprinter.of(&value);
        if let Some((_, number)) = self.numbers.find(fingerprint, |known| known.0 == fingerprint) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(Rc::new(value));
        self.numbers.insert_unique(fingerprint, (fingerprint, number), |known| known.0);
        number
    }

    /// Returns the value with a number that was given out.
    pub(super) fn value(&self, number: u32) -> &Rc<T> {
        &self.values[number as usize]
    }

    /// Returns how many values there are.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }
}

/// What is known of a pair of numbers already.
pub(super) struct Memo<V> {
    known: HashTable<(u64, V)>,
}

impl<V: Copy> Memo<V> {
    /// Knows nothing yet.
    pub(super) fn new() -> Self {
        Self { known: HashTable::new() }
    }

    /// Returns what is known of `key`.
    pub(super) fn get(&self, key: u64) -> Option<V> {
        self.known.find(spread(key), |known| known.0 == key).map(|known| known.1)
    }

    /// Learns what `key` stands for.
    pub(super) fn learn(&mut self, key: u64, value: V) {
        self.known.insert_unique(spread(key), (key, value), |known| spread(known.0));
    }
}

/// Spreads numbers that are close to each other over a table (Fibonacci hashing; Knuth, volume 3, §6.4).
fn spread(key: u64) -> u64 {
    let product = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}
