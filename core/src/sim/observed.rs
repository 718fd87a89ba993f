//! A world together with the judgement on it: the one implementation of [`Simulation`].

use super::{
    Action, BeatView, CommandView, Costs, Describe, Journal, MarkKind, MetricView, Names, Observer,
    Process, Sample, Simulation, Spec, TextKind, Violation, World,
};
use crate::scenario::Preset;
use crate::view::{Check, CheckKind, Scene, Verdict};

/// How many readings of each metric the default horizon holds.
const SAMPLES_PER_HORIZON: u64 = 400;

/// When something first went wrong, and why.
#[derive(Clone, Debug)]
struct Broken {
    at_us: u64,
    event: u32,
    violation: Violation,
}

/// How far a goal has come.
#[derive(Clone, Debug, Default)]
struct Progress {
    first_reached_us: Option<u64>,
    /// Whether it was true at some moment since the last disturbance.
    reached_since_disturbance: bool,
    missed: Option<Broken>,
}

/// A world, the observer that follows its facts, and every verdict so far.
#[derive(Clone)]
pub struct Observed<P: Process, O: Observer<P>> {
    spec: &'static Spec<P, O>,
    world: World<P>,
    observer: O,
    invariants: Vec<Option<Broken>>,
    goals: Vec<Progress>,
    alerts: Vec<Option<Broken>>,
    sometimes: Vec<Option<u64>>,
    beats: Vec<Option<u64>>,
    /// The answers of the beats' bets. Once given, an answer stays.
    answers: Vec<Option<u8>>,
    /// The preset whose beats come up; `None` in a mixed setup, of which the lesson does not speak.
    lesson_preset: Option<Preset>,
    is_violated: bool,
    last_disturbance_us: u64,
    highest_epoch: u64,
    sample_every_us: u64,
    next_sample_us: u64,
}

impl<P: Process, O: Observer<P>> Observed<P, O> {
    /// Builds the world of `setup`, ready to run.
    pub fn boxed(spec: &'static Spec<P, O>, setup: &crate::scenario::Setup) -> Box<dyn Simulation> {
        let horizon_us = setup.scenario().horizon_us;
        Box::new(Self {
            spec,
            world: World::new(spec, setup),
            observer: O::default(),
            invariants: vec![None; spec.invariants.len()],
            goals: vec![Progress::default(); spec.goals.len()],
            alerts: vec![None; spec.alerts.len()],
            sometimes: vec![None; spec.sometimes.len()],
            beats: vec![None; spec.lesson.len()],
            answers: vec![None; spec.lesson.len()],
            lesson_preset: setup.preset(),
            is_violated: false,
            last_disturbance_us: 0,
            highest_epoch: 0,
            sample_every_us: (horizon_us / SAMPLES_PER_HORIZON).max(1_000),
            next_sample_us: 0,
        })
    }

    /// Reads the metrics at every sampling time before `until_us`: nothing but time changes.
    fn sample(&mut self, until_us: u64, journal: &mut Journal) {
        while self.next_sample_us < until_us {
            self.world.now_us = self.next_sample_us.max(self.world.now_us);
            if journal.keeps_records() {
                for (metric, index) in self.spec.metrics.iter().zip(0..) {
                    let value = (metric.read)(&self.world, &self.observer);
                    let at_us = self.next_sample_us;
                    journal.samples.push(Sample { at_us, metric: index, value });
                }
            }
            self.next_sample_us += self.sample_every_us;
        }
    }

    /// Judges the state after an event or action.
    fn judge(&mut self, journal: &mut Journal) {
        let (at_us, _) = self.world.moment();
        for (node, fact) in self.world.take_recorded() {
            if let Some(epoch) = fact.epoch().filter(|&epoch| epoch > self.highest_epoch) {
                self.highest_epoch = epoch;
                journal.mark(self.world.moment(), MarkKind::Epoch(epoch));
            }
            self.observer.on_fact(at_us, node, &fact);
        }
        self.judge_invariants(journal);
        self.judge_goals(journal);
        self.judge_alerts(journal);
        for (seen, sometimes) in self.sometimes.iter_mut().zip(self.spec.sometimes) {
            if seen.is_none() && (sometimes.seen)(&self.world, &self.observer) {
                *seen = Some(at_us);
            }
        }
        self.judge_beats(journal);
        self.judge_bets();
    }

