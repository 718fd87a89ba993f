//! A worker: it gets the lock in one of four ways, does its job part by part, and lets go.

use super::message::{Ask, Fact, Msg, Part, Timer};
use super::node::{Config, Design, Node};
use crate::mechanism::lease::{Expiry, Lease, Record, Until};
use crate::mechanism::mutex::{Lamport, Message, RicartAgrawala};
use crate::sim::{Boot, Cx, NodeId};

/// Least and most time between two jobs of a worker.
const IDLE_US: (u64, u64) = (80_000, 250_000);
/// Least and most time that a part takes.
pub(super) const PART_US: (u64, u64) = (40_000, 60_000);
/// Least and most time between two questions for the lock.
const ASK_US: (u64, u64) = (40_000, 60_000);
/// After so long a worker asks the other workers again.
pub(super) const ASK_AGAIN_US: u64 = 1_000_000;

/// How far a worker is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// It has no job.
    Idle,
    /// It wants the lock.
    Waiting,
    /// It has the lock, as far as it knows.
    Holding(Lease),
}

impl Phase {
    /// Returns the number of the grant that the worker has, if it has one.
    pub(super) fn token(self) -> Option<u64> {
        if let Self::Holding(lease) = self { Some(lease.token) } else { None }
    }

    /// Returns the phase in words.
    pub(super) fn text(self) -> String {
        match self {
            Self::Idle => "idle".into(),
            Self::Waiting => "waits".into(),
            Self::Holding(lease) => format!("holds {}", lease.token),
        }
    }
}

/// How a worker gets the lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// It asks the arbiter.
    Arbiter,
    /// It reads a shared file, and writes to it.
    File {
        /// What it last read, and since when that has not changed by its monotonic clock.
        seen: Option<(Option<Record>, u64)>,
        /// What it is writing, and since when.
        putting: Option<(Record, u64)>,
    },
    /// It asks all others: Lamport's algorithm.
    Lamport(Lamport),
    /// It asks all others: Ricart and Agrawala's algorithm.
    RicartAgrawala(RicartAgrawala),
}

/// A worker.
#[derive(Clone, Debug, Hash)]
pub(super) struct Worker {
    pub(super) config: Config,
    pub(super) phase: Phase,
    pub(super) way: Way,
    /// Names the present attempt to get the lock.
    attempt: u32,
    /// The number of its job.
    job: u64,
    /// How many parts the job has.
    pub(super) parts: u32,
    /// The last part that was sent to the resource, and the last that was applied.
    pub(super) sent: u32,
    pub(super) applied: u32,
}

impl Worker {
    pub(super) fn new(me: NodeId, config: Config) -> Self {
        let others = NodeId::first(config.workers).filter(|id| *id != me);
        let way = match config.design {
            Design::Lease if config.has_arbiter => Way::Arbiter,
            Design::Lease => Way::File { seen: None, putting: None },
            Design::Lamport => Way::Lamport(Lamport::new(me, others)),
            Design::RicartAgrawala => Way::RicartAgrawala(RicartAgrawala::new(me, others)),
        };
        let parts = config.parts;
        Self { config, phase: Phase::Idle, way, attempt: 0, job: 0, parts, sent: 0, applied: 0 }
    }

