//! What the world keeps for each node and each message.

use super::queue::Entry;
use super::{Cause, Clock, Fate, MessageName, NodeId, Process, Stream, SyncId};

/// A pending timer.
#[derive(Clone, Debug)]
pub(super) struct PendingTimer<T> {
    pub(super) timer: T,
    /// Due by the node's clock; re-keyed to true time when the clock's rate changes.
    pub(super) due_local_us: u64,
    pub(super) set_at_us: u64,
    pub(super) due_at_us: u64,
    /// Proves a queue entry not to be stale.
    pub(super) sequence: u64,
    pub(super) set_in: Cause,
}

/// A message on its way.
#[derive(Clone, Debug)]
pub(super) struct InFlight<M> {
    pub(super) name: MessageName,
    pub(super) msg: M,
    pub(super) sent_at_us: u64,
    pub(super) due_at_us: u64,
    pub(super) sequence: u64,
    pub(super) sent_in: Cause,
    pub(super) is_twin: bool,
    pub(super) is_delayed: bool,
}

/// A message that lately did not make it.
#[derive(Clone, Debug)]
pub(super) struct Fallen<M> {
    pub(super) message: InFlight<M>,
    pub(super) at_us: u64,
    pub(super) fate: Fate,
}

/// A message that waits for a sync.
#[derive(Clone, Debug)]
pub(super) struct Held<M> {
    pub(super) sync: SyncId,
    pub(super) to: NodeId,
    pub(super) msg: M,
    /// The event whose handler sent it.
    pub(super) sent_in: Cause,
}

/// A node: its process, its disk and everything the world holds on its behalf.
#[derive(Clone)]
pub(super) struct Slot<P: Process> {
    /// `None` while the node is down.
    pub(super) process: Option<P>,
    pub(super) disk: P::Disk,
    pub(super) clock: Clock,
    pub(super) stream: Stream,
    /// By timer, so that two worlds with the same timers hold them in the same order.
    pub(super) timers: Vec<PendingTimer<P::Timer>>,
    /// Messages that wait for a sync, oldest first.
    pub(super) held: Vec<Held<P::Msg>>,
    /// Syncs that have begun, oldest first.
    pub(super) syncing: Vec<(SyncId, Cause)>,
    /// Syncs that completed during a pause, of which the process has not heard.
    pub(super) unheard: Vec<SyncId>,
    pub(super) next_sync: SyncId,
    /// When the last sync completes: a disk finishes them in order.
    pub(super) sync_due_us: u64,
    pub(super) is_paused: bool,
    /// What came due during a pause, in order.
    pub(super) deferred: Vec<Entry>,
    /// A start is queued.
    pub(super) is_starting: bool,
    /// What asked for that start.
    pub(super) start_cause: Cause,
    pub(super) has_started_before: bool,
    pub(super) last_event: Option<u32>,
}

impl<P: Process> Slot<P> {
    /// Makes a node that is about to start for the first time.
    pub(super) fn new(seed: u64, id: NodeId) -> Self {
        Self {
            process: None,
            disk: P::Disk::default(),
            clock: Clock::default(),
            stream: Stream::new(seed, ("node", id)),
            timers: Vec::new(),
            held: Vec::new(),
            syncing: Vec::new(),
            unheard: Vec::new(),
            next_sync: SyncId(0),
            sync_due_us: 0,
            is_paused: false,
            deferred: Vec::new(),
            is_starting: true,
            start_cause: Cause::Beginning,
            has_started_before: false,
            last_event: None,
        }
    }

    /// Removes the timer that a queue entry with this sequence number stands for.
    pub(super) fn take_timer(&mut self, sequence: u64) -> Option<PendingTimer<P::Timer>> {
        let place = self.timers.iter().position(|timer| timer.sequence == sequence)?;
        Some(self.timers.remove(place))
    }
}
