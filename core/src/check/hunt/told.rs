//! A find told step by step: what was done to the world, what broke, and what led from one to the other.
//!
//! What is done explains little where others answered it: that a write is lost is no wonder once one
//! knows who took over meanwhile. So the chains of causes of what broke are told, too, and every step in
//! which a higher epoch appeared, whoever took it.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::run::Run;
use crate::sim::{MarkKind, Step, TextKind, TextLine};

/// So many links of each chain of causes are told.
const CHAIN: usize = 6;
/// At most so many steps are told, the last ones of them.
const TOLD: usize = 40;

/// Tells a find, whose `run` stands where it breaks, in order: a line a step, in the step's own words,
/// and what somebody had not heard by then.
pub fn told(finding: &Finding, run: &Run) -> Vec<TextLine> {
    let story = run.why(run.simulation().last_step(), 0);
    let mut missed: BTreeMap<u32, String> = BTreeMap::new();
    let mut events: BTreeSet<u32> = BTreeSet::new();
    for thread in story.threads {
        let number = thread.head.step.number();
        missed.extend(thread.missed.map(|sentence| (number, sentence)));
        let cause = thread.joins.map(|join| join.cause);
        let led = thread.chain.into_iter().take(CHAIN).chain(cause).chain([thread.head]);
        events.extend(led.filter_map(|line| number_of(line.step)));
    }
    let epochs = run.journal().marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Epoch(_)));
    events.extend(epochs.filter_map(|mark| number_of(mark.step)));
    let mut lines: Vec<TextLine> = Vec::new();
    for line in run.text(0, u32::MAX) {
        let is_led = number_of(line.step).is_some_and(|event| events.contains(&event));
        match line.kind {
            TextKind::Action => lines.push(line),
            TextKind::Verdict if line.text.contains(&finding.check) => lines.push(line),
            TextKind::Event | TextKind::Loss if is_led => lines.push(line),
            TextKind::Fact if is_led => match lines.last_mut() {
                Some(event) if event.step == line.step => {
                    event.text = format!("{}; {}", event.text, line.text);
                }
                _ => lines.push(line),
            },
            TextKind::Event
            | TextKind::Send
            | TextKind::Fact
            | TextKind::Loss
            | TextKind::Verdict => {}
        }
    }
    let surplus = lines.len().saturating_sub(TOLD);
    lines.drain(..surplus);
    with_missed(lines, missed)
}

fn number_of(step: Step) -> Option<u32> {
    match step {
        Step::Event(event) => Some(event),
        Step::Action { .. } | Step::Time { .. } => None,
    }
}

/// Adds behind a step what its node had not heard by then.
fn with_missed(lines: Vec<TextLine>, mut missed: BTreeMap<u32, String>) -> Vec<TextLine> {
    let mut all = Vec::with_capacity(lines.len() + missed.len());
    for line in lines {
        let sentence = number_of(line.step).and_then(|event| missed.remove(&event));
        let kind = TextKind::Loss;
        let after = sentence.map(|text| TextLine { kind, text, ..line.clone() });
        all.push(line);
        all.extend(after);
    }
    all
}