    pub(super) fn on_start(boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::Returns);
        }
        // The first worker begins, so that the first jobs do not all come at once.
        let is_first = boot == Boot::Fresh && cx.me() == NodeId(0);
        let after_us = if is_first { 0 } else { cx.jitter_us(IDLE_US.0, IDLE_US.1) };
        cx.set_timer(after_us, Timer::Job);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match (timer, self.phase) {
            (Timer::Job, Phase::Idle) => self.begin(cx),
            (Timer::Ask, Phase::Waiting) => self.ask(cx),
            (Timer::Ask, Phase::Holding(lease)) => self.renew(lease, cx),
            (Timer::Part, Phase::Holding(lease)) => self.write(lease, cx),
            (Timer::LeaseEnds, Phase::Holding(lease)) => self.look_at_lease(lease, cx),
            (
                Timer::Job
                | Timer::Ask
                | Timer::Part
                | Timer::LeaseEnds
                | Timer::Frees
                | Timer::Opens,
                _,
            ) => {}
        }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Work(parts) => {
                self.parts = parts;
                if self.phase == Phase::Idle {
                    self.begin(cx);
                }
            }
            Msg::Granted { token, expiry, ask } => self.on_granted(token, expiry, ask, cx),
            Msg::Content(record) => self.on_content(record, cx),
            Msg::Stored(record) => self.on_stored(record, cx),
            Msg::Mutex(message) => self.on_mutex(from, message, cx),
            Msg::Applied(part) => self.on_applied(part, cx),
            Msg::Refused { part, .. } => {
                if let Phase::Holding(lease) = self.phase
                    && lease.token == part.token
                {
                    self.stop(lease, cx);
                }
            }
            Msg::Ask(_) | Msg::Done { .. } | Msg::Read | Msg::Put(_) | Msg::Write(_) => {}
        }
    }

    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        self.job += 1;
        cx.record(Fact::Begins { job: self.job });
        self.want(cx);
    }

    fn want(&mut self, cx: &mut Cx<'_, Node>) {
        self.phase = Phase::Waiting;
        self.attempt = u32::try_from(cx.nonce(1 << 32)).unwrap_or_default();
        if let Way::File { putting, .. } = &mut self.way {
            *putting = None;
        }
        self.ask(cx);
    }

    /// Asks for the lock, for the first time or once more.
    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let keeper = self.config.keeper();
        let mut again_us = cx.jitter_us(ASK_US.0, ASK_US.1);
        match &mut self.way {
            Way::Arbiter => {
                let ask = Ask { attempt: self.attempt, at_us: cx.now_us(), token: None };
                cx.send(keeper, Msg::Ask(ask));
            }
            Way::File { .. } => cx.send(keeper, Msg::Read),
            Way::Lamport(lamport) => {
                again_us = ASK_AGAIN_US;
                send_all(lamport.request(), cx);
            }
            Way::RicartAgrawala(ricart_agrawala) => {
                again_us = ASK_AGAIN_US;
                send_all(ricart_agrawala.request(), cx);
            }
        }
        cx.set_timer(again_us, Timer::Ask);
    }

    fn on_granted(&mut self, token: u64, expiry: Expiry, ask: Ask, cx: &mut Cx<'_, Node>) {
        let is_mine = ask.attempt == self.attempt && self.phase != Phase::Idle;
        let until = Until::of(expiry, ask.at_us);
        match self.phase {
            Phase::Holding(lease) if is_mine && token >= lease.token => {
                cx.record(Fact::Renews { token });
                self.phase = Phase::Holding(Lease { token, until: later(lease.until, until) });
            }
            Phase::Waiting if is_mine && !until.is_over(cx.now_us(), cx.wall_us()) => {
                self.hold(Lease { token, until }, cx);
            }
            // An answer to a question that is no longer asked.
            Phase::Idle | Phase::Waiting | Phase::Holding(_) => {
                if !is_mine {
                    cx.send(self.config.keeper(), Msg::Done { token });
                }
            }
        }
    }

    /// Reads the shared file. Whoever sees that the lock is free takes it: between the look and the
    /// taking anything may happen.
    fn on_content(&mut self, record: Option<Record>, cx: &mut Cx<'_, Node>) {
        let Way::File { seen, putting } = &mut self.way else { return };
        let (now_us, me) = (cx.now_us(), cx.me());
        let since_us = match *seen {
            Some((of, since_us)) if of == record => since_us,
            Some(_) | None => now_us,
        };
        *seen = Some((record, since_us));
        let is_free = match record.map(|record| record.expiry) {
            None => true,
            // Whoever does not trust the time of day waits until nothing has changed for a lease.
            Some(Expiry::After(us)) => now_us - since_us >= us,
            Some(Expiry::AtWall(us)) => cx.wall_us() >= us,
        };
        let is_busy = putting.is_some_and(|(_, since_us)| now_us < since_us + ASK_US.1);
        if self.phase == Phase::Waiting && is_free && !is_busy {
            let token = record.map_or(0, |record| record.token).saturating_add(1);
            let record = Record { token, owner: me, beat: 0, expiry: self.config.expiry(cx) };
            if let Way::File { putting, .. } = &mut self.way {
                *putting = Some((record, now_us));
            }
            cx.send(self.config.keeper(), Msg::Put(record));
        }
    }

    fn on_stored(&mut self, record: Record, cx: &mut Cx<'_, Node>) {
        let Way::File { putting, .. } = &mut self.way else { return };
        let Some((_, asked_us)) = putting.take_if(|(put, _)| *put == record) else { return };
        let lease = Lease { token: record.token, until: Until::of(record.expiry, asked_us) };
        match self.phase {
            Phase::Waiting => self.hold(lease, cx),
            Phase::Holding(old) if old.token == lease.token => {
                cx.record(Fact::Renews { token: lease.token });
                self.phase = Phase::Holding(lease);
            }
            Phase::Idle | Phase::Holding(_) => {}
        }
    }

    fn on_mutex(&mut self, from: NodeId, message: Message, cx: &mut Cx<'_, Node>) {
        let (answer, entry) = match &mut self.way {
            Way::Lamport(it) => (it.on_message(from, message), it.may_enter()),
            Way::RicartAgrawala(it) => (it.on_message(from, message), it.may_enter()),
            Way::Arbiter | Way::File { .. } => return,
        };
        if let Some(answer) = answer {
            cx.send(from, Msg::Mutex(answer));
        }
        if let Some(entry) = entry.filter(|_| self.phase == Phase::Waiting) {
            // The order of entry is the order of timestamps, so they make a number to fence with.
            let token = entry.time * u64::from(self.config.workers) + u64::from(entry.node.0);
            self.hold(Lease { token, until: Until::Released }, cx);
        }
    }

    fn hold(&mut self, lease: Lease, cx: &mut Cx<'_, Node>) {
        self.phase = Phase::Holding(lease);
        (self.sent, self.applied) = (0, 0);
        cx.record(Fact::Holds { token: lease.token });
        cx.set_timer(self.config.lease_us / 3, Timer::Ask);
        self.prepare(lease, cx);
    }

    fn renew(&mut self, lease: Lease, cx: &mut Cx<'_, Node>) {
        let (me, now_us, keeper) = (cx.me(), cx.now_us(), self.config.keeper());
        match &mut self.way {
            Way::Arbiter => {
                let token = Some(lease.token);
                let ask = Ask { attempt: self.attempt, at_us: now_us, token };
                cx.send(keeper, Msg::Ask(ask));
            }
            Way::File { putting, .. } => {
                let beat = u32::try_from(now_us / 1_000).unwrap_or(u32::MAX);
                let expiry = self.config.expiry(cx);
                let record = Record { token: lease.token, owner: me, beat, expiry };
                *putting = Some((record, now_us));
                cx.send(keeper, Msg::Put(record));
            }
            Way::Lamport(_) | Way::RicartAgrawala(_) => return,
        }
        cx.set_timer(self.config.lease_us / 3, Timer::Ask);
    }

    /// Begins the next part, if the lease has not ended. The look and the write are two steps: a pause
    /// fits in between, and no look helps against that.
    fn prepare(&mut self, lease: Lease, cx: &mut Cx<'_, Node>) {
        let left_us = lease.until.left_us(cx.now_us(), cx.wall_us());
        if left_us == 0 {
            return self.stop(lease, cx);
        }
        let after_us = cx.jitter_us(PART_US.0, PART_US.1);
        cx.set_timer(after_us, Timer::Part);
        if lease.until != Until::Released {
            cx.set_timer(left_us.min(self.config.lease_us), Timer::LeaseEnds);
        }
    }

    /// Writes the next part, or the last one again if it has not been answered.
    fn write(&mut self, lease: Lease, cx: &mut Cx<'_, Node>) {
        if self.sent == self.applied {
            self.sent += 1;
        }
        let part = Part { token: lease.token, number: self.sent };
        cx.send(self.config.resource(), Msg::Write(part));
        self.prepare(lease, cx);
    }

    fn on_applied(&mut self, part: Part, cx: &mut Cx<'_, Node>) {
        let Phase::Holding(lease) = self.phase else { return };
        if part != (Part { token: lease.token, number: self.sent }) {
            return;
        }
        self.applied = self.sent;
        if self.applied >= self.parts {
            cx.record(Fact::Finishes { job: self.job, token: lease.token });
            self.phase = Phase::Idle;
            self.parts = self.config.parts;
            self.let_go(lease, cx);
            let after_us = cx.jitter_us(IDLE_US.0, IDLE_US.1);
            cx.set_timer(after_us, Timer::Job);
        }
    }

    fn look_at_lease(&mut self, lease: Lease, cx: &mut Cx<'_, Node>) {
        let left_us = lease.until.left_us(cx.now_us(), cx.wall_us());
        if left_us == 0 {
            self.stop(lease, cx);
        } else {
            cx.set_timer(left_us.min(self.config.lease_us), Timer::LeaseEnds);
        }
    }

    /// The lease is over, with the job half done: it must be done again, under another number.
    fn stop(&mut self, lease: Lease, cx: &mut Cx<'_, Node>) {
        cx.record(Fact::Stops { token: lease.token });
        cx.cancel_timer(Timer::Part);
        if matches!(self.way, Way::Lamport(_) | Way::RicartAgrawala(_)) {
            self.let_go(lease, cx);
        }
        self.want(cx);
    }

    fn let_go(&mut self, lease: Lease, cx: &mut Cx<'_, Node>) {
        let (me, keeper) = (cx.me(), self.config.keeper());
        cx.cancel_timer(Timer::Ask);
        match &mut self.way {
            Way::Arbiter => cx.send(keeper, Msg::Done { token: lease.token }),
            // Whoever has the lock by now loses it: the file does not ask who writes.
            Way::File { putting, .. } => {
                *putting = None;
                let expiry = Expiry::After(0);
                let record = Record { token: lease.token, owner: me, beat: u32::MAX, expiry };
                cx.send(keeper, Msg::Put(record));
            }
            Way::Lamport(lamport) => send_all(lamport.release(), cx),
            Way::RicartAgrawala(ricart_agrawala) => send_all(ricart_agrawala.release(), cx),
        }
    }
}

impl Config {
    /// Returns the end of a lease that begins now. Safeguard: a duration means the same to everybody; a
    /// time of day depends on whose clock it is.
    pub(super) fn expiry(self, cx: &Cx<'_, Node>) -> Expiry {
        if self.by_duration {
            Expiry::After(self.lease_us)
        } else {
            Expiry::AtWall(cx.wall_us() + self.lease_us)
        }
    }
}

/// Returns the later of two ends by the same clock.
fn later(old: Until, new: Until) -> Until {
    match (old, new) {
        (Until::Monotonic(a), Until::Monotonic(b)) => Until::Monotonic(a.max(b)),
        (Until::Monotonic(_) | Until::Wall(_) | Until::Released, _) => new,
    }
}

fn send_all(messages: Vec<(NodeId, Message)>, cx: &mut Cx<'_, Node>) {
    for (to, message) in messages {
        cx.send(to, Msg::Mutex(message));
    }
}
