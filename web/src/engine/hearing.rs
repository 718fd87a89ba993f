//! What one node has heard from the others: what it can know of them.
//!
//! Read from the run's records for the one node that the viewer looks through, so a world costs
//! nothing for it.

use faultline_core::sim::{EventKind, EventRecord, NodeId};

use crate::wire::Heard;

/// How many events of the node are looked through: whoever has been silent for longer counts as
/// never heard.
const LIMIT: usize = 20_000;

/// Returns when `node` last heard from each of `count` nodes by the end of `events`. A crash has made
/// it forget; while it is down it knows nothing.
pub(super) fn heard(events: &[EventRecord], node: NodeId, count: usize, is_down: bool) -> Heard {
    let mut last_us = vec![None; count];
    let mut since_us = None;
    let mut silent = count.saturating_sub(1);
    let last = events.iter().rposition(|event| event.node == node).filter(|_| !is_down);
    let at = |place: usize| events.get(place);
    let back = |event: &&EventRecord| event.previous.and_then(|place| at(place as usize));
    for event in std::iter::successors(last.and_then(at), back).take(LIMIT) {
        match event.kind {
            EventKind::Delivered => {
                if let Some(slot @ None) = last_us.get_mut(event.peer.index()) {
                    *slot = Some(event.at_us);
                    silent -= usize::from(event.peer != node);
                }
            }
            EventKind::Recovered => {
                since_us = Some(event.at_us);
                break;
            }
            EventKind::Started
            | EventKind::TimerFired
            | EventKind::Synced
            | EventKind::Fell
            | EventKind::Finished
            | EventKind::Refused => {}
        }
        if silent == 0 {
            break;
        }
    }
    Heard { node, last_us, since_us }
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::Cause;

    use super::*;

    fn events(told: &[(u64, EventKind, u16, u16)]) -> Vec<EventRecord> {
        let mut events: Vec<EventRecord> = Vec::new();
        for &(at_us, kind, node, peer) in told {
            let node = NodeId(node);
            let previous = events.iter().rposition(|event| event.node == node);
            events.push(EventRecord {
                at_us,
                kind,
                node,
                peer: NodeId(peer),
                nth: 0,
                cause: Cause::Beginning,
                previous: previous.and_then(|place| u32::try_from(place).ok()),
                facts: 0,
            });
        }
        events
    }

    #[test]
    fn the_last_word_of_each_counts_and_a_crash_forgets() {
        let told = [
            (1, EventKind::Delivered, 0, 1),
            (2, EventKind::Delivered, 0, 2),
            (3, EventKind::Delivered, 1, 0),
            (4, EventKind::Delivered, 0, 1),
            (5, EventKind::Fell, 0, 2),
        ];
        let all = events(&told);
        assert_eq!(heard(&all, NodeId(0), 3, false).last_us, [None, Some(4), Some(2)]);
        assert_eq!(heard(&all[..3], NodeId(0), 3, false).last_us, [None, Some(1), Some(2)]);
        assert_eq!(heard(&all, NodeId(0), 3, true).last_us, [None; 3]);
        let restarted = [(6, EventKind::Recovered, 0, 0), (7, EventKind::Delivered, 0, 2)];
        let all = events(&[&told[..], &restarted[..]].concat());
        let after = heard(&all, NodeId(0), 3, false);
        assert_eq!((after.last_us, after.since_us), (vec![None, None, Some(7)], Some(6)));
        assert_eq!(heard(&[], NodeId(9), 0, false).last_us, []);
    }
}
