//! One log everywhere: sending entries, accepting them, and knowing that they are safe (§5.3, §5.4.2).

use super::log::{Command, Conflict, Content, Entry, Index, Position, Term, reached_by};
use super::message::{Fact, Message};
use super::server::{Leadership, Progress, Raft, Role};
use super::stable::{Change, Stable};
use crate::sim::{Cx, NodeId, SyncId};

/// Most entries in one message; whoever is further behind gets the rest when it has answered.
const ENTRIES_A_MESSAGE: usize = 64;

impl Progress {
    /// Knows nothing yet of a server, and begins behind a leader's last entry ("volatile state on
    /// leaders", Figure 2).
    pub(super) fn new(last: Index, heard_us: u64) -> Self {
        Self { next: last + 1, matched: 0, sent: last, heard_us }
    }
}

impl Leadership {
    /// Counts the leader itself for what its own disk has made durable.
    pub(super) fn on_synced(&mut self, me: NodeId, sync: SyncId) {
        let done = self.syncing.iter().filter(|(id, _)| *id <= sync).map(|(_, end)| *end).max();
        self.syncing.retain(|(id, _)| *id > sync);
        if let (Some(end), Some(own)) = (done, self.progress.get_mut(me)) {
            own.matched = own.matched.max(end);
        }
    }
}

impl<C: Command, D: Stable<C>> Raft<C, D> {
    /// Appends an entry of the present term as leader, and sends it out. The leader's own disk works
    /// meanwhile (thesis §10.2.1): it counts itself only when its sync is complete.
    pub(super) fn append(&mut self, content: Content<C>, cx: &mut Cx<'_, Self>) -> Index {
        let state = cx.disk().get();
        let (entry, kept) = (Entry { term: state.term, content }, state.log.last().index);
        let index = kept + 1;
        self.note_members(index, &entry);
        cx.disk_mut().write(Change::Entries { kept, entries: vec![entry] });
        let sync = cx.sync();
        let heard_us = cx.now_us();
        let members = self.members().to_vec();
        if let Role::Leader(leadership) = &mut self.role {
            leadership.syncing.push((sync, index));
            for id in members {
                leadership.progress.get_or_insert(id, Progress::new(index, heard_us));
            }
        }
        self.send_to_all(cx);
        index
    }

    /// Sends each other member what it needs.
    pub(super) fn send_to_all(&mut self, cx: &mut Cx<'_, Self>) {
        for to in self.others(cx.me()) {
            self.send_entries(to, cx);
        }
    }

    /// Sends `to` everything from the next entry that it needs; nothing but "I lead" if it has all.
    pub(super) fn send_entries(&mut self, to: NodeId, cx: &mut Cx<'_, Self>) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let Some(progress) = leadership.progress.get_mut(to) else { return };
        let state = cx.disk().get();
        if let Some(snapshot) = Self::snapshot_for(cx.disk(), progress.next) {
            progress.sent = snapshot.last.index;
            let term = state.term;
            return cx.send(to, Message::InstallSnapshot { term, snapshot });
        }
        let index = progress.next - 1;
        let previous = Position { term: state.log.term_at(index).unwrap_or_default(), index };
        let entries =
            state.log.from(progress.next).take(ENTRIES_A_MESSAGE).cloned().collect::<Vec<_>>();
        progress.sent = index + entries.len() as Index;
        let (term, commit) = (state.term, self.commit);
        cx.send(to, Message::AppendEntries { term, previous, entries, commit });
    }

    /// Follows the sender if it leads the present term; tells it otherwise (rule 1 of
    /// "`AppendEntries` RPC, receiver implementation", Figure 2).
    pub(super) fn accept_leader(
        &mut self,
        from: NodeId,
        term: Term,
        previous: Position,
        cx: &mut Cx<'_, Self>,
    ) -> bool {
        let own_term = cx.disk().get().term;
        if term < own_term {
            let previous = previous.index;
            cx.send(from, Message::Refused { term: own_term, previous, conflict: None });
            return false;
        }
        // Two leaders of one term exist only where hosts decide; then each keeps to itself.
        if self.is_leader() {
            return false;
        }
        self.role = Role::Follower;
        self.heard_us = Some(cx.now_us());
        self.await_leader(cx);
        if self.leader != Some(from) {
            self.leader = Some(from);
            cx.record(Fact::Follows { term, leader: from });
        }
        true
    }

