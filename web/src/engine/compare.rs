//! Two runs side by side, in lock-step.
//!
//! The open run leads, the other one follows. **Where the other one stands is a function of where the
//! open one stands**: at the end of the same instant or, within an instant, as many steps into it.
//! What is changed in the open run is changed in the other one too, so that there is one schedule;
//! only safeguards belong to one alone. If the open run becomes what the other one is, they change
//! sides: two runs that are the same show nothing.

use std::ops::ControlFlow;

use faultline_core::link;
use faultline_core::order::sort_by_key;
use faultline_core::run::{Position, Run, Target};
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::TimedAction;

use super::begin;
use super::changes::Version;
use super::difference::Search;
use super::figures::Measured;
use super::lab::Lab;
use super::report;
use super::work::{Aim, SLICES_PER_REPORT};
use crate::wire::{Against, Command, Compared, Schedule, Side, Stop, Timeline, Update};

/// At most so many actions that only one run has are told.
const ACTION_LIMIT: usize = 20;

const OTHER_SCENARIO: &str =
    "That run is one of another scenario: it cannot be put beside this one.";

/// A second run beside the open one.
pub(super) struct Comparison {
    other: Run,
    measured: Measured,
    /// The one of the two that nodes, changes and operations are told of.
    shown: Side,
    /// How far the page knows the other run's timeline, and how many of its marks.
    told: Option<(u64, usize)>,
    /// What the open run was made of when it was last looked at.
    this: Version,
    /// What each is called if it is a fork.
    forks: [Option<String>; 2],
    /// Where the other run is on its way to.
    way: Option<Aim>,
    search: Search,
    is_stopped: bool,
    slices: u32,
}

impl Comparison {
    /// Puts a run beside the open one; a sentence says why that cannot be.
    pub(super) fn new(lab: &Lab, against: Against) -> Result<Self, String> {
        let this = lab.version();
        let (setup, actions, forks) = match against {
            Against::Preset(preset) => {
                let mut setup = this.setup.clone();
                setup.apply(preset);
                (setup, this.actions.clone(), [None, None])
            }
            Against::Run { name, link } => {
                let opened = link::parse(&link, this.setup.seed).map_err(|it| it.to_string())?;
                if opened.setup.scenario().slug != this.setup.scenario().slug {
                    return Err(OTHER_SCENARIO.into());
                }
                let actions = opened.actions.unwrap_or_default();
                (opened.setup, actions, [Some(lab.name().to_owned()), Some(name)])
            }
        };
        let other = Run::new(setup, actions);
        let search = search(lab.run(), &other);
        let mut comparison = Self {
            other,
            measured: Measured::default(),
            shown: Side::This,
            told: None,
            this,
            forks,
            way: None,
            search,
            is_stopped: false,
            slices: 0,
        };
        comparison.follow(lab);
        Ok(comparison)
    }

    /// Has nodes, changes and operations be told of one of the two.
    pub(super) fn show(&mut self, side: Side, out: &mut Vec<Update>) {
        self.shown = side;
        // First, so that no panel shows the other run without what is known of it.
        self.tell_timeline(out);
        out.push(Update::Shown(side));
    }

    /// Returns true if `command` asks for something that is told of the other run now.
    pub(super) fn is_asked(&self, command: &Command) -> bool {
        self.shown == Side::Other
            && matches!(
                command,
                Command::LookInto { .. }
                    | Command::Changes { .. }
                    | Command::Offer { .. }
                    | Command::ListOperations { .. }
            )
    }

    /// Answers a question about the other run.
    pub(super) fn answer(&mut self, command: Command, out: &mut Vec<Update>) {
        begin::answer_closely(&self.other, &mut self.measured, command, out);
    }

    /// Tells what is known of the other run over time, if the page shows it and does not know yet.
    fn tell_timeline(&mut self, out: &mut Vec<Update>) {
        let known = Some((self.other.known_us(), self.other.journal().marks.len()));
        if self.shown == Side::Other && self.told != known {
            self.told = known;
            let actions = report::actions(&self.other);
            let timeline = Timeline { actions, ..report::timeline(&self.other) };
            out.push(Update::OtherTimeline(Box::new(timeline)));
        }
    }

