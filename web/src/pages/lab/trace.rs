//! What is looked at closely: events, what a search found, what is inside a node, what has changed.

use std::rc::Rc;

use faultline_core::view::NodeInside;
use yew::AttrValue;

use super::intent::Intent;
use crate::shared::Shared;
use crate::wire::{Changes, Command, Found, Hit, Side, Since, SpaceTime, Told, Update, Without};

/// What the viewer wants of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TraceIntent {
    /// To look at an event, or at none in particular.
    Select(Option<u32>),
    /// To search for this.
    Find(AttrValue),
    /// To go to the next hit, or back to the one before.
    GoToHit(bool),
    /// To see the run in which this does not happen.
    Without(Without),
    /// To see only what has changed, or everything.
    ChangesOnly(bool),
    /// To see what changes from now on, or by the last step again.
    Pin(bool),
}

/// A moment from which on changes are told.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    /// True time.
    pub(crate) at_us: u64,
    /// How many events had happened and actions been applied, in the open run and in the one beside it,
    /// as long as they are the runs in which that was counted.
    pub(crate) places: [Option<(u32, u32)>; 2],
}

impl Pin {
    /// Returns the moment as one of a run.
    pub(crate) fn since(&self, side: Side) -> Since {
        Since { at_us: self.at_us, place: self.places[side.index()] }
    }

    /// Returns how many events had happened in the open run.
    fn events(&self) -> u32 {
        self.places[Side::This.index()].map_or(0, |(events, _)| events)
    }
}

/// What is looked at closely.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// The events and messages around the cursor.
    pub(crate) spacetime: Shared<SpaceTime>,
    /// The event that is looked at.
    pub(crate) selected: Option<u32>,
    /// That event in words.
    pub(crate) told: Option<Rc<Told>>,
    /// What is searched for.
    pub(crate) query: AttrValue,
    /// What has been found.
    pub(crate) found: Option<Rc<Found>>,
    /// Index of the hit that was gone to.
    pub(crate) hit: Option<usize>,
    /// What is inside the selected node.
    pub(crate) inside: Option<Rc<NodeInside>>,
    /// What has changed.
    pub(crate) changes: Rc<Changes>,
    /// Whether only that is shown.
    pub(crate) changes_only: bool,
    /// Since when changes are told; by the last step if not set.
    pub(crate) pin: Option<Pin>,
}

impl Trace {
    /// Takes in what the engine says, as far as it is about this.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all else is about something else")]
    pub(super) fn hear(&mut self, update: Update) {
        match update {
            Update::SpaceTime(spacetime) => self.spacetime = Shared::new(*spacetime),
            Update::Told(told) => self.told = Some(Rc::new(told)),
            Update::Found(found) if found.query == *self.query => {
                // More of the same search leaves the viewer at their hit.
                let is_other = self.found.as_ref().is_none_or(|it| it.query != found.query);
                self.hit = self.hit.filter(|hit| !is_other && *hit < found.hits.len());
                self.found = (!found.query.trim().is_empty()).then(|| Rc::new(*found));
            }
            Update::Inside(inside) => self.inside = inside.map(|inside| Rc::new(*inside)),
            Update::Changes(changes) => self.changes = Rc::new(changes),
            _ => {}
        }
    }

    /// Notes what the viewer wants; `here` is the cursor.
    pub(super) fn want(&mut self, intent: &TraceIntent, here: Pin) {
        match intent {
            TraceIntent::Select(event) => {
                self.selected = *event;
                self.told = self.told.take().filter(|told| Some(told.event) == *event);
            }
            TraceIntent::Find(query) => {
                if *query != self.query {
                    self.hit = None;
                    self.found = None;
                }
                self.query = query.clone();
            }
            TraceIntent::GoToHit(forward) => {
                self.hit = self.next_hit(*forward, here).map(|(index, _)| index);
            }
            TraceIntent::Without(_) => self.forget_events(),
            TraceIntent::ChangesOnly(only) => self.changes_only = *only,
            TraceIntent::Pin(pins) => self.pin = pins.then_some(here),
        }
    }

    /// Drops what was said of the other one of two runs: it is asked anew.
    pub(super) fn forget_nodes(&mut self) {
        self.inside = None;
        self.changes = Rc::default();
    }

