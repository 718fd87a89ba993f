//! One server: its state (Figure 2, "State"), how it meets events, and what its host may ask.

use std::marker::PhantomData;

use super::config::{Config, Election, Safeguards};
use super::log::{Command, Content, Index, Term};
use super::message::{Fact, Message, Timer, Why};
use super::read::Reads;
use super::stable::{Change, Disk, Stable};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, NodeId, Process, SyncId};
use crate::view::NodeView;

/// What a server is to the others at the moment.
#[derive(Clone, Debug, Hash)]
pub(super) enum Role {
    /// Waits for a leader's word.
    Follower,
    /// Asks who would vote for it (thesis §9.6).
    Prober { grants: SmallMap<NodeId, ()> },
    /// Asks for votes.
    Candidate {
        votes: SmallMap<NodeId, ()>,
        needed: u32,
        /// Its own vote counts once this sync is complete.
        own_vote: SyncId,
    },
    /// Leads, as far as it knows.
    Leader(Leadership),
}

/// What a leader keeps (Figure 2, "volatile state on leaders").
#[derive(Clone, Debug, Hash)]
pub(super) struct Leadership {
    /// How far each server has come, itself included.
    pub(super) progress: SmallMap<NodeId, Progress>,
    /// Its own syncs under way, each with the end of the log that it makes durable.
    pub(super) syncing: Vec<(SyncId, Index)>,
    /// Reads that bypass the log.
    pub(super) reads: Reads,
}

/// How far a server has come, as its leader knows.
#[derive(Clone, Debug, Hash)]
pub(super) struct Progress {
    /// The next entry to send (`nextIndex`).
    pub(super) next: Index,
    /// The last entry known to be on its disk (`matchIndex`).
    pub(super) matched: Index,
    /// The last entry of the last message to it.
    pub(super) sent: Index,
    /// When it last answered, by the leader's monotonic clock.
    pub(super) heard_us: u64,
}

/// A committed command, handed to the host once, in the order of the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Applied<C> {
    /// Its place.
    pub index: Index,
    /// The term in which it was proposed.
    pub term: Term,
    /// What it says.
    pub command: C,
}

/// A command was proposed to a server that does not lead.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct NotLeader {
    /// The leader, if the server knows one.
    pub hint: Option<NodeId>,
}

/// One server of a group, with its state on a disk `D`.
#[derive(Clone, Debug, Hash)]
pub struct Raft<C: Command, D = Disk<C>> {
    pub(super) config: Config,
    pub(super) safeguards: Safeguards,
    pub(super) role: Role,
    /// The leader of the present term, if known.
    pub(super) leader: Option<NodeId>,
    /// When that leader was last heard, by the monotonic clock.
    pub(super) heard_us: Option<u64>,
    /// The end of what is known to be committed (`commitIndex`).
    pub(super) commit: Index,
    /// The end of what the host has taken (`lastApplied`).
    pub(super) applied: Index,
    /// The lists of members in the log that still matter, each with its place; the latest counts.
    pub(super) memberships: Vec<(Index, Vec<NodeId>)>,
    /// A vote that is kept in memory alone, since the disk is not to keep it.
    pub(super) fleeting_vote: Option<NodeId>,
    kept: PhantomData<fn() -> (C, D)>,
}

