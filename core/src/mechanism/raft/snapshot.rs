//! Snapshots: a state instead of the entries that led to it (§7, Figures 12 and 13).
//!
//! Each server takes its own, when its host says so. A leader sends one to a follower that needs
//! entries that the leader no longer keeps. It travels in one message; the chunks of Figure 13 are left
//! out, since no state here is large.

use std::rc::Rc;

use super::log::{Command, Index, Term};
use super::message::{Fact, Message};
use super::server::{Progress, Raft, Role};
use super::stable::{Change, Snapshot, Stable};
use crate::sim::{Cx, NodeId};

impl<C: Command, D: Stable<C>> Raft<C, D> {
    /// Keeps `state` instead of the entries that the host has taken, which have led to it. It is
    /// durable with the next sync; a crash before leaves the entries. A leader keeps the entries for a
    /// while if a follower that answers is about to need them: they are smaller than the state.
    pub fn compact(&mut self, state: Vec<u8>, cx: &mut Cx<'_, Self>) {
        let log = &cx.disk().get().log;
        let Some(last) = Self::position(cx.disk(), self.applied) else { return };
        if last.index <= log.base().index || self.is_needed(last.index, cx.now_us()) {
            return;
        }
        let digest = log.digest_at(last.index).unwrap_or_default();
        let members = self.members_at(last.index);
        cx.disk_mut().write(Change::Snapshot(Snapshot { last, digest, members, state }));
        cx.record(Fact::Compacts { index: last.index });
    }

    /// Returns true if a follower that has answered lately lacks entries up to `index`.
    fn is_needed(&self, index: Index, now_us: u64) -> bool {
        let Role::Leader(leadership) = &self.role else { return false };
        let recent_us = 2 * self.config.heartbeat_us;
        let needs = |it: &Progress| it.matched < index && now_us <= it.heard_us + recent_us;
        let members = self.members();
        leadership.progress.iter().any(|(id, it)| members.contains(&id) && needs(it))
    }

    /// Returns the state of a snapshot that stands for entries which the host has not taken; what
    /// [`take_committed`](Self::take_committed) returns next follows it. A host asks first for this.
    pub fn take_snapshot(&mut self, disk: &D) -> Option<Vec<u8>> {
        let snapshot = disk.get().snapshot.as_ref()?;
        if snapshot.last.index <= self.applied {
            return None;
        }
        self.applied = snapshot.last.index;
        Some(snapshot.state.clone())
    }

    /// Returns what a follower needs that is to go on from `next`, if entries are no longer enough.
    pub(super) fn snapshot_for(disk: &D, next: Index) -> Option<Rc<Snapshot>> {
        let state = disk.get();
        state.snapshot.clone().filter(|_| next <= state.log.base().index)
    }

    /// Takes the leader's snapshot ("`InstallSnapshot` RPC, receiver implementation", Figure 13).
    pub(super) fn on_install(
        &mut self,
        from: NodeId,
        term: Term,
        snapshot: &Snapshot,
        cx: &mut Cx<'_, Self>,
    ) {
        let last = snapshot.last.index;
        // What is committed here is committed there, and as it is: nothing is to be learned.
        if last > self.commit {
            cx.disk_mut().write(Change::Snapshot(snapshot.clone()));
            cx.record(Fact::Installs { index: last });
            self.read_members(cx.disk());
            self.commit = last;
        }
        let matched = self.commit;
        cx.send_after_sync(from, Message::Appended { term, matched });
    }
}
