//! A handler's window on the world.

use super::effects::Effect;
use super::kernel::Kernel;
use super::{Distribution, Embed, NodeId, Process, Stream, SyncId};

/// Where a handler's choices come from.
pub(super) enum Luck<'a> {
    /// From the node's stream.
    Drawn(&'a mut Stream),
    /// From whoever takes the world by hand.
    Picked(&'a mut Picks),
}

impl Luck<'_> {
    /// Lends it on.
    fn again(&mut self) -> Luck<'_> {
        match self {
            Luck::Drawn(stream) => Luck::Drawn(stream),
            Luck::Picked(picks) => Luck::Picked(picks),
        }
    }
}

/// The choices of a handler, or of a disk in a crash, in a world taken by hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Picks {
    /// What is to be chosen, in order; after the last the first option is taken each time.
    pub(super) choices: Vec<u64>,
    /// Among how many options each choice was made.
    pub(super) options: Vec<u64>,
    /// How many nonces have been given out.
    nonces: u64,
}

impl Picks {
    pub(super) fn next(&mut self, options: u64) -> u64 {
        let choice = self.choices.get(self.options.len()).copied().unwrap_or_default();
        self.options.push(options);
        choice.min(options.saturating_sub(1))
    }
}

/// What a handler may know and ask for. Everything it asks for happens after it returns, in order.
pub struct Cx<'a, P: Process> {
    pub(super) me: NodeId,
    pub(super) node_count: u16,
    pub(super) monotonic_us: u64,
    pub(super) wall_us: u64,
    pub(super) next_sync: SyncId,
    pub(super) luck: Luck<'a>,
    pub(super) disk: &'a mut P::Disk,
    /// Whether it has asked for a sync of everything.
    pub(super) asks_sync: bool,
    /// Whether it sends something that waits for a sync.
    pub(super) awaits_sync: bool,
    pub(super) work_us: u64,
    pub(super) effects: Vec<Effect<P>>,
}

impl<'a, P: Process> Cx<'a, P> {
    /// Opens a node's window on the world; `effects` is empty.
    pub(super) fn new(
        me: NodeId,
        kernel: &'a mut Kernel,
        disk: &'a mut P::Disk,
        effects: Vec<Effect<P>>,
    ) -> Self {
        let now_us = kernel.now_us;
        let node_count = kernel.names.count();
        let node = &mut kernel.nodes[me.index()];
        let luck = if kernel.by_hand.is_some() {
            kernel.picks.options.clear();
            Luck::Picked(&mut kernel.picks)
        } else {
            Luck::Drawn(&mut node.stream)
        };
        Self {
            me,
            node_count,
            monotonic_us: node.clock.monotonic_us(now_us),
            wall_us: node.clock.wall_us(now_us),
            next_sync: node.next_sync,
            luck,
            disk,
            asks_sync: false,
            awaits_sync: false,
            work_us: 0,
            effects,
        }
    }
}

