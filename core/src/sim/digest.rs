//! The run's digest: a pinned hash that gives the same bits natively and in WASM.

use std::hash::{Hash, Hasher};

use siphasher::sip::SipHasher13;

/// SipHash-1-3 (Aumasson & Bernstein 2012) with fixed keys, made independent of the platform.
///
/// `derive(Hash)` writes lengths and discriminants as `usize` and `isize`, which are 32 bits wide in
/// WASM: both are widened here. A `usize` inside a hashed slice would bypass this, so no hashed
/// state holds one.
///
/// Integers are gathered into words of eight bytes before they are hashed: the bytes are the same,
/// and the many small writes of `derive(Hash)` cost a fraction.
#[derive(Clone, Debug)]
pub struct StableHasher {
    sip: SipHasher13,
    /// What has been written and not hashed yet, lowest byte first.
    tail: u64,
    /// How many bits of it, always less than 64.
    tail_bits: u32,
}

impl StableHasher {
    /// Creates a hasher that continues from `previous`, so that digests chain.
    pub fn chained(previous: u64) -> Self {
        let sip = SipHasher13::new_with_keys(0x4661_756c_746c_696e, previous);
        Self { sip, tail: 0, tail_bits: 0 }
    }

    fn push(&mut self, value: u64, bits: u32) {
        let room = 64 - self.tail_bits;
        self.tail |= value << self.tail_bits;
        if bits < room {
            self.tail_bits += bits;
            return;
        }
        self.sip.write_u64(self.tail);
        self.tail = value.checked_shr(room).unwrap_or(0);
        self.tail_bits = bits - room;
    }
}

impl Hasher for StableHasher {
    fn finish(&self) -> u64 {
        let mut sip = self.sip;
        sip.write(&self.tail.to_le_bytes()[..self.tail_bits as usize / 8]);
        sip.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.push(u64::from_le_bytes(word), 8 * u32::try_from(part.len()).unwrap_or(8));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.push(u64::from(n), 8);
    }

    fn write_u16(&mut self, n: u16) {
        self.push(u64::from(n), 16);
    }

    fn write_u32(&mut self, n: u32) {
        self.push(u64::from(n), 32);
    }

    fn write_u64(&mut self, n: u64) {
        self.push(n, 64);
    }

    fn write_u128(&mut self, n: u128) {
        self.write(&n.to_le_bytes());
    }

    fn write_usize(&mut self, n: usize) {
        self.push(n as u64, 64);
    }

    fn write_isize(&mut self, n: isize) {
        self.push((n as i64).cast_unsigned(), 64);
    }
}

/// Returns the digest of one value.
pub fn digest_of(value: &impl Hash) -> u64 {
    let mut hasher = StableHasher::chained(0);
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[expect(clippy::cast_possible_truncation, reason = "the low bytes are what is written")]
    fn write_both(ours: &mut StableHasher, bytes: &mut Vec<u8>, kind: u8, n: u64) {
        let little = n.to_le_bytes();
        let length = match kind {
            0 => {
                ours.write_u8(n as u8);
                1
            }
            1 => {
                ours.write_u16(n as u16);
                2
            }
            2 => {
                ours.write_u32(n as u32);
                4
            }
            3 => {
                ours.write_u64(n);
                8
            }
            _ => {
                let length = (n % 8) as usize;
                ours.write(&little[..length]);
                length
            }
        };
        bytes.extend(&little[..length]);
    }

    proptest! {
        /// However the bytes come, the digest is SipHash-1-3 of all of them.
        #[test]
        fn gathering_changes_nothing(writes in prop::collection::vec((0..5_u8, any::<u64>()), 0..40)) {
            let (mut ours, mut bytes) = (StableHasher::chained(7), Vec::new());
            for (kind, n) in writes {
                write_both(&mut ours, &mut bytes, kind, n);
            }
            let mut sip = SipHasher13::new_with_keys(0x4661_756c_746c_696e, 7);
            sip.write(&bytes);
            prop_assert_eq!(ours.finish(), sip.finish());
        }
    }
}
