//! What happened before what, kept up while a run goes on.
//!
//! A journal tells it afterwards, by going back from cause to cause (see [`Journal::happens_before`]).
//! An observer has no journal and judges after every event, so it keeps, for each event, how far the
//! event's past reaches on every node: node by node a past is a beginning of what happened there
//! (Mattern 1989, section 4: consistent cuts). All of it comes from the causes that the kernel gives
//! to events; nothing is taken from what nodes say.
//!
//! A crash may take the last events of a node with it, before they were on disk and before anybody
//! heard of them. The memory that would have carried them on is gone, so nothing comes after them,
//! although the node may come back: such events are *undone* (Strom & Yemini 1985, "Optimistic
//! Recovery in Distributed Systems", calls the states between them lost).
//!
//! [`Journal::happens_before`]: super::Journal::happens_before

use super::{Cause, EventKind, EventRecord, LongList, NodeId};

/// An event as the kernel knows it.
#[derive(Copy, Clone, Debug)]
pub struct Happened {
    /// Its number in the run.
    pub number: u32,
    /// What happened, where, when and why.
    pub record: EventRecord,
    /// What the node's wall clock shows then.
    pub wall_us: u64,
}

/// One event with its past.
#[derive(Clone, Debug, Default, Hash)]
struct Step {
    node: NodeId,
    at_us: u64,
    previous: Option<u32>,
    cause: Option<u32>,
    /// How many events of each node are in its past, itself included.
    reach: Vec<u32>,
}

/// How far a node has come.
#[derive(Clone, Debug, Default, Hash)]
struct Line {
    last: Option<u32>,
    /// The last event that a crash would not undo.
    settled: Option<u32>,
}

/// The pasts of all events so far.
#[derive(Clone, Debug, Default, Hash)]
pub struct Pasts {
    /// By number; those that are no node's (a message that fell) are empty.
    steps: LongList<Step>,
    lines: Vec<Line>,
    /// Whose events were undone: those after the first number and before the second, or all before.
    undone: Vec<(NodeId, Option<u32>, u32)>,
}

impl Pasts {
    /// Takes in an event; they come in order.
    pub fn add(&mut self, event: &Happened) {
        let EventRecord { at_us, kind, node, peer, cause, .. } = event.record;
        while self.steps.len() < event.number as usize {
            self.steps.push(Step::default());
        }
        let cause = match cause {
            Cause::Event(number) => Some(number),
            Cause::Beginning | Cause::Action(_) => None,
        };
        match kind {
            EventKind::Recovered => self.undo(node, event.number),
            EventKind::Synced => self.settle(node, cause),
            EventKind::Delivered | EventKind::Refused => self.settle(peer, cause),
            EventKind::Started | EventKind::TimerFired | EventKind::Fell | EventKind::Finished => {}
        }
        let line = self.line(node);
        let previous = line.last.replace(event.number);
        let mut reach = Vec::new();
        for parent in [previous, cause].into_iter().flatten() {
            let of_parent = self.step(parent).map_or(&[][..], |step| &step.reach);
            reach.resize(reach.len().max(of_parent.len()), 0);
            reach.iter_mut().zip(of_parent).for_each(|(mine, theirs)| *mine = (*theirs).max(*mine));
        }
        reach.resize(reach.len().max(node.index() + 1), 0);
        reach[node.index()] += 1;
        self.steps.push(Step { node, at_us, previous, cause, reach });
    }

    /// Somebody outside relies on this event of `node`, so no crash may undo it.
    pub fn settle(&mut self, node: NodeId, event: Option<u32>) {
        if node != NodeId::OUTSIDE {
            let line = self.line(node);
            line.settled = line.settled.max(event);
        }
    }

    /// Returns true if event `earlier` happened before event `later`; false of those undone.
    pub fn happens_before(&self, earlier: u32, later: u32) -> bool {
        let is_in_past = |earlier: &Step, later: &Step| {
            let place = earlier.node.index();
            let reach = |step: &Step| step.reach.get(place).copied().unwrap_or_default();
            reach(earlier) > 0 && reach(earlier) <= reach(later)
        };
        let steps = self.step(earlier).zip(self.step(later));
        earlier < later
            && !self.is_undone(earlier)
            && steps.is_some_and(|(earlier, later)| is_in_past(earlier, later))
    }

    /// Returns true if a crash took this event with it, before anybody had heard of it.
    pub fn is_undone(&self, event: u32) -> bool {
        let Some(step) = self.step(event) else { return false };
        self.undone.iter().any(|&(node, after, before)| {
            node == step.node && Some(event) > after && event < before
        })
    }

