//! A region's log on its way to the other regions: whoever writes waits for none of them.
//!
//! Positions count from 1. What was sent is not sent again until it has been unconfirmed for too long;
//! then all from there on is (go-back-N, as in Tanenbaum & Wetherall 2011, section 3.4.2). A region that has
//! started anew remembers nothing, begins at the front, and is told at once how much is there.

use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// A shipment carries at most so many entries.
const MOST: usize = 32;

/// Entries of one region's log, in order, or none: then it says only that its sender is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shipment<E> {
    /// They come after this position.
    pub after: u64,
    /// The entries.
    pub entries: Vec<E>,
}

impl<E> Shipment<E> {
    /// Returns the position of its last entry.
    pub fn through(&self) -> u64 {
        self.after + self.entries.len() as u64
    }

    /// Returns true if entries between what is there, up to position `have`, and these are missing: who
    /// takes them over all the same claims to have what it lacks.
    pub fn leaves_gap(&self, have: u64) -> bool {
        self.after > have
    }

    /// Lists the entries that one who has all up to `have` has not, each with its position.
    pub fn news(&self, have: u64) -> impl Iterator<Item = (u64, &E)> {
        (self.after + 1..).zip(&self.entries).filter(move |(position, _)| *position > have)
    }
}

/// How far one other region is served.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Way {
    confirmed: u64,
    sent: u64,
    /// When the first that is not confirmed was sent, by the sender's monotonic clock.
    since_us: u64,
}

/// How far the other regions have a region's log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outbox(SmallMap<NodeId, Way>);

impl Outbox {
    /// Returns what is to be sent to a region now, and counts it as sent.
    pub fn ship<E: Clone>(&mut self, to: NodeId, log: &[E], times_us: (u64, u64)) -> Shipment<E> {
        let behind = |after: u64| log.iter().skip(usize::try_from(after).unwrap_or(usize::MAX));
        self.ship_from(to, |after| behind(after).cloned(), times_us)
    }

    /// As [`ship`](Self::ship), of a log that is no slice: `behind` lists what may be sent of it after a
    /// position.
    pub fn ship_from<E, I: Iterator<Item = E>>(
        &mut self,
        to: NodeId,
        behind: impl FnOnce(u64) -> I,
        (now_us, resend_us): (u64, u64),
    ) -> Shipment<E> {
        let way = self.0.get_or_insert(to, Way::default());
        if way.sent > way.confirmed && now_us.saturating_sub(way.since_us) >= resend_us {
            way.sent = way.confirmed;
        }
        if way.sent == way.confirmed {
            way.since_us = now_us;
        }
        let after = way.sent;
        let shipment = Shipment { after, entries: behind(after).take(MOST).collect() };
        way.sent = shipment.through();
        shipment
    }

    /// A region says that it has all up to a position, on disk.
    pub fn confirm(&mut self, by: NodeId, through: u64, now_us: u64) {
        let way = self.0.get_or_insert(by, Way::default());
        if through > way.confirmed {
            way.confirmed = through;
            way.sent = way.sent.max(through);
            way.since_us = now_us;
        }
    }

    /// Returns up to where a region has confirmed the log.
    pub fn confirmed(&self, by: NodeId) -> u64 {
        self.0.get(by).map_or(0, |way| way.confirmed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PEER: NodeId = NodeId(1);
    const RESEND_US: u64 = 100;

    #[test]
    fn an_entry_is_sent_once_and_again_when_it_was_not_confirmed_in_time() {
        let mut outbox = Outbox::default();
        let shipment =
            |outbox: &mut Outbox, log: &[u8], now_us| outbox.ship(PEER, log, (now_us, RESEND_US));
        assert_eq!(shipment(&mut outbox, &[7, 8], 0), Shipment { after: 0, entries: vec![7, 8] });
        assert_eq!(shipment(&mut outbox, &[7, 8, 9], 50), Shipment { after: 2, entries: vec![9] });
        outbox.confirm(PEER, 1, 60);
        assert_eq!(shipment(&mut outbox, &[7, 8, 9], 159), Shipment { after: 3, entries: vec![] });
        let again = shipment(&mut outbox, &[7, 8, 9], 160);
        assert_eq!(again, Shipment { after: 1, entries: vec![8, 9] });
    }

    #[test]
    fn who_starts_anew_is_told_where_to_go_on() {
        let log: Vec<u16> = (0..100).collect();
        let mut outbox = Outbox::default();
        assert_eq!(outbox.ship(PEER, &log, (0, RESEND_US)).through(), 32);
        outbox.confirm(PEER, 90, 10);
        assert_eq!(outbox.ship(PEER, &log, (20, RESEND_US)).after, 90);
        assert_eq!(outbox.confirmed(PEER), 90);
    }

    #[test]
    fn a_gap_is_seen_and_old_news_are_none() {
        let shipment = Shipment { after: 4, entries: vec!['e', 'f', 'g'] };
        assert!(shipment.leaves_gap(3) && !shipment.leaves_gap(4) && !shipment.leaves_gap(9));
        assert_eq!(shipment.news(5).collect::<Vec<_>>(), [(6, &'f'), (7, &'g')]);
        assert_eq!(shipment.news(9).count(), 0);
    }

    proptest! {
        /// Whatever is lost, doubled or late, who takes over nothing behind a gap has a prefix, and in
        /// the end all of it.
        #[test]
        fn a_copy_is_a_prefix_of_the_log(
            fates in prop::collection::vec((0_u8..4, 0_u8..4), 1..80),
        ) {
            let (mut outbox, mut log, mut copy) = (Outbox::default(), Vec::new(), Vec::new());
            let mut late: Vec<Shipment<u64>> = Vec::new();
            let quiet = std::iter::repeat_n((0_u8, 0_u8), 8);
            for ((fate, writes), round) in fates.into_iter().chain(quiet).zip(0_u64..) {
                log.extend((0..writes).map(|nth| round * 10 + u64::from(nth)));
                late.push(outbox.ship(PEER, &log, (round * 50, RESEND_US)));
                if fate == 1 {
                    late.pop();
                } else if fate != 2 {
                    // The latest first, and all others after it.
                    while let Some(shipment) = late.pop() {
                        let have = copy.len() as u64;
                        if !shipment.leaves_gap(have) {
                            copy.extend(shipment.news(have).map(|(_, entry)| *entry));
                        }
                        if fate != 3 {
                            outbox.confirm(PEER, copy.len() as u64, round * 50);
                        }
                    }
                }
                prop_assert!(log.starts_with(&copy));
            }
            prop_assert_eq!(copy, log);
        }
    }
}
