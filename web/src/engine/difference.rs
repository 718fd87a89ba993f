//! Where two runs part, and what comes out differently.
//!
//! The two are gone through once each, side by side, and what they leave behind is dropped at once:
//! however long they are, the search holds two worlds and a bounded list.
//!
//! **Runs part where their logs part**: at the first step (an event or action with its effects) that
//! the two logs do not tell in the same words at the same time. The log is the one textual rendering
//! of a run, so what is marked can be read on both sides. States or digests would not do: a safeguard
//! is part of the state it guards, so two designs differ there before anything happens, and nothing
//! could be shown for it. What is otherwise at time zero is kept apart: there the designs differ, and
//! nothing has come of it yet. After the first step later on, hardly
//! anything falls on the same microsecond, so the rest is compared by what was judged: verdicts that
//! only one run comes to, or bad ones at another time.

use std::mem;

use faultline_core::drive;
use faultline_core::order::sort_by_key;
use faultline_core::run::{Position, Run};
use faultline_core::sim::{Journal, Lengths, MarkKind, Simulation, Step, TextLine, TimedAction};
use faultline_core::view::CheckKind;

use super::report::names_of;
use super::work::EVENT_LIMIT;
use crate::wire::{FirstDifference, Outcome, Side};

/// At most so many outcomes are told.
const OUTCOME_LIMIT: usize = 100;
/// At most so many lines of a step are told.
const LINE_LIMIT: usize = 12;
/// Steps between two looks at the clock.
const STEPS_PER_LOOK: u32 = 16;

/// A run gone through once.
struct Walker {
    simulation: Box<dyn Simulation>,
    position: Position,
    actions: Vec<TimedAction>,
    /// What the last step left behind.
    journal: Journal,
}

impl Walker {
    fn new(run: &Run) -> Self {
        Self {
            simulation: run.setup().build(),
            position: Position::default(),
            actions: run.actions().to_vec(),
            journal: Journal::complete(),
        }
    }

    /// Returns when the next step is due, if that is by `until_us`.
    fn next_at_us(&self, until_us: u64) -> Option<u64> {
        let action = self.actions.get(self.position.actions as usize).map(|action| action.at_us);
        let next_us = action.into_iter().chain(self.simulation.next_at_us()).min();
        next_us.filter(|next_us| *next_us <= until_us && self.position.events < EVENT_LIMIT)
    }

    fn step(&mut self) {
        self.forget();
        let actions = &self.actions;
        drive::step(&mut *self.simulation, &mut self.position, actions, &mut self.journal);
    }

    fn forget(&mut self) {
        self.journal.truncate(Lengths::default());
        self.journal.text.clear();
    }

    /// Returns the lines of the last step: the first, which says what it is, and after the `shared`
    /// ones at most so many.
    fn take_lines(&mut self, shared: usize) -> Vec<TextLine> {
        let mut lines = mem::take(&mut self.journal.text);
        lines.drain(shared.min(1)..shared);
        lines.truncate(LINE_LIMIT);
        lines
    }
}

/// A search for what is different in two runs.
pub(super) struct Search {
    walkers: [Walker; 2],
    start: Option<FirstDifference>,
    first: Option<FirstDifference>,
    /// What was judged, in the order in which it first was.
    judged: Vec<(MarkKind, [Option<u64>; 2])>,
    looked_us: u64,
    until_us: u64,
    is_over: bool,
}

impl Search {
    /// Begins to look at two runs, as far as `until_us`.
    pub(super) fn new(runs: [&Run; 2], until_us: u64) -> Self {
        Self {
            walkers: runs.map(Walker::new),
            start: None,
            first: None,
            judged: Vec::new(),
            looked_us: 0,
            until_us,
            is_over: false,
        }
    }

    /// Looks on as far as `until_us`, if that is further.
    pub(super) fn extend(&mut self, until_us: u64) {
        if until_us > self.until_us {
            self.until_us = until_us;
            self.is_over = false;
        }
    }

    /// Returns what is otherwise at time zero.
    pub(super) fn start(&self) -> Option<&FirstDifference> {
        self.start.as_ref()
    }

    pub(super) fn first(&self) -> Option<&FirstDifference> {
        self.first.as_ref()
    }

