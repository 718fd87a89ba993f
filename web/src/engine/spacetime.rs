//! The events and messages of the space-time diagram, from the run's records: a stretch around the
//! cursor.
//!
//! A message's record says where it was to arrive; that it arrived is known from the event, so an
//! arrow is drawn only for what happened. A message that ended in no event is told of apart.

use std::collections::BTreeMap;

use faultline_core::order::{map_of, set_of, sort_by_key};
use faultline_core::run::Run;
use faultline_core::sim::{
    Cause, EventKind, EventRecord, Fate, Journal, MessageKind, MessageName, MessageRecord, NodeId,
};

use super::requests;
use crate::wire::{EventView, LooseMessage, MessageView, SpaceTime};

/// At most so many events are sent.
const LIMIT: u32 = 10_000;
/// A stretch begins at a multiple of this part of it, so that it stands still while the cursor moves.
const PARTS: u32 = 10;
/// A chain of causes is followed back over so many events before the first to the request that began it.
/// Messages that were sent as many records before those are not looked for: their kind and time of sending
/// are guessed from what sent them.
const LOOK_BACK: usize = 8_000;

/// Returns at most `wanted` events around the cursor, two thirds of them before it, and the
/// messages among them.
pub(super) fn spacetime(run: &Run, wanted: u32) -> SpaceTime {
    looking_back(run, wanted, LOOK_BACK)
}

/// The same, looking back over so many events.
pub(super) fn looking_back(run: &Run, wanted: u32, look_back: usize) -> SpaceTime {
    let journal = run.journal();
    let known = u32::try_from(journal.events.len()).unwrap_or(u32::MAX);
    let wanted = wanted.clamp(PARTS, LIMIT);
    let part = wanted / PARTS;
    let latest = known.saturating_sub(wanted).next_multiple_of(part);
    let first = (run.position().events.saturating_sub(wanted / 3 * 2) / part * part).min(latest);
    let end = known.min(first.saturating_add(wanted));
    let records = journal.events.get(first as usize..end as usize).unwrap_or_default();
    let before = (first as usize).min(look_back);
    let seen = journal.events.get(first as usize - before..end as usize).unwrap_or_default();
    let messages = Messages::of(journal, (seen, records), end == known);
    let mut loose = messages.loose(records, run.known_us(), end == known);
    let mut events: Vec<_> = seen.iter().map(|record| messages.view(journal, record)).collect();
    let earliest = first.saturating_sub(u32::try_from(before).unwrap_or(u32::MAX));
    let requests = requests::credit(journal, (earliest, before), &mut events, &mut loose);
    events.drain(..before);
    SpaceTime { first, events, requests, loose, more: known - end }
}

/// The records of messages in a stretch, by name.
struct Messages<'a> {
    records: &'a [MessageRecord],
    /// In order of names; of several records of one, the first stands first.
    by_name: Vec<(MessageName, u64, MessageKind)>,
    /// What became of what fell on arrival, by name and time.
    fallen: BTreeMap<(MessageName, u64), Fate>,
}

impl<'a> Messages<'a> {
    /// Of the messages that ended in the events seen, the latter of which are told. At the end of what is
    /// known belongs what was done after the last event, too.
    fn of(
        journal: &'a Journal,
        (seen, events): (&[EventRecord], &[EventRecord]),
        at_end: bool,
    ) -> Self {
        let place = |at_us: u64| journal.messages.partition_point(|it| it.at_us < at_us);
        let from = events.first().map_or(0, |event| place(event.at_us));
        let all = &journal.messages;
        let behind = |event: &EventRecord| place(event.at_us.saturating_add(1));
        let to = if at_end { all.len() } else { events.last().map_or(0, behind) };
        let earliest = seen.first().map_or(0, |event| place(event.at_us));
        let wide = all.get(earliest.saturating_sub(LOOK_BACK)..to).unwrap_or_default();
        let mut by_name: Vec<_> = wide.iter().map(|it| (it.name, it.sent_at_us, it.kind)).collect();
        // Stable, so that the first record of a name stays the first.
        sort_by_key(&mut by_name, |it| it.0);
        let records = all.get(from..to).unwrap_or_default();
        let fallen = records.iter().filter(|it| it.fate != Fate::Carried);
        let fallen = map_of(fallen.map(|it| ((it.name, it.end_at_us), it.fate)));
        Self { records, by_name, fallen }
    }

    fn view(&self, journal: &Journal, record: &EventRecord) -> EventView {
        EventView {
            at_us: record.at_us,
            kind: record.kind,
            node: record.node,
            peer: record.peer,
            cause: record.cause,
            previous: record.previous,
            has_fact: record.facts > 0,
            message: self.message(journal, record),
            request: None,
        }
    }

    fn message(&self, journal: &Journal, record: &EventRecord) -> Option<MessageView> {
        let name = name_of(record)?;
        let fallen = || self.fallen.get(&(name, record.at_us)).copied();
        let fate = (record.kind == EventKind::Fell).then(fallen).flatten();
        let fate = fate.unwrap_or(Fate::Carried);
        let place = self.by_name.partition_point(|it| it.0 < name);
        let found = self.by_name.get(place).filter(|it| it.0 == name);
        let guessed = || {
            let cause = match record.cause {
                Cause::Event(event) => journal.events.get(event as usize),
                Cause::Beginning | Cause::Action(_) => None,
            };
            (cause.map_or(record.at_us, |cause| cause.at_us), MessageKind::default())
        };
        let (sent_at_us, kind) = found.map_or_else(guessed, |&(_, at_us, kind)| (at_us, kind));
        Some(MessageView { kind, sent_at_us, fate })
    }

    /// Returns what ended in none of `events`. Of what is still on its way, what is known so far.
    fn loose(&self, events: &[EventRecord], known_us: u64, at_end: bool) -> Vec<LooseMessage> {
        let ended = set_of(events.iter().filter_map(|event| Some((name_of(event)?, event.at_us))));
        let mut last = BTreeMap::new();
        for (place, record) in self.records.iter().enumerate() {
            last.insert(record.name, place);
        }
        let is_loose = |(place, record): &(usize, &MessageRecord)| {
            let is_on_its_way =
                at_end && record.end_at_us > known_us && last.get(&record.name) == Some(place);
            match record.fate {
                Fate::Carried => is_on_its_way,
                Fate::Lost | Fate::Cut | Fate::Down | Fate::Refused | Fate::Dropped => {
                    !ended.contains(&(record.name, record.end_at_us))
                }
            }
        };
        let view = |(_, record): (usize, &MessageRecord)| LooseMessage {
            from: record.name.from,
            to: record.name.to,
            kind: record.kind,
            cause: record.sent_in,
            sent_at_us: record.sent_at_us,
            end_at_us: record.end_at_us,
            fate: record.fate,
            request: None,
        };
        let records =
            self.records.iter().enumerate().filter(|(_, it)| it.name.from != NodeId::OUTSIDE);
        records.filter(is_loose).map(view).collect()
    }
}

/// Returns the name of the message that ended in an event.
fn name_of(record: &EventRecord) -> Option<MessageName> {
    let &EventRecord { node, peer, nth, .. } = record;
    match record.kind {
        EventKind::Delivered | EventKind::Fell | EventKind::Refused => {
            Some(MessageName { from: peer, to: node, nth })
        }
        EventKind::Started
        | EventKind::Recovered
        | EventKind::TimerFired
        | EventKind::Synced
        | EventKind::Finished => None,
    }
}
