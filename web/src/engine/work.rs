//! Work that may take long: going somewhere in a run, a few steps at a time.

use std::cell::Cell;
use std::ops::ControlFlow::{self, Break, Continue};

use faultline_core::link::format_time;
use faultline_core::run::{Position, Run, Target};
use faultline_core::sim::{Mark, MarkKind};
use faultline_core::view::{CheckKind, Verdict};

use crate::wire::{Stop, Until};

/// A run is held to this many events: its records must fit into memory.
pub(super) const EVENT_LIMIT: u32 = 2_000_000;
/// The latest true time to go to: a day, as in links.
pub(super) const TIME_LIMIT_US: u64 = 24 * 3_600 * 1_000_000;
/// Steps between two looks at the clock.
const STEPS_PER_LOOK: u32 = 16;

thread_local! {
    static LAST_GOOD_US: Cell<u64> = const { Cell::new(0) };
}

/// Returns the last true time at which the run was well, for when a step panics.
pub fn last_good_us() -> u64 {
    LAST_GOOD_US.get()
}

/// Notes that all is well up to the next step.
pub(super) fn note_good(run: &Run) {
    let now_us = run.now_us();
    let is_over = run.next_at_us().is_none_or(|next_us| next_us > now_us);
    // Of an instant that is not over, only what lies before it is surely good.
    let before_us = LAST_GOOD_US.get().min(now_us.saturating_sub(1));
    LAST_GOOD_US.set(if is_over { now_us } else { before_us });
}

/// What to watch for on the way.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum LookFor {
    /// Nothing.
    Nothing,
    /// The first violation, and beats that ask for a prediction.
    Pauses,
    /// What a person asked for.
    Until(Until),
    /// This beat of the lesson.
    Beat(u16),
    /// An event that recorded a fact, or a mark.
    Interesting,
}

/// Where to go.
#[derive(Debug)]
pub(super) enum Aim {
    /// To a known place or time, forward or back.
    Go(Target),
    /// Forward to this time, or to what is looked for.
    Play {
        /// As far as this.
        to_us: u64,
        /// On the way.
        lookout: Lookout,
    },
}

impl Aim {
    /// Goes on while `budget` allows, or until it is done: then says why before its end, if so.
    pub(super) fn go_on(
        &mut self,
        run: &mut Run,
        budget: &mut impl FnMut() -> bool,
    ) -> ControlFlow<Option<Stop>> {
        // Where a slice begins is not far from where the way ends, if it ends in this slice.
        run.rest();
        loop {
            for _ in 0..STEPS_PER_LOOK {
                note_good(run);
                match self {
                    Self::Go(target) => go_one(run, *target)?,
                    Self::Play { to_us, lookout } => lookout.play_one(run, *to_us)?,
                }
            }
            if !budget() {
                return Continue(());
            }
        }
    }
}

fn go_one(run: &mut Run, target: Target) -> ControlFlow<Option<Stop>> {
    let is_ahead = match target {
        Target::Time(at_us) => at_us >= run.now_us(),
        Target::Position(position) => position >= run.position(),
    };
    if is_ahead && run.position().events >= EVENT_LIMIT {
        return Break(Some(too_long()));
    }
    if run.seek_some(target, 1) { Break(None) } else { Continue(()) }
}

/// Says that the run cannot go on.
pub(super) fn too_long() -> Stop {
    Stop::NotReached(format!("A run is held to {EVENT_LIMIT} events, and this one has as many."))
}

/// Plays on and watches.
#[derive(Debug)]
pub(super) struct Lookout {
    look_for: LookFor,
    /// Marks that have been passed.
    passed: Passed,
    was_violated: bool,
}

impl Lookout {
    /// Watches for `look_for` from the cursor on.
    pub(super) fn new(run: &Run, look_for: LookFor) -> Self {
        let mut passed = Passed::default();
        passed.pass(run, |_| {});
        Self { look_for, passed, was_violated: run.simulation().is_violated() }
    }

    /// Does one step, if one is due by `to_us`.
    fn play_one(&mut self, run: &mut Run, to_us: u64) -> ControlFlow<Option<Stop>> {
        let Some(next_us) = run.next_at_us() else {
            return Break(Some(Stop::End));
        };
        if next_us > to_us {
            run.seek_time(to_us.max(run.now_us()));
            return Break(self.not_reached(to_us));
        }
        if run.position().events >= EVENT_LIMIT {
            return Break(Some(too_long()));
        }
        run.step();
        self.look(run)
    }

    fn not_reached(&self, to_us: u64) -> Option<Stop> {
        let what = match self.look_for {
            LookFor::Nothing | LookFor::Pauses => return None,
            LookFor::Until(Until::Violation) => "Nothing broke",
            LookFor::Until(Until::Check(_)) => "This was neither reached nor broken",
            LookFor::Until(Until::Alert) => "No alert fired",
            LookFor::Until(Until::Beat) => "No step of the lesson came up",
            LookFor::Beat(_) => "This step of the lesson did not come up with these actions",
            LookFor::Interesting => "Nothing of note happened",
        };
        Some(Stop::NotReached(format!("{what} up to {}.", format_time(to_us))))
    }

