//! Changes of what is done in a run, made on its timeline instead of at the cursor.
//!
//! The cursor stays where it is. What was known of the run is gone through once more, so that a
//! change in the past shows what became of the future; the old future is kept as a lane.

use faultline_core::run::Target;
use faultline_core::sim::{Action, TimedAction};

use super::begin::Begun;
use super::changes::Version;
use super::lab::Lab;
use super::work::{Aim, TIME_LIMIT_US};
use crate::wire::Update;

/// A known future of more events than this is not gone through again by itself.
const KNOWN_AGAIN_LIMIT: u32 = 200_000;

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
    index: u32,
    at_us: u64,
    action: Action,
    out: &mut Vec<Update>,
) -> Result<Begun, String> {
    let mut version = lab.version();
    let old = take(&mut version.actions, index)?;
    let timed = on_grain(lab, at_us, action);
    let (was, is) = (lab.told(&old), lab.told(&timed));
    if timed.at_us == old.at_us {
        // Of what happens at one instant, it keeps its turn.
        version.actions.insert(index as usize, timed);
    } else {
        insert(&mut version.actions, timed);
    }
    version.name = format!("with {is}");
    Ok(replace(lab, version, &format!("with {was}"), out))
}

/// Takes an action out of the run.
pub(super) fn remove(lab: &mut Lab, index: u32, out: &mut Vec<Update>) -> Result<Begun, String> {
    let mut version = lab.version();
    let what = lab.told(&take(&mut version.actions, index)?);
    version.name = format!("without {what}");
    Ok(replace(lab, version, &format!("with {what}"), out))
}

/// Puts an action where the run would round its time to.
fn on_grain(lab: &Lab, at_us: u64, action: Action) -> TimedAction {
    let grain_us = lab.run().setup().scenario().grain_us.max(1);
    TimedAction { at_us: at_us.min(TIME_LIMIT_US).div_ceil(grain_us) * grain_us, action }
}

fn take(actions: &mut Vec<TimedAction>, index: u32) -> Result<TimedAction, String> {
    let index = index as usize;
    if index < actions.len() {
        Ok(actions.remove(index))
    } else {
        Err("There is no such action.".into())
    }
}

fn insert(actions: &mut Vec<TimedAction>, timed: TimedAction) {
    let place = actions.partition_point(|other| other.at_us <= timed.at_us);
    actions.insert(place, timed);
}

/// Has the run go another way, the cursor where it is.
fn replace(lab: &mut Lab, version: Version, old_name: &str, out: &mut Vec<Update>) -> Begun {
    let (here_us, known_us) = (lab.run().now_us(), lab.run().known_us());
    let is_long = lab.run().known().events > KNOWN_AGAIN_LIMIT;
    lab.leave_for(version, old_name, out);
    let far_us = if is_long { here_us } else { known_us.max(here_us) };
    Begun::Aimed {
        aim: Aim::Go(Target::Time(far_us)),
        then: Some(Target::Time(here_us)),
        is_new: true,
    }
}
