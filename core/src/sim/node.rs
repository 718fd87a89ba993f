//! What the kernel keeps for each node and each message. Nothing here knows a payload's type.

use std::collections::VecDeque;

use super::queue::{Entry, Pending};
use super::{Capacity, Cause, Clock, Fate, Load, MessageKind, MessageName, NodeId, Stream, SyncId};

/// A timer of a node, by its place in the node's table; the table's owner knows what it is called.
#[derive(Copy, Clone, Debug)]
pub(super) struct PendingTimer {
    /// Due by the node's clock; re-keyed to true time when the clock's rate changes.
    pub(super) due_local_us: u64,
    pub(super) set_at_us: u64,
    pub(super) due_at_us: u64,
    /// Proves a queue entry not to be stale.
    pub(super) sequence: u64,
    pub(super) set_in: Cause,
}

/// A message on its way. Its payload lies in the same place of the world's table of payloads.
#[derive(Copy, Clone, Debug)]
pub(super) struct Flight {
    pub(super) name: MessageName,
    pub(super) kind: MessageKind,
    pub(super) sent_at_us: u64,
    pub(super) due_at_us: u64,
    /// Proves a queue entry not to be stale.
    pub(super) sequence: u64,
    pub(super) sent_in: Cause,
    pub(super) is_twin: bool,
    pub(super) is_delayed: bool,
    /// On its way back to the sender, from a receiver that had no room for it.
    pub(super) is_refusal: bool,
}

/// A message that lately did not make it; its payload is still in `place`.
#[derive(Copy, Clone, Debug)]
pub(super) struct Fallen {
    pub(super) place: u32,
    pub(super) flight: Flight,
    pub(super) at_us: u64,
    pub(super) fate: Fate,
}

/// A message that waits for a sync; its payload is in `place`.
#[derive(Copy, Clone, Debug)]
pub(super) struct Held {
    pub(super) sync: SyncId,
    pub(super) to: super::NodeId,
    pub(super) place: u32,
    /// The event whose handler sent it.
    pub(super) sent_in: Cause,
}

/// A handler at work: what it asked for happens when it is done.
#[derive(Copy, Clone, Debug)]
pub(super) struct Job {
    /// Names it among all of its node's.
    pub(super) nth: u32,
    /// The event whose handler it is.
    pub(super) begun_in: u32,
    /// The sync that its effects begin, if they begin one.
    pub(super) sync: Option<SyncId>,
}

/// A node, but for its process and its disk.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) is_up: bool,
    pub(super) is_paused: bool,
    pub(super) clock: Clock,
    pub(super) stream: Stream,
    /// By place; those whose sequence number is 0 are not set.
    pub(super) timers: Vec<PendingTimer>,
    /// Messages that wait for a sync, oldest first.
    pub(super) held: Vec<Held>,
    /// Syncs that have begun, oldest first.
    pub(super) syncing: Vec<(SyncId, Cause)>,
    /// Syncs that completed during a pause, of which the process has not heard, and whether they
    /// succeeded.
    pub(super) unheard: Vec<(SyncId, bool)>,
    pub(super) next_sync: SyncId,
    /// When the last sync completes: a disk finishes them in order.
    pub(super) sync_due_us: u64,
    pub(super) capacity: Capacity,
    /// Handlers at work, oldest first.
    pub(super) jobs: Vec<Job>,
    pub(super) next_job: u32,
    /// What has come, or will, while it is paused or has its hands full, in order of time.
    pub(super) waiting: VecDeque<Entry>,
    /// How many of those are messages.
    pub(super) inbox: u32,
    /// How many of those, from the front, have come by the time up to which the load is kept.
    come: usize,
    /// Work that ended during a pause.
    pub(super) unfinished: Vec<Entry>,
    /// What every event costs this node on top of its own work.
    pub(super) slowness_us: u64,
    pub(super) load: Load,
    /// A start is queued.
    pub(super) is_starting: bool,
    /// What asked for that start.
    pub(super) start_cause: Cause,
    /// How often it has started.
    pub(super) starts: u32,
    /// How often it has crashed: names what its disk keeps.
    pub(super) crashes: u32,
    pub(super) last_event: Option<u32>,
}

impl Node {
    /// Returns the stream from which the process of this node draws.
    pub(super) fn stream_of(id: NodeId, seed: u64) -> Stream {
        Stream::new(seed, ("node", id))
    }

