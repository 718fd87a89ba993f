//! Who leads: pre-votes, votes, and giving up (§5.2, §5.4.1; thesis §6.2, §9.6).

use super::log::{Command, Content, Index, Position, Term};
use super::message::{Fact, Message, Timer, Why};
use super::read::Reads;
use super::server::{Leadership, Progress, Raft, Role};
use super::stable::Stable;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Cx, NodeId};

impl<C: Command, D: Stable<C>> Raft<C, D> {
    /// Waits for a leader's word, for a time drawn anew (§5.2).
    pub(super) fn await_leader(&self, cx: &mut Cx<'_, Self>) {
        if self.is_voting() {
            let (low_us, high_us) = self.config.election_timeout_us;
            let after_us = cx.jitter_us(low_us, high_us);
            cx.set_timer(after_us, Timer::Election);
        }
    }

    /// Tries to become leader now, as when no leader has spoken for an election timeout. A host
    /// calls this on the server that starts a new group, so that the first leader is there at once.
    pub fn campaign(&mut self, cx: &mut Cx<'_, Self>) {
        if self.is_leader() {
            return;
        }
        self.leader = None;
        self.heard_us = None;
        // Who is no member, as far as it knows, waits to be let in.
        if !self.members().contains(&cx.me()) {
            self.role = Role::Follower;
            return self.await_leader(cx);
        }
        if !self.config.pre_vote || self.majority() == 1 {
            return self.stand(self.majority(), cx);
        }
        self.role = Role::Prober { grants: SmallMap::from_iter([(cx.me(), ())]) };
        self.await_leader(cx);
        let term = cx.disk().get().term + 1;
        let last = cx.disk().get().log.last();
        cx.record(Fact::Probes { term });
        for to in self.others(cx.me()) {
            cx.send(to, Message::RequestPreVote { term, last });
        }
    }

    /// Becomes leader of the next term without asking anybody, for a host that decides by itself who
    /// leads. Two servers whose hosts do so may lead in one term.
    pub fn take_over(&mut self, cx: &mut Cx<'_, Self>) {
        if !self.is_leader() {
            self.stand(1, cx);
        }
    }

    /// Begins a term and asks for votes ("on conversion to candidate", Figure 2).
    fn stand(&mut self, needed: u32, cx: &mut Cx<'_, Self>) {
        let me = cx.me();
        let state = cx.disk().get();
        let (term, last) = (state.term + 1, state.log.last());
        self.enter(term, Some(me), cx);
        self.leader = None;
        self.heard_us = None;
        self.role = Role::Candidate { votes: SmallMap::default(), needed, own_vote: cx.sync() };
        self.await_leader(cx);
        if needed > 1 {
            cx.record(Fact::Stands { term });
            for to in self.others(me) {
                // What is asked for is that term with that log: a crash must not change either while
                // the votes come in.
                cx.send_after_sync(to, Message::RequestVote { term, last });
            }
        }
    }

    /// Answers whether it would vote for the sender: only if its own leader has been silent for the
    /// shortest election timeout, so that nobody deposes a leader that others hear (thesis §9.6).
    pub(super) fn on_request_pre_vote(
        &mut self,
        from: NodeId,
        term: Term,
        last: Position,
        cx: &mut Cx<'_, Self>,
    ) {
        let own = cx.disk().get();
        let has_leader = self.is_leader()
            || self
                .heard_us
                .is_some_and(|heard_us| cx.now_us() < heard_us + self.config.election_timeout_us.0);
        let granted = term > own.term && self.is_up_to_date(last, cx.disk()) && !has_leader;
        let term = if granted { term } else { own.term };
        cx.send(from, Message::PreVote { term, granted });
    }

    pub(super) fn on_pre_vote(
        &mut self,
        from: NodeId,
        term: Term,
        granted: bool,
        cx: &mut Cx<'_, Self>,
    ) {
        let next_term = cx.disk().get().term + 1;
        let majority = self.majority();
        if let Role::Prober { grants } = &mut self.role
            && granted
            && term == next_term
        {
            grants.insert(from, ());
            let granted_by: Vec<NodeId> = grants.iter().map(|(id, ())| id).collect();
            if self.members_among(granted_by) >= majority {
                self.stand(majority, cx);
            }
        }
    }

