//! A node's clocks: a monotonic one with drift, and a wall clock with an offset on top.

use std::hash::Hash;
use std::ops::RangeInclusive;

const MILLION: i128 = 1_000_000;

/// A clock's rate error, in parts per million, stays between half and double speed.
pub(super) const DRIFT_LIMITS_PPM: RangeInclusive<i32> = -500_000..=1_000_000;

/// A node's view of time. True time is the world's; a node reads this instead.
///
/// Local time runs at `1 + drift_ppm / 1,000,000` of true time. The monotonic clock starts at zero
/// when the node starts; the wall clock is true time plus offset plus accumulated drift.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clock {
    /// True time at which the rate last changed.
    anchor_us: u64,
    /// Local time at the anchor, counted from the world's start.
    local_at_anchor_us: u64,
    /// Local time at which the node last started.
    started_local_us: u64,
    /// Rate error in parts per million; positive runs fast.
    drift_ppm: i32,
    /// What is added to local time to make the wall clock.
    wall_offset_us: i64,
}

impl Clock {
    /// Makes a clock that is wrong from the beginning: its wall clock by `offset_us`, its rate by
    /// `drift_ppm`, within half and double speed.
    pub fn wrong_by(offset_us: i64, drift_ppm: i32) -> Self {
        let mut clock = Self { wall_offset_us: offset_us, ..Self::default() };
        clock.set_drift(0, drift_ppm);
        clock
    }

    /// Returns the rate error in parts per million; positive runs fast.
    pub fn drift_ppm(&self) -> i32 {
        self.drift_ppm
    }

    /// Returns the wall clock's error against true time `now_us`; positive is ahead.
    pub fn error_us(&self, now_us: u64) -> i64 {
        let error = i128::from(self.local_us(now_us)) + i128::from(self.wall_offset_us)
            - i128::from(now_us);
        saturate(error)
    }

    /// Returns what the monotonic clock reads at true time `now_us`.
    pub fn monotonic_us(&self, now_us: u64) -> u64 {
        self.local_us(now_us).saturating_sub(self.started_local_us)
    }

    /// Returns what the wall clock reads at true time `now_us`; never below zero.
    pub fn wall_us(&self, now_us: u64) -> u64 {
        self.local_us(now_us).saturating_add_signed(self.wall_offset_us)
    }

    /// Returns the true time at which `local_us` will be reached, at the present rate.
    pub(super) fn true_us(&self, local_us: u64) -> u64 {
        if self.drift_ppm == 0 {
            let ahead_us = local_us.saturating_sub(self.local_at_anchor_us);
            return self.anchor_us.saturating_add(ahead_us);
        }
        let ahead = i128::from(local_us.saturating_sub(self.local_at_anchor_us));
        let rate = MILLION + i128::from(self.drift_ppm);
        // Rounded up: a timer never fires before its node's clock has reached it.
        let elapsed = (ahead * MILLION + rate - 1) / rate;
        self.anchor_us.saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// Returns local time, counted from the world's start.
    pub(super) fn local_us(&self, now_us: u64) -> u64 {
        let elapsed_us = now_us.saturating_sub(self.anchor_us);
        if self.drift_ppm == 0 {
            return self.local_at_anchor_us.saturating_add(elapsed_us);
        }
        let elapsed = i128::from(elapsed_us);
        let local = elapsed * (MILLION + i128::from(self.drift_ppm)) / MILLION;
        self.local_at_anchor_us.saturating_add(u64::try_from(local).unwrap_or(u64::MAX))
    }

    /// Starts the monotonic clock anew.
    pub(super) fn restart(&mut self, now_us: u64) {
        self.started_local_us = self.local_us(now_us);
    }

    /// Changes the rate from now on, within [`DRIFT_LIMITS_PPM`].
    pub(super) fn set_drift(&mut self, now_us: u64, drift_ppm: i32) {
        self.local_at_anchor_us = self.local_us(now_us);
        self.anchor_us = now_us;
        self.drift_ppm = drift_ppm.clamp(*DRIFT_LIMITS_PPM.start(), *DRIFT_LIMITS_PPM.end());
    }

    /// Moves the wall clock by `by_us`; the monotonic clock does not notice.
    pub(super) fn step_wall(&mut self, by_us: i64) {
        self.wall_offset_us = self.wall_offset_us.saturating_add(by_us);
    }
}

fn saturate(n: i128) -> i64 {
    i64::try_from(n).unwrap_or(if n < 0 { i64::MIN } else { i64::MAX })
}