    /// Makes a node that is about to start for the first time.
    pub(super) fn new((seed, id): (u64, NodeId), clock: Clock, capacity: Capacity) -> Self {
        Self {
            is_up: false,
            is_paused: false,
            clock,
            stream: Self::stream_of(id, seed),
            timers: Vec::new(),
            held: Vec::new(),
            syncing: Vec::new(),
            unheard: Vec::new(),
            next_sync: SyncId(0),
            sync_due_us: 0,
            capacity,
            jobs: Vec::new(),
            next_job: 0,
            waiting: VecDeque::new(),
            inbox: 0,
            come: 0,
            unfinished: Vec::new(),
            slowness_us: 0,
            load: Load::default(),
            is_starting: true,
            start_cause: Cause::Beginning,
            starts: 0,
            crashes: 0,
            last_event: None,
        }
    }

    /// Returns true if a handler can begin now.
    pub(super) fn is_free(&self) -> bool {
        !self.is_paused && self.jobs.len() < usize::from(self.capacity.servers.max(1))
    }

    /// Returns true if nobody is there to take anything: it is down, and not merely frozen before it
    /// could start.
    pub(super) fn is_absent(&self) -> bool {
        !(self.is_up || self.is_starting && self.is_paused)
    }

    /// Returns true if its inbox holds no message more.
    pub(super) fn is_full(&self) -> bool {
        self.capacity.inbox.is_some_and(|limit| self.inbox >= limit)
    }

    /// Returns the node's load up to `now_us`: to look must change nothing.
    pub(super) fn load_at(&self, now_us: u64) -> Load {
        self.load_and_come(now_us).0
    }

    /// Returns how many messages wait in the inbox at `now_us`: some of what is set aside for a busy
    /// node has yet to come.
    pub(super) fn inbox_at(&self, now_us: u64) -> u32 {
        messages(self.waiting.iter().take_while(|entry| entry.at_us <= now_us))
    }

    /// Lists the places of the messages that wait in the inbox at `now_us`, in order.
    pub(super) fn inbox_places(&self, now_us: u64) -> impl Iterator<Item = u32> {
        let come = self.waiting.iter().take_while(move |entry| entry.at_us <= now_us);
        come.filter_map(|entry| match entry.pending {
            Pending::Deliver(place) => Some(place),
            Pending::Start(_)
            | Pending::Timer(..)
            | Pending::Synced(..)
            | Pending::Notice(..)
            | Pending::Done(..) => None,
        })
    }

    /// Brings the node's load up to `now_us`, before its jobs or its inbox change.
    pub(super) fn settle_load(&mut self, now_us: u64) {
        (self.load, self.come) = self.load_and_come(now_us);
    }

    /// What is set aside ahead of its time counts from when it comes.
    fn load_and_come(&self, now_us: u64) -> (Load, usize) {
        let (mut load, mut come) = (self.load, self.come);
        let yet_to_come = || self.waiting.range(come..);
        let mut inbox = self.inbox.saturating_sub(messages(yet_to_come()));
        for entry in yet_to_come().take_while(|entry| entry.at_us <= now_us) {
            load.settle(entry.at_us, self.jobs.len(), inbox);
            inbox += u32::from(is_message(entry));
            load.arrivals += u64::from(is_message(entry));
            come += 1;
        }
        load.settle(now_us, self.jobs.len(), inbox);
        (load, come)
    }

    /// Sets something aside.
    pub(super) fn set_aside(&mut self, entry: Entry) {
        self.inbox += u32::from(is_message(&entry));
        self.waiting.push_back(entry);
    }

    /// Takes what waits in this place off the list.
    pub(super) fn take_aside(&mut self, at: usize, now_us: u64) -> Option<Entry> {
        self.settle_load(now_us);
        let entry = self.waiting.remove(at)?;
        self.inbox -= u32::from(is_message(&entry));
        self.come -= usize::from(at < self.come);
        Some(entry)
    }

    /// Takes all that is due at `from_us` or later off the list. What is due only now has not come yet.
    pub(super) fn take_back(&mut self, from_us: u64, now_us: u64) -> VecDeque<Entry> {
        self.settle_load(now_us);
        let first = self.waiting.partition_point(|entry| entry.at_us < from_us);
        let due_now = self.waiting.range(first.min(self.come)..self.come);
        let not_yet = messages(due_now.filter(|entry| entry.at_us >= now_us));
        self.load.arrivals -= u64::from(not_yet);
        let back = self.waiting.split_off(first);
        self.inbox -= messages(back.iter());
        self.come = self.come.min(first);
        back
    }
}

fn is_message(entry: &Entry) -> bool {
    matches!(entry.pending, Pending::Deliver(_))
}

fn messages<'a>(entries: impl Iterator<Item = &'a Entry>) -> u32 {
    u32::try_from(entries.filter(|entry| is_message(entry)).count()).unwrap_or(u32::MAX)
}