    /// Safeguard: a candidate has a vote only if its log is at least as up-to-date (§5.4.1).
    fn is_up_to_date(&self, candidate: Position, disk: &D) -> bool {
        !self.safeguards.compares_logs || disk.get().log.may_vote_for(candidate)
    }

    /// Votes for the sender if it may ("`RequestVote` RPC, receiver implementation", Figure 2).
    pub(super) fn on_request_vote(
        &mut self,
        candidate: NodeId,
        term: Term,
        last: Position,
        cx: &mut Cx<'_, Self>,
    ) {
        let own = cx.disk().get();
        // Rule 1: the candidate's term is over. (A higher one has been joined by now.)
        let is_current = term == own.term;
        // Rule 2: one vote a term, and only for a log at least as up-to-date as one's own.
        let vote = self.vote(cx.disk());
        let is_free = vote.is_none_or(|vote| vote == candidate);
        let is_behind = !self.is_up_to_date(last, cx.disk());
        let (own_term, is_new) = (own.term, vote.is_none());
        if is_current && is_free && !is_behind {
            if is_new {
                self.enter(term, Some(candidate), cx);
                cx.record(Fact::Votes { term, candidate });
            }
            self.role = Role::Follower;
            self.await_leader(cx);
            cx.send_after_sync(candidate, Message::Vote { term, granted: true });
        } else {
            if is_current {
                cx.record(Fact::Denies { term, candidate, is_behind });
            }
            cx.send(candidate, Message::Vote { term: own_term, granted: false });
        }
    }

    pub(super) fn on_vote(
        &mut self,
        from: NodeId,
        term: Term,
        granted: bool,
        cx: &mut Cx<'_, Self>,
    ) {
        if let Role::Candidate { votes, .. } = &mut self.role
            && granted
            && term == cx.disk().get().term
        {
            votes.insert(from, ());
            self.lead_if_elected(cx);
        }
    }

    /// Becomes leader if enough votes are in ("candidates", Figure 2).
    pub(super) fn lead_if_elected(&mut self, cx: &mut Cx<'_, Self>) {
        let Role::Candidate { votes, needed, .. } = &self.role else { return };
        if self.members_among(votes.iter().map(|(id, ())| id)) < *needed {
            return;
        }
        let own = cx.disk().get();
        let (term, last) = (own.term, own.log.last().index);
        let heard_us = cx.now_us();
        let new = |id: &NodeId| (*id, Progress::new(last, heard_us));
        let progress = self.members().iter().map(new).collect();
        let (syncing, reads) = (Vec::new(), Reads::default());
        self.role = Role::Leader(Leadership { progress, syncing, reads });
        self.leader = Some(cx.me());
        cx.record(Fact::Leads { term });
        cx.cancel_timer(Timer::Election);
        if self.safeguards.commits_own_term {
            // A blank entry: what earlier terms left is committed as soon as it is (§8).
            self.append(Content::Blank, cx);
        } else {
            self.count_own_log(last, cx);
            self.send_to_all(cx);
        }
        cx.set_timer(self.config.heartbeat_us, Timer::Heartbeat);
    }

    /// Counts itself for what it has had since before its term, once its disk has all of it.
    fn count_own_log(&mut self, last: Index, cx: &mut Cx<'_, Self>) {
        let sync = cx.sync();
        if let Role::Leader(leadership) = &mut self.role {
            leadership.syncing.push((sync, last));
        }
    }

    /// Speaks to everybody, or gives up if a majority has been silent for an election timeout.
    pub(super) fn on_heartbeat(&mut self, cx: &mut Cx<'_, Self>) {
        let Role::Leader(leadership) = &self.role else { return };
        let (me, now_us) = (cx.me(), cx.now_us());
        let silence_us = self.config.election_timeout_us.1;
        let is_heard =
            |&(id, it): &(NodeId, &Progress)| id == me || now_us <= it.heard_us + silence_us;
        let heard = leadership.progress.iter().filter(is_heard).map(|(id, _)| id);
        let heard = self.members_among(heard);
        if self.config.check_quorum && heard < self.majority() {
            return self.retire(Why::NoMajority, cx);
        }
        self.send_to_all(cx);
        cx.set_timer(self.config.heartbeat_us, Timer::Heartbeat);
    }

