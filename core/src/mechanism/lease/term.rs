//! A lease as its holder counts it.

use super::Expiry;

/// A holder stops so much earlier than the granter lets it, in a hundred of the lease. With clock rates
/// that are wrong by at most e, the share that is left must be at most (1 − e) / (1 + e): 90 % are
/// enough for 5 %.
const MARGIN_PERCENT: u64 = 10;

/// Until when a lease lasts, and by which clock.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// By the holder's monotonic clock, in microseconds since it started.
    Monotonic(u64),
    /// By the holder's wall clock, in microseconds.
    Wall(u64),
    /// For ever: it must be given back.
    Released,
}

/// The right to hold a lock, as its holder knows it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The number of the grant, for a [`crate::mechanism::fencing::Fence`].
    pub token: u64,
    /// Until when it lasts.
    pub until: Until,
}

impl Until {
    /// Returns the end of a lease that lasts `duration_us` by the granter's clock, for a holder that
    /// asked for it at `asked_us` by its own.
    ///
    /// It counts from when it asked, not from when it heard: the granter cannot have begun to count
    /// earlier. And it counts less, since its clock may be the slower one.
    pub fn after(asked_us: u64, duration_us: u64) -> Self {
        let held_us = duration_us - duration_us / 100 * MARGIN_PERCENT;
        Self::Monotonic(asked_us.saturating_add(held_us))
    }

    /// Returns the end of a grant that was asked for at `asked_us`, for its holder.
    pub fn of(expiry: Expiry, asked_us: u64) -> Self {
        match expiry {
            Expiry::After(us) => Self::after(asked_us, us),
            Expiry::AtWall(us) => Self::Wall(us),
        }
    }

    /// Returns how long it still lasts at these readings of the holder's clocks; 0 if it is over and
    /// `u64::MAX` if it does not end.
    pub fn left_us(self, monotonic_us: u64, wall_us: u64) -> u64 {
        match self {
            Self::Monotonic(until_us) => until_us.saturating_sub(monotonic_us),
            Self::Wall(until_us) => until_us.saturating_sub(wall_us),
            Self::Released => u64::MAX,
        }
    }

    /// Returns true if it lasts no longer.
    pub fn is_over(self, monotonic_us: u64, wall_us: u64) -> bool {
        self.left_us(monotonic_us, wall_us) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the two clocks' rates within 5 %, the holder's lease ends before the granter's.
    #[test]
    fn the_holder_stops_first_though_its_clock_is_slow_and_the_granter_s_is_fast() {
        let duration_us = 300_000;
        let Until::Monotonic(held_us) = Until::after(0, duration_us) else { unreachable!() };
        // True time passes at 1 / rate of a clock's.
        let holder_true = held_us * 1_000_000 / 950_000;
        let granter_true = duration_us * 1_000_000 / 1_050_000;
        assert!(holder_true < granter_true, "{holder_true} {granter_true}");
    }

    #[test]
    fn each_end_is_read_off_its_own_clock() {
        assert!(Until::Monotonic(10).is_over(10, 0) && !Until::Monotonic(10).is_over(9, 99));
        assert!(Until::Wall(10).is_over(0, 10) && !Until::Wall(10).is_over(99, 9));
        assert!(!Until::Released.is_over(u64::MAX - 1, u64::MAX - 1));
    }
}
