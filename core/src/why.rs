//! Why something happened: chains of causes, each below what it led to.
//!
//! Each event names what brought it about, so an event has one chain of causes. A broken promise often
//! has none that explains it: of two answers that contradict each other neither is a cause of the
//! other. A violation therefore names its moments, and each of them has a chain of its own; where two
//! chains meet is their common cause, which is told once. What a chain cannot tell is what did *not*
//! happen, so each also says which messages its node missed.
//!
//! Left out: the order of events on one node is no cause here. [`Run::past`] has all of it, in the
//! sense of Lamport 1978.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::run::Run;
use crate::sim::{Cause, EventKind, EventRecord, Fate, NodeId, OperationStep, TextKind, TextLine};
use crate::view::Verdict;

/// A chain of causes is listed this far back.
const CHAIN_LIMIT: usize = 24;

/// Something that happened, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// What happened.
    pub head: TextLine,
    /// What led to it: each line was brought about by the one after it, back to what a client asked
    /// for, if it was asked for.
    pub chain: Vec<TextLine>,
    /// The latest common cause with a thread before this one, if the two have any.
    pub joins: Option<TextLine>,
    /// What its node had not heard by then, in a sentence, if messages to it came to nothing.
    pub missed: Option<String>,
}

impl Run {
    /// Returns what led to a known event. If a promise broke in it, as far as the cursor knows, each
    /// part of the contradiction has a thread of its own, in order of time.
    pub fn why(&self, event: u32) -> Vec<Thread> {
        let mut heads: BTreeSet<u32> = self.parts_of(event).into_iter().collect();
        heads.insert(event);
        let mut told = BTreeSet::new();
        let mut threads = Vec::new();
        for &head in &heads {
            // What a later thread tells anyway needs no thread of its own.
            if !told.contains(&head) {
                threads.extend(self.thread(head, &mut told));
            }
        }
        let mut nodes = BTreeSet::new();
        for thread in threads.iter_mut().rev() {
            let node = thread.head.node.filter(|node| nodes.insert(*node));
            thread.missed = node.and_then(|node| self.missed(node, thread.head.at_us));
        }
        threads
    }

    /// Returns what happened before a known event, in Lamport's sense, as sentences in order of time:
    /// the last `limit` events of it.
    pub fn past(&self, event: u32, limit: usize) -> Vec<TextLine> {
        let past: BTreeSet<u32> = self.journal().causal_past(event, limit).into_iter().collect();
        let Some(&first) = past.first() else { return Vec::new() };
        let told = self.text(first, event).into_iter();
        told.filter(|line| line.kind == TextKind::Event && past.contains(&line.event)).collect()
    }

    /// Returns the events of which the promises are made that broke in this one.
    fn parts_of(&self, event: u32) -> Vec<u32> {
        let checks = self.simulation().checks();
        let moments = checks.into_iter().filter_map(|check| match check.verdict {
            Verdict::Broken { event: of, moments, .. } if of == event => Some(moments),
            Verdict::Broken { .. } | Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => {
                None
            }
        });
        moments.flatten().filter_map(|moment| self.event_of(moment)).collect()
    }

    /// Returns the last event of a node at this time in which it recorded something.
    fn event_of(&self, (at_us, node): (u64, NodeId)) -> Option<u32> {
        let events = &self.journal().events;
        let end = events.partition_point(|record| record.at_us <= at_us);
        let at_that_time = events.get(..end)?.iter().rev().take_while(|it| it.at_us == at_us);
        let behind = at_that_time.zip(1..).find(|(it, _)| it.node == node && it.facts > 0)?.1;
        u32::try_from(end - behind).ok()
    }

    fn thread(&self, event: u32, told: &mut BTreeSet<u32>) -> Option<Thread> {
        let (head, record) = (self.line_of(event)?, self.record(event)?);
        told.insert(event);
        let mut thread = Thread { head, chain: Vec::new(), joins: None, missed: None };
        let (mut cause, mut is_listed) = (record.cause, !self.begins_operation(event));
        loop {
            match cause {
                Cause::Beginning => break,
                Cause::Action(index) => {
                    thread.chain.extend(self.action_line(index).filter(|_| is_listed));
                    break;
                }
                Cause::Event(number) if !told.insert(number) => {
                    thread.joins = self.line_of(number);
                    break;
                }
                Cause::Event(number) => {
                    let (first, times) = self.first_alike(number, told);
                    if is_listed {
                        thread.chain.extend(self.line_of_many(number, times));
                    }
                    // What a client asked for before is another story, and the past has it.
                    is_listed &= !self.begins_operation(number);
                    is_listed &= thread.chain.len() < CHAIN_LIMIT;
                    let Some(record) = self.record(first) else { break };
                    cause = record.cause;
                }
            }
        }
        Some(thread)
    }

    fn begins_operation(&self, event: u32) -> bool {
        let operations = &self.journal().operations;
        let from = operations.partition_point(|it| it.event < event);
        let its = operations.iter().skip(from).take_while(|it| it.event == event);
        its.into_iter().any(|it| it.operation.step == OperationStep::Begins)
    }

