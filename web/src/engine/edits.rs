//! Changes of what is done in a run, made on its timeline instead of at the cursor.
//!
//! The cursor stays where it is. What was known of the run is gone through once more, so that a
//! change in the past shows what became of the future; the old future is kept as a lane.

use faultline_core::sim::{Action, TimedAction};

use super::begin::Begun;
use super::changes::Version;
use super::lab::Lab;
use super::without::NOT_THERE;
use super::work::TIME_LIMIT_US;
use crate::wire::{ActionName, Update};

/// Puts an action into the run.
pub(super) fn add(lab: &mut Lab, at_us: u64, action: Action, out: &mut Vec<Update>) -> Begun {
    let timed = on_grain(lab, at_us, action);
    let what = lab.told(&timed);
    let mut version = lab.version();
    insert(&mut version.actions, timed);
    version.name = format!("with {what}");
    replace(lab, version, &format!("without {what}"), out)
}

/// Replaces an action, its time or both.
pub(super) fn edit(
    lab: &mut Lab,
    was: &ActionName,
    at_us: u64,
    action: Action,
    out: &mut Vec<Update>,
) -> Result<Begun, String> {
    let mut version = lab.version();
    let place = take(&mut version.actions, was)?;
    let timed = on_grain(lab, at_us, action);
    let (before, after) = (lab.told(&was.timed), lab.told(&timed));
    if timed.at_us == was.timed.at_us {
        // Of what happens at one instant, it keeps its turn.
        version.actions.insert(place, timed);
    } else {
        insert(&mut version.actions, timed);
    }
    version.name = format!("with {after}");
    Ok(replace(lab, version, &format!("with {before}"), out))
}

/// Takes an action out of the run; kept, it can be put back.
pub(super) fn remove(
    lab: &mut Lab,
    which: &ActionName,
    is_kept: bool,
    out: &mut Vec<Update>,
) -> Result<Begun, String> {
    let mut version = lab.version();
    take(&mut version.actions, which)?;
    if is_kept {
        insert(&mut version.muted, which.timed.clone());
    }
    let what = lab.told(&which.timed);
    version.name = format!("without {what}");
    Ok(replace(lab, version, &format!("with {what}"), out))
}

/// Puts an action back that was taken out, or forgets it.
pub(super) fn unmute(
    lab: &mut Lab,
    muted: &TimedAction,
    is_back: bool,
    out: &mut Vec<Update>,
) -> Result<Begun, String> {
    let mut version = lab.version();
    let place = version.muted.iter().position(|other| other == muted).ok_or(NOT_THERE)?;
    let timed = version.muted.remove(place);
    if !is_back {
        lab.change(version);
        lab.tell_timeline(out);
        return Ok(Begun::Answered);
    }
    let what = lab.told(&timed);
    insert(&mut version.actions, timed);
    version.name = format!("with {what}");
    Ok(replace(lab, version, &format!("without {what}"), out))
}

/// Puts an action where the run would round its time to.
fn on_grain(lab: &Lab, at_us: u64, action: Action) -> TimedAction {
    let grain_us = lab.run().setup().scenario().grain_us.max(1);
    TimedAction { at_us: at_us.min(TIME_LIMIT_US).div_ceil(grain_us) * grain_us, action }
}

/// Takes out the action that is meant, wherever it stands by now, and returns its place.
fn take(actions: &mut Vec<TimedAction>, which: &ActionName) -> Result<usize, String> {
    let place = which.place_in(actions).ok_or(NOT_THERE)?;
    actions.remove(place);
    Ok(place)
}

fn insert(actions: &mut Vec<TimedAction>, timed: TimedAction) {
    let place = actions.partition_point(|other| other.at_us <= timed.at_us);
    actions.insert(place, timed);
}

/// Has the run go another way, the cursor where it is.
fn replace(lab: &mut Lab, version: Version, old_name: &str, out: &mut Vec<Update>) -> Begun {
    let (here_us, far_us) = (lab.run().now_us(), lab.far_us());
    lab.leave_for(version, old_name, out);
    Begun::known_again(far_us, here_us)
}
