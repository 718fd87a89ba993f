//! Where events stand from left to right: by order or by time.
//!
//! By order, neighbours that have nothing to do with each other share a column, and everything
//! stands to the right of what brought it about. Columns follow the order of events, so that one
//! cursor parts what has happened from what has not. Local events of one node that follow each
//! other fold into one.

use std::collections::BTreeMap;

use faultline_core::order::map_of;
use faultline_core::sim::{Cause, EventKind};

use crate::stage::{micros, real};
use crate::wire::{EventView, SpaceTime};

/// What the distance from left to right means.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// One column after the other.
    #[default]
    Logical,
    /// True time.
    Real,
}

/// Where every event of a stretch stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    order: Order,
    first: u32,
    /// By event: its place, in columns or microseconds.
    places: Vec<f64>,
    /// By event: the place at which it and everything before it has happened.
    reached: Vec<f64>,
    /// By event: the first event of the fold that it is in.
    heads: Vec<u32>,
    /// By first event of a fold: how many events it stands for.
    folds: BTreeMap<u32, u32>,
}

impl Plan {
    /// Places the events of a stretch. The fold that holds event `open` is unfolded.
    pub(super) fn new(spacetime: &SpaceTime, order: Order, open: Option<u32>) -> Self {
        match order {
            Order::Real => Self::real(spacetime),
            Order::Logical => Self::logical(spacetime, open),
        }
    }

    fn real(spacetime: &SpaceTime) -> Self {
        let places: Vec<f64> = spacetime.events.iter().map(|event| micros(event.at_us)).collect();
        let heads = (spacetime.first..).take(places.len()).collect();
        let (order, first) = (Order::Real, spacetime.first);
        Self { order, first, reached: places.clone(), places, heads, folds: BTreeMap::new() }
    }

    fn logical(spacetime: &SpaceTime, open: Option<u32>) -> Self {
        let first = spacetime.first;
        let (heads, folds) = folded(spacetime, open);
        let mut columns: Vec<usize> = Vec::with_capacity(heads.len());
        let mut reached = Vec::with_capacity(heads.len());
        let mut current = 0;
        let mut last_of_node: BTreeMap<u16, usize> = BTreeMap::new();
        for ((number, event), head) in (first..).zip(&spacetime.events).zip(&heads) {
            let column = if *head == number {
                let cause =
                    place_in(spacetime, event.cause).and_then(|at| columns.get(at).copied());
                let previous = last_of_node.get(&event.node.0).copied();
                let blocked = previous.max(cause);
                if blocked.is_some_and(|blocked| blocked >= current) {
                    current += 1;
                }
                current
            } else {
                columns.get((head - first) as usize).copied().unwrap_or(current)
            };
            last_of_node.insert(event.node.0, column);
            columns.push(column);
            reached.push(real(current));
        }
        let places = columns.into_iter().map(real).collect();
        Self { order: Order::Logical, first, places, reached, heads, folds }
    }

    /// Returns the place of an event of the stretch.
    pub(super) fn place(&self, event: u32) -> Option<f64> {
        self.places.get(event.checked_sub(self.first)? as usize).copied()
    }

    /// Returns the place of a cursor with so many events before it, at a time.
    pub(super) fn cursor(&self, events: u32, at_us: u64) -> f64 {
        if self.order == Order::Real {
            return micros(at_us);
        }
        let last = events.checked_sub(self.first + 1);
        let last = last.map(|last| (last as usize).min(self.reached.len().saturating_sub(1)));
        last.and_then(|last| self.reached.get(last)).map_or(-0.5, |place| place + 0.5)
    }

    /// Returns the last event that has happened at a place; `None` before the first.
    pub(super) fn event_at(&self, place: f64) -> Option<u32> {
        let count = self.reached.partition_point(|reached| *reached <= place);
        u32::try_from(count).ok()?.checked_sub(1).map(|last| self.first + last)
    }

    /// Returns from where to where there is something.
    pub(super) fn extent(&self) -> (f64, f64) {
        let ends = self.places.first().zip(self.reached.last());
        ends.map_or((0.0, 1.0), |(first, last)| (*first, last.max(first + 1.0)))
    }

    /// Returns the first event of the fold that an event is in; itself if it is in none.
    pub(super) fn head(&self, event: u32) -> u32 {
        let place = event.checked_sub(self.first).map(|place| place as usize);
        place.and_then(|place| self.heads.get(place)).copied().unwrap_or(event)
    }

