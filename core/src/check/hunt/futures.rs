//! The point of no return: how much of a failing run was luck.
//!
//! At a moment of the run everything is drawn anew from there on, while the same is done to the world at
//! the same times. The share of such futures that fail all the same says whether the run was lost by
//! then. Each future is a run like any other, with an [`Action::Reseed`] in it.

use super::Finding;
use crate::check::Trial;
use crate::order::set_of;
use crate::sim::{Action, TimedAction};
use crate::view::Future;

/// Returns the moments from which futures of this run are worth a look: at most `most`, in order of time,
/// from its beginning to where it breaks, and right after each of its actions.
pub fn forks(finding: &Finding, most: u64) -> Vec<u64> {
    let trial = &finding.trial;
    let grain_us = trial.setup.scenario().grain_us.max(1);
    let on_grain = |at_us: u64| at_us / grain_us * grain_us;
    let after = trial.actions.iter().map(|timed| timed.at_us + grain_us);
    let mut moments = set_of(after.filter(|at_us| *at_us < finding.at_us).map(on_grain));
    moments.extend([0, on_grain(finding.at_us)]);
    let evenly = (1..most).map(|nth| on_grain(finding.at_us / most * nth));
    for at_us in evenly {
        if moments.len() as u64 >= most {
            break;
        }
        moments.insert(at_us);
    }
    moments.into_iter().collect()
}

/// Plays one future of a failing run: from `at_us` on, with what `seed` draws.
pub fn future(finding: &Finding, at_us: u64, seed: u64) -> Future {
    let reseed = TimedAction { at_us, action: Action::Reseed(seed) };
    let mut actions = finding.trial.actions.clone();
    // Before what is done at that instant: what an action draws, a crash say, is drawn anew, too.
    let place = actions.partition_point(|timed| timed.at_us < at_us);
    actions.insert(place, reseed);
    let trial = Trial::new(finding.trial.setup.clone(), actions);
    let found = Finding::of(&trial);
    let fails = found.as_ref().is_some_and(|it| it.check == finding.check);
    let shown_us = found.map_or(finding.at_us, |it| it.at_us);
    Future { at_us, seed, fails, link: trial.link(Some(shown_us)) }
}
