//! Whether what is done to a world is within what its design claims to survive.
//!
//! What the search draws is within the claim, and what shrinking makes of it must stay there: a node
//! that stays slow for ever, or a link that is cut where only deaf nodes are claimed, would make a
//! counterexample of something that nobody claims. So a fault that bends time or room (a slow node, a
//! clock that drifts, a slow or a full disk) must end; one that a run shows to last (a node that is
//! down, a link that is cut) may last, since the goals wait for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::{DiskFaultKind, Faults, Setup};
use crate::sim::{Action, DiskFault, MessageName, NodeId, TimedAction};

/// Returns true if the design claims to survive these actions, which are in order of time: each is of
/// a kind and a size that it names and done to whom it names, and no more nodes are down at one time
/// than it allows.
pub fn is_within_claim(setup: &Setup, actions: &[TimedAction]) -> bool {
    let mut so_far = SoFar::new(setup);
    let mut instants = actions.chunk_by(|a, b| a.at_us == b.at_us);
    instants.all(|instant| so_far.allows(instant)) && so_far.has_all_ended()
}

/// A fault that must end.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lasting {
    Slow,
    Drift,
    SlowDisk,
    FullDisk,
}

/// What has been done to a world so far.
struct SoFar<'a> {
    claim: &'a Faults,
    /// How many nodes the world has; 0 where no claim asks for it.
    nodes: u16,
    victims: Vec<NodeId>,
    down_at_once: usize,
    down: BTreeSet<NodeId>,
    frozen: BTreeSet<NodeId>,
    /// Directions that are cut, each on its own.
    cuts: BTreeSet<(NodeId, NodeId)>,
    clock_errors_us: BTreeMap<NodeId, i64>,
    lasting: BTreeSet<(NodeId, Lasting)>,
}

impl<'a> SoFar<'a> {
    fn new(setup: &'a Setup) -> Self {
        let claim = &setup.scenario().survives;
        Self {
            claim,
            nodes: if claim.deaf_or_mute { setup.build().names().count() } else { 0 },
            victims: (claim.victims)(setup),
            down_at_once: usize::from((claim.down_at_once)(setup)),
            down: BTreeSet::new(),
            frozen: BTreeSet::new(),
            cuts: BTreeSet::new(),
            clock_errors_us: BTreeMap::new(),
            lasting: BTreeSet::new(),
        }
    }

    /// Takes in what happens at one instant; false if it is not claimed.
    fn allows(&mut self, instant: &[TimedAction]) -> bool {
        // A node is made deaf by one cut after the other, at one instant: they are judged together.
        let mut cut = self.cuts.clone();
        for timed in instant {
            if let Action::Cut { from, to } = timed.action {
                cut.insert((from, to));
            }
        }
        instant.iter().all(|timed| self.allows_action(&timed.action, &cut))
    }