    /// Returns how many events the one with this number stands for, if it heads a fold.
    pub(super) fn fold(&self, event: u32) -> Option<u32> {
        self.folds.get(&event).copied()
    }

    /// Returns what the distance from left to right means.
    pub(super) fn order(&self) -> Order {
        self.order
    }
}

/// Returns where in a stretch the event stands that a cause names.
pub(super) fn place_in(spacetime: &SpaceTime, cause: Cause) -> Option<usize> {
    match cause {
        Cause::Event(event) => {
            let place = event.checked_sub(spacetime.first)? as usize;
            (place < spacetime.events.len()).then_some(place)
        }
        Cause::Beginning | Cause::Action(_) => None,
    }
}

/// Returns for each event the first one of its fold, and how many events each fold stands for.
fn folded(spacetime: &SpaceTime, open: Option<u32>) -> (Vec<u32>, BTreeMap<u32, u32>) {
    let mut sends = vec![false; spacetime.events.len()];
    let with_message = spacetime.events.iter().filter(|event| event.message.is_some());
    let causes = with_message.map(|event| event.cause);
    for cause in causes.chain(spacetime.loose.iter().map(|message| message.cause)) {
        if let Some(sends) = place_in(spacetime, cause).and_then(|place| sends.get_mut(place)) {
            *sends = true;
        }
    }
    let mut heads: Vec<u32> = Vec::with_capacity(sends.len());
    let mut folds: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    // The fold that each node's last event is in.
    let mut running: BTreeMap<u16, u32> = BTreeMap::new();
    for ((number, event), sends) in (spacetime.first..).zip(&spacetime.events).zip(sends) {
        let mut head = number;
        if is_local(event) && !sends {
            head = *running.entry(event.node.0).or_insert(number);
            folds.entry(head).or_default().push(number);
        } else if event.kind != EventKind::Fell {
            running.remove(&event.node.0);
        }
        heads.push(head);
    }
    folds.retain(|_, members| members.len() > 1);
    folds.retain(|_, members| open.is_none_or(|open| !members.contains(&open)));
    for (head, number) in heads.iter_mut().zip(spacetime.first..) {
        if !folds.contains_key(head) {
            *head = number;
        }
    }
    let count = |members: &Vec<u32>| u32::try_from(members.len()).unwrap_or(u32::MAX);
    (heads, map_of(folds.iter().map(|(head, members)| (*head, count(members)))))
}

/// Returns true for what a node does alone and records no fact of.
fn is_local(event: &EventView) -> bool {
    let alone = [EventKind::TimerFired, EventKind::Synced, EventKind::Finished];
    alone.contains(&event.kind) && !event.has_fact
}

#[cfg(test)]
mod tests {
    use super::super::causes::tests::{delivery, stretch, timer};
    use super::*;

    #[test]
    fn what_has_nothing_to_do_with_each_other_shares_a_column() {
        // Two nodes each hear a timer and send to a third.
        let all = stretch(vec![timer(0), timer(1), delivery(0, 2, 0), delivery(1, 2, 1)]);
        let plan = Plan::new(&all, Order::Logical, None);
        assert_eq!(plan.places, [0.0, 0.0, 1.0, 2.0]);
        assert!((plan.cursor(2, 0) - 0.5).abs() < 1e-9);
        assert!((plan.cursor(0, 0) + 0.5).abs() < 1e-9);
        assert_eq!(plan.event_at(0.6), Some(1));
        assert_eq!(plan.event_at(-0.6), None);
    }

    #[test]
    fn what_a_node_does_alone_folds_until_somebody_looks() {
        let events = vec![delivery(9, 0, 99), timer(0), timer(1), timer(0), delivery(0, 1, 0)];
        let all = stretch(events);
        let plan = Plan::new(&all, Order::Logical, None);
        assert_eq!((plan.fold(1), plan.head(3), plan.fold(2)), (Some(2), 1, None));
        let open = Plan::new(&all, Order::Logical, Some(3));
        assert_eq!((open.fold(1), open.head(3)), (None, 3));
        assert!(open.place(3) > open.place(1));
    }

    #[test]
    fn by_time_everything_stands_at_its_time() {
        let all = stretch(vec![timer(0), timer(1)]);
        let plan = Plan::new(&all, Order::Real, None);
        assert_eq!(plan.place(1), Some(1_000.0));
        assert_eq!(plan.place(2), None);
        assert!((plan.cursor(1, 1_700) - 1_700.0).abs() < 1e-9);
    }
}
