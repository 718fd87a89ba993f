//! Why something happened: chains of causes, each below what it led to.
//!
//! Each event names what brought it about, so an event has one chain of causes. A broken promise often
//! has none that explains it: of two answers that contradict each other neither is a cause of the
//! other. A violation therefore names its moments, and each of them has a chain of its own; where two
//! chains meet is their common cause, which is told once. What a chain cannot tell is what did *not*
//! happen, so each also says which messages its node missed. What an action broke begins with the
//! action; what only time broke, such as a goal that was not reached, has no event that led to it.
//!
//! Left out: the order of events on one node is no cause here. [`Run::past`] has all of it, in the
//! sense of Lamport 1978.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::order::set_of;
use crate::run::{Position, Run};
use crate::sim::{
    Cause, EventKind, EventRecord, Fate, MarkKind, MessageName, NodeId, OperationStep, Step,
    TextKind, TextLine,
};
use crate::view::{Check, CheckKind, Verdict};

/// A chain of causes is listed this far back.
const CHAIN_LIMIT: usize = 24;

/// The answer to why an event happened, or why a promise broke in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// What is explained, if a promise broke: how, in a sentence.
    pub of: Option<String>,
    /// Each part of it with what led to it, in order of time. Nothing if time alone broke it.
    pub threads: Vec<Thread>,
    /// What had been done to the system by then and had changed something by then, in order of time.
    pub done: Vec<TextLine>,
    /// The latest of all that happened before the event in Lamport's sense, in order of time. Nothing
    /// if it was no event that broke the promise.
    pub past: Vec<TextLine>,
}

/// Something that happened, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// What happened.
    pub head: TextLine,
    /// What led to it: each line was brought about by the one after it, back to what a client asked
    /// for, if it was asked for.
    pub chain: Vec<TextLine>,
    /// The latest common cause with a thread before this one, if the two have any.
    pub joins: Option<Join>,
    /// What its node had not heard by then, in a sentence, if messages to it came to nothing.
    pub missed: Option<String>,
}

/// Where a thread meets one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The common cause.
    pub cause: TextLine,
    /// Whether a thread before this one lists it. Further back than a chain is listed, none does.
    pub is_listed: bool,
}

/// A promise that broke, and what broke it.
struct Broke {
    reason: String,
    at_us: u64,
    moments: Vec<(u64, NodeId)>,
    by: Step,
}

/// The events that threads so far go back to, each with whether it is listed.
type Told = BTreeMap<u32, bool>;

impl Run {
    /// Returns what led to a known step. If a promise broke in it, as far as the cursor knows, each
    /// part of the contradiction has a thread of its own, in order of time; if several did, the first
    /// of them in the order of the promises is explained. Of the past, `past_limit` events are told.
    pub fn why(&self, step: Step, past_limit: usize) -> Story {
        let broke = self.broke_in(step);
        let at_us = broke.as_ref().map_or_else(|| self.time_of(step), |it| it.at_us);
        let by = broke.as_ref().map_or(step, |it| it.by);
        let mut heads = BTreeSet::new();
        if let Some(Broke { moments, .. }) = &broke {
            // A part of what broke in a step is no later event of the same instant.
            let known = by.events();
            heads.extend(moments.iter().filter_map(|&moment| self.event_of(moment, known)));
        }
        if let Step::Event(event) = by {
            heads.insert(event);
        }
        let mut told = BTreeMap::new();
        let mut threads: Vec<Thread> =
            heads.into_iter().filter_map(|head| self.thread(head, &mut told)).collect();
        if let Step::Action { index, .. } = by {
            let of = |head| Thread { head, chain: Vec::new(), joins: None, missed: None };
            threads.extend(self.action_line(index).map(of));
        }
        let mut nodes = BTreeSet::new();
        for thread in threads.iter_mut().rev() {
            let node = thread.head.node.filter(|node| nodes.insert(*node));
            thread.missed = node.and_then(|node| self.missed(node, thread.head.at_us));
        }
        let past = match by {
            Step::Event(event) => self.past(event, past_limit),
            Step::Action { .. } | Step::Time { .. } => Vec::new(),
        };
        Story { of: broke.map(|it| it.reason), threads, done: self.done(step, at_us), past }
    }

    /// Returns what happened before a known event, in Lamport's sense, as sentences in order of time:
    /// the last `limit` events of it.
    pub fn past(&self, event: u32, limit: usize) -> Vec<TextLine> {
        let past = set_of(self.journal().causal_past(event, limit));
        let Some(&first) = past.first() else { return Vec::new() };
        let told = self.text(first, event).into_iter();
        let is_past = |line: &TextLine| past.contains(&line.step.number());
        told.filter(|line| line.kind == TextKind::Event && is_past(line)).collect()
    }

    /// Returns the first promise of which the verdict fell in this step. An alert is no promise.
    fn broke_in(&self, step: Step) -> Option<Broke> {
        let checks = self.simulation().checks().into_iter();
        let mut violated = checks.filter(Check::is_violated);
        violated.find_map(|check| match check.verdict {
            Verdict::Broken { at_us, step: of, reason, moments, .. } if of == step => {
                // What is not reached is missed in time, whatever happens then.
                let is_late = check.kind == CheckKind::Goal;
                let by = if is_late { Step::Time { before: step.events() } } else { step };
                Some(Broke { reason, at_us, moments, by })
            }
            Verdict::Broken { .. } | Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => {
                None
            }
        })
    }

