//! A group as the rows of the catalogue host it: how its servers start, and what is judged of them
//! from outside, whatever else there is in their world.

use super::history::History;
use super::log::{Command, Index, Log, Term, mismatch};
use super::read::Ticket;
use super::server::{NotLeader, Raft};
use super::stable::Stable;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, NodeId, Process, Violation, World};

/// A node of a world in which some nodes are servers of a group.
pub trait Host: Process {
    /// What its log carries.
    type Command: Command;
    /// Where a server keeps its term, vote and log.
    type Stable: Stable<Self::Command>;

    /// Returns the server that this is, or is a part of this, if there is one.
    fn raft(&self) -> Option<&Raft<Self::Command, Self::Stable>>;

    /// Returns where on a node's disk that server's state is.
    fn stable(disk: &Self::Disk) -> &Self::Stable;
}

impl<C: Command, D: Stable<C>> Raft<C, D> {
    /// Starts this server. The first server of a new group stands for election at once, so that the
    /// group need not wait for a timeout.
    pub fn start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        self.on_start(boot, cx);
        if boot == Boot::Fresh && cx.me() == NodeId(0) {
            self.campaign(cx);
        }
    }

    /// Keeps what `state` returns instead of the entries that the host has taken, if these are so many.
    pub fn compact_behind(
        &mut self,
        entries: u64,
        state: impl FnOnce() -> Vec<u8>,
        cx: &mut Cx<'_, Self>,
    ) {
        if self.applied() >= cx.disk().get().log.base().index + entries {
            self.compact(state(), cx);
        }
    }
}

/// Commands in the log whose clients wait, each with its place.
#[derive(Clone, Debug, Hash)]
pub struct Waiting<C>(SmallMap<C, Index>);

impl<C> Default for Waiting<C> {
    fn default() -> Self {
        Self(SmallMap::default())
    }
}

impl<C: Command + Copy + Ord> Waiting<C> {
    /// Waits until the entry at `index` is safe.
    pub fn insert(&mut self, command: C, index: Index) {
        self.0.insert(command, index);
    }

    /// Returns which commands need wait no longer: those up to the place `safe`, or all because this
    /// server does not lead.
    pub fn settle<D: Stable<C>>(
        &mut self,
        raft: &Raft<C, D>,
        safe: Index,
    ) -> Vec<(C, Result<Index, NotLeader>)> {
        if !raft.is_leader() {
            let refused = Err(NotLeader { hint: raft.leader() });
            return std::mem::take(&mut self.0).iter().map(|(it, _)| (it, refused)).collect();
        }
        let safe_ones = self.0.iter().filter(|(_, index)| **index <= safe);
        let settled = safe_ones.map(|(command, index)| (command, Ok(*index))).collect();
        self.0.retain(|_, index| *index > safe);
        settled
    }
}

/// Reads that wait until it is certain that their leader still leads: who asked, and what.
#[derive(Clone, Debug, Hash)]
pub struct Readers<Q>(SmallMap<Ticket, (NodeId, Q)>);

impl<Q> Default for Readers<Q> {
    fn default() -> Self {
        Self(SmallMap::default())
    }
}

impl<Q: Copy> Readers<Q> {
    /// Waits for a read, whose ticket [`Raft::read`] gave.
    pub fn insert(&mut self, ticket: Ticket, reader: NodeId, question: Q) {
        self.0.insert(ticket, (reader, question));
    }

    /// Returns who need wait no longer: for an answer, or because this server does not lead.
    pub fn settle<C: Command, D: Stable<C>>(
        &mut self,
        raft: &mut Raft<C, D>,
    ) -> Vec<(NodeId, Q, Result<(), NotLeader>)> {
        if !raft.is_leader() {
            let refused = Err(NotLeader { hint: raft.leader() });
            let all = std::mem::take(&mut self.0);
            return all.values().map(|(reader, question)| (*reader, *question, refused)).collect();
        }
        let mut answered = Vec::new();
        for ticket in raft.take_confirmed() {
            if let Some((reader, question)) = self.0.get(ticket).copied() {
                answered.push((reader, question, Ok(())));
                self.0.remove(ticket);
            }
        }
        answered
    }
}

/// Returns the servers that are up.
pub fn up<P: Host>(
    world: &World<P>,
) -> impl Iterator<Item = (NodeId, &Raft<P::Command, P::Stable>)> {
    world.up().filter_map(|(id, node)| Some((id, node.raft()?)))
}

/// Returns the servers that believe that they lead, each with its term.
pub fn leading<P: Host>(world: &World<P>) -> Vec<(NodeId, Term)> {
    let term = |id| P::stable(world.disk(id)).get().term;
    up(world).filter(|(_, raft)| raft.is_leader()).map(|(id, _)| (id, term(id))).collect()
}

/// Returns what the disks of the first so many nodes would give back.
pub fn durable_logs<P: Host>(world: &World<P>, servers: u16) -> Vec<&Log<P::Command>> {
    NodeId::first(servers).map(|id| &P::stable(world.disk(id)).durable().log).collect()
}

/// Election Safety (§5.2): no term has two leaders, neither at one time nor one after the other.
///
/// # Errors
/// One has.
pub fn election_safety<P: Host>(world: &World<P>, history: &History) -> Result<(), Violation> {
    let Some((term, a, b)) = history.two_leaders(leading(world)) else { return Ok(()) };
    let names = world.names();
    let reason = format!("{} and {} both lead term {term}", &names[a], &names[b]);
    let began = [a, b].into_iter().filter_map(|id| history.beginning(term, id));
    Err(Violation::new(reason, [a, b]).of(began))
}

/// Log Matching (§5.3): logs on disk that share an entry share all before it. The servers are the
/// first so many nodes.
///
/// # Errors
/// Two do not. Made of it are the moments in which those began to lead who have put there what differs.
pub fn log_matching<P: Host>(
    world: &World<P>,
    history: &History,
    servers: u16,
) -> Result<(), Violation> {
    let logs = durable_logs(world, servers);
    let Some((a, b, shared)) = mismatch(&logs) else { return Ok(()) };
    let pair = [a, b];
    let pair_of = |index| pair.map(|n| (logs[n].digest_at(index), logs[n].term_at(index)));
    let first = pair.map(|n| logs[n].base().index).into_iter().max().unwrap_or_default() + 1;
    let differ = (first..=shared).map(pair_of).find(|[one, other]| one.0 != other.0);
    let terms = differ.into_iter().flatten().filter_map(|(_, term)| term);
    let pair = pair.map(|n| NodeId(u16::try_from(n).unwrap_or(servers)));
    let reason = format!(
        "the logs of {} share entry {shared}, but not all before it",
        world.names().list(pair)
    );
    Err(Violation::new(reason, pair).of(history.beginnings(terms)))
}

/// At most one server believes that it leads.
///
/// # Errors
/// Several do.
pub fn one_believes<P: Host>(world: &World<P>, history: &History) -> Result<(), Violation> {
    let leading = leading(world);
    if leading.len() < 2 {
        return Ok(());
    }
    let ids = || leading.iter().map(|(id, _)| *id);
    let began = leading.iter().filter_map(|(id, term)| history.beginning(*term, *id));
    let reason = format!("{} believe that they lead", world.names().list(ids()));
    Err(Violation::new(reason, ids()).of(began))
}
