//! What a shortcut means in the lab as it is now.

use faultline_core::sim::{Action, NodeId, TimerName};

use super::intent::{Dialog, Intent};
use super::offers::SLOWNESS_US;
use super::state::LabState;
use super::study::Wish;
use super::trace::TraceIntent;
use crate::hunt::Quarry;
use crate::keys::Shortcut;
use crate::selection::Selection;
use crate::wire::Command;

/// Returns what the viewer wants by `shortcut`, or a sentence on what it needs.
pub(super) fn intent_of(shortcut: Shortcut, lab: &LabState) -> Result<Intent, &'static str> {
    let ask = |command| Ok(Intent::Ask(command));
    let act = |action| Ok(Intent::Do(vec![action]));
    match shortcut {
        Shortcut::TogglePlay => Ok(Intent::Play(!lab.plays)),
        Shortcut::StepBack => ask(Command::StepBack),
        Shortcut::Step => ask(Command::Step),
        Shortcut::PreviousInteresting => ask(Command::PreviousInteresting),
        Shortcut::NextInteresting => ask(Command::NextInteresting),
        Shortcut::ToStart => Ok(Intent::Seek(0)),
        Shortcut::ToEnd => Ok(Intent::Seek(lab.timeline.known_us.max(lab.now_us()))),
        Shortcut::Slower => Ok(Intent::Speed(lab.speed.saturating_sub(1))),
        Shortcut::Faster => Ok(Intent::Speed(lab.speed + 1)),
        Shortcut::SelectNode(index) => Ok(Intent::Select(Some(Selection::Node(NodeId(index))))),
        Shortcut::Crash => act(Action::Crash(selected_node(lab)?)),
        Shortcut::Restart => act(Action::Restart(selected_node(lab)?)),
        Shortcut::FireTimer => act(Action::FireTimer(next_timer(lab)?)),
        Shortcut::DrawLine => Ok(Intent::DrawLine(!lab.draws_line)),
        Shortcut::CutOneWay => match lab.selected {
            Some(Selection::Link(from, to)) => act(Action::Cut { from, to }),
            Some(Selection::Node(_) | Selection::Message(_)) | None => Err("Select a link first."),
        },
        Shortcut::Hold => match lab.selected {
            Some(Selection::Link(one, other)) => Ok(Intent::Do(hold_or_release(lab, one, other))),
            Some(Selection::Node(_) | Selection::Message(_)) | None => Err("Select a link first."),
        },
        Shortcut::Slow => {
            let node = selected_node(lab)?;
            let mut scenes = lab.frame.iter().flat_map(|frame| &frame.scene.nodes);
            let is_slow = scenes.any(|scene| scene.id == node && scene.slowness_us > 0);
            act(Action::Slow { node, by_us: if is_slow { 0 } else { SLOWNESS_US } })
        }
        Shortcut::Heal => act(Action::Heal),
        Shortcut::DropMessage | Shortcut::DuplicateMessage => {
            let Some(Selection::Message(message)) = lab.selected else {
                return Err("Select a message first.");
            };
            act(if shortcut == Shortcut::DropMessage {
                Action::DropMessage(message)
            } else {
                Action::DuplicateMessage(message)
            })
        }
        Shortcut::Ask => command(lab),
        Shortcut::RunUntil => Ok(Intent::ChooseUntil(!lab.chooses_until)),
        Shortcut::Legend => Ok(Intent::ShowLegend(!lab.preferences.legend_open)),
        Shortcut::Zoom(zoom) => Ok(Intent::Zoom(zoom)),
        Shortcut::Watch => {
            let node = selected_node(lab)?;
            Ok(Intent::Watch(lab.watched() != Some(node)))
        }
        Shortcut::RunScript => {
            let has_script = lab.opened.as_ref().is_some_and(|it| !it.card.scripts.is_empty());
            if has_script { Ok(Intent::RunScript(0)) } else { Err("This scenario has no script.") }
        }
        Shortcut::Compare => lab.toggle_comparison(),
        Shortcut::NextDifference => lab.to_difference(true),
        Shortcut::PreviousDifference => lab.to_difference(false),
        Shortcut::Search => Ok(Intent::Search),
        Shortcut::GoToHit(_) if lab.trace.found.as_ref().is_none_or(|it| it.hits.is_empty()) => {
            Err("There is no hit to go to: search the log first.")
        }
        Shortcut::GoToHit(forward) => Ok(TraceIntent::GoToHit(forward).into()),
        Shortcut::ChangesOnly => Ok(TraceIntent::ChangesOnly(!lab.trace.changes_only).into()),
        Shortcut::BreakIt => Ok(Intent::Hunt(Quarry::usual())),
        Shortcut::Help => Ok(Intent::Dialog(Some(Dialog::Help))),
        Shortcut::Undo => ask(Command::Undo),
        Shortcut::Redo => ask(Command::Redo),
        Shortcut::Leave => Ok(leave(lab)),
    }
}

/// What takes long is the first thing to leave.
fn leave(lab: &LabState) -> Intent {
    if lab.progress.is_some() {
        Intent::Ask(Command::Cancel)
    } else if lab.board.is_busy() {
        Intent::StopHunt
    } else {
        Intent::Leave
    }
}

/// Returns the timer of the selected node that fires next.
fn next_timer(lab: &LabState) -> Result<TimerName, &'static str> {
    let node = selected_node(lab)?;
    let scene = lab.frame.iter().flat_map(|frame| &frame.scene.nodes);
    let timer = scene.filter(|scene| scene.id == node).find_map(|it| it.timers.first());
    timer.map(|timer| timer.name).ok_or("The selected node has no timer to fire.")
}

/// Releases what is held between two nodes; if nothing is, holds both directions.
fn hold_or_release(lab: &LabState, one: NodeId, other: NodeId) -> Vec<Action> {
    let ways = [(one, other), (other, one)];
    let holds = lab.frame.iter().flat_map(|frame| &frame.scene.holds);
    let held = holds.map(|it| (it.from, it.to)).filter(|way| ways.contains(way));
    let release: Vec<Action> = held.map(|(from, to)| Action::Release { from, to }).collect();
    if release.is_empty() {
        ways.map(|(from, to)| Action::Hold { from, to }).to_vec()
    } else {
        release
    }
}

fn selected_node(lab: &LabState) -> Result<NodeId, &'static str> {
    lab.selected_node().ok_or("Select a node first.")
}

/// Opens the scenario's commands; once they are open, repeats the last one.
fn command(lab: &LabState) -> Result<Intent, &'static str> {
    if lab.opened.as_ref().is_none_or(|it| it.commands.is_empty()) {
        return Err("This scenario has nothing to ask for.");
    }
    match lab.commands.last.clone().filter(|_| lab.commands.is_open) {
        Some(action) => Ok(Intent::Do(vec![action])),
        None => Ok(Intent::Study(Wish::Commands(true))),
    }
}