    /// Notes that the open run has moved or changed. Returns true if it is another run now.
    pub(super) fn follow(&mut self, lab: &Lab) -> bool {
        let run = lab.run();
        let version = lab.version();
        let has_changed = !version.is_same_run(&self.this);
        if has_changed {
            self.remake(&version);
            self.this = version;
            self.search = search(run, &self.other);
            self.is_stopped = false;
        }
        self.search.extend(reach(run));
        self.way = Some(Aim::Go(run.place()));
        has_changed
    }

    /// Makes the other run anew of what it is, with what has changed in the open one.
    fn remake(&mut self, version: &Version) {
        let old = Version {
            setup: self.other.setup().clone(),
            actions: self.other.actions().to_vec(),
            muted: Vec::new(),
            far_us: 0,
            name: String::new(),
        };
        let new = if version.is_same_run(&old) {
            self.forks.swap(0, 1);
            self.this.clone()
        } else {
            Version {
                setup: changed_setup(&old.setup, &self.this.setup, &version.setup),
                actions: changed_actions(&old.actions, &self.this.actions, &version.actions),
                ..old
            }
        };
        if *self.other.setup() == new.setup {
            self.other.replace_actions(new.actions);
        } else {
            self.other = Run::new(new.setup, new.actions);
        }
        self.measured = Measured::default();
        self.told = None;
    }

    /// Returns true if the other run is not where it belongs yet.
    pub(super) fn is_following(&self) -> bool {
        self.way.is_some()
    }

    /// Returns true if there is something left to do.
    pub(super) fn is_busy(&self) -> bool {
        self.way.is_some() || self.is_looking()
    }

    fn is_looking(&self) -> bool {
        !self.search.is_over() && !self.is_stopped
    }

    /// Puts an end to the search. What has been found stays.
    pub(super) fn stop_looking(&mut self, out: &mut Vec<Update>) {
        if self.is_looking() {
            self.is_stopped = true;
            self.tell(out);
        }
    }

    /// Brings the other run to where it belongs. Returns true when it is there.
    pub(super) fn catch_up(
        &mut self,
        run: &Run,
        budget: &mut impl FnMut() -> bool,
        out: &mut Vec<Update>,
    ) -> bool {
        let Some(way) = &mut self.way else { return true };
        let ControlFlow::Break(stop) = way.go_on(&mut self.other, budget) else { return false };
        self.way = None;
        if let Some(Stop::NotReached(sentence)) = stop {
            out.push(Update::Note(sentence));
        }
        let mut frame = report::frame(&self.other, None, None);
        // Within an instant in which it has nothing to do yet, it stands at the end of the last one.
        frame.scene.now_us = run.now_us();
        frame.figures = self.measured.figures(&self.other);
        out.push(Update::Other(Box::new(frame)));
        self.tell_timeline(out);
        true
    }

    /// Looks on for differences. Returns true if there is more to look at.
    pub(super) fn look_on(
        &mut self,
        budget: &mut impl FnMut() -> bool,
        out: &mut Vec<Update>,
    ) -> bool {
        if !self.is_looking() {
            return false;
        }
        self.search.go_on(budget);
        self.slices += 1;
        if !self.is_looking() || self.slices.is_multiple_of(SLICES_PER_REPORT) {
            self.tell(out);
        }
        self.is_looking()
    }

    /// Tells how the two differ, as far as is known.
    pub(super) fn tell(&self, out: &mut Vec<Update>) {
        let schedule = self.schedule();
        let (outcomes, left_out) = self.search.outcomes();
        out.push(Update::Compared(Some(Box::new(Compared {
            against: Some(self.against()),
            names: self.names(&schedule),
            schedule,
            start: self.search.start().cloned(),
            first: self.search.first().cloned(),
            outcomes,
            left_out,
            looked_us: self.search.looked_us(),
            is_over: self.search.is_over(),
            is_stopped: self.is_stopped,
        }))));
    }

