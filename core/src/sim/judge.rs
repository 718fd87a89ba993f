//! Judgement on a world: invariants, goals, alerts, coverage and lesson beats, the same for every row.
//!
//! What is judged differs from row to row and is behind [`Judged`]; how it is judged does not.

use super::kernel::Kernel;
use super::{
    Answered, BeatView, CommandView, Describe, Journal, MarkKind, MetricView, Step, TextKind,
    Violation,
};
use crate::scenario::{Preset, Setup};
use crate::view::{Check, CheckKind, PuzzleView, Verdict};

/// A row's tables, applied to its world at this moment.
pub(super) trait Judged {
    /// Returns how many statements of this kind there are.
    fn count(&self, kind: CheckKind) -> usize;
    /// Returns a statement as shown.
    fn name(&self, kind: CheckKind, index: usize) -> &'static str;
    /// Says why an invariant does not hold or an alert rings, if so.
    fn check(&self, kind: CheckKind, index: usize) -> Result<(), Violation>;
    /// Returns true if a goal is reached, or something is seen, now.
    fn is_true(&self, kind: CheckKind, index: usize) -> bool;
    /// Returns a goal's bound.
    fn within_us(&self, goal: usize) -> u64;
    /// Returns true if every node runs at its usual speed and the network is whole.
    fn is_calm(&self) -> bool;
    /// Returns how many lesson beats there are.
    fn beat_count(&self) -> usize;
    /// Returns the preset in which a beat comes up.
    fn beat_preset(&self, beat: usize) -> Preset;
    /// Returns true if a beat comes up now.
    fn beat_is_due(&self, beat: usize) -> bool;
    /// Returns the right answer to a beat's bet and what shows it, if it has one and the run has shown
    /// it.
    fn answer(&self, beat: usize) -> Option<(u8, String)>;
    /// Returns a beat as the screen offers it.
    fn beat_view(&self, beat: usize) -> BeatView;
    /// Returns the puzzles as the screen offers them.
    fn puzzles(&self) -> Vec<PuzzleView>;
    /// Returns the index of the invariant whose breach is the goal of each puzzle; `None` for a goal
    /// of its own.
    fn puzzle_invariants(&self) -> Vec<Option<usize>>;
    /// Returns true if a puzzle's own goal is true now.
    fn puzzle_shows(&self, puzzle: usize) -> bool;
    /// Returns what is charted.
    fn metrics(&self) -> Vec<MetricView>;
    /// Reads a metric.
    fn metric(&self, index: u16) -> i64;
    /// Returns what the viewer can ask.
    fn commands(&self) -> Vec<CommandView>;
}

/// When something first went wrong, and why.
#[derive(Clone, Debug)]
struct Broken {
    at_us: u64,
    step: Step,
    /// In which judgement.
    round: u64,
    violation: Violation,
}

/// How far a goal has come.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// When, and in which judgement.
    first_reached: Option<(u64, u64)>,
    /// Whether it was true at some moment since the last disturbance.
    reached_since_disturbance: bool,
    missed: Option<Broken>,
}

/// Every verdict so far.
#[derive(Clone)]
pub(super) struct Judge {
    invariants: Vec<Option<Broken>>,
    goals: Vec<Progress>,
    alerts: Vec<Option<Broken>>,
    /// When it was seen, and in which judgement.
    sometimes: Vec<Option<(u64, u64)>>,
    pub(super) beats: Vec<Option<u64>>,
    /// The answers of the beats' bets. Once given, an answer stays.
    pub(super) answers: Vec<Option<Answered>>,
    /// For each puzzle: the invariant that is to break, if that is its goal, and when the goal first
    /// came true.
    puzzles: Vec<(Option<usize>, Option<u64>)>,
    /// The preset whose beats come up; `None` in a mixed setup, of which the lesson does not speak.
    lesson_preset: Option<Preset>,
    pub(super) is_violated: bool,
    /// How often has been judged.
    rounds: u64,
    last_disturbance_us: u64,
    pub(super) highest_epoch: u64,
}

