//! A world together with the judgement on it: the one implementation of [`Simulation`].
//!
//! Compiled for each row, so it only hands the row's tables to the [`Judge`] and its nodes to the
//! kernel.

use std::hash::{Hash as _, Hasher as _};

use super::behaviour::Behaviour as _;
use super::judge::{Judge, Judged};
use super::{
    Action, Answered, BeatView, CommandLabel, CommandView, Costs, Describe as _, Happened, Journal,
    MetricView, Names, NodeId, Observer, Process, PuzzleGoal, Sample, Simulation, Spec,
    StableHasher, Step, Testimony, Violation, World, Zones,
};
use crate::scenario::{Preset, Setup};
use crate::view::{Check, CheckKind, NodeInside, PuzzleView, Scene};

/// How many readings of each metric the default horizon holds.
const SAMPLES_PER_HORIZON: u64 = 400;

/// A world, the observer that follows its facts, and every verdict so far.
pub struct Observed<P: Process, O: Observer<P>> {
    seen: Seen<P, O>,
    judge: Judge,
    sample_every_us: u64,
    next_sample_us: u64,
    testimony: Option<Testimony>,
}

/// What is judged: the row's tables, its world, and what the observer has gathered.
#[derive(Clone)]
struct Seen<P: Process, O: Observer<P>> {
    spec: &'static Spec<P, O>,
    world: World<P>,
    observer: O,
}

impl<P: Process, O: Observer<P>> Observed<P, O> {
    /// Builds the world of `setup`, ready to run, as the screen and the checkers know it.
    pub fn boxed(spec: &'static Spec<P, O>, setup: &Setup) -> Box<dyn Simulation> {
        Box::new(Self::new(spec, setup))
    }

    /// Builds the world of `setup`, ready to run, for who knows what it is made of.
    pub fn new(spec: &'static Spec<P, O>, setup: &Setup) -> Self {
        let seen = Seen { spec, world: World::new(spec, setup), observer: O::default() };
        let judge = Judge::new(&seen, setup);
        let horizon_us = setup.scenario().horizon_us;
        let sample_every_us = (horizon_us / SAMPLES_PER_HORIZON).max(1_000);
        Self { seen, judge, sample_every_us, next_sample_us: 0, testimony: None }
    }

    /// Returns the world.
    pub fn world(&self) -> &World<P> {
        &self.seen.world
    }

    /// Returns what the observer has gathered.
    pub fn observer(&self) -> &O {
        &self.seen.observer
    }

    /// Reads the metrics at every sampling time before `until_us`: nothing but time changes.
    fn sample(&mut self, until_us: u64, journal: &mut Journal) {
        while self.next_sample_us < until_us {
            let at_us = self.next_sample_us;
            let kernel = &mut self.seen.world.kernel;
            kernel.now_us = at_us.max(kernel.now_us);
            if journal.keeps_records() {
                for metric in 0..u16::try_from(self.seen.spec.metrics.len()).unwrap_or(u16::MAX) {
                    let value = self.seen.metric(metric);
                    journal.samples.push(Sample { at_us, metric, value });
                }
            }
            self.next_sample_us += self.sample_every_us;
        }
    }

    /// Judges the state after a step.
    fn judge(&mut self, step: Step, journal: &mut Journal) {
        let Seen { world, observer, .. } = &mut self.seen;
        if let Some((number, record)) = world.kernel.happened.take() {
            let wall_us = world.clock(record.node).wall_us(record.at_us);
            observer.on_event(&Happened { number, record, wall_us });
        }
        for (node, fact) in world.nodes.recorded().drain(..) {
            self.judge.hear(&fact, (world.kernel.now_us, step), journal);
            if let (Some(testimony), Some(operation)) = (&mut self.testimony, fact.operation()) {
                let moment = (world.kernel.now_us, step.number());
                testimony.hear(moment, node, operation, Box::new(fact.clone()));
            }
            observer.on_fact(world.kernel.now_us, node, &fact);
        }
        self.judge.judge((&self.seen, step), &self.seen.world.kernel, journal);
    }
}

impl<P: Process, O: Observer<P>> Judged for Seen<P, O> {
    fn count(&self, kind: CheckKind) -> usize {
        match kind {
            CheckKind::Invariant => self.spec.invariants.len(),
            CheckKind::Goal => self.spec.goals.len(),
            CheckKind::Alert => self.spec.alerts.len(),
            CheckKind::Sometimes => self.spec.sometimes.len(),
        }
    }

