//! The store of a group: takes what a leader writes, and says so when it is on disk.

use super::message::{Fact, Msg};
use super::node::Node;
use crate::mechanism::fencing::Fence;
use crate::sim::{Cx, NodeId, SyncId};

/// What a store has on disk.
#[derive(Copy, Clone, Debug, Default, Hash)]
pub(super) struct Volume {
    /// The highest epoch in which it was written.
    pub(super) fence: Fence,
    /// How many writes it holds.
    pub(super) writes: u64,
}

/// A write that is not on disk yet: by whom, in which epoch, and its number.
type Pending = (SyncId, NodeId, u64, u32);

/// A store.
#[derive(Clone, Debug, Hash)]
pub(super) struct Store {
    /// Safeguard: it takes no write of an epoch below one that has written.
    checks_epoch: bool,
    pending: Vec<Pending>,
}

impl Store {
    pub(super) fn new(checks_epoch: bool) -> Self {
        Self { checks_epoch, pending: Vec::new() }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
        let Msg::Put { epoch, number } = *msg else { return };
        let volume = cx.disk_mut().1.1.get_mut();
        if let Err(stale) = volume.fence.admit(epoch)
            && self.checks_epoch
        {
            let later = stale.epoch;
            cx.record(Fact::Refuses { epoch, by: from, later });
            return cx.send(from, Msg::Refused { epoch: later });
        }
        volume.writes += 1;
        let sync = cx.sync();
        self.pending.push((sync, from, epoch, number));
    }

    /// What was written before this sync began is on disk, in the order in which it came.
    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        for &(_, by, epoch, number) in self.pending.iter().filter(|(of, ..)| *of <= sync) {
            cx.record(Fact::Acknowledges { epoch, by });
            cx.send(by, Msg::Done { number });
        }
        self.pending.retain(|(of, ..)| *of > sync);
    }
}
