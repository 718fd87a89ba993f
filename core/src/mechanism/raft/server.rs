//! One server: its state (Figure 2, "State"), how it meets events, and what its host may ask.

use std::marker::PhantomData;

use super::config::{Config, Election};
use super::log::{Command, Index, Log, Term};
use super::message::{Fact, Message, Timer, Why};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cell, Cx, NodeId, Process, SyncId};
use crate::view::{Datum, LogMatrix, LogRow, NodeView, Role as ViewRole, Widget};

/// How many entries of the log the inspector shows.
const SHOWN: u64 = 10;

/// What a server may not forget (Figure 2, "persistent state on all servers").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Persistent<C: Command> {
    /// The latest term that it has seen.
    pub term: Term,
    /// To whom it gave its vote in that term.
    pub vote: Option<NodeId>,
    /// Its log.
    pub log: Log<C>,
}

impl<C: Command> Default for Persistent<C> {
    fn default() -> Self {
        Self { term: 0, vote: None, log: Log::default() }
    }
}

/// A server's disk.
pub type Disk<C> = Cell<Persistent<C>>;

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

/// One server of a group.
#[derive(Clone, Debug, Hash)]
pub struct Raft<C> {
    pub(super) config: Config,
    pub(super) role: Role,
    /// The leader of the present term, if known.
    pub(super) leader: Option<NodeId>,
    /// When that leader was last heard, by the monotonic clock.
    pub(super) heard_us: Option<u64>,
    /// The end of what is known to be committed (`commitIndex`).
    pub(super) commit: Index,
    /// The end of what the host has taken (`lastApplied`).
    applied: Index,
    command: PhantomData<C>,
}

impl<C: Command> Raft<C> {
    /// Creates a server that has not started.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            role: Role::Follower,
            leader: None,
            heard_us: None,
            commit: 0,
            applied: 0,
            command: PhantomData,
        }
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
    pub fn place_of(&self, command: &C, disk: &Disk<C>) -> Option<Index> {
        let mut rest = disk.get().log.from(self.applied + 1);
        let offset = rest.position(|entry| entry.command.as_ref() == Some(command))?;
        Some(self.applied + 1 + offset as Index)
    }

    /// Returns what has been committed since the last call, in order. Blank entries are left out.
    pub fn take_committed(&mut self, disk: &Disk<C>) -> Vec<Applied<C>> {
        let log = &disk.get().log;
        let first = self.applied + 1;
        self.applied = self.applied.max(self.commit.min(log.last().index));
        let applied = |index: Index| {
            let entry = log.get(index)?;
            let command = entry.command.clone()?;
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
            Ok(self.append(Some(command), cx))
        } else {
            Err(NotLeader { hint: self.leader })
        }
    }

    /// Leads no longer, because the host says so.
    pub fn step_down(&mut self, cx: &mut Cx<'_, Self>) {
        self.retire(Why::Host, cx);
    }
}

impl<C: Command> Process for Raft<C> {
    type Msg = Message<C>;
    type Timer = Timer;
    type Disk = Disk<C>;
    type Fact = Fact;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
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

    fn view(&self, disk: &Disk<C>) -> NodeView {
        let Persistent { term, log, .. } = disk.get();
        let (role, label, pips) = match &self.role {
            Role::Follower => (ViewRole::Follower, "follows", None),
            Role::Prober { grants } => {
                let pips = (u32::try_from(grants.len()).unwrap_or(0), self.config.majority());
                (ViewRole::Candidate, "would like to lead", Some(pips))
            }
            // Nobody is asked; it only waits for its own disk.
            Role::Candidate { .. } if !self.is_voting() => {
                (ViewRole::Candidate, "takes over", None)
            }
            Role::Candidate { votes, needed, .. } => {
                let pips = (u32::try_from(votes.len()).unwrap_or(0), *needed);
                (ViewRole::Candidate, "asks for votes", Some(pips))
            }
            Role::Leader(_) => (ViewRole::Leader, "leads", None),
        };
        let last = log.last().index;
        let first = last.saturating_sub(SHOWN - 1).max(1);
        let cells = (first..=last).filter_map(|index| self.cell(index, disk));
        let widgets = vec![
            Widget::field("committed up to entry", self.commit.to_string()),
            Widget::cells(format!("log from entry {first}"), cells),
        ];
        NodeView {
            role,
            label: label.into(),
            epoch: (*term > 0).then_some(*term),
            pips,
            widgets,
            value: None,
        }
    }
}

impl<C: Command> Raft<C> {
    /// Returns the entry at `index` as a cell: its term, and whether it is committed and durable.
    pub fn cell(&self, index: Index, disk: &Disk<C>) -> Option<Datum> {
        let entry = disk.get().log.get(index)?;
        let text = entry.command.as_ref().map_or_else(|| "·".into(), Command::label);
        let durable = disk.durable().log.get(index) == Some(entry);
        let committed = index <= self.commit;
        Some(Datum { text, epoch: Some(entry.term), committed, durable, ..Datum::default() })
    }

    /// Shows the last entries of several servers' logs, one row a server.
    pub fn logs(servers: &[(&str, &Self, &Disk<C>)]) -> Widget {
        let last = servers.iter().map(|(_, _, disk)| disk.get().log.last().index).max();
        let last = last.unwrap_or_default();
        let first = last.saturating_sub(SHOWN - 1).max(1);
        let row = |&(name, server, disk): &(&str, &Self, &Disk<C>)| {
            let entries = (first..=last).map_while(|index| server.cell(index, disk));
            LogRow::new(name, first, entries).with_pointer("committed", server.commit)
        };
        let rows = servers.iter().map(row).collect();
        Widget::LogMatrix(LogMatrix { label: "last entries".into(), rows })
    }

    /// Returns true if votes decide who leads.
    pub(super) fn is_voting(&self) -> bool {
        self.config.election == Election::ByVotes
    }
}
