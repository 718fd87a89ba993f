//! What each command begins: an answer, a move, or work that is then done in slices.

use faultline_core::link;
use faultline_core::run::{Position, Run, Target};
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::{TextLine, TimedAction};

use super::changes::Version;
use super::edits;
use super::figures::Measured;
use super::lab::Lab;
use super::lookout::{self, LookFor, Lookout};
use super::session::default_script;
use super::spacetime::spacetime;
use super::work::{Aim, EVENT_LIMIT, TIME_LIMIT_US, place_of_beat, previous_interesting, too_long};
use super::{report, since, typing, without};
use crate::wire::{Command, Stop, Until, Update, Without};

/// A search plays on for this many horizons.
const HORIZONS_TO_LOOK: u64 = 2;
/// A run that goes on from the lesson's begins so long before it does.
const BEFORE_A_TWIST_US: u64 = 300_000;
const NO_LANE: &str = "There is no such lane.";
/// At most this many events before and after the cursor are told in words.
const LOG_LIMIT: u32 = 1_000;

/// What a command began.
pub(super) enum Begun {
    /// Nothing: it is done, the cursor is where it was, and what is under way goes on.
    Answered,
    /// Nothing: it is done, and the page is to be told where the cursor is now, and why there.
    Moved(Option<Stop>),
    /// Work.
    Aimed {
        /// What is to be done.
        aim: Aim,
        /// Where to go after that.
        then: Option<Target>,
        /// Whether the page is to be told of the run as a whole.
        is_new: bool,
    },
}

impl Begun {
    /// Goes through a run that was made anew as far as `far_us`, then to `at_us`.
    pub(super) fn known_again(far_us: u64, at_us: u64) -> Self {
        let (aim, then) = (Aim::Go(Target::Time(far_us)), Some(Target::Time(at_us)));
        Self::Aimed { aim, then, is_new: true }
    }
}

/// Does or begins what a command asks for; or says in a sentence why not.
pub(super) fn begin(
    lab: &mut Lab,
    command: Command,
    out: &mut Vec<Update>,
) -> Result<Begun, String> {
    match command {
        // These are seen to before.
        Command::Log { .. }
        | Command::Why { .. }
        | Command::Trace { .. }
        | Command::Tell { .. }
        | Command::LookInto { .. }
        | Command::Changes { .. }
        | Command::Offer { .. }
        | Command::Share
        | Command::Price
        | Command::ListOperations { .. }
        | Command::History { .. }
        | Command::Open { .. }
        | Command::Cancel
        | Command::Find { .. }
        | Command::Show(_)
        | Command::Compare(_) => Ok(Begun::Moved(None)),
        Command::RenameLane { .. } | Command::RemoveLane { .. } | Command::OpenLane { .. } => {
            see_to_lanes(lab, command, out)
        }
        Command::AddAction { .. }
        | Command::EditAction { .. }
        | Command::RemoveAction(_)
        | Command::MuteAction(_)
        | Command::Unmute { .. }
        | Command::RunScript { .. }
        | Command::ClearActions
        | Command::Without(_) => change_actions(lab, command, out),
        Command::Advance { to_us, pauses } => {
            let look_for = if pauses { LookFor::Pauses } else { LookFor::Nothing };
            Ok(play(lab, to_us, look_for))
        }
        Command::Step => Ok(step(lab)),
        Command::StepBack => {
            lab.run_mut().step_back();
            Ok(Begun::Moved(None))
        }
        Command::NextInteresting => Ok(look(lab, LookFor::Interesting)),
        Command::PreviousInteresting => {
            let place = previous_interesting(lab.run());
            Ok(go(place.map_or(START, Target::Position)))
        }
        Command::Seek { at_us } => Ok(go(Target::Time(at_us.min(TIME_LIMIT_US)))),
        Command::SeekEvent { event } => Ok(go(just_after(event))),
        Command::RunUntil { until, again } => Ok(run_until(lab, until, again)),
        Command::Watch(node) => {
            lab.watch(node);
            Ok(Begun::Moved(None))
        }
        Command::Act(actions) => {
            lab.act(actions, out);
            lab.tell_timeline(out);
            Ok(Begun::Moved(None))
        }
        Command::Type(typed) => Ok(typing::type_in(lab, &typed, out)),
        Command::GoToBeat { beat } => go_to_beat(lab, beat),
        Command::Undo => turn_back(lab, Lab::undo).ok_or("There is nothing to undo.".into()),
        Command::Redo => {
            turn_back(lab, |lab| lab.redo(out)).ok_or("There is nothing to do again.".into())
        }
        Command::Set { key, value } => set(lab, &key, &value),
        Command::Flip(preset) => Ok(flip(lab, preset)),
        Command::Adopt { link, name } => adopt(lab, &link, name, out),
        Command::Reseed(seed) => {
            let mut version = lab.version();
            version.setup.seed = seed;
            Ok(change(lab, version, START))
        }
    }
}