    fn judge_invariants(&mut self, journal: &mut Journal) {
        let (at_us, count) = self.world.moment();
        // What is judged is the state after the last event.
        let event = count.saturating_sub(1);
        let judged = self.invariants.iter_mut().zip(self.spec.invariants).zip(0..);
        for ((broken, invariant), index) in judged.filter(|((broken, _), _)| broken.is_none()) {
            if let Err(violation) = (invariant.check)(&self.world, &self.observer) {
                journal.mark((at_us, count), MarkKind::Violation(index));
                journal.write((at_us, event), TextKind::Verdict, None, || {
                    format!("BROKEN: {}: {}", invariant.name, violation.reason)
                });
                *broken = Some(Broken { at_us, event, violation });
                self.is_violated = true;
            }
        }
    }

    fn judge_goals(&mut self, journal: &mut Journal) {
        let (at_us, count) = self.world.moment();
        // What is judged is the state after the last event.
        let event = count.saturating_sub(1);
        let is_disturbed = self.world.last_disturbance_us != self.last_disturbance_us;
        self.last_disturbance_us = self.world.last_disturbance_us;
        let calm_since_us = self.world.calm_since_us();
        for ((goal, progress), index) in self.spec.goals.iter().zip(&mut self.goals).zip(0..) {
            progress.reached_since_disturbance &= !is_disturbed;
            // What was reached before the last disturbance must be reached again, after it.
            let is_after = at_us > self.last_disturbance_us || self.last_disturbance_us == 0;
            if !progress.reached_since_disturbance
                && is_after
                && (goal.reached)(&self.world, &self.observer)
            {
                progress.reached_since_disturbance = true;
                if progress.first_reached_us.is_none() {
                    progress.first_reached_us = Some(at_us);
                    journal.mark((at_us, count), MarkKind::GoalReached(index));
                    journal.write((at_us, event), TextKind::Verdict, None, || {
                        format!("reached: {}", goal.name)
                    });
                }
            }
            let is_late = calm_since_us.is_some_and(|since_us| at_us > since_us + goal.within_us);
            if is_late && !progress.reached_since_disturbance && progress.missed.is_none() {
                let bound = super::action::duration(goal.within_us);
                let reason = format!("not reached within {bound} after the last disturbance");
                journal.mark((at_us, count), MarkKind::GoalMissed(index));
                journal.write((at_us, event), TextKind::Verdict, None, || {
                    format!("MISSED: {}: {reason}", goal.name)
                });
                let violation = Violation::new(reason, []);
                progress.missed = Some(Broken { at_us, event, violation });
                self.is_violated = true;
            }
        }
    }

    fn judge_alerts(&mut self, journal: &mut Journal) {
        let (at_us, count) = self.world.moment();
        // What is judged is the state after the last event.
        let event = count.saturating_sub(1);
        let judged = self.alerts.iter_mut().zip(self.spec.alerts).zip(0..);
        for ((rung, alert), index) in judged.filter(|((rung, _), _)| rung.is_none()) {
            if let Err(violation) = (alert.check)(&self.world, &self.observer) {
                journal.mark((at_us, count), MarkKind::Alert(index));
                journal.write((at_us, event), TextKind::Verdict, None, || {
                    format!("alert: {}: {}", alert.name, violation.reason)
                });
                *rung = Some(Broken { at_us, event, violation });
            }
        }
    }

    /// Answers the bets of the beats that have come up, as soon as the run has shown the answer.
    fn judge_bets(&mut self) {
        let beats = self.spec.lesson.iter().zip(&self.beats).zip(&mut self.answers);
        for ((beat, came_up), answer) in beats {
            if let (Some(bet), Some(_), None) = (&beat.bet, came_up, &answer) {
                *answer = (bet.right)(&self.world, &self.observer);
            }
        }
    }

    /// Lets the next beat come up if its time has come: at most one a step, so that each is seen.
    fn judge_beats(&mut self, journal: &mut Journal) {
        let (at_us, event) = self.world.moment();
        let beats = self.spec.lesson.iter().zip(&mut self.beats).zip(0..);
        let mut waiting = beats.filter(|((beat, came_up), _)| {
            Some(beat.preset) == self.lesson_preset && came_up.is_none()
        });
        if let Some(((beat, came_up), index)) = waiting.next()
            && (beat.when)(&self.world, &self.observer)
        {
            *came_up = Some(at_us);
            journal.mark((at_us, event), MarkKind::Beat(index));
        }
    }
}

fn verdict(broken: Option<&Broken>, otherwise: Verdict) -> Verdict {
    broken.map_or(otherwise, |broken| Verdict::Broken {
        at_us: broken.at_us,
        event: broken.event,
        reason: broken.violation.reason.clone(),
        nodes: broken.violation.nodes.clone(),
    })
}

fn reached(at_us: Option<u64>) -> Verdict {
    at_us.map_or(Verdict::NotYet, |at_us| Verdict::Reached { at_us })
}

