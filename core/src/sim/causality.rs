//! What led to what: Lamport's happens-before, read off the causes that every event carries.
//!
//! Lamport 1978, "Time, Clocks, and the Ordering of Events in a Distributed System": an event comes
//! before another if it is earlier on the same node, or if it sent the message that the other
//! received, or by any chain of these. An event's record names both parents: the event before it on
//! its node, and the one that sent its message, set its timer or asked for its sync.

use std::collections::BTreeMap;

use super::{Cause, EventKind, Journal, NodeId, OperationStep};
use crate::order::set_of;

impl Journal {
    /// Returns true if event `earlier` happened before event `later`. Two events of which neither
    /// happened before the other are concurrent.
    pub fn happens_before(&self, earlier: u32, later: u32) -> bool {
        earlier < later && self.walk_back(later, earlier).any(|event| event == earlier)
    }

    /// Returns the events that happened before `event`, latest first, at most `limit` of them.
    pub fn causal_past(&self, event: u32, limit: usize) -> Vec<u32> {
        self.walk_back(event, 0).take(limit).collect()
    }

    /// Returns what happened before `event`, latest first and no further back than `first`; no more of
    /// the past is looked at than is taken.
    fn walk_back(&self, event: u32, first: u32) -> impl Iterator<Item = u32> {
        let parents = move |of| self.parents(of).filter(move |&parent| parent >= first);
        let mut open = set_of(parents(event));
        // Parents have lower numbers, so whatever is taken from the end is taken once.
        std::iter::from_fn(move || {
            let latest = open.pop_last()?;
            open.extend(parents(latest));
            Some(latest)
        })
    }

    /// Returns the event before this one on its node, and the one that brought it about.
    fn parents(&self, event: u32) -> impl Iterator<Item = u32> + use<> {
        let record = self.events.get(event as usize);
        let cause = record.and_then(|record| match record.cause {
            Cause::Event(number) => Some(number),
            Cause::Beginning | Cause::Action(_) => None,
        });
        cause.into_iter().chain(record.and_then(|record| record.previous))
    }

    /// Returns, for every operation that has ended, the client, the operation's number, how long it
    /// took, and how many messages one after the other its answer had to wait for: two are a round
    /// trip.
    pub fn finished_operations(&self) -> Vec<FinishedOperation> {
        let mut finished = Finished::default();
        finished.follow(self);
        finished.operations
    }

    /// Counts the deliveries on the chain of causes that leads from one event to a later one; nothing
    /// if the chain does not pass there.
    fn hops(&self, from: u32, to: u32) -> Option<u32> {
        let (mut event, mut hops) = (to, 0);
        while event > from {
            let record = self.events.get(event as usize)?;
            hops += u32::from(record.kind == EventKind::Delivered);
            let Cause::Event(cause) = record.cause else { return None };
            event = cause;
        }
        (event == from).then_some(hops)
    }
}

/// The operations of a journal that have ended, found as it grows.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    operations: Vec<FinishedOperation>,
    /// When and in which event operations began that have not ended.
    begun: BTreeMap<(NodeId, u64), (u64, u32)>,
    /// How many of the journal's records have been read.
    read: usize,
}

impl Finished {
    /// Reads what `journal` holds now and did not before. It must be the same journal, grown: after a
    /// change of the run's past, begin anew.
    pub fn follow(&mut self, journal: &Journal) {
        for record in journal.operations.get(self.read..).unwrap_or_default() {
            let key = (record.node, record.operation.number);
            if record.operation.step == OperationStep::Begins {
                self.begun.insert(key, (record.at_us, record.event));
            } else if let Some((begun_us, begun_in)) = self.begun.remove(&key) {
                self.operations.push(FinishedOperation {
                    client: record.node,
                    number: record.operation.number,
                    step: record.operation.step,
                    begun_us,
                    took_us: record.at_us - begun_us,
                    ended_in: record.event,
                    hops: journal.hops(begun_in, record.event),
                });
            }
        }
        self.read = journal.operations.len();
    }

    /// Lists when each operation began that has not ended.
    pub fn begun_us(&self) -> impl Iterator<Item = u64> + '_ {
        self.begun.values().map(|(at_us, _)| *at_us)
    }

    /// Returns the operations, in the order in which they ended.
    pub fn operations(&self) -> &[FinishedOperation] {
        &self.operations
    }
}

/// A client's operation from its beginning to its end.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct FinishedOperation {
    /// Who asked.
    pub client: NodeId,
    /// Which of the client's operations.
    pub number: u64,
    /// What came of it.
    pub step: OperationStep,
    /// When it began, in true time.
    pub begun_us: u64,
    /// How long it took.
    pub took_us: u64,
    /// The event in which it ended.
    pub ended_in: u32,
    /// Messages one after the other on the way to its answer; not known if something else brought that
    /// about, such as a sync that somebody else asked for.
    pub hops: Option<u32>,
}