impl Judge {
    /// Has judged nothing yet.
    pub(super) fn new(judged: &dyn Judged, setup: &Setup) -> Self {
        Self {
            invariants: vec![None; judged.count(CheckKind::Invariant)],
            goals: vec![Progress::default(); judged.count(CheckKind::Goal)],
            alerts: vec![None; judged.count(CheckKind::Alert)],
            sometimes: vec![None; judged.count(CheckKind::Sometimes)],
            beats: vec![None; judged.beat_count()],
            answers: vec![None; judged.beat_count()],
            puzzles: judged.puzzle_invariants().into_iter().map(|it| (it, None)).collect(),
            lesson_preset: setup.preset(),
            is_violated: false,
            rounds: 0,
            last_disturbance_us: 0,
            highest_epoch: 0,
        }
    }

    /// Takes note of a fact's epoch.
    pub(super) fn hear(&mut self, fact: &dyn Describe, moment: (u64, Step), journal: &mut Journal) {
        if let Some(epoch) = fact.epoch().filter(|&epoch| epoch > self.highest_epoch) {
            self.highest_epoch = epoch;
            journal.mark(moment, MarkKind::Epoch(epoch));
        }
    }

    /// Judges the state after this step.
    pub(super) fn judge(
        &mut self,
        (judged, step): (&dyn Judged, Step),
        kernel: &Kernel,
        journal: &mut Journal,
    ) {
        self.rounds += 1;
        let round = self.rounds;
        let moment = (kernel.now_us, step);
        let invariants = (&mut self.invariants[..], CheckKind::Invariant, round);
        self.is_violated |= check_all(invariants, judged, moment, journal);
        self.judge_goals((judged, step), kernel, journal);
        check_all((&mut self.alerts[..], CheckKind::Alert, round), judged, moment, journal);
        for (index, seen) in self.sometimes.iter_mut().enumerate() {
            if seen.is_none() && judged.is_true(CheckKind::Sometimes, index) {
                *seen = Some((kernel.now_us, round));
            }
        }
        self.judge_puzzles(judged, kernel.now_us);
        self.judge_beats(judged, moment, journal);
        // A bet is answered as soon as its beat has come up and the run has shown the answer.
        for (index, answer) in self.answers.iter_mut().enumerate() {
            if answer.is_none() && self.beats[index].is_some() {
                let at_us = kernel.now_us;
                *answer = judged.answer(index).map(|(option, because)| Answered {
                    option,
                    at_us,
                    because,
                });
            }
        }
    }

    fn judge_goals(
        &mut self,
        (judged, step): (&dyn Judged, Step),
        kernel: &Kernel,
        journal: &mut Journal,
    ) {
        let at_us = kernel.now_us;
        let is_disturbed = kernel.last_disturbance_us != self.last_disturbance_us;
        self.last_disturbance_us = kernel.last_disturbance_us;
        for (index, progress) in self.goals.iter_mut().enumerate() {
            progress.reached_since_disturbance &= !is_disturbed;
            // What was reached before the last disturbance must be reached again, after it.
            let is_after = at_us > self.last_disturbance_us || self.last_disturbance_us == 0;
            if !progress.reached_since_disturbance
                && is_after
                && judged.is_true(CheckKind::Goal, index)
            {
                progress.reached_since_disturbance = true;
                if progress.first_reached.is_none() {
                    progress.first_reached = Some((at_us, self.rounds));
                    journal.mark((at_us, step), MarkKind::GoalReached(place(index)));
                    journal.write((at_us, step), TextKind::Verdict, None, || {
                        format!("reached: {}", judged.name(CheckKind::Goal, index))
                    });
                }
            }
            if progress.reached_since_disturbance || progress.missed.is_some() {
                continue;
            }
            // Whether all is calm takes a look at every node, so first comes what is cheap.
            let within_us = judged.within_us(index);
            let is_due = at_us > self.last_disturbance_us + within_us;
            if is_due && judged.is_calm() {
                let bound = super::action::duration(within_us);
                let reason = format!("not reached within {bound} after the last disturbance");
                journal.mark((at_us, step), MarkKind::GoalMissed(place(index)));
                journal.write((at_us, step), TextKind::Verdict, None, || {
                    format!("MISSED: {}: {reason}", judged.name(CheckKind::Goal, index))
                });
                let violation = Violation::new(reason, []);
                progress.missed = Some(Broken { at_us, step, round: self.rounds, violation });
                self.is_violated = true;
            }
        }
    }

