//! Actions as a careless person, a damaged link or a program would give them.

use faultline_core::sim::{Action, MessageName, NodeId, Simulation, Stream, TimerName};

/// Draws any action at all: sensible ones for the state of `simulation`, and plain nonsense.
pub(crate) fn draw(stream: &mut Stream, simulation: &dyn Simulation) -> Action {
    let node = draw_node(stream, simulation);
    let to = draw_node(stream, simulation);
    let percent = u8::try_from(stream.range(0, 255)).unwrap_or_default();
    match stream.range(0, 18) {
        0 => Action::Crash(node),
        1 | 2 => Action::Restart(node),
        3 => Action::Pause(node),
        4 | 5 => Action::Resume(node),
        6 => {
            let length = stream.range(0, 8);
            Action::Partition((0..length).map(|_| draw_node(stream, simulation)).collect())
        }
        7 => Action::Cut { from: node, to },
        8 => Action::Mend { from: node, to },
        9 => Action::Heal,
        10 => Action::Lose { percent },
        11 => Action::Duplicate { percent },
        12 => Action::StepClock { node, by_us: draw_step(stream) },
        13 => Action::Drift { node, drift_ppm: draw_drift(stream) },
        14 => Action::DropMessage(draw_message(stream, simulation)),
        15 => Action::DuplicateMessage(draw_message(stream, simulation)),
        16 => {
            let by_us = [0, 1, 50_000, u64::MAX][stream.index(4)];
            Action::DelayMessage { message: draw_message(stream, simulation), by_us }
        }
        17 => Action::DeliverMessage(draw_message(stream, simulation)),
        _ if stream.chance(50) => Action::FireTimer(draw_timer(stream, simulation)),
        _ => {
            let command = u16::try_from(stream.range(0, 6)).unwrap_or_default();
            Action::Command { command, node }
        }
    }
}

fn draw_node(stream: &mut Stream, simulation: &dyn Simulation) -> NodeId {
    let count = simulation.names().count();
    match stream.range(0, 9) {
        0 => NodeId::OUTSIDE,
        1 => NodeId(count),
        _ => NodeId(u16::try_from(stream.range(0, u64::from(count.max(1)) - 1)).unwrap_or(0)),
    }
}

fn draw_step(stream: &mut Stream) -> i64 {
    [0, 1, -1, 350_000, -350_000, 3_600_000_000, i64::MAX, i64::MIN][stream.index(8)]
}

fn draw_drift(stream: &mut Stream) -> i32 {
    [0, 200, -200, 50_000, -50_000, i32::MAX, i32::MIN][stream.index(7)]
}

fn draw_message(stream: &mut Stream, simulation: &dyn Simulation) -> MessageName {
    let messages = simulation.scene().messages;
    match messages.get(stream.index(messages.len())) {
        Some(message) if stream.chance(80) => message.name,
        Some(_) | None => {
            let (from, to) = (draw_node(stream, simulation), draw_node(stream, simulation));
            MessageName { from, to, nth: 3 }
        }
    }
}

fn draw_timer(stream: &mut Stream, simulation: &dyn Simulation) -> TimerName {
    let node = draw_node(stream, simulation);
    let scene = simulation.scene();
    let timers = scene.nodes.get(node.index()).map_or(&[][..], |node| &node.timers);
    match timers.get(stream.index(timers.len())) {
        Some(timer) => timer.name,
        None => TimerName { node, digest: 7 },
    }
}