    /// Returns when a known step was done.
    fn time_of(&self, step: Step) -> u64 {
        let at_us = match step {
            Step::Event(event) => self.record(event).map(|it| it.at_us),
            Step::Action { index, .. } => self.actions().get(index as usize).map(|it| it.at_us),
            Step::Time { .. } => None,
        };
        at_us.unwrap_or_default()
    }

    /// Returns the actions up to a step at this time that had changed something by then.
    fn done(&self, step: Step, at_us: u64) -> Vec<TextLine> {
        let count = match step {
            Step::Action { index, .. } => index as usize + 1,
            Step::Event(_) => self.actions().partition_point(|it| it.at_us <= at_us),
            // Time passes before what is done at its end.
            Step::Time { .. } => self.actions().partition_point(|it| it.at_us < at_us),
        };
        let actions = u32::try_from(count).unwrap_or(u32::MAX);
        let place = Position { events: step.events(), actions };
        let Some(then) = self.simulation_at(place).filter(|_| actions > 0) else {
            return Vec::new();
        };
        let had_bitten = (0..actions).filter(|&index| then.bites(index) > 0);
        had_bitten.filter_map(|index| self.action_line(index)).collect()
    }

    /// Returns the last event of a node at this time in which it recorded something.
    fn event_of(&self, (at_us, node): (u64, NodeId), known: u32) -> Option<u32> {
        let events = &self.journal().events;
        let end = events.partition_point(|record| record.at_us <= at_us).min(known as usize);
        let at_that_time = events.get(..end)?.iter().rev().take_while(|it| it.at_us == at_us);
        let behind = at_that_time.zip(1..).find(|(it, _)| it.node == node && it.facts > 0)?.1;
        u32::try_from(end - behind).ok()
    }

    fn thread(&self, event: u32, told: &mut Told) -> Option<Thread> {
        let (head, record) = (self.line_of(event)?, self.record(event)?);
        told.insert(event, true);
        let mut thread = Thread { head, chain: Vec::new(), joins: None, missed: None };
        let (mut cause, mut is_listed) = (record.cause, !self.begins_operation(event));
        loop {
            match cause {
                Cause::Beginning => break,
                Cause::Action(index) => {
                    thread.chain.extend(self.action_line(index).filter(|_| is_listed));
                    break;
                }
                Cause::Event(number) => {
                    if let Some(&is_listed) = told.get(&number) {
                        let line = self.line_of(number);
                        thread.joins = line.map(|cause| Join { cause, is_listed });
                        break;
                    }
                    told.insert(number, is_listed);
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
    fn first_alike(&self, event: u32, told: &mut Told) -> (u32, u32) {
        let ticks = |number: u32| {
            let is_tick = |it: &&EventRecord| it.kind == EventKind::TimerFired && it.facts == 0;
            self.record(number).filter(is_tick)
        };
        let is_listed = told.get(&event).copied().unwrap_or_default();
        let (mut first, mut times) = (event, 1);
        while let Some(Cause::Event(before)) = ticks(first).map(|it| it.cause)
            && ticks(before).is_some_and(|it| Some(it.node) == ticks(first).map(|it| it.node))
            && !told.contains_key(&before)
        {
            told.insert(before, is_listed);
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
        let of =
            |kind| text.iter().filter(move |it| it.step == Step::Event(event) && it.kind == kind);
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
        let mut marks = self.journal().marks.iter();
        let applied =
            marks.find(|it| matches!(it.kind, MarkKind::Action { index: of, .. } if of == index));
        let simulation = self.simulation();
        Some(TextLine {
            at_us: timed.at_us,
            step: applied?.step,
            kind: TextKind::Action,
            node: None,
            text: timed.action.sentence(simulation.names(), &simulation.command_labels()),
        })
    }

    /// Says which messages to a node had come to nothing by then, and since when. A message of which
    /// one copy fell and another arrived has come to something.
    fn missed(&self, node: NodeId, until_us: u64) -> Option<String> {
        let events = self.journal().events.iter().take_while(|it| it.at_us <= until_us);
        let delivered = events.filter(|it| it.node == node && it.kind == EventKind::Delivered);
        let arrived = set_of(delivered.map(|it| (it.peer, it.nth)));
        let mut fallen: BTreeMap<MessageName, (u64, Fate)> = BTreeMap::new();
        let ended = self.journal().messages.iter().filter(|it| it.fate != Fate::Carried);
        for message in ended.filter(|it| it.name.to == node && it.end_at_us <= until_us) {
            if !arrived.contains(&(message.name.from, message.name.nth)) {
                // Records stand in order of time: of several copies the first that fell counts.
                fallen.entry(message.name).or_insert((message.end_at_us, message.fate));
            }
        }
        let mut fates: BTreeMap<&str, (u32, u64)> = BTreeMap::new();
        for (at_us, fate) in fallen.into_values() {
            let (count, since_us) = fates.entry(fate.of_many()).or_insert((0, at_us));
            (*count, *since_us) = (*count + 1, at_us.min(*since_us));
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
mod tests;
