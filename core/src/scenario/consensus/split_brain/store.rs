//! The store, apart from those who fight for it, and the switch on their power.

use super::message::{Fact, Msg};
use super::node::Node;
use crate::mechanism::fencing::Fence;
use crate::mechanism::writer::Write;
use crate::sim::{Cx, LongList, NodeId};

/// What stands in a block.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Block {
    /// The epoch of whoever wrote it.
    pub(super) epoch: u64,
    pub(super) write: Write,
}

/// What the store has on disk.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Volume {
    /// The epoch with which it is sealed.
    pub(super) fence: Fence,
    /// Who had it last: for whom it was sealed, or who wrote in the highest epoch.
    pub(super) holder: Option<NodeId>,
    /// The attempt for which it was sealed: the same may ask again.
    attempt: u64,
    /// The blocks, by number; block 0 is never written.
    pub(super) blocks: LongList<Option<Block>>,
}

impl Volume {
    /// Returns what is in a block.
    pub(super) fn block(&self, index: u64) -> Option<Block> {
        *self.blocks.get(usize::try_from(index).ok()?)?
    }

    /// Returns the last so many blocks, in order.
    pub(super) fn last(&self, count: usize) -> impl Iterator<Item = (u64, Option<Block>)> {
        let from = self.blocks.len().saturating_sub(count).max(1) as u64;
        (from..self.blocks.len() as u64).map(|index| (index, self.block(index)))
    }

    fn write(&mut self, index: u64, block: Block) {
        let Ok(place) = usize::try_from(index) else { return };
        while self.blocks.len() <= place {
            self.blocks.push(None);
        }
        if let Some(it) = self.blocks.get_mut(place) {
            *it = Some(block);
        }
    }
}

/// Shared storage: it obeys whoever reaches it, as disks do.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Store {
    /// Safeguard: it takes no write of an epoch below the one with which it is sealed.
    pub(super) checks_epoch: bool,
}

impl Store {
    pub(super) fn on_message(self, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
        if let Msg::Look { attempt } = *msg {
            let Volume { fence, holder, blocks, .. } = cx.disk().0.get().clone();
            let epoch = fence.epoch();
            // What is not on disk yet belongs to a write or a seal that nobody was told of.
            cx.send_after_sync(from, Msg::Shows { attempt, epoch, holder, blocks });
        } else if let Msg::Seal { attempt, epoch } = *msg {
            seal(from, attempt, epoch, cx);
        } else if let Msg::Put { epoch, index, write } = *msg {
            self.put(from, (epoch, index, write), cx);
        }
    }

    fn put(self, from: NodeId, (epoch, index, write): (u64, u64, Write), cx: &mut Cx<'_, Node>) {
        let checks_epoch = self.checks_epoch;
        let volume = cx.disk_mut().0.get_mut();
        match volume.fence.admit(epoch) {
            Ok(()) => volume.holder = Some(from),
            Err(stale) if checks_epoch => {
                let sealed = stale.epoch;
                cx.record(Fact::Refuses { epoch, sealed, by: from });
                return cx.send(from, Msg::Fenced { epoch: sealed });
            }
            Err(_) => {}
        }
        volume.write(index, Block { epoch, write });
        cx.record(Fact::Applies { epoch, index, write, by: from });
        cx.send_after_sync(from, Msg::Done { epoch, index });
    }
}

fn seal(from: NodeId, attempt: u64, epoch: u64, cx: &mut Cx<'_, Node>) {
    let volume = cx.disk_mut().0.get_mut();
    // The answer to the same question may have been lost.
    let is_again = (volume.holder, volume.attempt) == (Some(from), attempt);
    match volume.fence.seal(epoch) {
        Err(stale) if !is_again => return cx.send(from, Msg::Fenced { epoch: stale.epoch }),
        Err(_) => {}
        Ok(()) => {
            (volume.holder, volume.attempt) = (Some(from), attempt);
            cx.record(Fact::IsSealed { epoch, by: from });
        }
    }
    let blocks = cx.disk().0.get().blocks.clone();
    cx.send_after_sync(from, Msg::Sealed { attempt, epoch, blocks });
}

/// The power switch: passes orders on, and tells when a server's board has answered. It remembers
/// nothing, since whoever asks asks again.
pub(super) fn on_power_message(from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
    if let Msg::Shoot { attempt, server, epoch } = *msg {
        cx.send(server, Msg::Off { attempt, by: from, epoch });
    } else if let Msg::IsOff { attempt, by } = *msg {
        cx.send(by, Msg::Confirmed { attempt });
    }
}
