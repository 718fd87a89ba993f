//! The lines of the space-time diagram, from the run's records: a stretch around the cursor.
//!
//! A message's record says where it was to arrive. What became of it (an action delayed it, its
//! receiver was frozen) is known from the events: an arrow is drawn only for what happened.

use std::collections::BTreeMap;

use faultline_core::sim::{EventKind, EventRecord, Fate, Journal, MessageName, NodeId};

use crate::wire::SpaceTime;

/// At most so many messages are sent, and so many events.
pub(super) const LIMIT: usize = 1_500;
/// How many events after its due time a delivery is looked for, if the receiver was frozen.
const LOOK_AHEAD: usize = 2_000;

/// Which records of messages a diagram shows: a stretch of at most [`LIMIT`] around the cursor.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    from: usize,
    to: usize,
}

impl Stretch {
    /// Returns the stretch with two thirds before `cursor_us`, or what there is.
    pub(super) fn around(cursor_us: u64, journal: &Journal) -> Self {
        let total = journal.messages.len();
        let cursor = place_of(cursor_us, journal);
        let to = (cursor + LIMIT / 3).max(LIMIT).min(total);
        Self { from: to.saturating_sub(LIMIT), to }
    }

    /// Returns true if a diagram of this stretch no longer serves a cursor at `cursor_us`: it is
    /// close to an end beyond which there is more.
    pub(super) fn is_left_by(self, cursor_us: u64, journal: &Journal) -> bool {
        let margin = LIMIT / 6;
        let cursor = place_of(cursor_us, journal);
        let total = journal.messages.len();
        (self.from > 0 && cursor < self.from + margin)
            || (self.to < total && cursor + margin > self.to)
    }
}

/// Returns how many messages had been recorded by `at_us`.
fn place_of(at_us: u64, journal: &Journal) -> usize {
    journal.messages.partition_point(|record| record.at_us <= at_us)
}

/// Returns the diagram of a stretch of a run known up to `known_us`.
pub(super) fn spacetime(journal: &Journal, known_us: u64, stretch: Stretch) -> SpaceTime {
    let records = journal.messages.get(stretch.from..stretch.to).unwrap_or_default();
    // By name and end, so that what two records tell of one arrival is drawn once.
    let mut lines = BTreeMap::new();
    for (place, record) in
        records.iter().enumerate().filter(|(_, r)| r.name.from != NodeId::OUTSIDE)
    {
        let MessageName { from, to, .. } = record.name;
        let end_at_us = match record.fate {
            Fate::Carried if record.end_at_us <= known_us => {
                arrival(record.name, record.end_at_us, &journal.events)
            }
            Fate::Carried => {
                // In flight at the known end, unless a later record tells otherwise. A second copy
                // is recorded right beside the first.
                let later = records.iter().skip(place + 2);
                let is_superseded = later.into_iter().any(|later| later.name == record.name);
                (!is_superseded).then_some(record.end_at_us)
            }
            Fate::Lost | Fate::Cut | Fate::Down | Fate::Refused | Fate::Dropped => {
                Some(record.end_at_us)
            }
        };
        if let Some(end_at_us) = end_at_us {
            let line = (from, record.sent_at_us, to, end_at_us, record.fate);
            lines.insert((record.sent_at_us, record.name, end_at_us), line);
        }
    }
    SpaceTime {
        messages: lines.into_values().collect(),
        events: events(journal, records.first().map_or(0, |first| first.sent_at_us)),
        left_out: u32::try_from(stretch.from).unwrap_or(u32::MAX),
    }
}

/// Returns when a message due at `due_us` was really taken; `None` if it never was.
fn arrival(name: MessageName, due_us: u64, events: &[EventRecord]) -> Option<u64> {
    let first = events.partition_point(|event| event.at_us < due_us);
    let is_it = |event: &&EventRecord| {
        event.kind == EventKind::Delivered
            && (event.peer, event.node, event.nth) == (name.from, name.to, name.nth)
    };
    events.iter().skip(first).take(LOOK_AHEAD).find(is_it).map(|event| event.at_us)
}

/// Returns the first events from `from_us` on that recorded a fact.
fn events(journal: &Journal, from_us: u64) -> Vec<(NodeId, u64, u32)> {
    let first = journal.events.partition_point(|event| event.at_us < from_us);
    let numbered = (0..).zip(&journal.events).skip(first);
    let with_facts = numbered.filter(|(_, event)| event.facts > 0);
    with_facts.map(|(number, event)| (event.node, event.at_us, number)).take(LIMIT).collect()
}
