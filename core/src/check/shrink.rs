//! Making a counterexample small: fewer and simpler actions, plainer knobs, the same violation.
//!
//! Zeller and Hildebrandt 2002, "Simplifying and Isolating Failure-Inducing Input": what is left out
//! is kept out if the same check still breaks, until nothing can be left out. Every candidate is a
//! setup with actions like any other, so that the result is at once a link, a test and an animation.

use std::mem::discriminant;

use super::{Trial, is_within_claim};
use crate::order::set_of;
use crate::scenario::{Knob, Unit};
use crate::sim::{Action, DiskFault, NodeId, TimedAction};

/// At most this many candidates are run.
const RUN_LIMIT: u32 = 4_000;

/// A counterexample that is being made smaller.
struct Shrink<'a> {
    smallest: Trial,
    /// The name of the check that breaks.
    broken: String,
    /// What the design claims to survive must break it, if that was so to begin with: a crash without
    /// its restart may be one crash too many.
    stays_within_claim: bool,
    /// Runs that are left.
    runs: u32,
    goes_on: &'a mut dyn FnMut(&Trial) -> bool,
}

/// Leaves out actions, simplifies those that are left, and turns knobs towards what is usual, for as
/// long as the same check still breaks, until no single step of these does; then ends the run where
/// it breaks. A run within the design's claim stays within it. `goes_on` is shown the smallest so far
/// before every run and can stop the work; what has been reached by then is returned.
///
/// Returns `None` if the trial breaks nothing to begin with.
pub fn shrink(trial: &Trial, mut goes_on: impl FnMut(&Trial) -> bool) -> Option<Trial> {
    let broken = name_of_broken(trial)?;
    let mut shrink = Shrink {
        smallest: trial.clone(),
        broken,
        stays_within_claim: is_within_claim(&trial.setup, &trial.actions),
        runs: RUN_LIMIT,
        goes_on: &mut goes_on,
    };
    loop {
        let mut is_smaller = shrink.drop_actions();
        is_smaller |= shrink.simplify_actions();
        is_smaller |= shrink.turn_knobs();
        is_smaller |= shrink.bring_forward();
        if !is_smaller {
            break;
        }
    }
    let mut smallest = shrink.smallest;
    smallest.until_us = smallest.run_to_violation().at_us;
    Some(smallest)
}

fn name_of_broken(trial: &Trial) -> Option<String> {
    trial.run_to_violation().violation().map(|(_, check)| check.name.clone())
}

impl Shrink<'_> {
    /// Takes `candidate` in place of the smallest if the same check still breaks.
    fn try_out(&mut self, candidate: Trial) -> bool {
        let leaves_claim =
            self.stays_within_claim && !is_within_claim(&candidate.setup, &candidate.actions);
        if leaves_claim || self.runs == 0 {
            return false;
        }
        // Who has once been told to stop does not ask again.
        self.runs = if (self.goes_on)(&self.smallest) { self.runs - 1 } else { 0 };
        if self.runs == 0 {
            return false;
        }
        let breaks_it = name_of_broken(&candidate).is_some_and(|name| name == self.broken);
        if breaks_it {
            self.smallest = candidate;
        }
        breaks_it
    }

    /// As [`Shrink::try_out`], with other actions.
    fn try_actions(&mut self, change: impl FnOnce(&mut Vec<TimedAction>)) -> bool {
        let mut candidate = self.smallest.clone();
        change(&mut candidate.actions);
        self.try_out(candidate)
    }

    /// Leaves out one action after the other, from the end, until none can be left out; and pairs of
    /// them, since a fault and its undoing may be needed only for each other.
    fn drop_actions(&mut self) -> bool {
        let mut any = false;
        loop {
            let mut is_smaller = false;
            for index in (0..self.smallest.actions.len()).rev() {
                is_smaller |= self.try_actions(|actions| _ = actions.remove(index));
            }
            is_smaller |= !is_smaller && (self.drop_pair() || self.drop_cuts());
            any |= is_smaller;
            if !is_smaller {
                return any;
            }
        }
    }

    fn drop_pair(&mut self) -> bool {
        let count = self.smallest.actions.len();
        let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
        let is_undone = |(a, b): &(usize, usize)| {
            let (first, second) = (&self.smallest.actions[*a], &self.smallest.actions[*b]);
            undoes(&first.action, &second.action)
        };
        let pairs: Vec<_> = pairs.filter(is_undone).collect();
        pairs.into_iter().any(|(first, second)| {
            self.try_actions(|actions| {
                actions.remove(second);
                actions.remove(first);
            })
        })
    }

    /// Leaves out all cuts of one instant, with what mends them: a node that is made deaf or mute is
    /// one fault, of which no part may be left.
    fn drop_cuts(&mut self) -> bool {
        let is_cut = |timed: &TimedAction| matches!(timed.action, Action::Cut { .. });
        let cuts = self.smallest.actions.iter().filter(|timed| is_cut(timed));
        let instants = set_of(cuts.map(|timed| timed.at_us));
        instants.into_iter().any(|at_us| {
            self.try_actions(|actions| {
                let gone = actions.extract_if(.., |timed| timed.at_us == at_us && is_cut(timed));
                for cut in gone.collect::<Vec<_>>() {
                    let mends = |timed: &TimedAction| {
                        timed.at_us >= at_us && undoes(&cut.action, &timed.action)
                    };
                    if let Some(mend) = actions.iter().position(mends) {
                        actions.remove(mend);
                    }
                }
            })
        })
    }

    /// Makes single actions plainer for as long as that can be done.
    fn simplify_actions(&mut self) -> bool {
        let mut any = false;
        for index in 0..self.smallest.actions.len() {
            let mut is_simpler = true;
            while is_simpler {
                let simpler = simpler_than(&self.smallest.actions[index].action);
                is_simpler = simpler
                    .into_iter()
                    .any(|action| self.try_actions(|actions| actions[index].action = action));
                any |= is_simpler;
            }
        }
        any
    }

    /// Turns knobs: counts down to the fewest, all others to what is usual. As far as may be, then
    /// half the way, then by one.
    fn turn_knobs(&mut self) -> bool {
        let mut any = false;
        let knobs = self.smallest.setup.scenario().knobs;
        for (place, knob) in knobs.iter().enumerate() {
            let mut is_plainer = true;
            while is_plainer {
                let value = self.smallest.setup.knobs()[place];
                is_plainer = plainer_values(knob, value).into_iter().any(|plainer| {
                    let mut candidate = self.smallest.clone();
                    let is_set = candidate.setup.set(knob.key, &plainer.to_string()).is_ok();
                    is_set && self.try_out(candidate)
                });
                any |= is_plainer;
            }
        }
        any
    }

    /// Lets actions happen earlier, on the scenario's grain: together with the one before, or half
    /// the way there. An action that only undoes another makes a shorter fault so.
    fn bring_forward(&mut self) -> bool {
        let mut any = false;
        let grain_us = self.smallest.setup.scenario().grain_us.max(1);
        for index in 0..self.smallest.actions.len() {
            let mut is_earlier = true;
            while is_earlier {
                let at_us = self.smallest.actions[index].at_us;
                let before_us =
                    index.checked_sub(1).map_or(0, |it| self.smallest.actions[it].at_us);
                let half_us = before_us + (at_us - before_us) / 2;
                let half_us = half_us.div_ceil(grain_us) * grain_us;
                let earlier = [before_us, half_us].into_iter().filter(|&it| it < at_us);
                let earlier: Vec<u64> = earlier.collect();
                is_earlier = earlier
                    .into_iter()
                    .any(|at_us| self.try_actions(|actions| actions[index].at_us = at_us));
                any |= is_earlier;
            }
        }
        any
    }
}

