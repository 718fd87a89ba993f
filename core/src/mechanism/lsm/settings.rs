//! How a store behaves.

use super::Policy;

/// When a store asks that its log become durable.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum SyncPolicy {
    /// As soon as there is something to sync and no other sync of the log is under way.
    Always,
    /// When so many writes have gathered.
    Every(u32),
    /// Never: what is durable is left to chance.
    Never,
}

/// How a store behaves. A naive one lacks some safeguard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// When the log is synced.
    pub sync: SyncPolicy,
    /// Safeguard: records, blocks and manifests are believed only if they have their sums.
    pub is_summed: bool,
    /// Safeguard: the manifest names tables only when they are durable.
    pub is_ordered: bool,
    /// A table in memory is full at so many bytes of keys and values.
    pub memtable_bytes: u32,
    /// A block of a table is full at so many bytes.
    pub block_bytes: u32,
    /// A table that compaction writes is full at so many bytes.
    pub table_bytes: u64,
    /// Bits of the Bloom filter for each key; 0 for no filter.
    pub bloom_bits_per_key: u32,
    /// What is merged, and when.
    pub policy: Policy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sync: SyncPolicy::Always,
            is_summed: true,
            is_ordered: true,
            memtable_bytes: 4 << 10,
            block_bytes: 512,
            table_bytes: 4 << 10,
            bloom_bits_per_key: 10,
            policy: Policy::Leveled { trigger: 4, base_bytes: 16 << 10, fanout: 4 },
        }
    }
}