    fn names(&self, schedule: &Schedule) -> [String; 2] {
        let setups = [&self.this.setup, self.other.setup()];
        let design = |setup: &Setup| match setup.preset() {
            Some(Preset::Naive) => "Naive".to_owned(),
            Some(Preset::Hardened) => "Hardened".to_owned(),
            None => mixed(setup),
        };
        Side::BOTH.map(|side| match &self.forks[side.index()] {
            Some(fork) if !fork.is_empty() && !schedule.actions.is_empty() => fork.clone(),
            Some(_) | None => design(setups[side.index()]),
        })
    }

    /// Says what sets the two apart before anything happens.
    fn schedule(&self) -> Schedule {
        let (this, other) = (&self.this, &self.other);
        let setups = [&this.setup, other.setup()];
        let scenario = setups[0].scenario();
        let states = setups[0].switches().iter().zip(setups[1].switches());
        let switches =
            scenario.switches.iter().zip(states).filter(|(_, (one, other))| one != other);
        let side_of = |is_in_this: bool| if is_in_this { Side::This } else { Side::Other };
        let switches =
            switches.map(|(switch, (is_on, _))| (switch.label.to_owned(), side_of(*is_on)));
        let values = setups[0].knobs().iter().zip(setups[1].knobs());
        let knobs = scenario.knobs.iter().zip(values).filter(|(_, (one, other))| one != other);
        let knobs = knobs.map(|(knob, (one, other))| {
            format!("{}: {} | {}", knob.label, knob.words(*one), knob.words(*other))
        });
        let seeds = (setups[0].seed != setups[1].seed)
            .then(|| format!("Seed: {} | {}", setups[0].seed, setups[1].seed));
        let labels = other.simulation().command_labels();
        let names = other.simulation().names();
        let told = |side: Side, timed: &TimedAction| {
            (side, timed.at_us, timed.action.sentence(names, &labels))
        };
        let only_this = without(&this.actions, other.actions());
        let only_other = without(other.actions(), &this.actions);
        let only_this = only_this.iter().map(|timed| told(Side::This, timed));
        let mut actions: Vec<_> =
            only_this.chain(only_other.iter().map(|timed| told(Side::Other, timed))).collect();
        sort_by_key(&mut actions, |(_, at_us, _)| *at_us);
        let left_out = actions.len().saturating_sub(ACTION_LIMIT);
        actions.truncate(ACTION_LIMIT);
        Schedule {
            switches: switches.collect(),
            actions,
            left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
            knobs: seeds.into_iter().chain(knobs).collect(),
        }
    }

    /// Returns where the open run goes by a step: to where the other one alone has something to do,
    /// if that comes first. Else it just steps.
    pub(super) fn step(&self, run: &Run) -> Option<Target> {
        let at_us = self.other.next_at_us()?;
        run.next_at_us().is_none_or(|next_us| at_us < next_us).then_some(Target::Time(at_us))
    }

    /// Returns where the open run goes by a step back: to the end of an instant in which the other
    /// one alone had something to do, or before such an instant. Else it just steps back.
    pub(super) fn step_back(&self, run: &Run) -> Option<Target> {
        let here = last_step_us(run, u64::MAX);
        let other = last_step_us(&self.other, u64::MAX);
        if other > here {
            // The last to do something was the other one alone.
            let before = other.and_then(|at_us| last_step_us(&self.other, at_us));
            return Some(Target::Time(here.max(before).unwrap_or_default()));
        }
        let is_within = run.steps_into(here?) > 1;
        let before = last_step_us(run, here?);
        let between = last_step_us(&self.other, here?);
        (!is_within && between > before).then(|| Target::Time(between.unwrap_or_default()))
    }