/// Returns true if the second action ends what the first has begun.
fn undoes(first: &Action, second: &Action) -> bool {
    match (first, second) {
        (Action::Crash(a), Action::Restart(b)) | (Action::Pause(a), Action::Resume(b)) => a == b,
        (Action::Cut { from, to }, Action::Mend { from: of, to: at })
        | (Action::Hold { from, to }, Action::Release { from: of, to: at }) => {
            (from, to) == (of, at)
        }
        (Action::StepClock { node, .. }, Action::StepClock { node: of, .. })
        | (Action::Drift { node, .. }, Action::Drift { node: of, .. })
        | (Action::Slow { node, .. }, Action::Slow { node: of, .. }) => node == of,
        (Action::Disk { node, fault }, Action::Disk { node: of, fault: end }) => {
            let is_one = |fault: &DiskFault| {
                matches!(fault, DiskFault::Slow { .. } | DiskFault::Capacity { .. })
            };
            node == of && discriminant(fault) == discriminant(end) && is_one(fault)
        }
        (first, Action::Heal) => matches!(first, Action::Partition(_) | Action::Flap { .. }),
        _ => false,
    }
}

/// Returns plainer actions that might do as well, the plainest first. None is ever plainer than
/// itself, however often this is asked.
fn simpler_than(action: &Action) -> Vec<Action> {
    if let Action::Partition(side) = action {
        return smaller_sides(side).map(Action::Partition).collect();
    }
    if let Action::Flap { side, period_us } = action {
        let smaller = smaller_sides(side).map(|side| Action::Flap { side, period_us: *period_us });
        return std::iter::once(Action::Partition(side.clone())).chain(smaller).collect();
    }
    if let Action::CommandWith { command, node, .. } = *action {
        return vec![Action::Command { command, node }];
    }
    let mut halved = action.clone();
    let is_halved = if let Action::StepClock { by_us, .. } = &mut halved {
        *by_us /= 2;
        *by_us != 0
    } else if let Action::Drift { drift_ppm, .. } = &mut halved {
        *drift_ppm /= 2;
        *drift_ppm != 0
    } else if let Action::Slow { by_us, .. } = &mut halved {
        *by_us /= 2;
        *by_us != 0
    } else {
        false
    };
    is_halved.then_some(halved).into_iter().collect()
}

/// Returns the side without one of its nodes, whichever.
fn smaller_sides(side: &[NodeId]) -> impl Iterator<Item = Vec<NodeId>> {
    let count = if side.len() > 1 { side.len() } else { 0 };
    (0..count).map(|left_out| {
        let mut smaller = side.to_vec();
        smaller.remove(left_out);
        smaller
    })
}

/// Returns values of a knob on the way to its plainest, that one first.
fn plainer_values(knob: &Knob, value: u64) -> Vec<u64> {
    let goal = if knob.unit == Unit::Count { knob.min } else { knob.default };
    if value == goal {
        return Vec::new();
    }
    if !knob.choices().is_empty() {
        // No choice lies between two others.
        return vec![goal];
    }
    let half = u64::midpoint(value, goal);
    let step = if value > goal { value - 1 } else { value + 1 };
    [goal, half, step].into_iter().filter(|&plainer| plainer != value).collect()
}
