//! Reads that bypass the log, and are linearizable all the same: `ReadIndex` (thesis §6.4).
//!
//! A leader notes how far it has committed, asks a majority whether it still leads, and answers when it
//! has applied what it noted. A new leader does not know how far its predecessors have committed before
//! an entry of its own term is.

use super::log::{Command, Position, Term};
use super::message::Message;
use super::server::{NotLeader, Raft, Role};
use super::stable::Stable;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Cx, NodeId};

/// Names a read among those that a server has been asked for as leader of a term.
pub type Ticket = u64;

/// What a leader keeps of reads.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Reads {
    last: Ticket,
    /// How often it has asked whether it still leads.
    round: u64,
    /// Reads that wait, each with the round that will confirm it once that has begun.
    waiting: Vec<(Ticket, Option<u64>)>,
    /// The last round that each server has confirmed.
    heard: SmallMap<NodeId, u64>,
    confirmed: Vec<Ticket>,
}

impl<C: Command, D: Stable<C>> Raft<C, D> {
    /// Asks for a read as leader. When [`take_confirmed`](Self::take_confirmed) returns its ticket, the
    /// host answers from all that it has been handed by then.
    ///
    /// # Errors
    /// This server may not lead.
    pub fn read(&mut self, cx: &mut Cx<'_, Self>) -> Result<Ticket, NotLeader> {
        let Role::Leader(leadership) = &mut self.role else {
            return Err(NotLeader { hint: self.leader });
        };
        let reads = &mut leadership.reads;
        reads.last += 1;
        reads.waiting.push((reads.last, None));
        let ticket = reads.last;
        self.confirm_reads(cx);
        Ok(ticket)
    }

    /// Returns the reads that may be answered now.
    pub fn take_confirmed(&mut self) -> Vec<Ticket> {
        match &mut self.role {
            Role::Leader(leadership) => std::mem::take(&mut leadership.reads.confirmed),
            Role::Follower | Role::Prober { .. } | Role::Candidate { .. } => Vec::new(),
        }
    }

    /// Begins a round for the reads that wait for one, if an entry of this term is committed.
    pub(super) fn confirm_reads(&mut self, cx: &mut Cx<'_, Self>) {
        if !self.has_committed_in_term(cx.disk()) {
            return;
        }
        let Role::Leader(leadership) = &mut self.role else { return };
        let reads = &mut leadership.reads;
        if reads.waiting.iter().all(|(_, round)| round.is_some()) {
            return;
        }
        reads.round += 1;
        let round = reads.round;
        for (_, of) in reads.waiting.iter_mut().filter(|(_, of)| of.is_none()) {
            *of = Some(round);
        }
        reads.heard.insert(cx.me(), round);
        let term = cx.disk().get().term;
        for to in self.others(cx.me()) {
            cx.send(to, Message::Confirm { term, round });
        }
        self.end_round();
    }

    /// Says that it follows the sender, if that leads the present term.
    pub(super) fn on_confirm(
        &mut self,
        from: NodeId,
        term: Term,
        round: u64,
        cx: &mut Cx<'_, Self>,
    ) {
        if self.accept_leader(from, term, Position::default(), cx) {
            cx.send(from, Message::Confirmed { term, round });
        }
    }

    pub(super) fn on_confirmed(&mut self, from: NodeId, term: Term, round: u64, disk: &D) {
        let is_current = term == disk.get().term;
        let Role::Leader(leadership) = &mut self.role else { return };
        if is_current {
            let heard = leadership.reads.heard.get_or_insert(from, round);
            *heard = round.max(*heard);
            self.end_round();
        }
    }

    /// Confirms the reads for whose round a majority has spoken.
    fn end_round(&mut self) {
        let Role::Leader(leadership) = &self.role else { return };
        let reads = &leadership.reads;
        let has_ended = |round: u64| {
            let heard = reads.heard.iter().filter(|(_, of)| **of >= round).map(|(id, _)| id);
            self.members_among(heard) >= self.majority()
        };
        let rounds = reads.waiting.iter().filter_map(|(_, of)| *of);
        let Some(ended) = rounds.filter(|round| has_ended(*round)).max() else { return };
        let Role::Leader(leadership) = &mut self.role else { return };
        let reads = &mut leadership.reads;
        let is_confirmed = |of: &Option<u64>| of.is_some_and(|round| round <= ended);
        reads.confirmed.extend(
            reads.waiting.iter().filter(|(_, of)| is_confirmed(of)).map(|(ticket, _)| *ticket),
        );
        reads.waiting.retain(|(_, of)| !is_confirmed(of));
    }
}
