//! One fault of each kind that puzzles count, drawn at random, and what undoes it.

use faultline_core::sim::{Action, DiskFault, FaultKind, MessageName, NodeId, Simulation, Stream};

/// Draws a fault of this kind for the state of `simulation`, mostly at `node`, and what ends it, if it
/// lasts. Nothing if there is nothing to do it to, such as a message to be lost.
pub(crate) fn draw(
    stream: &mut Stream,
    kind: FaultKind,
    node: NodeId,
    simulation: &dyn Simulation,
) -> Option<(Action, Option<Action>)> {
    let (from, to) = draw_link(stream, node, simulation);
    let drawn = match kind {
        FaultKind::Crash => (Action::Crash(node), Some(Action::Restart(node))),
        FaultKind::Pause => (Action::Pause(node), Some(Action::Resume(node))),
        FaultKind::Cut => draw_cut(stream, node, (from, to)),
        FaultKind::Hold => (Action::Hold { from, to }, Some(Action::Release { from, to })),
        FaultKind::Drop => (Action::DropMessage(draw_message(stream, simulation)?), None),
        FaultKind::Duplicate => (Action::DuplicateMessage(draw_message(stream, simulation)?), None),
        FaultKind::Delay => {
            let message = draw_message(stream, simulation)?;
            let by_us = draw_length_us(stream);
            (Action::DelayMessage { message, by_us }, None)
        }
        FaultKind::Loss => {
            (Action::Lose { percent: draw_percent(stream) }, Some(Action::Lose { percent: 0 }))
        }
        FaultKind::Duplication => {
            let percent = draw_percent(stream);
            (Action::Duplicate { percent }, Some(Action::Duplicate { percent: 0 }))
        }
        FaultKind::Clock => {
            let size_us = i64::try_from(draw_length_us(stream)).unwrap_or(1);
            let by_us = if stream.chance(50) { size_us } else { -size_us };
            (Action::StepClock { node, by_us }, None)
        }
        FaultKind::Slow => {
            let by_us = draw_length_us(stream) / 10;
            (Action::Slow { node, by_us }, Some(Action::Slow { node, by_us: 0 }))
        }
        FaultKind::Disk => {
            let fault = [
                DiskFault::LostSyncs { count: 1 },
                DiskFault::FailSyncs { count: 1 },
                DiskFault::TornSectors { bytes: 128 },
                DiskFault::Slow { percent: 900 },
            ];
            (Action::Disk { node, fault: fault[stream.index(4)].clone() }, None)
        }
        FaultKind::Timer => {
            // Some nodes only answer, and set none.
            let scene = simulation.scene();
            let all = || scene.nodes.iter().flat_map(|it| &it.timers).map(|it| it.name);
            let own: Vec<_> = all().filter(|timer| timer.node == node).collect();
            let timers = if own.is_empty() { all().collect() } else { own };
            (Action::FireTimer(*timers.get(stream.index(timers.len()))?), None)
        }
        FaultKind::ByHand => (Action::TakeByHand, None),
    };
    Some(drawn)
}

fn draw_cut(
    stream: &mut Stream,
    node: NodeId,
    (from, to): (NodeId, NodeId),
) -> (Action, Option<Action>) {
    match stream.range(0, 2) {
        0 => (Action::Cut { from, to }, Some(Action::Mend { from, to })),
        1 => (Action::Partition(vec![node]), Some(Action::Heal)),
        _ => {
            let other = if from == node { to } else { from };
            (Action::Partition(vec![node, other]), Some(Action::Heal))
        }
    }
}

/// Draws a link to or from `node`.
fn draw_link(stream: &mut Stream, node: NodeId, simulation: &dyn Simulation) -> (NodeId, NodeId) {
    let others: Vec<NodeId> = simulation.names().ids().filter(|&id| id != node).collect();
    let other = others.get(stream.index(others.len())).copied().unwrap_or(node);
    if stream.chance(50) { (node, other) } else { (other, node) }
}

fn draw_message(stream: &mut Stream, simulation: &dyn Simulation) -> Option<MessageName> {
    let messages = simulation.scene().messages;
    messages.get(stream.index(messages.len())).map(|message| message.name)
}

/// Draws a length on a rough logarithmic scale, to two seconds.
fn draw_length_us(stream: &mut Stream) -> u64 {
    let longest_ms = 2_048 >> stream.range(0, 8);
    1_000 * stream.range(1, longest_ms)
}

fn draw_percent(stream: &mut Stream) -> u8 {
    u8::try_from(stream.range(1, 10) * 10).unwrap_or(100)
}
