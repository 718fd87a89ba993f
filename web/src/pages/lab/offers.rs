//! What can be done to a thing on the stage.

use std::rc::Rc;

use faultline_core::sim::{Action, CommandView, DiskFault, InputView, MessageName, NodeId};
use faultline_core::view::NodeScene;

use super::intent::Intent;
use super::study::Wish;
use crate::selection::Selection;
use crate::wire::Frame;

const CLOCK_STEP_US: i64 = 250_000;
const DRIFT_PPM: i32 = 50_000;
const DELAY_US: u64 = 100_000;
/// How much longer every event takes a slow node.
pub(crate) const SLOWNESS_US: u64 = 20_000;
/// How long a split that comes and goes stays, and stays away.
pub(crate) const FLAP_PERIOD_US: u64 = 500_000;
/// Of a torn sector so many bytes are new.
const TORN_BYTES: u16 = 100;
/// A slow disk takes this share of its usual time.
const SLOW_DISK_PERCENT: u32 = 1_000;

/// Something that can be done: a label, and the actions it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// As shown on the button.
    pub(crate) label: String,
    /// What is done, in order.
    pub(crate) actions: Vec<Action>,
    /// Whether a line sets it off from what stands before.
    pub(crate) begins_group: bool,
    /// For a command that takes something: which it is, and whom it asks.
    asks_for: Option<(u16, NodeId)>,
}

impl Offer {
    fn new(label: impl Into<String>, actions: impl Into<Vec<Action>>) -> Self {
        Self { label: label.into(), actions: actions.into(), begins_group: false, asks_for: None }
    }

    /// Returns what choosing it asks for: to do it, or first to give what it takes.
    pub(crate) fn intent(&self) -> Intent {
        match self.asks_for {
            Some((command, node)) => Intent::Study(Wish::AskFor(command, node)),
            None => Intent::Do(self.actions.clone()),
        }
    }

    fn in_new_group(self) -> Self {
        Self { begins_group: true, ..self }
    }
}

/// Lists what can be done to `selection`. Whether it would do anything now, the engine knows.
pub(crate) fn offers_for(
    selection: Selection,
    frame: &Frame,
    commands: &[CommandView],
) -> Rc<[Offer]> {
    match selection {
        Selection::Node(node) => {
            let scene = frame.scene.nodes.iter().find(|scene| scene.id == node);
            scene.map_or_else(|| Rc::from([]), |scene| for_node(scene, commands).into())
        }
        Selection::Link(a, b) => {
            let name = |id: NodeId| {
                let scene = frame.scene.nodes.iter().find(|scene| scene.id == id);
                scene.map_or("?", |scene| scene.name.as_str())
            };
            for_link((a, name(a)), (b, name(b))).into()
        }
        Selection::Message(message) => for_message(message).into(),
    }
}

fn for_node(scene: &NodeScene, commands: &[CommandView]) -> Vec<Offer> {
    let node = scene.id;
    let mut offers = Vec::new();
    for (index, command) in (0..).zip(commands) {
        // A text is edited where it is shown.
        let is_edit = command.input.is_edit();
        if command.nodes.contains(&node) && !is_edit {
            let action = Action::Command { command: index, node };
            offers.push(if command.input == InputView::Nothing {
                Offer::new(command.label.clone(), [action])
            } else {
                let offer = Offer::new(format!("{} …", command.label), [action]);
                Offer { asks_for: Some((index, node)), ..offer }
            });
        }
    }
    offers.extend([
        Offer::new("Crash", [Action::Crash(node)]).in_new_group(),
        Offer::new("Restart", [Action::Restart(node)]),
        Offer::new("Pause", [Action::Pause(node)]),
        Offer::new("Resume", [Action::Resume(node)]),
        Offer::new("Isolate", [Action::Partition(vec![node])]),
        Offer::new("Isolate on and off", [flapping(vec![node])]),
        Offer::new("Slow by 20 ms an event", [Action::Slow { node, by_us: SLOWNESS_US }]),
        Offer::new("At full speed", [Action::Slow { node, by_us: 0 }]),
    ]);
    let step = |by_us| [Action::StepClock { node, by_us }];
    let drift = |drift_ppm| [Action::Drift { node, drift_ppm }];
    offers.extend([
        Offer::new("Clock 250 ms ahead", step(CLOCK_STEP_US)).in_new_group(),
        Offer::new("Clock 250 ms back", step(-CLOCK_STEP_US)),
        Offer::new("Clock 5 % fast", drift(DRIFT_PPM)),
        Offer::new("Clock 5 % slow", drift(-DRIFT_PPM)),
        Offer::new("Clock at the right rate", drift(0)),
    ]);
    if scene.has_fallible_disk {
        offers.extend(for_disk(node));
    }
    for (place, timer) in scene.timers.iter().enumerate() {
        let offer =
            Offer::new(format!("Fire timer “{}”", timer.label), [Action::FireTimer(timer.name)]);
        offers.push(if place == 0 { offer.in_new_group() } else { offer });
    }
    offers
}