    /// Looks at what the last step brought.
    fn look(&mut self, run: &Run) -> ControlFlow<Option<Stop>> {
        let mut marks = Vec::new();
        self.passed.pass(run, |mark| marks.push(mark.kind));
        let violated = marks.iter().find_map(|&kind| violated_check(run, kind));
        let mut beats = marks.iter().filter_map(|&kind| beat_of(kind));
        let stop = match self.look_for {
            LookFor::Nothing => None,
            LookFor::Interesting => {
                let last = run.position().events.checked_sub(1);
                let last = last.and_then(|event| run.journal().events.get(event as usize));
                let has_fact = last.is_some_and(|event| event.facts > 0);
                return if has_fact || !marks.is_empty() { Break(None) } else { Continue(()) };
            }
            LookFor::Pauses => {
                let bet = || beats.find(|&beat| has_bet(run, beat)).map(Stop::Bet);
                violated.filter(|_| !self.was_violated).map(Stop::Violation).or_else(bet)
            }
            LookFor::Until(Until::Violation) => violated.map(Stop::Violation),
            LookFor::Until(Until::Check(check)) => is_decided(run, check).then_some(Stop::Reached),
            LookFor::Until(Until::Alert) => {
                let is_alert = |kind: &MarkKind| matches!(kind, MarkKind::Alert(_));
                marks.iter().any(is_alert).then_some(Stop::Reached)
            }
            LookFor::Until(Until::Beat) => beats.next().map(|_| Stop::Reached),
            LookFor::Beat(wanted) => beats.any(|beat| beat == wanted).then_some(Stop::Reached),
        };
        stop.map_or(Continue(()), |stop| Break(Some(stop)))
    }
}

/// How many marks lie at or before a place, found by going along with the cursor.
#[derive(Debug, Default)]
pub(super) struct Passed {
    marks: usize,
    actions: u32,
}

impl Passed {
    /// Goes along to the cursor and shows each mark on the way.
    fn pass(&mut self, run: &Run, mut show: impl FnMut(&Mark)) {
        while let Some(mark) = run.journal().marks.get(self.marks) {
            let place = self.place_of(mark);
            if place > run.position() {
                break;
            }
            self.marks += 1;
            self.actions = place.actions;
            show(mark);
        }
    }

    /// Returns the place of the next mark. What an action brought about stands right behind it.
    fn place_of(&self, mark: &Mark) -> Position {
        let actions = match mark.kind {
            MarkKind::Action { index, .. } => index + 1,
            MarkKind::Violation(_)
            | MarkKind::GoalMissed(_)
            | MarkKind::GoalReached(_)
            | MarkKind::Alert(_)
            | MarkKind::Beat(_)
            | MarkKind::Epoch(_) => self.actions,
        };
        Position { events: mark.after_event, actions }
    }
}

/// Returns the last place before the cursor at which something of note happened.
pub(super) fn previous_interesting(run: &Run) -> Option<Position> {
    let here = run.position();
    let mut passed = Passed::default();
    let mut of_marks = None;
    for mark in &run.journal().marks {
        let place = passed.place_of(mark);
        if place >= here {
            break;
        }
        passed.actions = place.actions;
        of_marks = Some(place);
    }
    // The place right after an event is the first one with that many events; it lies before the
    // cursor unless that very event was the last step.
    let reach = if last_was_action(run) { here.events } else { here.events.saturating_sub(1) };
    let known = run.journal().events.get(..reach as usize).unwrap_or_default();
    let with_facts = known.iter().rposition(|event| event.facts > 0);
    let of_facts = with_facts.and_then(|event| u32::try_from(event + 1).ok());
    let of_facts = of_facts.map(|events| Position { events, actions: 0 });
    of_marks.max(of_facts)
}

/// Returns true if the last step was an action, not an event.
pub(super) fn last_was_action(run: &Run) -> bool {
    let Position { events, actions } = run.position();
    let is_it =
        |mark: &&Mark| matches!(mark.kind, MarkKind::Action { index, .. } if index + 1 == actions);
    let mark = run.journal().marks.iter().rev().find(is_it);
    mark.is_some_and(|mark| mark.after_event == events)
}

/// Returns the place at which a beat came up, if it is known to have.
pub(super) fn place_of_beat(run: &Run, wanted: u16) -> Option<Position> {
    let mut passed = Passed::default();
    run.journal().marks.iter().find_map(|mark| {
        let place = passed.place_of(mark);
        passed.actions = place.actions;
        (beat_of(mark.kind) == Some(wanted)).then_some(place)
    })
}

fn beat_of(kind: MarkKind) -> Option<u16> {
    if let MarkKind::Beat(beat) = kind { Some(beat) } else { None }
}

fn has_bet(run: &Run, beat: u16) -> bool {
    let lesson = run.simulation().lesson();
    lesson.get(usize::from(beat)).is_some_and(|beat| beat.bet.is_some())
}

/// Returns the index of the check that a mark says was violated.
fn violated_check(run: &Run, kind: MarkKind) -> Option<u16> {
    match kind {
        MarkKind::Violation(invariant) => Some(invariant),
        MarkKind::GoalMissed(goal) => {
            let checks = run.simulation().checks();
            let invariants = checks.iter().filter(|check| check.kind == CheckKind::Invariant);
            u16::try_from(invariants.count()).ok()?.checked_add(goal)
        }
        MarkKind::Action { .. }
        | MarkKind::GoalReached(_)
        | MarkKind::Alert(_)
        | MarkKind::Beat(_)
        | MarkKind::Epoch(_) => None,
    }
}

fn is_decided(run: &Run, check: u16) -> bool {
    let checks = run.simulation().checks();
    checks.get(usize::from(check)).is_some_and(|check| {
        matches!(check.verdict, Verdict::Broken { .. } | Verdict::Reached { .. })
    })
}