    /// Makes its log like the leader's (rules 2 to 5 of the same).
    pub(super) fn on_entries(
        &mut self,
        from: NodeId,
        previous: Position,
        entries: &[Entry<C>],
        commit: Index,
        cx: &mut Cx<'_, Self>,
    ) {
        let state = cx.disk().get();
        let (term, log) = (state.term, &state.log);
        // What a snapshot stands for is committed, so the leader has it as well.
        let known = log.base().index.saturating_sub(previous.index);
        let known = usize::try_from(known).unwrap_or(usize::MAX).min(entries.len());
        let (previous, entries) = if previous.index < log.base().index {
            (log.base(), &entries[known..])
        } else {
            (previous, entries)
        };
        // Rule 2: refuse what does not follow on from one's own log, and say where it departs.
        if !log.holds(previous) {
            let previous = previous.index;
            let conflict = Some(log.conflict_at(previous));
            cx.send(from, Message::Refused { term, previous, conflict });
            return;
        }
        // Rules 3 and 4: from the first entry that differs, the leader's replace one's own. Entries
        // that are there already stay, and what follows them too: the message may be an old one.
        if let Some(offset) = log.first_missing(previous.index, entries) {
            let kept = previous.index + offset as Index;
            let last = log.last().index;
            if kept < last {
                cx.record(Fact::Drops { first: kept + 1, last });
                self.forget_members_behind(kept);
            }
            let entries = entries[offset..].to_vec();
            for (entry, index) in entries.iter().zip(kept + 1..) {
                self.note_members(index, entry);
            }
            cx.disk_mut().write(Change::Entries { kept, entries });
        }
        // Rule 5: committed is what the leader has committed, as far as it is known to be here.
        let matched = previous.index + entries.len() as Index;
        self.commit = self.commit.max(commit.min(matched));
        cx.send_after_sync(from, Message::Appended { term, matched });
    }

    pub(super) fn on_appended(
        &mut self,
        from: NodeId,
        term: Term,
        matched: Index,
        cx: &mut Cx<'_, Self>,
    ) {
        let state = cx.disk().get();
        let (is_current, last) = (term == state.term, state.log.last().index);
        let Role::Leader(leadership) = &mut self.role else { return };
        let Some(progress) = leadership.progress.get_mut(from).filter(|_| is_current) else {
            return;
        };
        progress.heard_us = cx.now_us();
        progress.matched = progress.matched.max(matched);
        progress.next = progress.next.max(matched + 1);
        if progress.matched >= progress.sent && progress.matched < last {
            self.send_entries(from, cx);
        }
        self.advance_commit(cx);
    }

    /// Steps back to where the follower's log departs from its own, and sends again (end of §5.3).
    pub(super) fn on_refused(
        &mut self,
        from: NodeId,
        term: Term,
        previous: Index,
        conflict: Option<Conflict>,
        cx: &mut Cx<'_, Self>,
    ) {
        let is_current = term == cx.disk().get().term;
        let Role::Leader(leadership) = &mut self.role else { return };
        let Some(progress) = leadership.progress.get_mut(from).filter(|_| is_current) else {
            return;
        };
        progress.heard_us = cx.now_us();
        // An answer to an older message says nothing about where to go on from now.
        let Some(conflict) = conflict.filter(|_| previous + 1 == progress.next) else { return };
        let next = cx.disk().get().log.next_after(conflict);
        let next = next.min(previous).max(progress.matched + 1);
        if next < progress.next {
            progress.next = next;
            self.send_entries(from, cx);
        }
    }

    /// Counts entries as committed that a majority has on disk, if the last of them is of the present
    /// term (last rule for leaders, Figure 2): an older one may still be overwritten (Figure 8).
    pub(super) fn advance_commit(&mut self, cx: &mut Cx<'_, Self>) {
        let Role::Leader(leadership) = &self.role else { return };
        let members = self.members();
        let of_members = leadership.progress.iter().filter(|(id, _)| members.contains(id));
        let reached = reached_by(self.majority(), of_members.map(|(_, it)| it.matched));
        let state = cx.disk().get();
        let is_own = state.log.term_at(reached) == Some(state.term);
        if reached > self.commit && (is_own || !self.safeguards.commits_own_term) {
            self.commit = reached;
            cx.record(Fact::Commits { index: reached });
            self.confirm_reads(cx);
            self.retire_if_removed(cx);
        }
    }
}