    /// Joins a higher term ("all servers", Figure 2).
    pub(super) fn join(&mut self, term: Term, cx: &mut Cx<'_, Self>) {
        self.retire(Why::HigherTerm, cx);
        self.enter(term, None, cx);
        self.leader = None;
        self.heard_us = None;
    }

    /// Is a follower from now on; a leader also stops speaking and waits for the next one.
    pub(super) fn retire(&mut self, why: Why, cx: &mut Cx<'_, Self>) {
        if self.is_leader() {
            cx.record(Fact::StepsDown { term: cx.disk().get().term, why });
            cx.cancel_timer(Timer::Heartbeat);
            self.leader = None;
            self.await_leader(cx);
        }
        self.role = Role::Follower;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::raft::{Config, Election};
    use crate::scenario::{Preset, Setup};
    use crate::sim::{Action, Environment, Journal, Observed, Simulation, Spec};
    use crate::view::{Role as ViewRole, Status};

    /// Five servers of their own, without a host.
    const ALONE: Spec<Raft<u64>, ()> = Spec {
        environment: |_| Environment::uniform((2_000, 20_000), (1_000, 5_000)),
        ..Spec::bare(
            |_| (1..=5).map(|n| format!("S{n}")).collect(),
            |_, _| {
                Raft::new(Config {
                    members: NodeId::first(5).collect(),
                    election: Election::ByVotes,
                    election_timeout_us: (150_000, 300_000),
                    heartbeat_us: 50_000,
                    pre_vote: true,
                    check_quorum: true,
                })
            },
        )
    };

    struct Group(Box<dyn Simulation>);

    impl Group {
        fn new(seed: u64) -> Self {
            let setup = Setup::of("single-leader", Preset::Hardened, seed).unwrap();
            Self(Observed::boxed(&ALONE, &setup))
        }

        fn run_for(&mut self, for_us: u64) {
            let until_us = self.0.now_us() + for_us;
            while self.0.next_at_us().is_some_and(|at_us| at_us <= until_us) {
                self.0.step(&mut Journal::ignoring());
            }
            self.0.advance(until_us, &mut Journal::ignoring());
        }

        fn act(&mut self, action: &Action) {
            assert!(self.0.act(0, action, &mut Journal::ignoring()), "{action:?} changes nothing");
        }

        /// Returns who leads, and in which term.
        fn leaders(&self) -> Vec<(NodeId, Term)> {
            let nodes = self.0.scene().nodes.into_iter();
            let leads = nodes
                .filter(|node| node.status == Status::Up && node.view.role == ViewRole::Leader);
            leads.map(|node| (node.id, node.view.epoch.unwrap_or_default())).collect()
        }

        fn leader(&self) -> (NodeId, Term) {
            let leaders = self.leaders();
            assert_eq!(leaders.len(), 1, "{leaders:?}");
            leaders[0]
        }
    }

    #[test]
    fn a_crashed_leader_is_replaced_in_a_later_term() {
        for seed in 0..50 {
            let mut group = Group::new(seed);
            group.run_for(3_000_000);
            let (first, first_term) = group.leader();
            group.act(&Action::Crash(first));
            group.run_for(3_000_000);
            let (second, second_term) = group.leader();
            assert!(second != first && second_term > first_term);
            group.act(&Action::Restart(first));
            group.run_for(3_000_000);
            assert_eq!(group.leader(), (second, second_term), "who returns deposes nobody");
        }
    }

    #[test]
    fn a_leader_without_a_majority_gives_up_and_follows_when_it_returns() {
        for seed in 0..50 {
            let mut group = Group::new(seed);
            group.run_for(3_000_000);
            let (old, old_term) = group.leader();
            group.act(&Action::Partition(vec![old]));
            group.run_for(3_000_000);
            let (new, new_term) = group.leader();
            assert!(new != old && new_term > old_term);
            group.act(&Action::Heal);
            group.run_for(1_000_000);
            // It asked who would vote for it all the while, and so never raised its term.
            assert_eq!(group.leader(), (new, new_term));
        }
    }

    #[test]
    fn nobody_leads_without_a_majority() {
        for seed in 0..50 {
            let mut group = Group::new(seed);
            group.run_for(1_000);
            for id in 0..3 {
                group.act(&Action::Pause(NodeId(id)));
            }
            group.run_for(5_000_000);
            assert_eq!(group.leaders(), []);
        }
    }
}