impl<C: Command, D: Stable<C>> Raft<C, D> {
    /// Creates a server that has not started.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            safeguards: Safeguards::ALL,
            role: Role::Follower,
            leader: None,
            heard_us: None,
            commit: 0,
            applied: 0,
            memberships: Vec::new(),
            fleeting_vote: None,
            kept: PhantomData,
        }
    }

    /// Leaves rules out, to show what each is for.
    #[must_use]
    pub fn with(self, safeguards: Safeguards) -> Self {
        Self { safeguards, ..self }
    }

    /// Returns the settings of the group.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns true if this server leads, as far as it knows.
    pub fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// Returns the leader of this server's term, as far as it knows; clients are sent there.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// Returns the end of what is known to be committed.
    pub fn commit(&self) -> Index {
        self.commit
    }

    /// Returns the end of what this server, as leader, has on its own disk.
    pub fn synced(&self, me: NodeId) -> Index {
        match &self.role {
            Role::Leader(leadership) => {
                leadership.progress.get(me).map(|own| own.matched).unwrap_or_default()
            }
            Role::Follower | Role::Prober { .. } | Role::Candidate { .. } => 0,
        }
    }

    /// Returns where `command` stands behind what the host has taken, if it is there.
    pub fn place_of(&self, command: &C, disk: &D) -> Option<Index> {
        let mut rest = disk.get().log.from(self.applied + 1);
        let offset = rest.position(|entry| entry.command() == Some(command))?;
        Some(self.applied + 1 + offset as Index)
    }

    /// Returns the end of what the host has taken.
    pub fn applied(&self) -> Index {
        self.applied
    }

    /// Returns what has been committed since the last call, in order. Entries without a command are
    /// left out.
    pub fn take_committed(&mut self, disk: &D) -> Vec<Applied<C>> {
        let log = &disk.get().log;
        let first = self.applied + 1;
        self.applied = self.applied.max(self.commit.min(log.last().index));
        let applied = |index: Index| {
            let entry = log.get(index)?;
            let command = entry.command()?.clone();
            Some(Applied { index, term: entry.term, command })
        };
        (first..=self.applied).filter_map(applied).collect()
    }

    /// Appends `command` to the log as leader; it takes effect when it is committed.
    ///
    /// # Errors
    /// This server may not lead.
    pub fn propose(&mut self, command: C, cx: &mut Cx<'_, Self>) -> Result<Index, NotLeader> {
        if self.is_leader() {
            Ok(self.append(Content::Command(command), cx))
        } else {
            Err(NotLeader { hint: self.leader })
        }
    }

    /// Leads no longer, because the host says so.
    pub fn step_down(&mut self, cx: &mut Cx<'_, Self>) {
        self.retire(Why::Host, cx);
    }

    /// Returns to whom this server gave its vote in its term, as far as it remembers.
    pub fn vote(&self, disk: &D) -> Option<NodeId> {
        if self.safeguards.keeps_votes { disk.get().vote } else { self.fleeting_vote }
    }

    /// Begins a term or votes in it.
    pub(super) fn enter(&mut self, term: Term, vote: Option<NodeId>, cx: &mut Cx<'_, Self>) {
        let kept = vote.filter(|_| self.safeguards.keeps_votes);
        self.fleeting_vote = vote;
        cx.disk_mut().write(Change::Term { term, vote: kept });
    }

    /// Returns true if votes decide who leads.
    pub(super) fn is_voting(&self) -> bool {
        self.config.election == Election::ByVotes
    }
}

impl<C: Command, D: Stable<C>> Process for Raft<C, D> {
    type Msg = Message<C>;
    type Timer = Timer;
    type Disk = D;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        if boot == Boot::Recovered {
            cx.disk_mut().recover();
        }
        self.read_members(cx.disk());
        // What a snapshot stands for was committed before it was taken.
        self.commit = cx.disk().get().log.base().index;
        self.await_leader(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Message<C>, cx: &mut Cx<'_, Self>) {
        if !self.config.members.contains(&from) {
            return;
        }
        if msg.binding_term().is_some_and(|term| term > cx.disk().get().term) {
            self.join(msg.binding_term().unwrap_or_default(), cx);
        }
        match msg {
            Message::RequestPreVote { term, last } => {
                self.on_request_pre_vote(from, term, last, cx);
            }
            Message::PreVote { term, granted } => self.on_pre_vote(from, term, granted, cx),
            Message::RequestVote { term, last } => self.on_request_vote(from, term, last, cx),
            Message::Vote { term, granted } => self.on_vote(from, term, granted, cx),
            Message::AppendEntries { term, previous, entries, commit } => {
                if self.accept_leader(from, term, previous, cx) {
                    self.on_entries(from, previous, &entries, commit, cx);
                }
            }
            Message::Appended { term, matched } => self.on_appended(from, term, matched, cx),
            Message::Refused { term, previous, conflict } => {
                self.on_refused(from, term, previous, conflict, cx);
            }
            Message::InstallSnapshot { term, snapshot } => {
                if self.accept_leader(from, term, snapshot.last, cx) {
                    self.on_install(from, term, &snapshot, cx);
                }
            }
            Message::Confirm { term, round } => self.on_confirm(from, term, round, cx),
            Message::Confirmed { term, round } => self.on_confirmed(from, term, round, cx.disk()),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match timer {
            Timer::Election => self.campaign(cx),
            Timer::Heartbeat => self.on_heartbeat(cx),
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        match &mut self.role {
            Role::Follower | Role::Prober { .. } => {}
            Role::Candidate { votes, own_vote, .. } => {
                if sync >= *own_vote {
                    votes.insert(cx.me(), ());
                    self.lead_if_elected(cx);
                }
            }
            Role::Leader(leadership) => {
                leadership.on_synced(cx.me(), sync);
                self.advance_commit(cx);
            }
        }
    }

    fn view(&self, disk: &D) -> NodeView {
        self.show(disk)
    }
}