    /// Returns the last event of `node`.
    pub fn last(&self, node: NodeId) -> Option<u32> {
        self.lines.get(node.index())?.last
    }

    /// Returns where and when an event happened, in true time.
    pub fn place(&self, event: u32) -> Option<(NodeId, u64)> {
        self.step(event).map(|step| (step.node, step.at_us))
    }

    /// Returns the messages through which event `later` first knows of event `earlier`, in order, each
    /// as the events that sent and received it. None if both are of one node; `None` if `earlier` did
    /// not happen before `later`.
    pub fn path(&self, earlier: u32, later: u32) -> Option<Vec<(u32, u32)>> {
        if !self.happens_before(earlier, later) {
            return None;
        }
        let knows = |event: u32| event == earlier || self.happens_before(earlier, event);
        let (mut hops, mut event) = (Vec::new(), later);
        while self.step(event)?.node != self.step(earlier)?.node {
            let step = self.step(event)?;
            match (step.previous.filter(|&it| knows(it)), step.cause.filter(|&it| knows(it))) {
                // It was known on this node before.
                (Some(previous), _) => event = previous,
                (None, cause) => {
                    hops.push((cause?, event));
                    event = cause?;
                }
            }
        }
        hops.reverse();
        Some(hops)
    }

    /// A node is back with what it had when its last settled event was over.
    fn undo(&mut self, node: NodeId, recovered: u32) {
        let line = self.line(node);
        let settled = line.settled;
        if line.last > settled {
            line.last = settled;
            self.undone.push((node, settled, recovered));
        }
    }

    fn step(&self, event: u32) -> Option<&Step> {
        self.steps.get(event as usize).filter(|step| !step.reach.is_empty())
    }

    fn line(&mut self, node: NodeId) -> &mut Line {
        if self.lines.len() <= node.index() {
            self.lines.resize(node.index() + 1, Line::default());
        }
        &mut self.lines[node.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);

    /// Makes the pasts of these events: what, where, from whom, and the number of its cause.
    fn pasts(events: &[(EventKind, NodeId, NodeId, Option<u32>)]) -> Pasts {
        let mut pasts = Pasts::default();
        for (&(kind, node, peer, cause), number) in events.iter().zip(0..) {
            let cause = cause.map_or(Cause::Beginning, Cause::Event);
            let at_us = u64::from(number);
            let (nth, previous, facts) = (0, None, 0);
            let record = EventRecord { at_us, kind, node, peer, nth, cause, previous, facts };
            pasts.add(&Happened { number, record, wall_us: at_us });
        }
        pasts
    }

    #[test]
    fn a_message_carries_the_past_on() {
        let pasts = pasts(&[
            (EventKind::Started, A, A, None),
            (EventKind::Started, B, B, None),
            (EventKind::TimerFired, A, A, Some(0)),
            (EventKind::Delivered, B, A, Some(0)),
            (EventKind::TimerFired, B, B, Some(1)),
        ]);
        assert!(pasts.happens_before(0, 3) && pasts.happens_before(0, 4));
        assert!(
            !pasts.happens_before(2, 3)
                && !pasts.happens_before(3, 2)
                && !pasts.happens_before(0, 0)
        );
        assert_eq!(pasts.path(0, 4), Some(vec![(0, 3)]));
        assert_eq!((pasts.path(1, 4), pasts.path(2, 4)), (Some(vec![]), None));
    }

    #[test]
    fn a_crash_undoes_what_was_neither_on_disk_nor_heard_of() {
        let begin = [
            (EventKind::Started, A, A, None),
            (EventKind::Started, B, B, None),
            (EventKind::TimerFired, A, A, Some(0)),
            (EventKind::TimerFired, A, A, Some(0)),
        ];
        let back = (EventKind::Recovered, A, A, None);
        let undone = |middle: (EventKind, NodeId, NodeId, Option<u32>)| {
            let pasts = pasts(&[&begin[..], &[middle, back]].concat());
            [0, 2, 3].map(|event| pasts.is_undone(event) && !pasts.happens_before(event, 5))
        };
        assert_eq!(undone((EventKind::TimerFired, B, B, None)), [true, true, true]);
        assert_eq!(undone((EventKind::Synced, A, A, Some(2))), [false, false, true]);
        assert_eq!(undone((EventKind::Delivered, B, A, Some(3))), [false, false, false]);
    }
}