    /// Goes back while a timer that did nothing of note only set itself anew; returns the first event
    /// of these, and how many there are.
    fn first_alike(&self, event: u32, told: &mut BTreeSet<u32>) -> (u32, u32) {
        let ticks = |number: u32| {
            let is_tick = |it: &&EventRecord| it.kind == EventKind::TimerFired && it.facts == 0;
            self.record(number).filter(is_tick)
        };
        let (mut first, mut times) = (event, 1);
        while let Some(Cause::Event(before)) = ticks(first).map(|it| it.cause)
            && ticks(before).is_some_and(|it| Some(it.node) == ticks(first).map(|it| it.node))
            && told.insert(before)
        {
            (first, times) = (before, times + 1);
        }
        (first, times)
    }

    fn record(&self, event: u32) -> Option<&EventRecord> {
        self.journal().events.get(event as usize)
    }

    /// Returns the last of several events alike in a sentence.
    fn line_of_many(&self, event: u32, times: u32) -> Option<TextLine> {
        let mut line = self.line_of(event)?;
        if times > 1 {
            line.text = format!("{}, the last of {times} times in a row", line.text);
        }
        Some(line)
    }

    /// Returns an event in a sentence, with what its node did of note.
    fn line_of(&self, event: u32) -> Option<TextLine> {
        let text = self.text(event, event.saturating_add(1));
        let of = |kind| text.iter().filter(move |it| it.event == event && it.kind == kind);
        // A loss without an event before it is the event: nobody took the message.
        let line = of(TextKind::Event).next_back().or_else(|| of(TextKind::Loss).next_back())?;
        let mut line = line.clone();
        for fact in of(TextKind::Fact) {
            line.text = format!("{}; {}", line.text, fact.text);
        }
        Some(line)
    }

    fn action_line(&self, index: u32) -> Option<TextLine> {
        let timed = self.actions().get(index as usize)?;
        let simulation = self.simulation();
        Some(TextLine {
            at_us: timed.at_us,
            event: 0,
            kind: TextKind::Action,
            node: None,
            text: timed.action.sentence(simulation.names(), &simulation.command_labels()),
        })
    }

    /// Says which messages to a node had come to nothing by then, and since when.
    fn missed(&self, node: NodeId, until_us: u64) -> Option<String> {
        let mut fates: BTreeMap<&str, (u32, u64)> = BTreeMap::new();
        let ended = self.journal().messages.iter().filter(|it| it.fate != Fate::Carried);
        for message in ended.filter(|it| it.name.to == node && it.end_at_us <= until_us) {
            let (count, _) = fates.entry(message.fate.of_many()).or_insert((0, message.end_at_us));
            *count += 1;
        }
        let part = |(fate, (count, since_us)): (&str, (u32, u64))| {
            let ms = since_us / 1_000;
            format!("{count} {fate} (the first at {}.{:03} s)", ms / 1_000, ms % 1_000)
        };
        let parts: Vec<String> = fates.into_iter().map(part).collect();
        let name = &self.simulation().names()[node];
        let text = format!("Messages that {name} had not had by then: {}.", parts.join(", "));
        (!parts.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Preset, Setup, find};

    fn broken() -> (Run, u32) {
        let setup = Setup::new(find("single-leader").unwrap(), Preset::Naive, 42);
        let actions = setup.scenario().script(&setup, 0);
        let horizon_us = setup.scenario().horizon_us;
        let mut run = Run::new(setup, actions);
        run.seek_time(horizon_us);
        let first = run.simulation().checks().into_iter().find_map(|check| match check.verdict {
            Verdict::Broken { event, moments, .. } if !moments.is_empty() => Some(event),
            Verdict::Broken { .. } | Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => {
                None
            }
        });
        (run, first.expect("the naive design breaks"))
    }

    #[test]
    fn a_contradiction_is_told_from_all_its_sides() {
        let (run, event) = broken();
        let threads = run.why(event);
        let nodes: BTreeSet<_> = threads.iter().filter_map(|it| it.head.node).collect();
        assert!(nodes.len() > 1, "{threads:#?}");
        assert!(threads.is_sorted_by_key(|it| it.head.at_us));
        let missed = threads.iter().filter_map(|it| it.missed.as_deref());
        assert!(missed.clone().any(|it| it.contains("stopped by the cut")), "{threads:#?}");
        assert_eq!(missed.clone().count(), missed.collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn what_several_chains_share_is_told_once() {
        let (run, event) = broken();
        let threads = run.why(event);
        let lines = threads.iter().flat_map(|it| [&it.head].into_iter().chain(&it.chain));
        let lines: Vec<_> = lines.filter(|it| it.kind != TextKind::Action).collect();
        let events: BTreeSet<u32> = lines.iter().map(|it| it.event).collect();
        assert_eq!(events.len(), lines.len(), "{threads:#?}");
        assert!(
            threads.iter().all(|it| it.chain.len() < 10),
            "each ends with a request: {threads:#?}"
        );
    }

    #[test]
    fn an_event_that_breaks_nothing_has_one_thread() {
        let (run, event) = broken();
        let threads = run.why(event - 1);
        assert_eq!(threads.len(), 1);
        assert_eq!(threads[0].head.event, event - 1);
    }
}
