//! Work that may take long: going somewhere in a run, a few steps at a time.

use std::cell::Cell;
use std::ops::ControlFlow::{self, Break, Continue};

use faultline_core::run::{Position, Run, Target};
use faultline_core::sim::{Mark, MarkKind};

use super::lookout::Lookout;
use crate::wire::Stop;

/// A run is held to this many events: its records must fit into memory.
pub(super) const EVENT_LIMIT: u32 = 2_000_000;
/// The latest true time to go to: a day, as in links.
pub(super) const TIME_LIMIT_US: u64 = 24 * 3_600 * 1_000_000;
/// Between two reports of long work lie this many slices: about a tenth of a second.
pub(super) const SLICES_PER_REPORT: u32 = 16;
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
        Target::Time(at_us) | Target::Within { at_us, .. } => at_us >= run.now_us(),
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

/// How many marks lie at or before a place, found by going along with the cursor.
#[derive(Debug, Default)]
pub(super) struct Passed {
    marks: usize,
    actions: u32,
}

impl Passed {
    /// Goes along to the cursor and shows each mark on the way.
    pub(super) fn pass(&mut self, run: &Run, mut show: impl FnMut(&Mark)) {
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
        Position { events: mark.step.events(), actions }
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
    let reach = run.simulation().last_step().number();
    let known = run.journal().events.get(..reach as usize).unwrap_or_default();
    let with_facts = known.iter().rposition(|event| event.facts > 0);
    let of_facts = with_facts.and_then(|event| u32::try_from(event + 1).ok());
    let of_facts = of_facts.map(|events| Position { events, actions: 0 });
    of_marks.max(of_facts)
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

/// Returns the beat that a mark says came up.
pub(super) fn beat_of(kind: MarkKind) -> Option<u16> {
    if let MarkKind::Beat(beat) = kind { Some(beat) } else { None }
}