/// Changes what is done in the run.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing but what changes that comes here")]
fn change_actions(lab: &mut Lab, command: Command, out: &mut Vec<Update>) -> Result<Begun, String> {
    match command {
        Command::AddAction { at_us, action } => Ok(edits::add(lab, at_us, action, out)),
        Command::EditAction { was, at_us, action } => edits::edit(lab, &was, at_us, action, out),
        Command::RemoveAction(which) => edits::remove(lab, &which, false, out),
        Command::MuteAction(which) => edits::remove(lab, &which, true, out),
        Command::Unmute { muted, is_back } => edits::unmute(lab, &muted, is_back, out),
        Command::RunScript { script, at_us } => run_script(lab, script, at_us, out),
        Command::ClearActions => {
            let name = "the run that nobody disturbs".into();
            let (actions, muted) = (Vec::new(), Vec::new());
            Ok(leave_for(lab, Version { actions, muted, name, ..lab.version() }, START, out))
        }
        Command::Without(without) => leave_out(lab, without, out),
        _ => Ok(Begun::Answered),
    }
}

/// Names, forgets or opens a lane.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing but what is about lanes comes here")]
fn see_to_lanes(lab: &mut Lab, command: Command, out: &mut Vec<Update>) -> Result<Begun, String> {
    match command {
        Command::RenameLane { lane, name } => {
            let is_there = lab.lanes_mut().rename(&lane, &name);
            retold(lab, is_there, out)
        }
        Command::RemoveLane { lane } => {
            let is_there = lab.lanes_mut().take(&lane).is_some();
            retold(lab, is_there, out)
        }
        Command::OpenLane { lane } => open_lane(lab, &lane, out),
        _ => Ok(Begun::Answered),
    }
}

/// Answers a question about the open run.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing but questions comes here")]
pub(super) fn answer(lab: &mut Lab, command: Command, out: &mut Vec<Update>) {
    out.push(match command {
        Command::Log { events } => Update::Log(log(lab.run(), events)),
        Command::Why { step } => Update::Why(report::why(lab.run(), step)),
        Command::Trace { events } => Update::SpaceTime(Box::new(spacetime(lab.run(), events))),
        Command::Tell { event } => Update::Told(report::told(lab.run(), event)),
        Command::Share => Update::Shared { link: lab.run().link_at_cursor() },
        Command::History { judge } => return lab.history().0.ask(judge),
        _ => {
            let (run, measured) = lab.measured();
            return answer_closely(run, measured, command, out);
        }
    });
}

/// Answers a question that can be asked of either of two runs.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing but such questions comes here")]
pub(super) fn answer_closely(
    run: &Run,
    measured: &mut Measured,
    command: Command,
    out: &mut Vec<Update>,
) {
    out.push(match command {
        Command::LookInto { node } => Update::Inside(run.simulation().inside(node).map(Box::new)),
        Command::Changes { since } => Update::Changes(since::changes(run, since)),
        Command::Offer { request, actions } => {
            let why_not = |action| run.simulation().why_not(action);
            Update::Offers { request, reasons: actions.iter().map(why_not).collect() }
        }
        Command::ListOperations { measure, from, to } => {
            Update::Operations(measured.listed(run, measure, from, to))
        }
        _ => return,
    });
}

/// The start of a run as it is shown: after everything that happens at time zero.
const START: Target = Target::Time(0);