    fn name(&self, kind: CheckKind, index: usize) -> &'static str {
        match kind {
            CheckKind::Invariant => self.spec.invariants[index].name,
            CheckKind::Goal => self.spec.goals[index].name,
            CheckKind::Alert => self.spec.alerts[index].name,
            CheckKind::Sometimes => self.spec.sometimes[index].name,
        }
    }

    fn check(&self, kind: CheckKind, index: usize) -> Result<(), Violation> {
        let check = match kind {
            CheckKind::Invariant => self.spec.invariants[index].check,
            CheckKind::Alert => self.spec.alerts[index].check,
            CheckKind::Goal | CheckKind::Sometimes => return Ok(()),
        };
        check(&self.world, &self.observer)
    }

    fn is_true(&self, kind: CheckKind, index: usize) -> bool {
        let is_true = match kind {
            CheckKind::Goal => self.spec.goals[index].reached,
            CheckKind::Sometimes => self.spec.sometimes[index].seen,
            CheckKind::Invariant | CheckKind::Alert => return false,
        };
        is_true(&self.world, &self.observer)
    }

    fn within_us(&self, goal: usize) -> u64 {
        (self.spec.goals[goal].within_us)(self.world.setup())
    }

    fn is_calm(&self) -> bool {
        self.world.calm_since_us().is_some()
    }

    fn beat_count(&self) -> usize {
        self.spec.lesson.len()
    }

    fn beat_preset(&self, beat: usize) -> Preset {
        self.spec.lesson[beat].preset
    }

    fn beat_is_due(&self, beat: usize) -> bool {
        (self.spec.lesson[beat].when)(&self.world, &self.observer)
    }

    fn answer(&self, beat: usize) -> Option<(u8, String)> {
        let asked = self.spec.lesson[beat].bet.as_ref()?;
        let option = (asked.right)(&self.world, &self.observer)?;
        Some((option, (asked.evidence)(&self.world, &self.observer)))
    }

    fn beat_view(&self, beat: usize) -> BeatView {
        let beat = &self.spec.lesson[beat];
        let asked = beat.bet.as_ref().map(|it| (it.question, it.options));
        BeatView::new(beat.title, beat.say, beat.preset, asked)
    }

    fn puzzles(&self) -> Vec<PuzzleView> {
        let view = |puzzle: &super::Puzzle<P, O>| PuzzleView {
            title: puzzle.title.into(),
            task: puzzle.task.into(),
            hint: puzzle.hint.into(),
            preset: puzzle.preset,
            budget: puzzle.budget.to_vec(),
            par: puzzle.par,
        };
        self.spec.puzzles.iter().map(view).collect()
    }

    fn puzzle_invariants(&self) -> Vec<Option<usize>> {
        let place = |name: &str| self.spec.invariants.iter().position(|it| it.name == name);
        let invariant = |puzzle: &super::Puzzle<P, O>| match puzzle.goal {
            PuzzleGoal::Breaks(name) => place(name),
            PuzzleGoal::Shows(_) => None,
        };
        self.spec.puzzles.iter().map(invariant).collect()
    }

    fn puzzle_shows(&self, puzzle: usize) -> bool {
        let puzzle = &self.spec.puzzles[puzzle];
        match puzzle.goal {
            // Elsewhere it is no question, and need not cost anything.
            PuzzleGoal::Shows(shows) => {
                let is_set_here = self.world.setup().preset() == Some(puzzle.preset);
                is_set_here && shows(&self.world, &self.observer)
            }
            // The name of no invariant: a test rules that out.
            PuzzleGoal::Breaks(_) => false,
        }
    }

    fn metrics(&self) -> Vec<MetricView> {
        let view = |metric: &super::Metric<P, O>| MetricView::new(metric.label, metric.unit);
        self.spec.metrics.iter().map(view).collect()
    }

    fn metric(&self, index: u16) -> i64 {
        (self.spec.metrics[usize::from(index)].read)(&self.world, &self.observer)
    }

    fn commands(&self) -> Vec<CommandView> {
        let world = &self.world;
        let among = |input: &super::Input| -> Vec<String> {
            let nodes = NodeId::first(input.among(world.setup()));
            nodes.map(|id| world.kernel.names[id].to_owned()).collect()
        };
        let view = |command: &super::Command<P>| CommandView {
            label: command.label.to_owned(),
            input: command.input.view(&among(&command.input)),
            nodes: self
                .world
                .ids()
                .filter(|&id| (command.accepts)(id, self.world.setup()))
                .collect(),
        };
        self.spec.commands.iter().map(view).collect()
    }
}

impl<P: Process, O: Observer<P>> Simulation for Observed<P, O> {
    fn now_us(&self) -> u64 {
        self.seen.world.kernel.now_us
    }

    fn events(&self) -> u32 {
        self.seen.world.kernel.number()
    }

    fn next_at_us(&self) -> Option<u64> {
        self.seen.world.kernel.next_at_us()
    }

    fn step(&mut self, journal: &mut Journal) -> bool {
        let Some(at_us) = self.next_at_us() else { return false };
        self.sample(at_us, journal);
        let World { kernel, nodes } = &mut self.seen.world;
        kernel.step(nodes, journal);
        let step = kernel.last;
        self.judge(step, journal);
        true
    }

    fn advance(&mut self, at_us: u64, journal: &mut Journal) {
        debug_assert!(self.next_at_us().is_none_or(|next_us| at_us <= next_us));
        self.sample(at_us, journal);
        let kernel = &mut self.seen.world.kernel;
        kernel.now_us = kernel.now_us.max(at_us);
        // Time alone can break a promise: where nothing happens any more, nothing else would.
        let step = Step::Time { before: kernel.number() };
        self.judge(step, journal);
    }

