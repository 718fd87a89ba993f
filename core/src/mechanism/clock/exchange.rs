//! How far another clock is from one's own, from one question and its answer.
//!
//! Mills, Martin, Burbank & Kasch 2010, RFC 5905, section 8; the idea of a bound by half the round
//! trip is Cristian's (1989, "Probabilistic clock synchronization").

/// The four readings of one exchange, in microseconds.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_field_names, reason = "units come last, and all of these have one")]
pub struct Exchange {
    asked_us: u64,
    heard_us: u64,
    replied_us: u64,
    answered_us: u64,
}

/// How far the other clock is ahead, and how wrong that can be.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Offset {
    /// What to add to one's own clock to read the other; negative if the other is behind.
    pub offset_us: i64,
    /// The truth is at most so far from `offset_us`, either way.
    pub error_us: u64,
}

impl Offset {
    /// Returns true if the other clock may be exactly so far ahead.
    pub fn contains(&self, offset_us: i64) -> bool {
        self.offset_us.abs_diff(offset_us) <= self.error_us
    }
}

impl Exchange {
    /// Takes the readings T1 to T4 of the RFC: one's own clock at the question, the other
    /// clock when it heard it and when it replied, one's own clock at the answer. `None` if they
    /// cannot be of one exchange: a clock was set back during it.
    pub fn new(asked_us: u64, heard_us: u64, replied_us: u64, answered_us: u64) -> Option<Self> {
        let round_us = answered_us.checked_sub(asked_us)?;
        let stay_us = replied_us.checked_sub(heard_us)?;
        let exchange = Self { asked_us, heard_us, replied_us, answered_us };
        (stay_us <= round_us).then_some(exchange)
    }

    /// Returns δ = (T4 − T1) − (T3 − T2): the time that both ways took together.
    pub fn delay_us(&self) -> u64 {
        (self.answered_us - self.asked_us) - (self.replied_us - self.heard_us)
    }

    /// Returns θ = ((T2 − T1) + (T3 − T4)) / 2, rounded down.
    pub fn offset_us(&self) -> i64 {
        let there = i128::from(self.heard_us) - i128::from(self.asked_us);
        let back = i128::from(self.replied_us) - i128::from(self.answered_us);
        let offset = (there + back).div_euclid(2);
        i64::try_from(offset).unwrap_or(if offset < 0 { i64::MIN } else { i64::MAX })
    }

    /// Returns when the answer came, by one's own clock.
    pub fn answered_us(&self) -> u64 {
        self.answered_us
    }

    /// Returns the offset as it is known at `now_us` of one's own clock. Where both clocks run at one
    /// rate the truth lies within θ ± δ/2; where their rates differ by up to `drift_ppm`, the error
    /// grows by that share of the time since the question (the RFC's dispersion, with its PHI of 15
    /// parts per million as the customary rate).
    pub fn offset(&self, now_us: u64, drift_ppm: u32) -> Offset {
        // θ and δ are odd together, so this rounding covers the one in θ.
        let error_us = self.delay_us().div_ceil(2);
        let age_us = now_us.max(self.answered_us) - self.asked_us;
        let drift = (u128::from(age_us) * u128::from(drift_ppm)).div_ceil(1_000_000);
        let drift_us = u64::try_from(drift).unwrap_or(u64::MAX);
        Offset { offset_us: self.offset_us(), error_us: error_us.saturating_add(drift_us) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 5905, section 8: offset and delay of T1 to T4 = 100, 160, 165, 115. Exact.
    #[test]
    fn offset_and_delay_are_the_formulas_of_the_rfc() {
        let exchange = Exchange::new(100, 160, 165, 115).unwrap();
        assert_eq!((exchange.offset_us(), exchange.delay_us()), (55, 10));
        assert_eq!(exchange.offset(115, 0), Offset { offset_us: 55, error_us: 5 });
        // 15 µs of exchange and 999,985 since at 15 parts per million.
        assert_eq!(exchange.offset(1_000_100, 15).error_us, 20);
    }

    #[test]
    fn readings_that_run_backwards_are_no_exchange() {
        assert_eq!(Exchange::new(100, 160, 165, 99), None);
        assert_eq!(Exchange::new(100, 160, 159, 115), None);
        assert_eq!(Exchange::new(100, 160, 176, 115), None);
    }

    proptest! {
        #[test]
        fn the_truth_is_inside(
            asked_us in 1_000_000_u64..2_000_000,
            ahead_us in -1_000_000_i64..1_000_000,
            (there_us, stay_us, back_us) in (0_u64..1_000, 0_u64..1_000, 0_u64..1_000),
        ) {
            let heard_us = (asked_us + there_us).saturating_add_signed(ahead_us);
            let answered_us = asked_us + there_us + stay_us + back_us;
            let exchange =
                Exchange::new(asked_us, heard_us, heard_us + stay_us, answered_us).unwrap();
            prop_assert_eq!(exchange.delay_us(), there_us + back_us);
            prop_assert!(exchange.offset(answered_us, 0).contains(ahead_us));
        }
    }
}
