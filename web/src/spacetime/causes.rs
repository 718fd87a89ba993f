//! What happened before an event and because of it, in Lamport's sense, within a stretch.
//!
//! Whatever leads from one event of a stretch to another lies between the two, so nothing is missed.

use std::collections::BTreeSet;

use faultline_core::sim::NodeId;

use super::plan::place_in;
use crate::wire::SpaceTime;

/// Returns for each event whether it is `event`, happened before it, or after it in that sense.
pub(super) fn lit(spacetime: &SpaceTime, event: u32) -> Option<Vec<bool>> {
    let chosen = event.checked_sub(spacetime.first)? as usize;
    let count = spacetime.events.len();
    if chosen >= count {
        return None;
    }
    let (mut past, mut future) = (vec![false; count], vec![false; count]);
    past[chosen] = true;
    for place in (0..=chosen).rev() {
        if past[place] {
            for parent in parents(spacetime, place) {
                past[parent] = true;
            }
        }
    }
    future[chosen] = true;
    for place in chosen + 1..count {
        future[place] = parents(spacetime, place).any(|parent| future[parent]);
    }
    Some(past.into_iter().zip(future).map(|(past, future)| past || future).collect())
}

/// Returns the places of the events that an event directly follows from.
fn parents(spacetime: &SpaceTime, place: usize) -> impl Iterator<Item = usize> {
    let event = spacetime.events.get(place);
    let cause = event.and_then(|event| place_in(spacetime, event.cause));
    let previous = event.and_then(|event| event.previous);
    let previous = previous.and_then(|number| number.checked_sub(spacetime.first));
    cause.into_iter().chain(previous.map(|place| place as usize))
}

/// Returns, for each event on a lane that is shown whose message came by way of hidden lanes, the
/// event on a shown lane from which the chain of messages started: both by place.
pub(super) fn through_hidden(
    spacetime: &SpaceTime,
    hidden: &BTreeSet<NodeId>,
) -> Vec<(usize, usize)> {
    if hidden.is_empty() {
        return Vec::new();
    }
    // For each event: the nearest event of its chain of causes that is shown, itself included.
    let mut nearest: Vec<Option<usize>> = Vec::with_capacity(spacetime.events.len());
    let mut chains = Vec::new();
    for (place, event) in spacetime.events.iter().enumerate() {
        let cause = place_in(spacetime, event.cause);
        let source = cause.and_then(|cause| nearest.get(cause).copied().flatten());
        if hidden.contains(&event.node) {
            nearest.push(source);
            continue;
        }
        nearest.push(Some(place));
        let came_by_hidden = event.message.is_some() && hidden.contains(&event.peer);
        let from = source.filter(|from| {
            came_by_hidden && spacetime.events.get(*from).is_some_and(|it| it.node != event.node)
        });
        chains.extend(from.map(|from| (from, place)));
    }
    chains
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::wire::{EventView, MessageView};
    use faultline_core::sim::{Cause, EventKind, Fate, MessageKind};

    /// A timer that fires at a node.
    pub(in super::super) fn timer(node: u16) -> EventView {
        EventView {
            at_us: 0,
            kind: EventKind::TimerFired,
            node: NodeId(node),
            peer: NodeId(node),
            cause: Cause::Beginning,
            previous: None,
            has_fact: false,
            message: None,
            request: None,
        }
    }

    /// A message that arrives, sent in the event with this number.
    pub(in super::super) fn delivery(from: u16, to: u16, sent_in: u32) -> EventView {
        let kind = MessageKind::Request;
        EventView {
            kind: EventKind::Delivered,
            peer: NodeId(from),
            cause: Cause::Event(sent_in),
            message: Some(MessageView { kind, sent_at_us: 0, fate: Fate::Carried }),
            ..timer(to)
        }
    }

    /// Events a millisecond apart, each following the one before it on its node.
    pub(in super::super) fn stretch(mut events: Vec<EventView>) -> SpaceTime {
        for place in 0..events.len() {
            let node = events[place].node;
            let before = events[..place].iter().rposition(|event| event.node == node);
            events[place].previous = before.map(|place| u32::try_from(place).unwrap());
            events[place].at_us = place as u64 * 1_000;
        }
        SpaceTime { events, ..SpaceTime::default() }
    }

    #[test]
    fn past_and_future_light_up_and_what_is_concurrent_does_not() {
        let all = stretch(vec![
            timer(0),
            timer(2),
            delivery(0, 1, 0),
            delivery(1, 0, 2),
            delivery(2, 0, 1),
        ]);
        assert_eq!(lit(&all, 2).unwrap(), [true, false, true, true, true]);
        assert_eq!(lit(&all, 1).unwrap(), [false, true, false, false, true]);
        assert_eq!(lit(&all, 5), None);
    }

    #[test]
    fn a_chain_by_way_of_a_hidden_lane_is_one_edge() {
        let all = stretch(vec![timer(0), delivery(0, 1, 0), delivery(1, 2, 1), delivery(1, 0, 1)]);
        let hidden = BTreeSet::from([NodeId(1)]);
        assert_eq!(through_hidden(&all, &hidden), [(0, 2)]);
        assert_eq!(through_hidden(&all, &BTreeSet::new()), []);
    }
}
