//! The run's digest: a pinned hash that gives the same bits natively and in WASM.

use std::hash::{Hash, Hasher};

use siphasher::sip::SipHasher13;

/// SipHash-1-3 (Aumasson & Bernstein 2012) with fixed keys, made independent of the platform.
///
/// `derive(Hash)` writes lengths and discriminants as `usize` and `isize`, which are 32 bits wide in
/// WASM: both are widened here. A `usize` inside a hashed slice would bypass this, so no hashed
/// state holds one.
#[derive(Clone, Debug)]
pub struct StableHasher(SipHasher13);

impl StableHasher {
    /// Creates a hasher that continues from `previous`, so that digests chain.
    pub fn chained(previous: u64) -> Self {
        Self(SipHasher13::new_with_keys(0x4661_756c_746c_696e, previous))
    }
}

impl Hasher for StableHasher {
    fn finish(&self) -> u64 {
        self.0.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    fn write_u16(&mut self, n: u16) {
        self.0.write(&n.to_le_bytes());
    }

    fn write_u32(&mut self, n: u32) {
        self.0.write(&n.to_le_bytes());
    }

    fn write_u64(&mut self, n: u64) {
        self.0.write(&n.to_le_bytes());
    }

    fn write_u128(&mut self, n: u128) {
        self.0.write(&n.to_le_bytes());
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.write_u64((n as i64).cast_unsigned());
    }
}

/// Returns the digest of one value.
pub fn digest_of(value: &impl Hash) -> u64 {
    let mut hasher = StableHasher::chained(0);
    value.hash(&mut hasher);
    hasher.finish()
}
