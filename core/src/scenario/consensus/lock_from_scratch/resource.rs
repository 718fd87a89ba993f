//! What the lock protects: a store to which a holder writes a job, part by part.

use std::collections::VecDeque;

use super::message::{Fact, Msg, Part};
use super::node::Node;
use crate::mechanism::fencing::{Fence, Stale};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Cx, NodeId, SyncId};

/// What the resource keeps on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Kept {
    /// The newest holder that was here.
    pub(super) fence: Fence,
    /// The last part that was applied for each worker, so that a retry is applied once.
    last: SmallMap<NodeId, Part>,
}

/// The resource.
#[derive(Clone, Debug, Hash)]
pub(super) struct Resource {
    /// Safeguard: it looks at the numbers of those who write.
    is_fenced: bool,
    /// Parts that are not on disk yet, oldest first.
    unsynced: VecDeque<(SyncId, NodeId, Part)>,
}

impl Resource {
    pub(super) fn new(is_fenced: bool) -> Self {
        Self { is_fenced, unsynced: VecDeque::new() }
    }

    /// Applies a part, or refuses it.
    pub(super) fn write(&mut self, from: NodeId, part: Part, cx: &mut Cx<'_, Node>) {
        let mut kept = cx.disk().1.get().clone();
        if let Err(Stale { epoch: highest }) = kept.fence.admit(part.token)
            && self.is_fenced
        {
            cx.record(Fact::Refuses { writer: from, part, highest });
            return cx.send(from, Msg::Refused { part, highest });
        }
        let before = kept.last.get(from).filter(|last| last.token == part.token);
        let applied = before.map_or(0, |last| last.number);
        if part.number <= applied {
            // It has been told before, or will be once it is on disk.
            if self.unsynced.iter().all(|(_, writer, it)| (*writer, *it) != (from, part)) {
                cx.send(from, Msg::Applied(part));
            }
        } else if part.number == applied + 1 {
            kept.last.insert(from, part);
            *cx.disk_mut().1.get_mut() = kept;
            self.unsynced.push_back((cx.sync(), from, part));
        }
    }

    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        while let Some((_, writer, part)) = self.unsynced.pop_front_if(|(of, ..)| *of <= sync) {
            cx.record(Fact::Applies { writer, part });
            cx.send(writer, Msg::Applied(part));
        }
    }
}