    /// The run is another one: what was pinned is only a time now.
    pub(super) fn unplace(&mut self) {
        self.pin = self.pin.map(|pin| Pin { places: [None; 2], ..pin });
    }

    /// Drops what was said of events that may not happen any more.
    pub(super) fn forget_events(&mut self) {
        self.selected = None;
        self.told = None;
        self.hit = None;
    }

    /// Returns the next hit or the one before: after the last one gone to, or else the cursor.
    pub(super) fn next_hit(&self, forward: bool, here: Pin) -> Option<(usize, Hit)> {
        let hits = &self.found.as_ref()?.hits;
        let last = hits.len().checked_sub(1)?;
        // The last event that has happened is where the viewer is.
        let is_before = |hit: &Hit| hit.step.number() < here.events().saturating_sub(1);
        let index = match (self.hit, forward) {
            (Some(hit), true) => {
                if hit >= last {
                    0
                } else {
                    hit + 1
                }
            }
            (Some(hit), false) => hit.checked_sub(1).unwrap_or(last),
            (None, true) => {
                Some(hits.partition_point(is_before)).filter(|it| *it <= last).unwrap_or(0)
            }
            (None, false) => hits.partition_point(is_before).checked_sub(1).unwrap_or(last),
        };
        hits.get(index).map(|hit| (index, *hit))
    }

    /// Returns what to ask the engine for.
    pub(super) fn command(&self, intent: &TraceIntent, here: Pin) -> Option<Command> {
        match intent {
            TraceIntent::GoToHit(forward) => {
                let (_, hit) = self.next_hit(*forward, here)?;
                Some(Command::to(hit.step, hit.at_us))
            }
            TraceIntent::Without(without) => Some(Command::Without(without.clone())),
            TraceIntent::Select(_)
            | TraceIntent::Find(_)
            | TraceIntent::ChangesOnly(_)
            | TraceIntent::Pin(_) => None,
        }
    }
}

impl TraceIntent {
    /// Returns true if the run after this is another one.
    pub(super) fn changes_the_schedule(&self) -> bool {
        matches!(self, Self::Without(_))
    }

    /// Returns true if this takes the viewer to another moment of the run.
    pub(super) fn moves_the_cursor(&self) -> bool {
        matches!(self, Self::Without(_) | Self::GoToHit(_))
    }
}

impl From<TraceIntent> for Intent {
    fn from(intent: TraceIntent) -> Self {
        Self::Trace(intent)
    }
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::Step;

    use super::*;

    fn here(events: u32) -> Pin {
        Pin { at_us: 0, places: [Some((events, 0)), None] }
    }

    fn found(query: &str, events: &[u32]) -> Update {
        let hit = |event: &u32| Hit { step: Step::Event(*event), at_us: 0 };
        let hits = events.iter().map(hit).collect();
        Update::Found(Box::new(Found { query: query.into(), hits, ..Found::default() }))
    }

    #[test]
    fn hits_are_gone_through_from_the_cursor_on_and_round_again() {
        let mut trace = Trace::default();
        trace.want(&TraceIntent::Find("x".into()), here(0));
        trace.hear(found("y", &[1]));
        assert!(trace.found.is_none(), "an answer to an earlier question");
        trace.hear(found("x", &[2, 5, 9]));
        let mut gone_to = Vec::new();
        for forward in [true, true, true, false] {
            trace.want(&TraceIntent::GoToHit(forward), here(5));
            gone_to.push(trace.hit);
        }
        assert_eq!(gone_to, [Some(1), Some(2), Some(0), Some(2)]);
        trace.want(&TraceIntent::Find("z".into()), here(5));
        assert_eq!(trace.next_hit(true, here(5)), None);
    }

    #[test]
    fn an_event_in_words_goes_with_its_event() {
        let mut trace = Trace::default();
        trace.want(&TraceIntent::Select(Some(3)), here(0));
        let without = Err("No.".into());
        trace.hear(Update::Told(Told { event: 3, lines: Vec::new(), without }));
        trace.want(&TraceIntent::Select(Some(3)), here(0));
        assert!(trace.told.is_some());
        trace.want(&TraceIntent::Select(Some(4)), here(0));
        assert!(trace.told.is_none());
    }
}