    /// Returns what would have to be asked for to have the other run beside the open one again.
    fn against(&self) -> Against {
        let link = || link::format(self.other.setup(), self.other.actions(), None, None);
        let name = self.forks[1].clone().unwrap_or_default();
        self.versus().map_or_else(|| Against::Run { name, link: link() }, Against::Preset)
    }

    /// Adds to the answer to a question what there is to say of the other run.
    pub(super) fn answer_too(&self, events: Option<u32>, out: &mut Vec<Update>) {
        if let Some(reach) = events {
            out.push(Update::OtherLog(begin::log(&self.other, reach)));
        }
        let versus = self.versus();
        if let (Some(Update::Shared { link }), Some(preset)) = (out.last_mut(), versus) {
            *link = link::with_versus(std::mem::take(link), preset);
        }
    }

    /// Returns the preset that alone makes the other run another one, if one does.
    fn versus(&self) -> Option<Preset> {
        let preset = self.other.setup().preset()?;
        let mut setup = self.this.setup.clone();
        setup.apply(preset);
        let is_all = setup == *self.other.setup() && self.this.actions == self.other.actions();
        is_all.then_some(preset)
    }
}

/// Names a run with some safeguards on and others off: by those that it has or lacks, if these are fewer.
fn mixed(setup: &Setup) -> String {
    let labels = |is_on: bool| -> Vec<&str> {
        let both = setup.scenario().switches.iter().zip(setup.switches());
        both.filter(|(_, on)| **on == is_on).map(|(switch, _)| switch.label).collect()
    };
    let (on, off) = (labels(true), labels(false));
    let (word, those) = if on.len() <= off.len() { ("with", on) } else { ("without", off) };
    format!("{word} {}", those.join(", "))
}

/// Returns how far two runs are looked through: to the end of the story, and as far as it is known.
fn reach(run: &Run) -> u64 {
    run.setup().scenario().horizon_us.max(run.known_us())
}

fn search(run: &Run, other: &Run) -> Search {
    Search::new([run, other], reach(run))
}

/// Returns when a run last did something before `before_us`, up to its cursor.
fn last_step_us(run: &Run, before_us: u64) -> Option<u64> {
    let Position { events, actions } = run.position();
    let done = run.journal().events.get(..events as usize).unwrap_or_default();
    let event = done.partition_point(|event| event.at_us < before_us).checked_sub(1);
    let event = event.and_then(|place| done.get(place)).map(|event| event.at_us);
    let done = run.actions().get(..actions as usize).unwrap_or_default();
    let action = done.partition_point(|timed| timed.at_us < before_us).checked_sub(1);
    let action = action.and_then(|place| done.get(place)).map(|timed| timed.at_us);
    event.max(action)
}

/// Returns `setup` with what is not the same in `before` and `after`. Safeguards are left alone: they
/// are what two runs of one schedule differ in.
fn changed_setup(setup: &Setup, before: &Setup, after: &Setup) -> Setup {
    let mut changed = setup.clone();
    if before.seed != after.seed {
        changed.seed = after.seed;
    }
    let values = before.knobs().iter().zip(after.knobs());
    for (knob, (before, after)) in setup.scenario().knobs.iter().zip(values) {
        if before != after {
            // A value that the open run has is one that the knob takes.
            drop(changed.set(knob.key, &after.to_string()));
        }
    }
    changed
}

/// Returns `actions` with what is not the same in `before` and `after`.
fn changed_actions(
    actions: &[TimedAction],
    before: &[TimedAction],
    after: &[TimedAction],
) -> Vec<TimedAction> {
    if actions == before {
        return after.to_vec();
    }
    let mut changed = without(actions, &without(before, after));
    changed.extend(without(after, before));
    changed
}

/// Returns `actions` less those of `others`, each as often as it is there.
fn without(actions: &[TimedAction], others: &[TimedAction]) -> Vec<TimedAction> {
    let mut rest = actions.to_vec();
    for other in others {
        if let Some(place) = rest.iter().position(|action| action == other) {
            rest.remove(place);
        }
    }
    rest
}
