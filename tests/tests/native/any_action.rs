//! Actions as a careless person, a damaged link or a program would give them.

use faultline_core::sim::{Action, DiskFault, MessageName, NodeId, Simulation, Stream, TimerName};
use faultline_core::view::Widget;

/// Draws any action at all: sensible ones for the state of `simulation`, and plain nonsense.
pub(crate) fn draw(stream: &mut Stream, simulation: &dyn Simulation) -> Action {
    let node = draw_node(stream, simulation);
    let to = draw_node(stream, simulation);
    let percent = u8::try_from(stream.range(0, 255)).unwrap_or_default();
    match stream.range(0, 27) {
        19 => Action::Hold { from: node, to },
        20 => Action::Release { from: node, to },
        21 => {
            let side = (0..stream.range(0, 5)).map(|_| draw_node(stream, simulation)).collect();
            Action::Flap { side, period_us: [0, 1, 50_000, u64::MAX][stream.index(4)] }
        }
        22 => Action::Slow { node, by_us: [0, 1, 15_000, u64::MAX][stream.index(4)] },
        23 | 24 => {
            Action::Disk { node, fault: draw_disk_fault(stream, &files_of(simulation, node)) }
        }
        25 => Action::CompleteSync(node),
        // Whatever comes after it comes to a world in which time stands still.
        26 if stream.chance(20) => Action::TakeByHand,
        27 if stream.chance(20) => Action::Reseed(stream.range(0, 9)),
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

/// Returns the names of the files that a node has.
fn files_of(simulation: &dyn Simulation, node: NodeId) -> Vec<String> {
    let disk = simulation.inside(node).map(|inside| inside.disk).unwrap_or_default();
    let name = |widget| if let Widget::Sectors(it) = widget { Some(it.label) } else { None };
    disk.into_iter().filter_map(name).collect()
}

fn draw_disk_fault(stream: &mut Stream, files: &[String]) -> DiskFault {
    let file = match files.get(stream.index(files.len() + 2)) {
        Some(file) => file.clone(),
        None => ["", "no such file"][stream.index(2)].to_owned(),
    };
    let offset = [0, 7, 511, 512, 530, 700, u64::MAX][stream.index(7)];
    let count = u16::try_from(stream.range(0, 3)).unwrap_or_default();
    match stream.range(0, 7) {
        0 => DiskFault::LostSyncs { count },
        1 => DiskFault::FailSyncs { count },
        2 => DiskFault::BitRot { file, offset, bit: u8::try_from(stream.range(0, 9)).unwrap_or(9) },
        3 => DiskFault::Misdirect { file, to_sector: u32::from(count) },
        4 => DiskFault::TornSectors { bytes: count * 300 },
        5 => DiskFault::Capacity { bytes: offset },
        6 => DiskFault::ReadError { file, offset },
        _ => DiskFault::Slow { percent: [0, 100, 900, u32::MAX][stream.index(4)] },
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