impl<P: Process> Cx<'_, P> {
    /// Returns this node's identity.
    pub fn me(&self) -> NodeId {
        self.me
    }

    /// Returns how many nodes the world has.
    pub fn node_count(&self) -> u16 {
        self.node_count
    }

    /// Returns this node's monotonic clock, in microseconds since it started. It may drift.
    pub fn now_us(&self) -> u64 {
        self.monotonic_us
    }

    /// Returns this node's wall clock, in microseconds. It may be wrong, and may step.
    pub fn wall_us(&self) -> u64 {
        self.wall_us
    }

    /// Sends `msg` to `to`. It may be lost, duplicated, delayed or overtaken.
    pub fn send(&mut self, to: NodeId, msg: P::Msg) {
        self.effects.push(Effect::Send { to, msg });
    }

    /// Sends `msg` when every write made up to the end of this handler is durable; asks for a sync
    /// if one is needed. A crash before then loses the message with the writes.
    pub fn send_after_sync(&mut self, to: NodeId, msg: P::Msg) {
        self.awaits_sync = true;
        self.effects.push(Effect::SendAfterSync { to, msg });
    }

    /// Sets `timer` to fire `after_us` from now by this node's clock, replacing it if pending.
    pub fn set_timer(&mut self, after_us: u64, timer: P::Timer) {
        self.effects.push(Effect::SetTimer { after_us, timer });
    }

    /// Cancels `timer` if it is pending.
    pub fn cancel_timer(&mut self, timer: P::Timer) {
        self.effects.push(Effect::CancelTimer(timer));
    }

    /// Returns a duration in `low_us..=high_us` from this node's own stream, to spread nodes apart.
    pub fn jitter_us(&mut self, low_us: u64, high_us: u64) -> u64 {
        match &mut self.luck {
            Luck::Drawn(stream) => stream.range(low_us, high_us),
            Luck::Picked(_) => low_us,
        }
    }

    /// Draws a duration from this node's own stream: how long a call takes, when the next one comes.
    pub fn draw_us(&mut self, distribution: &Distribution) -> u64 {
        match &mut self.luck {
            Luck::Drawn(stream) => distribution.sample_us(stream),
            Luck::Picked(_) => distribution.least_us(),
        }
    }

    /// Returns one of `0..options` from this node's own stream; 0 if there is no choice.
    pub fn choose(&mut self, options: u64) -> u64 {
        match &mut self.luck {
            Luck::Drawn(stream) => stream.range(0, options.saturating_sub(1)),
            Luck::Picked(picks) => picks.next(options.max(1)),
        }
    }

    /// Returns true with a chance of `percent` in a hundred, from this node's own stream.
    pub fn chance(&mut self, percent: u8) -> bool {
        let is_open = (1..100).contains(&percent);
        match &mut self.luck {
            Luck::Drawn(stream) => stream.chance(percent),
            Luck::Picked(picks) if is_open => picks.next(2) == 1,
            Luck::Picked(_) => percent > 0,
        }
    }

    /// Returns a number below `limit` from this node's own stream that is meant to be unlike any other:
    /// what it is makes no difference, so nobody who takes the world by hand chooses it.
    pub fn nonce(&mut self, limit: u64) -> u64 {
        match &mut self.luck {
            Luck::Drawn(stream) => stream.range(0, limit.saturating_sub(1)),
            Luck::Picked(picks) => {
                picks.nonces += 1;
                picks.nonces % limit.max(1)
            }
        }
    }

    /// Returns the disk as this node reads it, synced or not.
    pub fn disk(&self) -> &P::Disk {
        self.disk
    }

    /// Returns the disk for writing. What is written is lost in a crash unless it is synced.
    pub fn disk_mut(&mut self) -> &mut P::Disk {
        self.disk
    }

    /// Asks that every write made up to the end of this handler become durable. The returned name
    /// comes back in [`Process::on_synced`]; several calls in one handler name the same sync.
    pub fn sync(&mut self) -> SyncId {
        self.asks_sync = true;
        self.next_sync
    }

    /// Keeps this node busy for so much longer. State changes now; everything that this handler asks
    /// for happens at the end of its work, and is lost in a crash before. What arrives meanwhile
    /// waits, as the node's [`super::Capacity`] says.
    pub fn work(&mut self, duration_us: u64) {
        self.work_us = self.work_us.saturating_add(duration_us);
    }

    /// Moves this node's own wall clock, as a time service does; the monotonic clock does not notice.
    pub fn step_wall(&mut self, by_us: i64) {
        self.effects.push(Effect::StepWall(by_us));
    }

    /// Goes to another of the environment's zones, as a traveller does: what this node sends and is sent
    /// from now on travels from and to there. What is under way already is not affected.
    pub fn move_to(&mut self, zone: u8) {
        self.effects.push(Effect::MoveTo(zone));
    }

    /// Records `fact` in the run's history.
    pub fn record(&mut self, fact: P::Fact) {
        self.effects.push(Effect::Record(fact));
    }

    /// Notes how long something took, such as the time to a detection: the readings of each
    /// `quantity` make a histogram. They are for the screen and change no run.
    pub fn observe(&mut self, quantity: &'static str, took_us: u64) {
        self.effects.push(Effect::Observe { quantity, took_us });
    }

    /// Runs `handler` of an embedded mechanism, with its messages, timers, facts and disk mapped
    /// into this process's.
    pub fn lift<Q: Process, R>(&mut self, handler: impl FnOnce(&mut Cx<'_, Q>) -> R) -> R
    where
        P: Embed<Q>,
    {
        let mut inner = Cx {
            me: self.me,
            node_count: self.node_count,
            monotonic_us: self.monotonic_us,
            wall_us: self.wall_us,
            next_sync: self.next_sync,
            luck: self.luck.again(),
            disk: P::disk(self.disk),
            asks_sync: false,
            awaits_sync: false,
            work_us: 0,
            effects: Vec::new(),
        };
        let result = handler(&mut inner);
        self.asks_sync |= inner.asks_sync;
        self.awaits_sync |= inner.awaits_sync;
        self.work_us = self.work_us.saturating_add(inner.work_us);
        let effects = inner.effects;
        self.effects.extend(effects.into_iter().map(Effect::lifted));
        result
    }
}
