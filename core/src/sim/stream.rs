//! Randomness: one stream a consumer, so that a new draw in one place shifts no other.

use std::hash::{Hash, Hasher as _};

use rand_core::Rng as _;
use rand_pcg::Pcg32;

use super::{StableHasher, digest_of};

/// A stream of random numbers that belongs to one consumer.
///
/// PCG XSH RR 64/32 (O'Neill 2014), identical natively and in WASM. The seed selects the state, the
/// consumer selects the sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream(Pcg32);

impl Stream {
    /// Creates the stream of `consumer` in the run with `seed`. Any hashable name will do; two
    /// consumers with the same name share their draws.
    pub fn new(seed: u64, consumer: impl Hash) -> Self {
        Self(Pcg32::new(seed, digest_of(&consumer)))
    }

    /// Creates the stream of the consumer whose name this hasher has taken in.
    pub(super) fn named(seed: u64, consumer: &StableHasher) -> Self {
        Self(Pcg32::new(seed, consumer.finish()))
    }

    /// Returns a number above 0 and below 1, uniformly, of 53 bits.
    pub(super) fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let bits = (self.0.next_u64() >> 11) as f64;
        (bits + 0.5) / 9_007_199_254_740_992.0
    }

    /// Returns a number in `low..=high`, uniformly (Lemire 2019, "Fast Random Integer Generation
    /// in an Interval", without its rejection: a bias below 2⁻³² of the range is accepted).
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        debug_assert!(low <= high, "empty range {low}..={high}");
        let width = u128::from(high.saturating_sub(low)) + 1;
        let draw = u128::from(self.0.next_u64());
        low + u64::try_from((draw * width) >> 64).unwrap_or(0)
    }

    /// Returns true with a chance of `percent` in a hundred. Draws even if there is none, so that what
    /// is drawn next does not depend on it.
    pub fn chance(&mut self, percent: u8) -> bool {
        self.range(0, 99) < u64::from(percent)
    }

    /// Returns an index into a list of `length` items; 0 for an empty one.
    pub fn index(&mut self, length: usize) -> usize {
        let last = (length as u64).saturating_sub(1);
        usize::try_from(self.range(0, last)).unwrap_or(0)
    }
}
