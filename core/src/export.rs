//! A run in the formats of other tools.
//!
//! Left out: what only this page can show, such as state, timers and faults of links, beyond a note.

use std::fmt::Write as _;

use crate::order::set_of;
use crate::run::Run;
use crate::sim::{Cause, EventKind, NodeId, Step, TextKind, TextLine};

/// A log of more events is told by no tool in reasonable time.
const EVENT_LIMIT: usize = 20_000;
/// A sequence diagram of more messages is read by nobody.
const ARROW_LIMIT: usize = 60;

/// Writes the run up to the cursor as a log of `ShiViz` (Beschastnikh et al. 2016, "Debugging Distributed
/// Systems"): its parser expression, no delimiter, then two lines an event: host and vector clock, and
/// what happened.
///
/// # Errors
///
/// A sentence, if the run has too many events.
pub fn shiviz(run: &Run) -> Result<String, String> {
    let events = run.position().events as usize;
    let records = run.journal().events.get(..events).unwrap_or_default();
    if records.len() > EVENT_LIMIT {
        return Err(format!(
            "A log for ShiViz is held to {EVENT_LIMIT} events, and this run has {events}."
        ));
    }
    let names: Vec<String> = names(run);
    let mut clocks: Vec<Vec<u32>> = Vec::with_capacity(records.len());
    let mut latest = vec![vec![0; names.len()]; names.len()];
    let mut text = String::from("(?<host>\\S+) (?<clock>\\{.*\\})\\n(?<event>.*)\n\n");
    let lines = run.text(0, u32::MAX);
    for (record, number) in records.iter().zip(0_u32..) {
        // What fell reached nobody: it happened to no host.
        if record.kind == EventKind::Fell {
            clocks.push(Vec::new());
            continue;
        }
        let own = record.node.index();
        let mut clock: Vec<u32> = latest[own].clone();
        if let Cause::Event(cause) = record.cause {
            let known = clocks.get(cause as usize).into_iter().flatten();
            for (count, known) in clock.iter_mut().zip(known) {
                *count = (*count).max(*known);
            }
        }
        clock[own] += 1;
        latest[own].clone_from(&clock);
        let known = clock.iter().zip(&names).filter(|(count, _)| **count > 0);
        let known: Vec<String> = known.map(|(count, name)| format!("\"{name}\":{count}")).collect();
        let host = &names[own];
        _ = writeln!(text, "{host} {{{}}}", known.join(","));
        _ = writeln!(text, "{}", sentence(&lines, number));
        clocks.push(clock);
    }
    Ok(text)
}

/// Returns what happened in an event and what its node recorded, on one line.
fn sentence(lines: &[TextLine], event: u32) -> String {
    let told = |line: &&TextLine| {
        line.step == Step::Event(event) && matches!(line.kind, TextKind::Event | TextKind::Fact)
    };
    let first = lines.partition_point(|line| line.step.number() < event);
    let of_event =
        lines[first..].iter().take_while(|line| line.step.number() <= event).filter(told);
    let texts: Vec<&str> = of_event.map(|line| line.text.as_str()).collect();
    texts.join("; ").replace('\n', " ")
}

/// Writes what led to the cursor's moment as a sequence diagram of Mermaid: the messages of its causal past
/// that arrived, the latest of them if they are many, what was done to the world, and what broke.
pub fn mermaid(run: &Run) -> String {
    let names = names(run);
    let mut text = String::from("sequenceDiagram\n");
    for name in &names {
        _ = writeln!(text, "  participant {name}");
    }
    let last = run.position().events.saturating_sub(1);
    let past = set_of(run.journal().causal_past(last, usize::MAX));
    let is_arrival = |event: u32| {
        let record = run.journal().events.get(event as usize);
        record.is_some_and(|it| it.kind == EventKind::Delivered && it.peer != NodeId::OUTSIDE)
    };
    let arrivals: Vec<u32> = past.into_iter().filter(|event| is_arrival(*event)).collect();
    let left_out = arrivals.len().saturating_sub(ARROW_LIMIT);
    let shown = set_of(arrivals.into_iter().skip(left_out));
    let everybody = match (names.first(), names.last()) {
        (Some(first), Some(last)) if first != last => format!("{first},{last}"),
        _ => names.first().cloned().unwrap_or_default(),
    };
    if left_out > 0 {
        _ = writeln!(text, "  Note over {everybody}: {left_out} earlier messages are left out");
    }
    for line in run.text(0, u32::MAX) {
        let event = line.step.number();
        match line.kind {
            TextKind::Action => {
                _ = writeln!(text, "  Note over {everybody}: {}", plain(&line.text));
            }
            TextKind::Verdict if line.text.starts_with("BROKEN") => {
                _ = writeln!(text, "  Note over {everybody}: {}", plain(&line.text));
            }
            TextKind::Event if line.step == Step::Event(event) && shown.contains(&event) => {
                let record = run.journal().events[event as usize];
                let (from, to) = (&names[record.peer.index()], &names[record.node.index()]);
                let what = line.text.split_once(": ").map_or(line.text.as_str(), |it| it.1);
                _ = writeln!(text, "  {from}->>{to}: {}", plain(what));
            }
            TextKind::Event
            | TextKind::Send
            | TextKind::Fact
            | TextKind::Loss
            | TextKind::Verdict => {}
        }
    }
    text
}

/// Returns text in which Mermaid reads nothing of its own.
fn plain(text: &str) -> String {
    text.replace('#', "no. ").replace(';', ",").replace(['\n', '%'], " ")
}

/// Returns the nodes' names as one word each.
fn names(run: &Run) -> Vec<String> {
    let scene = run.simulation().scene();
    scene.nodes.iter().map(|node| node.name.replace(char::is_whitespace, "_")).collect()
}