    /// Takes in one action; `cut` are all directions that are cut before or at its instant.
    fn allows_action(&mut self, action: &Action, cut: &BTreeSet<(NodeId, NodeId)>) -> bool {
        let claim = self.claim;
        match action {
            Action::Crash(id) => self.crash(*id),
            Action::Restart(id) => {
                self.down.remove(id);
                true
            }
            Action::Pause(id) => {
                // A node may freeze while as many are down as may be: it comes back by itself. But no
                // more may crash then.
                if !self.down.contains(id) {
                    self.frozen.insert(*id);
                }
                claim.pauses && self.may_hurt(*id)
            }
            Action::Resume(id) => {
                self.frozen.remove(id);
                true
            }
            Action::Heal => {
                self.cuts.clear();
                true
            }
            Action::Mend { from, to } => {
                self.cuts.remove(&(*from, *to));
                true
            }
            Action::Cut { from, to } => {
                self.cuts.insert((*from, *to));
                self.allows_cut((*from, *to), cut)
            }
            Action::StepClock { node, by_us } => {
                let error_us = self.clock_errors_us.entry(*node).or_default();
                *error_us = error_us.saturating_add(*by_us);
                error_us.unsigned_abs() <= claim.clock_step_us && self.may_hurt(*node)
            }
            Action::Drift { node, drift_ppm } => {
                self.note(*node, Lasting::Drift, *drift_ppm != 0);
                drift_ppm.unsigned_abs() <= claim.drift_ppm && self.may_hurt(*node)
            }
            Action::Slow { node, by_us } => {
                self.note(*node, Lasting::Slow, *by_us != 0);
                *by_us <= claim.slow_us && self.may_hurt(*node)
            }
            Action::Disk { node, fault } => self.hurt_disk(*node, fault),
            Action::Partition(_) => claim.partitions,
            Action::Flap { .. } => claim.flapping,
            Action::Lose { percent } => *percent <= claim.loss_percent,
            Action::Duplicate { percent } => *percent <= claim.duplicate_percent,
            Action::DropMessage(_) => claim.loss_percent > 0,
            Action::DuplicateMessage(_) => claim.duplicate_percent > 0,
            // Only a network without bounds in time may take any time at all.
            Action::Hold { from, to }
            | Action::DelayMessage { message: MessageName { from, to, .. }, .. }
            | Action::DeliverMessage(MessageName { from, to, .. }) => {
                claim.holds && self.may_hurt(*from) && self.may_hurt(*to)
            }
            Action::TakeByHand
            | Action::Choose(_)
            | Action::CompleteSync(_)
            | Action::FireTimer(_) => false,
            // What undoes a fault, what the scenario itself offers, and luck: no claim is of one seed.
            Action::Reseed(_)
            | Action::Release { .. }
            | Action::Command { .. }
            | Action::CommandWith { .. } => true,
        }
    }

    fn may_hurt(&self, node: NodeId) -> bool {
        self.victims.contains(&node)
    }

    /// A node goes down, in addition to those that are down or frozen.
    fn crash(&mut self, node: NodeId) -> bool {
        self.frozen.remove(&node);
        self.down.insert(node);
        self.down.union(&self.frozen).count() <= self.down_at_once && self.may_hurt(node)
    }

    /// One direction is cut by itself, or it is one of all directions to or from a node.
    fn allows_cut(&self, (from, to): (NodeId, NodeId), cut: &BTreeSet<(NodeId, NodeId)>) -> bool {
        if self.claim.one_way_cuts && self.may_hurt(from) && self.may_hurt(to) {
            return true;
        }
        if !self.claim.deaf_or_mute {
            return false;
        }
        let is_mute = NodeId::first(self.nodes).all(|it| it == from || cut.contains(&(from, it)));
        let is_deaf = NodeId::first(self.nodes).all(|it| it == to || cut.contains(&(it, to)));
        (is_mute && self.may_hurt(from)) || (is_deaf && self.may_hurt(to))
    }

    fn hurt_disk(&mut self, node: NodeId, fault: &DiskFault) -> bool {
        let is_over = fault.ends_a_fault();
        match fault {
            DiskFault::Slow { .. } => self.note(node, Lasting::SlowDisk, !is_over),
            DiskFault::Capacity { .. } => self.note(node, Lasting::FullDisk, !is_over),
            DiskFault::LostSyncs { .. }
            | DiskFault::FailSyncs { .. }
            | DiskFault::TornSectors { .. }
            | DiskFault::BitRot { .. }
            | DiskFault::Misdirect { .. }
            | DiskFault::ReadError { .. } => {}
        }
        let is_claimed = |kind: &DiskFaultKind| kind.covers(fault);
        self.may_hurt(node) && (is_over || self.claim.disk.iter().any(is_claimed))
    }

    /// Notes that a fault that must end begins or ends.
    fn note(&mut self, node: NodeId, kind: Lasting, begins: bool) {
        if begins {
            self.lasting.insert((node, kind));
        } else {
            self.lasting.remove(&(node, kind));
        }
    }

    fn has_all_ended(&self) -> bool {
        self.lasting.is_empty()
    }
}
