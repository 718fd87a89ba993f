//! The best of several exchanges.

use std::collections::VecDeque;

use super::{Exchange, Offset};

/// How many exchanges are kept: NSTAGE of RFC 5905, section 10.
const STAGES: usize = 8;

/// The clock filter of RFC 5905, section 10: of the last eight exchanges the one with the least delay
/// is used, since what waited least in queues errs least.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClockFilter(VecDeque<Exchange>);

impl ClockFilter {
    /// Takes in an exchange; the ninth pushes the oldest out.
    pub fn add(&mut self, exchange: Exchange) {
        if self.0.len() == STAGES {
            self.0.pop_front();
        }
        self.0.push_back(exchange);
    }

    /// Forgets all exchanges: one's own clock was set, so that none of them means anything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the exchange with the least delay, the latest of several.
    pub fn best(&self) -> Option<&Exchange> {
        self.0.iter().rev().min_by_key(|exchange| exchange.delay_us())
    }

    /// Returns the offset by the best exchange, as it is known at `now_us` of one's own clock, with
    /// rates that differ by up to `drift_ppm`; `None` before the first exchange.
    pub fn offset(&self, now_us: u64, drift_ppm: u32) -> Option<Offset> {
        self.best().map(|exchange| exchange.offset(now_us, drift_ppm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(asked_us: u64, delay_us: u64) -> Exchange {
        Exchange::new(asked_us, asked_us, asked_us, asked_us + delay_us).unwrap()
    }

    #[test]
    fn the_least_delay_is_used_while_it_is_among_the_last_eight() {
        let mut filter = ClockFilter::default();
        assert_eq!(filter.offset(0, 0), None);
        filter.add(exchange(0, 4));
        for second in 1..8 {
            filter.add(exchange(second * 1_000, 10));
        }
        assert_eq!(filter.best(), Some(&exchange(0, 4)));
        filter.add(exchange(8_000, 10));
        assert_eq!(filter.best(), Some(&exchange(8_000, 10)), "the latest of equals");
        filter.clear();
        assert_eq!(filter.best(), None);
    }
}
