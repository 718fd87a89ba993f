//! Sixty-four bits that stand for a state.
//!
//! Two different states share a fingerprint with a chance of 2⁻⁶⁴, and the second is then taken for
//! the first and not explored: among n states this happens with a chance of about n² / 2⁶⁵, one in
//! 370,000 for ten million states (the same bargain as TLC's; Lamport 2002, §14.3.3).

use std::hash::{Hash, Hasher};

use siphasher::sip::SipHasher13;

/// Gathers what a state consists of, then hashes it in one go.
///
/// A state writes dozens of small numbers, and most of them are lengths and discriminants. Hashing
/// each as it comes costs several times what it costs to hash them together; so they are gathered
/// first, and lengths and discriminants in as few bytes as they need. The code stays prefix-free:
/// states that write differently are gathered differently. The bytes do not depend on the platform.
#[derive(Clone, Debug, Default)]
pub struct Fingerprinter {
    bytes: Vec<u8>,
}

impl Fingerprinter {
    /// Returns the fingerprint of what `write` writes.
    pub fn fingerprint(&mut self, write: impl FnOnce(&mut Self)) -> u64 {
        self.bytes.clear();
        write(self);
        self.finish()
    }

    /// Returns the fingerprint of `value` by its own [`Hash`].
    pub fn of(&mut self, value: &impl Hash) -> u64 {
        self.fingerprint(|fingerprinter| value.hash(fingerprinter))
    }

    /// Appends one byte for a small number, nine for a large one.
    #[inline]
    fn write_short(&mut self, n: u64) {
        match u8::try_from(n) {
            Ok(n) if n < u8::MAX => self.bytes.push(n),
            _ => {
                self.bytes.push(u8::MAX);
                self.write(&n.to_le_bytes());
            }
        }
    }
}

impl Hasher for Fingerprinter {
    fn finish(&self) -> u64 {
        SipHasher13::new_with_keys(0x6578_706c, 0x6f72_6572).hash(&self.bytes)
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    #[inline]
    fn write_u8(&mut self, n: u8) {
        self.bytes.push(n);
    }

    #[inline]
    fn write_u16(&mut self, n: u16) {
        self.write(&n.to_le_bytes());
    }

    #[inline]
    fn write_u32(&mut self, n: u32) {
        self.write(&n.to_le_bytes());
    }

    #[inline]
    fn write_u64(&mut self, n: u64) {
        self.write(&n.to_le_bytes());
    }

    #[inline]
    fn write_u128(&mut self, n: u128) {
        self.write(&n.to_le_bytes());
    }

    #[inline]
    fn write_usize(&mut self, n: usize) {
        self.write_short(n as u64);
    }

    #[inline]
    fn write_isize(&mut self, n: isize) {
        self.write_short((n as i64).cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes_of(value: &impl Hash) -> Vec<u8> {
        let mut fingerprinter = Fingerprinter::default();
        value.hash(&mut fingerprinter);
        fingerprinter.bytes
    }

    proptest! {
        /// Lists of lists are where a code that is not prefix-free would mix up what belongs where.
        #[test]
        fn different_values_are_gathered_differently(
            left in prop::collection::vec(prop::collection::vec(0_u8..3, 0..3), 0..3),
            right in prop::collection::vec(prop::collection::vec(0_u8..3, 0..3), 0..3),
        ) {
            prop_assert_eq!(left == right, bytes_of(&left) == bytes_of(&right));
            let mut fingerprinter = Fingerprinter::default();
            let same = fingerprinter.of(&left) == fingerprinter.of(&right);
            prop_assert_eq!(left == right, same);
        }
    }

    /// Lengths that need one byte and nine, and the ones between which the code changes.
    #[test]
    fn lengths_of_any_size_are_kept() {
        for length in [0, 1, 254, 255, 256, 70_000_usize] {
            let bytes = bytes_of(&vec![7_u8; length]);
            let short = if length < 255 { 1 } else { 9 };
            assert_eq!(bytes.len(), short + length);
        }
        assert_ne!(bytes_of(&(254_usize, 0_u8)), bytes_of(&(255_usize, 0_u8)));
    }
}
