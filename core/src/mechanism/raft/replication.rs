//! One log everywhere: sending entries, accepting them, and knowing that they are safe (§5.3, §5.4.2).

use super::log::{Command, Conflict, Entry, Index, Position, Term, reached_by};
use super::message::{Fact, Message};
use super::server::{Leadership, Raft, Role};
use crate::sim::{Cx, NodeId, SyncId};

/// Most entries in one message; whoever is further behind gets the rest when it has answered.
const ENTRIES_A_MESSAGE: usize = 64;

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

impl<C: Command> Raft<C> {
    /// Appends an entry of the present term as leader, and sends it out. The leader's own disk works
    /// meanwhile (thesis §10.2.1): it counts itself only when its sync is complete.
    pub(super) fn append(&mut self, command: Option<C>, cx: &mut Cx<'_, Self>) -> Index {
        let state = cx.disk_mut().get_mut();
        let index = state.log.push(Entry { term: state.term, command });
        let sync = cx.sync();
        if let Role::Leader(leadership) = &mut self.role {
            leadership.syncing.push((sync, index));
        }
        for to in self.config.others(cx.me()) {
            self.send_entries(to, cx);
        }
        index
    }

    /// Sends `to` everything from the next entry that it needs; nothing but "I lead" if it has all.
    pub(super) fn send_entries(&mut self, to: NodeId, cx: &mut Cx<'_, Self>) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let Some(progress) = leadership.progress.get_mut(to) else { return };
        let state = cx.disk().get();
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
        let (term, log, previous) = (state.term, &state.log, previous);
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
            }
            cx.disk_mut().get_mut().log.replace_behind(kept, &entries[offset..]);
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
        let matched = leadership.progress.values().map(|it| it.matched);
        let reached = reached_by(self.config.majority(), matched);
        let state = cx.disk().get();
        if reached > self.commit && state.log.term_at(reached) == Some(state.term) {
            self.commit = reached;
            cx.record(Fact::Commits { index: reached });
        }
    }
}