    /// Returns true time up to which both have been looked through.
    pub(super) fn looked_us(&self) -> u64 {
        self.looked_us
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Looks on while `budget` allows.
    pub(super) fn go_on(&mut self, budget: &mut impl FnMut() -> bool) {
        while !self.is_over {
            for _ in 0..STEPS_PER_LOOK {
                self.step();
            }
            if !budget() {
                return;
            }
        }
    }

    /// Does the next step of either run, or of both if it is due in both.
    fn step(&mut self) {
        let due = self.walkers.each_ref().map(|walker| walker.next_at_us(self.until_us));
        let Some(at_us) = due.into_iter().flatten().min() else {
            return self.end();
        };
        self.looked_us = at_us;
        let is_due = due.map(|due_us| due_us == Some(at_us));
        for side in Side::BOTH {
            let walker = &mut self.walkers[side.index()];
            if is_due[side.index()] {
                walker.step();
                self.note(side);
            } else {
                walker.forget();
            }
        }
        if self.first.is_none() {
            let [this, _] = &self.walkers;
            let before = this.position.events;
            let step = if is_due[0] { this.simulation.last_step() } else { Step::Time { before } };
            self.compare(at_us, step);
        }
    }

    /// Compares what the logs say of the last step.
    fn compare(&mut self, at_us: u64, step: Step) {
        let [this, other] = self.walkers.each_ref().map(|walker| &walker.journal.text);
        if this == other {
            return;
        }
        let shared = this.iter().zip(other).take_while(|(one, other)| one == other).count();
        let lines = self.walkers.each_mut().map(|walker| walker.take_lines(shared));
        let difference = FirstDifference { at_us, step, lines, begins_alike: shared > 0 };
        if at_us == 0 {
            self.start.get_or_insert(difference);
            return;
        }
        self.first = Some(difference);
        for walker in &mut self.walkers {
            // From here on nobody reads the words.
            walker.journal = Journal::recording();
        }
    }

    /// Notes what was judged in the last step of one run.
    fn note(&mut self, side: Side) {
        let marks = mem::take(&mut self.walkers[side.index()].journal.marks);
        for mark in marks.into_iter().filter(|mark| is_verdict(mark.kind)) {
            let place = self.judged.iter().position(|(kind, _)| *kind == mark.kind);
            let place = place.unwrap_or_else(|| {
                self.judged.push((mark.kind, [None; 2]));
                self.judged.len() - 1
            });
            self.judged[place].1[side.index()].get_or_insert(mark.at_us);
        }
    }

    /// Nothing is left to look at. What is overdue is judged although nothing happens any more.
    fn end(&mut self) {
        for side in Side::BOTH {
            let walker = &mut self.walkers[side.index()];
            walker.forget();
            let is_cut_short = walker.position.events >= EVENT_LIMIT;
            if !is_cut_short {
                walker.simulation.advance(self.until_us, &mut walker.journal);
                self.note(side);
            }
        }
        self.looked_us = self.until_us;
        self.is_over = true;
    }

    /// Returns what did not come out alike, by time, and how much of it was left out.
    pub(super) fn outcomes(&self) -> (Vec<Outcome>, u32) {
        let checks = self.walkers[0].simulation.checks();
        let names = |kind| names_of(&checks, kind);
        let kinds = [CheckKind::Invariant, CheckKind::Goal, CheckKind::Alert].map(names);
        let apart = self.judged.iter().filter(|(kind, at_us)| is_apart(*kind, *at_us));
        let mut outcomes: Vec<Outcome> =
            apart.map(|(kind, at_us)| outcome(*kind, *at_us, &kinds)).collect();
        sort_by_key(&mut outcomes, Outcome::first_us);
        let left_out = outcomes.len().saturating_sub(OUTCOME_LIMIT);
        outcomes.truncate(OUTCOME_LIMIT);
        (outcomes, u32::try_from(left_out).unwrap_or(u32::MAX))
    }
}

/// Returns true if a mark says what came of a run. Actions are the schedule, beats belong to one
/// design each, and epochs only count.
const fn is_verdict(kind: MarkKind) -> bool {
    match kind {
        MarkKind::Violation(_)
        | MarkKind::GoalMissed(_)
        | MarkKind::GoalReached(_)
        | MarkKind::Alert(_) => true,
        MarkKind::Action { .. } | MarkKind::Beat(_) | MarkKind::Epoch(_) => false,
    }
}

/// Returns true if a verdict is worth telling: only one run has come to it, or to a bad one at
/// another time. That something good came about a little later tells nothing.
fn is_apart(kind: MarkKind, [this, other]: [Option<u64>; 2]) -> bool {
    let is_good = matches!(kind, MarkKind::GoalReached(_));
    if is_good { this.is_some() != other.is_some() } else { this != other }
}

/// Puts a verdict into words.
fn outcome(
    kind: MarkKind,
    at_us: [Option<u64>; 2],
    [invariants, goals, alerts]: &[Vec<String>; 3],
) -> Outcome {
    let named =
        |names: &[String], index: u16| names.get(usize::from(index)).cloned().unwrap_or_default();
    let (text, is_bad) = match kind {
        MarkKind::Violation(index) => (format!("Broken: {}", named(invariants, index)), true),
        MarkKind::GoalMissed(index) => (format!("Missed: {}", named(goals, index)), true),
        MarkKind::GoalReached(index) => (format!("Reached: {}", named(goals, index)), false),
        MarkKind::Alert(index) => (format!("Alert: {}", named(alerts, index)), true),
        MarkKind::Action { .. } | MarkKind::Beat(_) | MarkKind::Epoch(_) => (String::new(), false),
    };
    Outcome { text, is_bad, is_alert: matches!(kind, MarkKind::Alert(_)), at_us }
}
