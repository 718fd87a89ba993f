//! The monitor or a worker, and what each safeguard makes of the monitor's rules.

use super::message::{Fact, Msg, Partitions, Timer};
use super::monitor::Monitor;
use super::view;
use super::worker::Worker;
use crate::mechanism::failure_detector::Detector;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cell, Cx, NodeId, Process, SyncId};
use crate::view::NodeView;

/// Who watches all the others.
pub(super) const MONITOR: NodeId = NodeId(0);

/// How the group works.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Config {
    /// How many workers there are.
    pub(super) workers: u16,
    /// Time between two heartbeats.
    pub(super) period_us: u64,
    /// How long it takes a worker to take a partition over.
    pub(super) load_us: u64,
    /// When a worker is suspected, if suspicion is a stage of its own.
    pub(super) suspicion: Option<Detector>,
    /// When a worker is declared dead.
    pub(super) burial: Detector,
    /// Who was declared dead may come back in a new incarnation only.
    pub(super) has_incarnations: bool,
    /// The monitor notices that it slept itself.
    pub(super) knows_sleep: bool,
}

impl Config {
    /// Returns the workers.
    pub(super) fn workers(self) -> impl Iterator<Item = NodeId> {
        (1..=self.workers).map(NodeId)
    }

    /// Returns the partitions of the worker in this place at the beginning.
    pub(super) fn first_share(self, place: u16) -> Partitions {
        (0..Partitions::ALL).filter(|partition| partition % self.workers == place).collect()
    }

    /// Returns how often the monitor looks.
    pub(super) fn look_us(self) -> u64 {
        self.period_us / 4
    }
}

/// What nodes must not forget.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Kept {
    /// A worker's present incarnation.
    pub(super) incarnation: u64,
    /// The last incarnation in which the monitor declared each worker dead.
    pub(super) graves: SmallMap<NodeId, u64>,
}

/// A node.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// Watches.
    Monitor(Monitor),
    /// Is watched.
    Worker(Worker),
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Cell<Kept>;
    type Fact = Fact;

    const EPOCH: &'static str = "incarnation";

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Monitor(monitor) => monitor.on_start(boot, cx),
            Self::Worker(worker) => worker.on_start(boot, cx),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Monitor(monitor) => monitor.on_message(from, msg, cx),
            Self::Worker(worker) => worker.on_message(msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Monitor(monitor) => monitor.on_timer(timer, cx),
            Self::Worker(worker) => worker.on_timer(timer, cx),
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Monitor(monitor) => monitor.on_synced(sync, cx),
            Self::Worker(_) => {}
        }
    }

    fn view(&self, disk: &Cell<Kept>) -> NodeView {
        match self {
            Self::Monitor(monitor) => view::show_monitor(monitor),
            Self::Worker(worker) => view::show_worker(worker, disk.get().incarnation),
        }
    }
}
