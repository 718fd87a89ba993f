//! How a store behaves.

use super::gorilla::LONGEST_SPAN;

/// Which series, by its number.
pub type Series = u16;

/// How a store behaves. A naive one lacks some safeguard. Times are in the store's unit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub struct Settings {
    /// Safeguard: what is taken is synced at once; else that is left to whoever runs the store.
    pub is_synced: bool,
    /// Safeguard: records, headers and blocks are believed only if they have their sums.
    pub is_summed: bool,
    /// Safeguard: what a reader has not let go of is not removed.
    pub is_held: bool,
    /// Safeguard: rollups are computed from all points of their interval, the late ones too; else they
    /// are summed up as points come, and closed when the interval behind theirs has ended.
    pub waits_for_late: bool,
    /// The stretch of time that a shard has, at most [`LONGEST_SPAN`].
    pub shard_span: u64,
    /// A point is taken so far behind the newest.
    pub window: u64,
    /// Points so far behind the newest are kept, and whole shards beyond that are removed.
    pub retention: u64,
    /// The length of an interval of a rollup; a shard has a whole number of them.
    pub rollup_span: u64,
}

impl Settings {
    /// Returns the number of the shard that has this time.
    pub fn shard_of(&self, at: u64) -> u64 {
        at / self.shard_span.clamp(1, LONGEST_SPAN)
    }

    /// Returns when a shard begins.
    pub fn start_of(&self, shard: u64) -> u64 {
        shard.saturating_mul(self.shard_span.clamp(1, LONGEST_SPAN))
    }

    /// Returns when an interval of a rollup begins.
    pub fn interval_of(&self, at: u64) -> u64 {
        at - at % self.rollup_span.max(1)
    }

    /// Returns true if rollups that wait for nothing have closed an interval when this is the newest time.
    pub fn is_closed(&self, interval: u64, newest: u64) -> bool {
        interval.saturating_add(self.rollup_span) < self.interval_of(newest)
    }
}

impl Default for Settings {
    /// The paper's: two hours a block, a day kept, in seconds; late points within one hour.
    fn default() -> Self {
        Self {
            is_synced: true,
            is_summed: true,
            is_held: true,
            waits_for_late: true,
            shard_span: LONGEST_SPAN,
            window: LONGEST_SPAN / 2,
            retention: 12 * LONGEST_SPAN,
            rollup_span: LONGEST_SPAN / 8,
        }
    }
}
