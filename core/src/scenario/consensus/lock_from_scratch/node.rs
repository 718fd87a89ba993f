//! A node of this world: a worker, the lock's keeper, or what the lock protects.

use super::keeper::Keeper;
use super::message::{Fact, Msg, Timer};
use super::resource::{Kept, Resource};
use super::worker::Worker;
use crate::mechanism::lease::LockFile;
use crate::sim::{Boot, Cell, Cx, Files, NodeId, Process, SyncId};
use crate::view::NodeView;

/// Which design decides who is next.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Design {
    /// Somebody keeps the lock, and lends it for a while.
    Lease,
    /// All workers ask each other: Lamport 1978.
    Lamport,
    /// All workers ask each other: Ricart and Agrawala 1981.
    RicartAgrawala,
}

/// How the lock works.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub(super) struct Config {
    pub(super) design: Design,
    /// How many workers there are; the keeper and the resource come after them.
    pub(super) workers: u16,
    /// How long a lease lasts.
    pub(super) lease_us: u64,
    /// How many parts a job has.
    pub(super) parts: u32,
    /// Safeguard: one arbiter decides; otherwise workers read and write a shared file.
    pub(super) has_arbiter: bool,
    /// Safeguard: a grant says how long it lasts, not until what time of day.
    pub(super) by_duration: bool,
    /// Safeguard: the resource refuses numbers that are older than one that it has seen.
    pub(super) is_fenced: bool,
    /// Safeguard: after its restart the arbiter waits for one lease.
    pub(super) waits: bool,
    /// Safeguard: a grant is synced before it is told.
    pub(super) is_synced: bool,
    /// Safeguard: a record is believed only if its checksum is right.
    pub(super) is_checked: bool,
}

impl Config {
    /// Returns the lock's keeper.
    pub(super) fn keeper(self) -> NodeId {
        NodeId(self.workers)
    }

    /// Returns what the lock protects.
    pub(super) fn resource(self) -> NodeId {
        NodeId(self.workers + 1)
    }

    /// Returns the file in which the keeper writes its grants down.
    pub(super) fn file(self) -> LockFile {
        LockFile { is_checked: self.is_checked }
    }
}

/// What survives a crash: the keeper's file, and what the resource has applied.
pub(super) type Disk = (Files, Cell<Kept>);

/// One node.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// Does jobs that nobody else may disturb.
    Worker(Box<Worker>),
    /// Keeps the lock.
    Keeper(Keeper),
    /// Is what the lock protects.
    Resource(Resource),
}

impl Node {
    /// Returns the worker that this is, if it is one.
    pub(super) fn worker(&self) -> Option<&Worker> {
        if let Self::Worker(worker) = self { Some(worker) } else { None }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    const EPOCH: &'static str = "number";

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Worker(_) => Worker::on_start(boot, cx),
            Self::Keeper(keeper) => keeper.on_start(boot, cx),
            Self::Resource(_) => {}
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Worker(worker) => worker.on_message(from, msg, cx),
            Self::Keeper(keeper) => keeper.on_message(from, msg, cx),
            Self::Resource(resource) => {
                if let Msg::Write(part) = msg {
                    resource.write(from, part, cx);
                }
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Worker(worker) => worker.on_timer(timer, cx),
            Self::Keeper(keeper) => keeper.on_timer(timer, cx),
            Self::Resource(_) => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Keeper(keeper) => keeper.on_synced(sync, cx),
            Self::Resource(resource) => resource.on_synced(sync, cx),
            Self::Worker(_) => {}
        }
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        if let Self::Keeper(keeper) = self {
            keeper.on_sync_failed(sync, cx);
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        match self {
            Self::Worker(worker) => worker.view(),
            Self::Keeper(keeper) => keeper.view(),
            Self::Resource(_) => Resource::view(&disk.1),
        }
    }
}
