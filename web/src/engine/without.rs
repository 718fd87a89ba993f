//! A run in which one event does not happen: what would have to be done, or why it cannot be.

use faultline_core::run::Run;
use faultline_core::sim::{
    Action, Cause, EventKind, EventRecord, MessageName, NodeId, Step, TextKind, TimedAction,
};

use crate::format::{duration, instant};
use crate::wire::Without;

/// Why an action that the page speaks of cannot be found.
pub(super) const NOT_THERE: &str = "This action is not there any more: the list has changed.";

/// What has to be done so that something does not happen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    /// What does not happen: names the lane of the run in which it does.
    pub(super) what: String,
    /// What is done instead, in words.
    pub(super) how: String,
    /// The actions of the run in which it does not happen.
    pub(super) actions: Vec<TimedAction>,
    /// When it would have happened.
    pub(super) at_us: u64,
}

/// Plans a run without this; or says in a sentence why there is none.
pub(super) fn plan(run: &Run, without: Without) -> Result<Plan, String> {
    match without {
        Without::Action(which) => {
            let place = which.place_in(run.actions()).ok_or(NOT_THERE)?;
            without_action(run, place)
        }
        Without::Event(event) => {
            let record = run.journal().events.get(event as usize);
            let record = record.ok_or("There is no such event in what is known of the run.")?;
            without_event(run, event, record)
        }
    }
}

fn without_action(run: &Run, place: usize) -> Result<Plan, String> {
    let timed = run.actions().get(place).ok_or(NOT_THERE)?;
    let labels = run.simulation().command_labels();
    let what = timed.action.sentence(run.simulation().names(), &labels);
    let mut actions = run.actions().to_vec();
    actions.remove(place);
    Ok(Plan {
        how: format!("“{what}” is taken out of the run"),
        what: format!("“{what}” at {}", instant(timed.at_us)),
        actions,
        at_us: timed.at_us,
    })
}

fn without_event(run: &Run, event: u32, record: &EventRecord) -> Result<Plan, String> {
    let name = &run.simulation().names()[record.node];
    // What an action brought about at once does not happen without it.
    if let Cause::Action(index) = record.cause {
        return without_action(run, index as usize);
    }
    match record.kind {
        EventKind::Delivered | EventKind::Refused => without_delivery(run, event, record),
        EventKind::Fell => Err("This message came to nothing as it is.".into()),
        EventKind::Started => Err("Every run begins with that: the node is part of it.".into()),
        EventKind::Recovered => Err(format!("Nothing is known to have started {name}.")),
        EventKind::TimerFired => Err(format!(
            "Nothing outside can stop a timer. Crash or pause {name} before {} to see the run \
             without it.",
            instant(record.at_us)
        )),
        EventKind::Synced => Err(format!(
            "Nothing outside can stop a sync. Crash {name} before {} to see the run without it.",
            instant(record.at_us)
        )),
        EventKind::Finished => {
            Err("It is the end of work that had begun before: leave out what began it instead."
                .into())
        }
    }
}

/// Drops the message at the last moment at which something can be done before it arrives.
fn without_delivery(run: &Run, event: u32, record: &EventRecord) -> Result<Plan, String> {
    let name = MessageName { from: record.peer, to: record.node, nth: record.nth };
    if name.from == NodeId::OUTSIDE {
        return Err("Nothing is known to have asked for that.".into());
    }
    let grain_us = run.setup().scenario().grain_us.max(1);
    let at_us = record.at_us / grain_us * grain_us;
    let records = run.journal().messages.iter();
    let sent_us = records.filter(|it| it.name == name).map(|it| it.sent_at_us).min();
    if sent_us.is_none_or(|sent_us| sent_us >= at_us) {
        return Err(format!(
            "This message was on its way too short a time: what is done to the system is done at \
             multiples of {}.",
            duration(grain_us)
        ));
    }
    let mut actions = run.actions().to_vec();
    let place = actions.partition_point(|other| other.at_us <= at_us);
    actions.insert(place, TimedAction { at_us, action: Action::DropMessage(name) });
    Ok(Plan {
        how: format!("the message is dropped at {}", instant(at_us)),
        what: format!("“{}” at {}", sentence(run, event), instant(record.at_us)),
        actions,
        at_us: record.at_us,
    })
}

/// Returns an event in words.
fn sentence(run: &Run, event: u32) -> String {
    let mut lines = run.text(event, event.saturating_add(1)).into_iter();
    let is_it = |kind| matches!(kind, TextKind::Event | TextKind::Loss);
    lines
        .find(|line| line.step == Step::Event(event) && is_it(line.kind))
        .map_or_else(String::new, |it| it.text)
}