    fn judge_puzzles(&mut self, judged: &dyn Judged, now_us: u64) {
        for (index, (invariant, reached_us)) in self.puzzles.iter_mut().enumerate() {
            let is_reached = || match *invariant {
                Some(invariant) => self.invariants.get(invariant).is_some_and(Option::is_some),
                None => judged.puzzle_shows(index),
            };
            if reached_us.is_none() && is_reached() {
                *reached_us = Some(now_us);
            }
        }
    }

    /// Returns when a puzzle's goal first came true.
    pub(super) fn puzzle_reached_us(&self, puzzle: usize) -> Option<u64> {
        self.puzzles.get(puzzle).and_then(|(_, reached_us)| *reached_us)
    }

    /// Lets the next beat come up if its time has come: at most one a step, so that each is seen.
    fn judge_beats(&mut self, judged: &dyn Judged, moment: (u64, Step), journal: &mut Journal) {
        let Some(preset) = self.lesson_preset else { return };
        let waits =
            |index: &usize| self.beats[*index].is_none() && judged.beat_preset(*index) == preset;
        if let Some(index) = (0..self.beats.len()).find(waits)
            && judged.beat_is_due(index)
        {
            self.beats[index] = Some(moment.0);
            journal.mark(moment, MarkKind::Beat(place(index)));
        }
    }

    /// Returns every verdict, invariants first.
    pub(super) fn checks(&self, judged: &dyn Judged) -> Vec<Check> {
        let check = |kind, index, (verdict, round): (Verdict, Option<u64>)| Check {
            name: judged.name(kind, index).to_owned(),
            kind,
            verdict,
            judged: round.unwrap_or(self.rounds),
        };
        let holds = |broken: &Option<Broken>| verdict(broken.as_ref(), (Verdict::Holds, None));
        let numbered = self.invariants.iter().enumerate();
        let invariants =
            numbered.map(|(index, broken)| check(CheckKind::Invariant, index, holds(broken)));
        let goals = self.goals.iter().enumerate().map(|(index, progress)| {
            let otherwise = reached(progress.first_reached);
            check(CheckKind::Goal, index, verdict(progress.missed.as_ref(), otherwise))
        });
        let numbered = self.alerts.iter().enumerate();
        let alerts = numbered.map(|(index, rung)| check(CheckKind::Alert, index, holds(rung)));
        let sometimes = self.sometimes.iter().enumerate();
        let sometimes =
            sometimes.map(|(index, seen)| check(CheckKind::Sometimes, index, reached(*seen)));
        invariants.chain(goals).chain(alerts).chain(sometimes).collect()
    }
}

/// Checks what has not broken or rung yet; returns whether anything does now.
fn check_all(
    (verdicts, kind, round): (&mut [Option<Broken>], CheckKind, u64),
    judged: &dyn Judged,
    (at_us, step): (u64, Step),
    journal: &mut Journal,
) -> bool {
    let mut any = false;
    for (index, broken) in verdicts.iter_mut().enumerate().filter(|(_, broken)| broken.is_none()) {
        if let Err(violation) = judged.check(kind, index) {
            let (word, mark) = match kind {
                CheckKind::Alert => ("alert", MarkKind::Alert(place(index))),
                CheckKind::Invariant | CheckKind::Goal | CheckKind::Sometimes => {
                    ("BROKEN", MarkKind::Violation(place(index)))
                }
            };
            journal.mark((at_us, step), mark);
            journal.write((at_us, step), TextKind::Verdict, None, || {
                format!("{word}: {}: {}", judged.name(kind, index), violation.reason)
            });
            *broken = Some(Broken { at_us, step, round, violation });
            any = true;
        }
    }
    any
}

fn place(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

/// Returns a verdict and the judgement in which it fell, if it is final.
fn verdict(broken: Option<&Broken>, otherwise: (Verdict, Option<u64>)) -> (Verdict, Option<u64>) {
    broken.map_or(otherwise, |broken| {
        let verdict = Verdict::Broken {
            at_us: broken.at_us,
            step: broken.step,
            reason: broken.violation.reason.clone(),
            nodes: broken.violation.nodes.clone(),
            moments: broken.violation.moments.clone(),
        };
        (verdict, Some(broken.round))
    })
}

fn reached(first: Option<(u64, u64)>) -> (Verdict, Option<u64>) {
    first
        .map_or((Verdict::NotYet, None), |(at_us, round)| (Verdict::Reached { at_us }, Some(round)))
}
