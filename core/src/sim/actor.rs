//! A node without a world: handlers alone, for models that bring their own network.
//!
//! A handler runs, its disk syncs at once, and what it asked for comes back as a [`Reaction`]. Between a
//! write and its sync nothing else happens at the node, unless it [crashes there](Actor::react): a sync
//! sends what waited for it and changes nothing but its own node, so it might as well come first, before
//! what other nodes do meanwhile (Lipton 1975: it moves to the left).
//!
//! Left out: time (both clocks stand at 0), work that takes any, full inboxes, disks that fail or keep a
//! part of what was not synced.

use std::collections::BTreeSet;

use super::cx::{Luck, Picks};
use super::effects::Effect;
use super::{Boot, Cx, NodeId, Process, Storage, SyncId};

/// What an actor is confronted with.
#[derive(Clone, Debug)]
pub enum Stimulus<P: Process> {
    /// It comes up.
    Start(Boot),
    /// A message arrives.
    Message {
        /// Who sent it.
        from: NodeId,
        /// What it says.
        msg: P::Msg,
    },
    /// A timer fires. It must be set.
    Timer(P::Timer),
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Reaction<P: Process> {
    /// The messages that left the node, and whereto.
    pub sent: Vec<(NodeId, P::Msg)>,
    /// What it recorded.
    pub facts: Vec<P::Fact>,
    /// How many syncs began. It can crash in each of them.
    pub syncs: u32,
}

/// A node's process, disk and timers.
#[derive(Clone, Debug, Hash)]
pub struct Actor<P: Process> {
    /// `None` while the node is down.
    process: Option<P>,
    disk: P::Disk,
    timers: BTreeSet<P::Timer>,
}

impl<P: Process> Actor<P> {
    /// Makes a node that has not started.
    pub fn new(process: P) -> Self {
        Self { process: Some(process), disk: P::Disk::default(), timers: BTreeSet::new() }
    }

    /// Returns its process; `None` while it is down.
    pub fn process(&self) -> Option<&P> {
        self.process.as_ref()
    }

    /// Returns its disk.
    pub fn disk(&self) -> &P::Disk {
        &self.disk
    }

    /// Returns the timers that are set, in order.
    pub fn timers(&self) -> impl Iterator<Item = P::Timer> + '_ {
        self.timers.iter().copied()
    }

    /// Loses everything but what is durable.
    pub fn crash(&mut self) {
        self.process = None;
        self.timers.clear();
        self.disk.crashed(&mut |_| 0);
    }

    /// Comes back with a new process and the disk of the last one; what it does then is
    /// [`Stimulus::Start`].
    pub fn replace(&mut self, process: P) {
        self.process = Some(process);
    }

    /// Lets a handler run, and those after it that hear of its syncs. If the node crashes in the sync
    /// with number `crashes_in`, what waited for that sync is never sent. A node that is down does
    /// nothing.
    pub fn react(
        &mut self,
        (me, node_count): (NodeId, u16),
        stimulus: Stimulus<P>,
        crashes_in: Option<u32>,
    ) -> Reaction<P> {
        let mut reaction = Reaction { sent: Vec::new(), facts: Vec::new(), syncs: 0 };
        if let Stimulus::Timer(timer) = &stimulus {
            self.timers.remove(timer);
        }
        let mut waiting =
            self.handle((me, node_count), &mut reaction, |process, cx| match stimulus {
                Stimulus::Start(boot) => process.on_start(boot, cx),
                Stimulus::Message { from, msg } => process.on_message(from, msg, cx),
                Stimulus::Timer(timer) => process.on_timer(timer, cx),
            });
        while let Some(held) = waiting {
            if crashes_in == Some(reaction.syncs) {
                self.crash();
                break;
            }
            reaction.syncs += 1;
            self.disk.sync_completed(SYNC);
            reaction.sent.extend(held);
            waiting = self.handle((me, node_count), &mut reaction, |process, cx| {
                process.on_synced(SYNC, cx);
            });
        }
        reaction
    }

    /// Runs a handler. Returns what waits for the sync that it began, if it did.
    fn handle(
        &mut self,
        (me, node_count): (NodeId, u16),
        reaction: &mut Reaction<P>,
        handler: impl FnOnce(&mut P, &mut Cx<'_, P>),
    ) -> Option<Vec<(NodeId, P::Msg)>> {
        let process = self.process.as_mut()?;
        let mut picks = Picks::default();
        let mut cx = Cx {
            me,
            node_count,
            monotonic_us: 0,
            wall_us: 0,
            next_sync: SYNC,
            luck: Luck::Picked(&mut picks),
            disk: &mut self.disk,
            asks_sync: false,
            awaits_sync: false,
            work_us: 0,
            effects: Vec::new(),
        };
        handler(process, &mut cx);
        let Cx { asks_sync, awaits_sync, effects, .. } = cx;
        let everything = asks_sync || (awaits_sync && self.disk.is_dirty());
        let syncs = everything || self.disk.wants_sync();
        if syncs {
            self.disk.sync_asked(SYNC, everything);
            self.disk.sync_started(SYNC);
        }
        let mut held = Vec::new();
        for effect in effects {
            match effect {
                Effect::SendAfterSync { to, msg } if syncs => held.push((to, msg)),
                Effect::Send { to, msg } | Effect::SendAfterSync { to, msg } => {
                    reaction.sent.push((to, msg));
                }
                Effect::SetTimer { timer, .. } => _ = self.timers.insert(timer),
                Effect::CancelTimer(timer) => _ = self.timers.remove(&timer),
                Effect::Record(fact) => reaction.facts.push(fact),
                Effect::StepWall(_) | Effect::MoveTo(_) | Effect::Observe { .. } => {}
            }
        }
        syncs.then_some(held)
    }
}

/// What every sync is called: one is complete before the next begins.
const SYNC: SyncId = SyncId(0);