fn go(target: Target) -> Begun {
    Begun::Aimed { aim: Aim::Go(target), then: None, is_new: false }
}

fn play(lab: &Lab, to_us: u64, look_for: LookFor) -> Begun {
    let lookout = Lookout::new(lab.run(), look_for);
    let aim = Aim::Play { to_us: to_us.min(TIME_LIMIT_US), lookout };
    Begun::Aimed { aim, then: None, is_new: false }
}

/// Returns the place right after the event with this number.
fn just_after(event: u32) -> Target {
    Target::Position(Position { events: event.saturating_add(1), actions: 0 })
}

/// Plays on until something comes true, unless it is so already and not wanted `again`.
fn run_until(lab: &Lab, until: Until, again: bool) -> Begun {
    let already = if again { None } else { lookout::already(lab.run(), &until) };
    already.map_or_else(|| look(lab, LookFor::Until(until)), |it| Begun::Moved(Some(it)))
}

/// Plays on from the cursor until something turns up.
fn look(lab: &Lab, look_for: LookFor) -> Begun {
    let reach_us = lab.run().setup().scenario().horizon_us.saturating_mul(HORIZONS_TO_LOOK);
    // A run whose future is known is searched to its known end at least.
    let from_us = lab.run().now_us();
    let to_us = from_us.saturating_add(reach_us).max(lab.run().known_us());
    play(lab, to_us, look_for)
}

fn step(lab: &mut Lab) -> Begun {
    if lab.run().position().events >= EVENT_LIMIT {
        return Begun::Moved(Some(too_long()));
    }
    lab.run_mut().rest();
    let has_stepped = lab.run_mut().step();
    Begun::Moved((!has_stepped).then_some(Stop::End))
}

/// Returns the text around a run's cursor.
pub(super) fn log(run: &Run, events: u32) -> Vec<TextLine> {
    let (here, reach) = (run.position().events, events.min(LOG_LIMIT));
    run.text(here.saturating_sub(reach), here.saturating_add(reach))
}

/// Makes the run anew of `version` and goes to `target`.
fn change(lab: &mut Lab, version: Version, target: Target) -> Begun {
    lab.change(version);
    as_new(go(target))
}

/// The same, of a run that the page does not know yet.
fn as_new(begun: Begun) -> Begun {
    match begun {
        Begun::Aimed { aim, then, .. } => Begun::Aimed { aim, then, is_new: true },
        Begun::Answered | Begun::Moved(_) => begun,
    }
}

fn set(lab: &mut Lab, key: &str, value: &str) -> Result<Begun, String> {
    let mut version = lab.version();
    let before = version.setup.clone();
    version.setup.set(key, value).map_err(|error| error.to_string())?;
    version.actions = following(&before, &version.setup, version.actions);
    let here = Target::Time(lab.run().now_us());
    Ok(change(lab, version, here))
}

/// Returns the actions under a changed setup: what came from a script comes from it again, since a
/// script may depend on knobs; what the viewer did stays as it was.
fn following(before: &Setup, after: &Setup, actions: Vec<TimedAction>) -> Vec<TimedAction> {
    let scenario = before.scenario();
    let script = (0..scenario.scripts.len()).find(|it| scenario.script(before, *it) == actions);
    script.map_or(actions, |script| scenario.script(after, script))
}

fn flip(lab: &mut Lab, preset: Preset) -> Begun {
    let mut version = lab.version();
    version.setup.apply(preset);
    let here = Target::Time(lab.run().now_us());
    change(lab, version, here)
}

fn run_script(
    lab: &mut Lab,
    script: u16,
    at_us: u64,
    out: &mut Vec<Update>,
) -> Result<Begun, String> {
    let mut version = lab.version();
    let scenario = version.setup.scenario();
    let there = scenario.scripts.get(usize::from(script)).ok_or("There is no such script.")?;
    version.setup = version.setup.for_script(usize::from(script));
    version.actions = scenario.script(&version.setup, usize::from(script));
    version.muted.clear();
    version.name = format!("the script “{}”", there.label);
    let begins_us = if script == 0 { 0 } else { begins_us(&version.setup, usize::from(script)) };
    Ok(leave_for(lab, version, Target::Time(at_us.max(begins_us).min(TIME_LIMIT_US)), out))
}

