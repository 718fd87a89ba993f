//! A set that says "perhaps" or "certainly not".
//!
//! Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors" (CACM 13(7), 1970). Of m bits
//! for n keys, k are set for each; who finds one of its k unset was never put in. The k places come from
//! two hashes (Kirsch and Mitzenmacher, "Less Hashing, Same Performance", 2008, section 3).

use std::hash::Hasher as _;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128 as _, SipHasher24};

/// The filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bloom {
    bits: Vec<u8>,
    hashes: u32,
}

impl Bloom {
    /// Returns how many hashes make the fewest mistakes with so many bits a key: ln 2 times as many,
    /// rounded down to the cheaper neighbour as `LevelDB` does, and at least one.
    pub fn best_hashes(bits_per_key: u32) -> u32 {
        (bits_per_key * 69 / 100).clamp(1, 30)
    }

    /// Makes a filter of so many bits for each of these keys, with so many hashes.
    pub fn new<'a>(
        keys: impl ExactSizeIterator<Item = &'a [u8]>,
        bits_per_key: u32,
        hashes: u32,
    ) -> Self {
        let bits = keys.len() * bits_per_key as usize;
        let mut filter = Self { bits: vec![0; bits.div_ceil(8).max(1)], hashes };
        for key in keys {
            for place in filter.places(key) {
                filter.bits[place / 8] |= 1 << (place % 8);
            }
        }
        filter
    }

    /// Returns false if `key` is certainly not among those that it was made of.
    pub fn may_hold(&self, key: &[u8]) -> bool {
        self.places(key).all(|place| self.bits[place / 8] >> (place % 8) & 1 == 1)
    }

    /// Returns its bits, eight a byte.
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    fn places(&self, key: &[u8]) -> impl Iterator<Item = usize> + use<> {
        let mut hasher = SipHasher24::new();
        hasher.write(key);
        let hash = hasher.finish128();
        let (first, second) = (hash.h1, hash.h2 | 1);
        let bits = self.bits.len().max(1) as u64 * 8;
        let place = move |n: u32| first.wrapping_add(u64::from(n).wrapping_mul(second)) % bits;
        (0..self.hashes).map(move |n| usize::try_from(place(n)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of keys never put in that the filter takes for its own.
    fn false_positives(bits_per_key: u32, hashes: u32) -> f64 {
        const KEYS: u32 = 100_000;
        let keys: Vec<[u8; 4]> = (0..KEYS).map(u32::to_le_bytes).collect();
        let filter = Bloom::new(keys.iter().map(|key| &key[..]), bits_per_key, hashes);
        assert!(keys.iter().all(|key| filter.may_hold(key)), "it forgets nothing");
        let taken = |key: u32| u32::from(filter.may_hold(&key.to_le_bytes()));
        f64::from((KEYS..11 * KEYS).map(taken).sum::<u32>()) / f64::from(10 * KEYS)
    }

    /// (1 - e^(-k n/m))^k: Broder and Mitzenmacher, "Network Applications of Bloom Filters" (2004),
    /// section 2.
    #[test]
    fn mistakes_are_as_rare_as_published() {
        for (bits_per_key, hashes, expected) in [(8, 5, 0.021_679), (10, 7, 0.008_194)] {
            let found = false_positives(bits_per_key, hashes);
            let error = (found - expected).abs() / expected;
            assert!(error < 0.05, "m/n = {bits_per_key}, k = {hashes}: {found}");
        }
    }

    #[test]
    fn a_filter_of_no_key_holds_nothing() {
        let empty = Bloom::new(std::iter::empty::<&[u8]>(), 10, 7);
        assert!(!empty.may_hold(b"anything"));
    }
}