/// Returns what cuts these nodes off again and again.
pub(crate) fn flapping(side: Vec<NodeId>) -> Action {
    Action::Flap { side, period_us: FLAP_PERIOD_US }
}

fn for_disk(node: NodeId) -> [Offer; 5] {
    let fault = |fault| [Action::Disk { node, fault }];
    [
        Offer::new("Disk loses its next sync", fault(DiskFault::LostSyncs { count: 1 }))
            .in_new_group(),
        Offer::new("Disk fails its next sync", fault(DiskFault::FailSyncs { count: 1 })),
        Offer::new(
            "Disk tears sectors in a crash",
            fault(DiskFault::TornSectors { bytes: TORN_BYTES }),
        ),
        Offer::new("Disk ten times slower", fault(DiskFault::Slow { percent: SLOW_DISK_PERCENT })),
        Offer::new("Disk at its usual speed", fault(DiskFault::Slow { percent: 100 })),
    ]
}

fn for_link((a, name_a): (NodeId, &str), (b, name_b): (NodeId, &str)) -> [Offer; 12] {
    let cut = |from, to| Action::Cut { from, to };
    let mend = |from, to| Action::Mend { from, to };
    let hold = |from, to| Action::Hold { from, to };
    let release = |from, to| Action::Release { from, to };
    [
        Offer::new("Cut both ways", [cut(a, b), cut(b, a)]),
        Offer::new(format!("Cut {name_a} → {name_b}"), [cut(a, b)]),
        Offer::new(format!("Cut {name_b} → {name_a}"), [cut(b, a)]),
        Offer::new("Mend both ways", [mend(a, b), mend(b, a)]).in_new_group(),
        Offer::new(format!("Mend {name_a} → {name_b}"), [mend(a, b)]),
        Offer::new(format!("Mend {name_b} → {name_a}"), [mend(b, a)]),
        Offer::new("Hold both ways", [hold(a, b), hold(b, a)]).in_new_group(),
        Offer::new(format!("Hold {name_a} → {name_b}"), [hold(a, b)]),
        Offer::new(format!("Hold {name_b} → {name_a}"), [hold(b, a)]),
        Offer::new("Release both ways", [release(a, b), release(b, a)]).in_new_group(),
        Offer::new(format!("Release {name_a} → {name_b}"), [release(a, b)]),
        Offer::new(format!("Release {name_b} → {name_a}"), [release(b, a)]),
    ]
}

fn for_message(message: MessageName) -> [Offer; 4] {
    [
        Offer::new("Drop", [Action::DropMessage(message)]),
        Offer::new("Deliver twice", [Action::DuplicateMessage(message)]),
        Offer::new("Delay by 100 ms", [Action::DelayMessage { message, by_us: DELAY_US }]),
        Offer::new("Deliver now", [Action::DeliverMessage(message)]),
    ]
}

/// Finds why an offer would do nothing: only if each of its actions would.
pub(crate) fn reason_against<'a>(
    offers: &[Offer],
    reasons: &'a [Option<String>],
    index: usize,
) -> Option<&'a str> {
    let before: usize = offers.iter().take(index).map(|offer| offer.actions.len()).sum();
    let count = offers.get(index)?.actions.len();
    let own = reasons.get(before..before + count)?;
    if own.iter().all(Option::is_some) { own.first()?.as_deref() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_refused_only_if_all_its_actions_are() {
        let offers = for_link((NodeId(0), "S1"), (NodeId(1), "S2"));
        let cut = || Some("The link is cut already.".to_owned());
        let reasons = vec![cut(), None, cut(), None, None, cut(), None, cut()];
        assert_eq!(reason_against(&offers, &reasons, 0), None);
        assert_eq!(reason_against(&offers, &reasons, 1), Some("The link is cut already."));
        assert_eq!(reason_against(&offers, &reasons, 2), None);
        assert_eq!(reason_against(&offers, &[], 0), None);
        assert_eq!(reason_against(&offers, &reasons, 9), None);
    }
}
