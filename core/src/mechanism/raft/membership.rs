//! Who is a member: one server joins or leaves at a time (thesis, chapter 4).
//!
//! The members stand in the log, and a server goes by the latest that it has, committed or not (thesis
//! §4.1). One server more or less leaves any majority of the old members with a server in any of the
//! new ones, so no two leaders can be elected apart. That is only true of two lists that follow each
//! other: a leader waits until the last change is committed, and until an entry of its own term is, for
//! else an earlier leader's change may be about that it has not seen (Ongaro 2015, "bug in
//! single-server membership changes", raft-dev).
//!
//! Left out: joint consensus (§6), which changes many at once, and rounds in which a new server
//! catches up before it counts (thesis §4.2.1): until it has, the group may wait for it.

use super::log::{Command, Content, Entry, Index, Position};
use super::message::Why;
use super::server::Raft;
use super::stable::Stable;
use crate::mechanism::majority::majority;
use crate::order::sort;
use crate::sim::{Cx, NodeId};

/// A group is never made smaller than this: with two members no one may fail.
const FEWEST_MEMBERS: usize = 3;

/// Why a leader does not change the members now.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum NoChange {
    /// It does not lead.
    NotLeader {
        /// Who does, as far as it knows.
        hint: Option<NodeId>,
    },
    /// The last change is not committed yet.
    ChangeUnderWay,
    /// No entry of its own term is committed yet.
    NothingCommitted,
    /// The group would be too small, or the server is not one of it.
    NotPossible,
}

impl<C: Command, D: Stable<C>> Raft<C, D> {
    /// Returns the members as far as this server's log says.
    pub fn members(&self) -> &[NodeId] {
        self.memberships.last().map_or(&self.config.members, |(_, members)| members)
    }

    /// Returns how many are more than half of the members.
    pub(super) fn majority(&self) -> u32 {
        majority(u32::try_from(self.members().len()).unwrap_or(u32::MAX))
    }

    /// Returns how many of `ids` are members.
    pub(super) fn members_among(&self, ids: impl IntoIterator<Item = NodeId>) -> u32 {
        let members = self.members();
        let count = ids.into_iter().filter(|id| members.contains(id)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Lists all members but `me`.
    pub(super) fn others(&self, me: NodeId) -> Vec<NodeId> {
        self.members().iter().copied().filter(|id| *id != me).collect()
    }

    /// Reads from the log who is a member, after a start or a snapshot.
    pub(super) fn read_members(&mut self, disk: &D) {
        let state = disk.get();
        self.memberships.clear();
        if let Some(snapshot) = &state.snapshot {
            self.memberships.push((snapshot.last.index, snapshot.members.clone()));
        }
        let first = state.log.base().index + 1;
        for (entry, index) in state.log.from(first).zip(first..) {
            self.note_members(index, entry);
        }
    }

    /// Goes by what an entry says that has been appended.
    pub(super) fn note_members(&mut self, index: Index, entry: &Entry<C>) {
        if let Content::Members(members) = &entry.content {
            self.memberships.push((index, members.clone()));
        }
    }

    /// Goes by what the log says up to `kept`, since the rest is dropped.
    pub(super) fn forget_members_behind(&mut self, kept: Index) {
        self.memberships.retain(|(index, _)| *index <= kept);
    }

    /// Returns the members as of an entry, for a snapshot.
    pub(super) fn members_at(&self, index: Index) -> Vec<NodeId> {
        let known = self.memberships.iter().rfind(|(at, _)| *at <= index);
        known.map_or(&self.config.members, |(_, members)| members).clone()
    }

    /// Takes `server` out of the group, or back in if it is not a member, as leader. It takes effect
    /// here at once, and is done when the entry is committed.
    ///
    /// # Errors
    /// This server may not do so now.
    pub fn change_members(
        &mut self,
        server: NodeId,
        cx: &mut Cx<'_, Self>,
    ) -> Result<Index, NoChange> {
        if !self.is_leader() {
            return Err(NoChange::NotLeader { hint: self.leader });
        }
        let last_change = self.memberships.last().map_or(0, |(index, _)| *index);
        if last_change > self.commit {
            return Err(NoChange::ChangeUnderWay);
        }
        if self.safeguards.settles_before_change && !self.has_committed_in_term(cx.disk()) {
            return Err(NoChange::NothingCommitted);
        }
        let mut members = self.members().to_vec();
        if members.contains(&server) {
            members.retain(|id| *id != server);
        } else {
            members.push(server);
            sort(&mut members);
        }
        if members.len() < FEWEST_MEMBERS || !self.config.members.contains(&server) {
            return Err(NoChange::NotPossible);
        }
        Ok(self.append(Content::Members(members), cx))
    }

    /// Returns true if an entry of the present term is committed.
    pub(super) fn has_committed_in_term(&self, disk: &D) -> bool {
        let state = disk.get();
        state.log.term_at(self.commit) == Some(state.term)
    }

    /// A leader that is no member leads until that is committed, and no longer (thesis §4.2.2).
    pub(super) fn retire_if_removed(&mut self, cx: &mut Cx<'_, Self>) {
        let last_change = self.memberships.last().map_or(0, |(index, _)| *index);
        if self.is_leader() && last_change <= self.commit && !self.members().contains(&cx.me()) {
            self.retire(Why::Removed, cx);
        }
    }

    /// Returns where the last entry up to `index` stands, for a snapshot.
    pub(super) fn position(disk: &D, index: Index) -> Option<Position> {
        Some(Position { term: disk.get().log.term_at(index)?, index })
    }
}