impl<P: Process, O: Observer<P>> Simulation for Observed<P, O> {
    fn now_us(&self) -> u64 {
        self.world.now_us
    }

    fn events(&self) -> u32 {
        self.world.moment().1
    }

    fn next_at_us(&self) -> Option<u64> {
        self.world.next_at_us()
    }

    fn step(&mut self, journal: &mut Journal) -> bool {
        let Some(at_us) = self.world.next_at_us() else { return false };
        self.sample(at_us, journal);
        self.world.step(journal);
        self.judge(journal);
        true
    }

    fn advance(&mut self, at_us: u64, journal: &mut Journal) {
        debug_assert!(self.next_at_us().is_none_or(|next_us| at_us <= next_us));
        self.sample(at_us, journal);
        self.world.now_us = self.world.now_us.max(at_us);
        // Time alone can break a promise: where nothing happens any more, nothing else would.
        self.judge(journal);
    }

    fn act(&mut self, index: u32, action: &Action, journal: &mut Journal) -> bool {
        let bit = self.world.act(index, action, journal);
        journal.mark(self.world.moment(), MarkKind::Action { index, bit });
        self.judge(journal);
        bit
    }

    fn why_not(&self, action: &Action) -> Option<String> {
        self.world.why_not(action)
    }

    fn bites(&self, index: u32) -> u32 {
        self.world.bites.get(index as usize).copied().unwrap_or_default()
    }

    fn scene(&self) -> Scene {
        self.world.scene((self.spec.panels)(&self.world, &self.observer))
    }

    fn checks(&self) -> Vec<Check> {
        let check = |name: &str, kind, verdict| Check { name: name.to_owned(), kind, verdict };
        let invariants = self.spec.invariants.iter().zip(&self.invariants).map(|(it, broken)| {
            check(it.name, CheckKind::Invariant, verdict(broken.as_ref(), Verdict::Holds))
        });
        let goals = self.spec.goals.iter().zip(&self.goals).map(|(it, progress)| {
            let otherwise = reached(progress.first_reached_us);
            check(it.name, CheckKind::Goal, verdict(progress.missed.as_ref(), otherwise))
        });
        let alerts = self.spec.alerts.iter().zip(&self.alerts).map(|(it, rung)| {
            check(it.name, CheckKind::Alert, verdict(rung.as_ref(), Verdict::Holds))
        });
        let sometimes = self.spec.sometimes.iter().zip(&self.sometimes);
        let sometimes =
            sometimes.map(|(it, seen)| check(it.name, CheckKind::Sometimes, reached(*seen)));
        invariants.chain(goals).chain(alerts).chain(sometimes).collect()
    }

    fn is_violated(&self) -> bool {
        self.is_violated
    }

    fn beats(&self) -> &[Option<u64>] {
        &self.beats
    }

    fn answer(&self, beat: usize) -> Option<u8> {
        self.answers.get(beat).copied().flatten()
    }

    fn names(&self) -> &Names {
        self.world.names()
    }

    fn commands(&self) -> Vec<CommandView> {
        let view = |command: &super::Command<P>| CommandView {
            label: command.label.to_owned(),
            nodes: self
                .world
                .ids()
                .filter(|&id| (command.accepts)(id, &self.world.setup))
                .collect(),
        };
        self.spec.commands.iter().map(view).collect()
    }

    fn command_labels(&self) -> Vec<&'static str> {
        self.spec.commands.iter().map(|command| command.label).collect()
    }

    fn lesson(&self) -> Vec<BeatView> {
        let view = |beat: &super::Beat<P, O>| BeatView {
            title: beat.title.to_owned(),
            say: beat.say.to_owned(),
            preset: beat.preset,
            bet: beat.bet.as_ref().map(|bet| {
                let options = bet.options.iter().map(|&option| option.to_owned()).collect();
                (bet.question.to_owned(), options)
            }),
        };
        self.spec.lesson.iter().map(view).collect()
    }

    fn metrics(&self) -> Vec<MetricView> {
        let view = |metric: &super::Metric<P, O>| MetricView {
            label: metric.label.to_owned(),
            unit: metric.unit.to_owned(),
        };
        self.spec.metrics.iter().map(view).collect()
    }

    fn longest_goal_us(&self) -> u64 {
        self.spec.goals.iter().map(|goal| goal.within_us).max().unwrap_or_default()
    }

    fn costs(&self) -> Costs {
        self.world.costs
    }

    fn digest(&self) -> u64 {
        self.world.digest
    }

    fn fork(&self) -> Box<dyn Simulation> {
        Box::new(self.clone())
    }
}