    fn act(&mut self, index: u32, action: &Action, journal: &mut Journal) -> bool {
        let Seen { world, observer, .. } = &mut self.seen;
        let bit = world.kernel.act(index, action, &mut world.nodes, journal);
        journal.mark(world.kernel.moment(), super::MarkKind::Action { index, bit });
        if bit {
            observer.on_action(world.now_us(), action, world);
        }
        let step = world.kernel.last;
        self.judge(step, journal);
        bit
    }

    fn why_not(&self, action: &Action) -> Option<String> {
        self.seen.world.kernel.why_not(action, &self.seen.world.nodes)
    }

    fn last_step(&self) -> Step {
        self.seen.world.kernel.last
    }

    fn bites(&self, index: u32) -> u32 {
        self.seen.world.kernel.bites.get(index as usize).copied().unwrap_or_default()
    }

    fn scene(&self) -> Scene {
        let Seen { spec, world, observer } = &self.seen;
        let mut scene = world.kernel.scene(&world.nodes, (spec.panels)(world, observer));
        for node in &mut scene.nodes {
            node.view.label = match (observer.remark(world, node.id), node.view.label.is_empty()) {
                (None, _) => continue,
                (Some(remark), true) => remark,
                (Some(remark), false) => format!("{} · {remark}", node.view.label),
            };
        }
        scene
    }

    fn inside(&self, node: NodeId) -> Option<NodeInside> {
        self.seen.world.kernel.inside(node, &self.seen.world.nodes)
    }

    fn checks(&self) -> Vec<Check> {
        self.judge.checks(&self.seen)
    }

    fn is_violated(&self) -> bool {
        self.judge.is_violated
    }

    fn beats(&self) -> &[Option<u64>] {
        &self.judge.beats
    }

    fn answer(&self, beat: usize) -> Option<&Answered> {
        self.judge.answers.get(beat)?.as_ref()
    }

    fn names(&self) -> &Names {
        self.seen.world.names()
    }

    fn zones(&self) -> Option<&Zones> {
        self.seen.world.network().zones()
    }

    fn commands(&self) -> Vec<CommandView> {
        Judged::commands(&self.seen)
    }

    fn command_labels(&self) -> Vec<CommandLabel> {
        self.seen.world.nodes.command_labels(self.seen.world.setup())
    }

    fn lesson(&self) -> Vec<BeatView> {
        (0..self.seen.beat_count()).map(|beat| self.seen.beat_view(beat)).collect()
    }

    fn puzzles(&self) -> Vec<PuzzleView> {
        Judged::puzzles(&self.seen)
    }

    fn puzzle_reached_us(&self, puzzle: usize) -> Option<u64> {
        self.judge.puzzle_reached_us(puzzle)
    }

    fn metrics(&self) -> Vec<MetricView> {
        Judged::metrics(&self.seen)
    }

    fn readings(&self) -> Vec<i64> {
        let metrics = u16::try_from(self.seen.spec.metrics.len()).unwrap_or(u16::MAX);
        (0..metrics).map(|metric| self.seen.metric(metric)).collect()
    }

    fn attend(&mut self) {
        self.testimony = Some(Testimony::new(O::seen_as()));
    }

    fn testimony(&self) -> Option<&Testimony> {
        self.testimony.as_ref()
    }

    fn longest_goal_us(&self) -> u64 {
        let goals = 0..self.seen.count(CheckKind::Goal);
        goals.map(|goal| self.seen.within_us(goal)).max().unwrap_or_default()
    }

    fn costs(&self) -> Costs {
        self.seen.world.kernel.costs
    }

    fn node_costs(&self) -> &[Costs] {
        &self.seen.world.kernel.node_costs
    }

    fn digest(&self) -> u64 {
        self.seen.world.kernel.digest_value()
    }

    fn possible_actions(&self) -> Vec<Action> {
        self.seen.world.kernel.possible_actions(&self.seen.world.nodes)
    }

    fn options(&self) -> &[u64] {
        &self.seen.world.kernel.picks.options
    }

    fn fingerprint(&self) -> u64 {
        let World { kernel, nodes } = &self.seen.world;
        let mut hasher = StableHasher::chained(0);
        kernel.identify(nodes, &mut hasher);
        self.seen.observer.hash(&mut hasher);
        self.judge.is_violated.hash(&mut hasher);
        hasher.finish()
    }

    fn epoch_word(&self) -> &'static str {
        P::EPOCH
    }

    fn highest_epoch(&self) -> u64 {
        self.judge.highest_epoch
    }

    fn fork(&self) -> Box<dyn Simulation> {
        let (sample_every_us, next_sample_us) = (self.sample_every_us, self.next_sample_us);
        let (seen, judge) = (self.seen.clone(), copied(&self.judge));
        let testimony = None;
        Box::new(Self { seen, judge, sample_every_us, next_sample_us, testimony })
    }
}

/// Copies a judge. Left to itself the compiler writes this out again for each row.
#[inline(never)]
fn copied(judge: &Judge) -> Judge {
    judge.clone()
}
