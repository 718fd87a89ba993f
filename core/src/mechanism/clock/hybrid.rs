//! Hybrid logical clocks.
//!
//! Kulkarni, Demirbas, Madappa, Avva & Leone 2014, "Logical Physical Clocks"; "Fig. 5" is its
//! algorithm. `pt` is the node's own physical clock, here its wall clock.

use std::fmt;

/// Bits of the logical part in the packed form.
const LOGICAL_BITS: u32 = 16;

/// An event's stamp; ordered by physical part, then by logical part.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HybridTimestamp {
    /// l: the greatest physical time that the event knows of, in microseconds.
    pub physical_us: u64,
    /// c: tells events with the same l apart.
    pub logical: u64,
}

impl HybridTimestamp {
    /// Returns both parts in one number of the same order: 48 bits of l, 16 of c, the layout that the
    /// paper proposes for stamps of NTP's size. `None` if a part does not fit.
    pub fn packed(self) -> Option<u64> {
        let fits =
            self.physical_us >> (64 - LOGICAL_BITS) == 0 && self.logical >> LOGICAL_BITS == 0;
        fits.then_some(self.physical_us << LOGICAL_BITS | self.logical)
    }

    /// Returns the stamp that was packed so.
    pub fn unpacked(packed: u64) -> Self {
        let logical = packed & ((1 << LOGICAL_BITS) - 1);
        Self { physical_us: packed >> LOGICAL_BITS, logical }
    }
}

/// A message's stamp lies further in the future than clocks can be apart: its sender's clock is wrong,
/// or its stamp is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct TooFarAhead {
    /// How far ahead of the receiver's clock, in microseconds.
    pub ahead_us: u64,
    /// How far is allowed, in microseconds.
    pub limit_us: u64,
}

impl fmt::Display for TooFarAhead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ahead_us, limit_us } = self;
        write!(formatter, "the message is {ahead_us} µs ahead of this clock, {limit_us} µs allowed")
    }
}

impl std::error::Error for TooFarAhead {}

/// A node's hybrid clock. e → f implies that e's stamp is the smaller; l ≥ pt; and l − pt ≤ ε if no
/// two physical clocks are ever more than ε apart (the paper's theorems).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HybridClock(HybridTimestamp);

impl HybridClock {
    /// Returns the stamp of the last event; zero before the first.
    pub fn last(self) -> HybridTimestamp {
        self.0
    }

    /// Stamps a send or local event at physical time `now_us` (Fig. 5, "send or local event").
    pub fn tick(&mut self, now_us: u64) -> HybridTimestamp {
        let before = self.0;
        let physical_us = before.physical_us.max(now_us);
        let is_same = physical_us == before.physical_us;
        let logical = if is_same { before.logical.saturating_add(1) } else { 0 };
        self.0 = HybridTimestamp { physical_us, logical };
        self.0
    }

    /// Stamps the receipt, at physical time `now_us`, of a message stamped `sent` (Fig. 5, "receive
    /// event of message m").
    pub fn receive(&mut self, now_us: u64, sent: HybridTimestamp) -> HybridTimestamp {
        let before = self.0;
        let physical_us = before.physical_us.max(sent.physical_us).max(now_us);
        let logical = match (physical_us == before.physical_us, physical_us == sent.physical_us) {
            (true, true) => before.logical.max(sent.logical).saturating_add(1),
            (true, false) => before.logical.saturating_add(1),
            (false, true) => sent.logical.saturating_add(1),
            (false, false) => 0,
        };
        self.0 = HybridTimestamp { physical_us, logical };
        self.0
    }

    /// Does what [`Self::receive`] does, unless the stamp is more than `limit_us` ahead of the
    /// receiver's clock: one wrong clock would carry all others away with it. This is how the paper
    /// makes the clock resilient: what is out of bounds is ignored.
    ///
    /// # Errors
    ///
    /// The stamp is too far ahead; the clock is as before, and the message should be dropped.
    pub fn receive_within(
        &mut self,
        limit_us: u64,
        now_us: u64,
        sent: HybridTimestamp,
    ) -> Result<HybridTimestamp, TooFarAhead> {
        let ahead_us = sent.physical_us.saturating_sub(now_us);
        if ahead_us > limit_us {
            return Err(TooFarAhead { ahead_us, limit_us });
        }
        Ok(self.receive(now_us, sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn stamp(physical_us: u64, logical: u64) -> HybridTimestamp {
        HybridTimestamp { physical_us, logical }
    }

    /// The run that the paper draws beside its Fig. 5. Exact.
    #[test]
    fn the_run_of_the_paper_gets_the_stamps_of_the_paper() {
        let mut clocks = [HybridClock::default(); 3];
        let first = clocks[0].tick(10);
        let second = clocks[1].receive(1, first);
        let third = clocks[1].tick(2);
        let fourth = clocks[2].receive(2, third);
        let fifth = clocks[2].tick(3);
        let sixth = clocks[2].tick(11);
        let stamps = [first, second, third, fourth, fifth, sixth];
        let expected = [(10, 0), (10, 1), (10, 2), (10, 3), (10, 4), (11, 0)];
        assert_eq!(stamps, expected.map(|(l, c)| stamp(l, c)));
    }

    #[test]
    fn each_case_of_a_receipt_counts_on_from_the_right_place() {
        let clock = HybridClock(stamp(10, 3));
        let receipt = |now_us, sent| { clock }.receive(now_us, sent);
        assert_eq!(receipt(10, stamp(10, 7)), stamp(10, 8), "l, l.m and pt are equal");
        assert_eq!(receipt(9, stamp(9, 7)), stamp(10, 4), "the node's own l is the greatest");
        assert_eq!(receipt(9, stamp(12, 7)), stamp(12, 8), "the message's l is the greatest");
        assert_eq!(receipt(13, stamp(12, 7)), stamp(13, 0), "physical time is the greatest");
    }

    #[test]
    fn a_message_from_too_far_ahead_changes_nothing() {
        let mut clock = HybridClock(stamp(10, 3));
        let refused = clock.receive_within(5, 10, stamp(16, 0));
        assert_eq!(refused, Err(TooFarAhead { ahead_us: 6, limit_us: 5 }));
        assert_eq!(clock.last(), stamp(10, 3));
        assert_eq!(clock.receive_within(5, 10, stamp(15, 0)), Ok(stamp(15, 1)));
    }

    #[test]
    fn packing_keeps_the_order_and_refuses_what_does_not_fit() {
        let stamps = [stamp(0, 0), stamp(0, 65_535), stamp(1, 0), stamp((1 << 48) - 1, 65_535)];
        let packed = stamps.map(|it| it.packed().unwrap());
        assert!(packed.is_sorted());
        assert_eq!(packed.map(HybridTimestamp::unpacked), stamps);
        assert_eq!((stamp(1 << 48, 0).packed(), stamp(0, 1 << 16).packed()), (None, None));
    }
}