/// Returns when there is something to see of a script that comes on top of the first: a little before it
/// does something itself, or at once in a world that it has set up otherwise.
fn begins_us(setup: &Setup, script: usize) -> u64 {
    let Some(script) = setup.scenario().scripts.get(script) else { return 0 };
    if !script.settings.is_empty() {
        return 0;
    }
    let own = (script.actions)(setup);
    let first_us = own.iter().map(|timed| timed.at_us).min().unwrap_or_default();
    first_us.saturating_sub(BEFORE_A_TWIST_US)
}

/// Goes to a place in a run of other actions; what was known of the present one is kept.
fn leave_for(lab: &mut Lab, version: Version, place: Target, out: &mut Vec<Update>) -> Begun {
    let name = lab.version().name;
    lab.leave_for(version, &name, out);
    as_new(go(place))
}

/// Goes to where a link stands in another run of the same scenario; what was known of the present one is
/// kept.
fn adopt(lab: &mut Lab, text: &str, name: String, out: &mut Vec<Update>) -> Result<Begun, String> {
    let opened = link::parse(text, 1).map_err(|error| error.to_string())?;
    let slug = lab.run().setup().scenario().slug;
    if opened.setup.scenario().slug != slug {
        return Err(format!("That link is of another scenario than {slug}."));
    }
    let place = opened.place();
    let actions = opened.actions.unwrap_or_else(|| default_script(&opened.setup));
    let version = Version { setup: opened.setup, actions, muted: Vec::new(), far_us: 0, name };
    let left = lab.version().name;
    lab.leave_for(version, &left, out);
    Ok(as_new(go(place)))
}

/// Makes the run anew without something that happened, and goes to where it would have happened.
fn leave_out(lab: &mut Lab, without: Without, out: &mut Vec<Update>) -> Result<Begun, String> {
    let plan = without::plan(lab.run(), without)?;
    lab.fork_without(&plan.what, plan.actions, out);
    out.push(Update::Note(format!(
        "This is the run without {}: {}. It stands where that would have happened; Play shows \
         what comes of it. The run with it is a lane below.",
        plan.what, plan.how
    )));
    Ok(as_new(go(Target::Time(plan.at_us))))
}

/// Tells the page of the timeline with its lanes, or that the lane it spoke of is not there. What is
/// under way goes on: it has nothing to do with lanes.
fn retold(lab: &mut Lab, is_there: bool, out: &mut Vec<Update>) -> Result<Begun, String> {
    if !is_there {
        return Err(NO_LANE.into());
    }
    lab.tell_timeline(out);
    Ok(Begun::Answered)
}

/// Undoes or redoes, as far as the run was known then, the cursor where it is.
fn turn_back(lab: &mut Lab, turn: impl FnOnce(&mut Lab) -> Option<u64>) -> Option<Begun> {
    let here_us = lab.run().now_us();
    let far_us = turn(lab)?;
    Some(Begun::known_again(far_us.max(here_us), here_us))
}

fn open_lane(lab: &mut Lab, lane: &str, out: &mut Vec<Update>) -> Result<Begun, String> {
    let (known_us, at_us) = lab.open_lane(lane, out).ok_or(NO_LANE)?;
    Ok(Begun::known_again(known_us, at_us))
}

/// Goes to where a beat comes up, in the preset in which it is seen.
fn go_to_beat(lab: &mut Lab, index: u16) -> Result<Begun, String> {
    let lesson = lab.run().simulation().lesson();
    let beat = lesson.get(usize::from(index)).ok_or("The lesson has no such step.")?;
    // A run with some safeguards on and others off is none that the lesson speaks of.
    if lab.run().setup().preset() == Some(beat.preset) {
        return Ok(match place_of_beat(lab.run(), index) {
            Some(place) => go(Target::Position(place)),
            None => look(lab, LookFor::Beat(index)),
        });
    }
    let mut version = lab.version();
    version.setup.apply(beat.preset);
    lab.change(version);
    Ok(as_new(look(lab, LookFor::Beat(index))))
}
