//! Who keeps the lock: an arbiter that gives it away, or a server with a file that anybody may write.

use super::message::{Ask, Fact, Msg, Timer};
use super::node::{Config, Node};
use crate::mechanism::lease::{Expiry, LockFile, Record, Until};
use crate::sim::{Boot, Cx, NodeId, SyncId};

/// A worker that waits for the lock.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiter {
    pub(super) worker: NodeId,
    /// The last that was heard from it.
    ask: Ask,
    /// When, by the arbiter's monotonic clock.
    heard_us: u64,
}

/// A worker that has the lock, as the arbiter knows it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Holder {
    pub(super) worker: NodeId,
    attempt: u32,
    pub(super) token: u64,
    /// Read off the arbiter's own clocks.
    pub(super) until: Until,
}

/// The lock's keeper.
#[derive(Clone, Debug, Hash)]
pub(super) struct Keeper {
    config: Config,
    /// What the file says last.
    pub(super) last: Option<Record>,
    pub(super) holder: Option<Holder>,
    /// Who waits, longest first.
    pub(super) queue: Vec<Waiter>,
    /// A grant that is not on disk yet.
    granting: Option<(SyncId, Waiter)>,
    /// It does not know how long ago it gave the lock away, so it gives it to nobody.
    pub(super) is_closed: bool,
}

impl Keeper {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            last: None,
            holder: None,
            queue: Vec::new(),
            granting: None,
            is_closed: false,
        }
    }

    /// Says who has the lock, as far as it knows.
    pub(super) fn text(&self) -> String {
        match (self.holder, self.last) {
            _ if self.is_closed => "waits for one lease".into(),
            (Some(holder), _) => format!("lent to W{}", holder.worker.0 + 1),
            (None, Some(last)) => format!("says W{}, {}", last.owner.0 + 1, last.token),
            (None, None) => "empty".into(),
        }
    }

    fn file(&self) -> LockFile {
        self.config.file()
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Fresh {
            return;
        }
        let Ok(last) = self.file().recover(&mut cx.disk_mut().0) else {
            // Without the file nobody knows which numbers were given: better no lock than two.
            self.is_closed = true;
            return cx.record(Fact::IsBlind);
        };
        self.last = last;
        self.is_closed = self.config.has_arbiter && self.config.waits;
        let token = self.last.map_or(0, |record| record.token);
        cx.record(Fact::Recovers { token, waits: self.is_closed });
        if self.is_closed {
            let lease_us = match self.last.map(|record| record.expiry) {
                Some(Expiry::After(lease_us)) => lease_us.max(self.config.lease_us),
                Some(Expiry::AtWall(_)) | None => self.config.lease_us,
            };
            cx.set_timer(lease_us, Timer::Opens);
        }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Ask(ask) if self.config.has_arbiter => self.on_ask(from, ask, cx),
            Msg::Done { token } => {
                if self.holder.is_some_and(|it| it.token == token && it.worker == from) {
                    self.holder = None;
                    cx.cancel_timer(Timer::Frees);
                    cx.record(Fact::TakesBack { token });
                }
                self.give(cx);
            }
            Msg::Read => cx.send(from, Msg::Content(self.last)),
            Msg::Put(record) => self.store(from, record, cx),
            Msg::Work(_)
            | Msg::Ask(_)
            | Msg::Granted { .. }
            | Msg::Content(_)
            | Msg::Stored(_)
            | Msg::Mutex(_)
            | Msg::Write(_)
            | Msg::Applied(_)
            | Msg::Refused { .. } => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Opens => self.is_closed = false,
            Timer::Frees => {}
            Timer::Job | Timer::Ask | Timer::Part | Timer::LeaseEnds => return,
        }
        self.give(cx);
    }

    /// The file server does as it is told: whoever wrote last has the lock.
    fn store(&mut self, from: NodeId, record: Record, cx: &mut Cx<'_, Node>) {
        let is_new = self.last.is_none_or(|last| (last.token, last.owner) != (record.token, from));
        let is_given_back = record.expiry == Expiry::After(0);
        if self.file().append(&mut cx.disk_mut().0, &record).is_err() {
            return;
        }
        self.last = Some(record);
        if is_given_back {
            cx.record(Fact::TakesBack { token: record.token });
        } else if is_new {
            cx.record(Fact::Grants { to: from, token: record.token });
        }
        if !self.config.is_synced {
            cx.send(from, Msg::Stored(record));
        } else if self.file().sync(&mut cx.disk_mut().0).is_ok() {
            cx.send_after_sync(from, Msg::Stored(record));
        }
    }

    fn on_ask(&mut self, from: NodeId, ask: Ask, cx: &mut Cx<'_, Node>) {
        if let Some(holder) = self.holder.filter(|it| it.worker == from && !is_over(it.until, cx))
            && (holder.attempt == ask.attempt || ask.token == Some(holder.token))
        {
            return self.hold(holder, ask, cx);
        }
        let waiter = Waiter { worker: from, ask, heard_us: cx.now_us() };
        if let Some(token) = ask.token {
            // After a restart the file still says who had the lock last: whoever that is may keep it.
            let is_last = self.last.is_some_and(|it| (it.token, it.owner) == (token, from));
            if is_last && self.holder.is_none() && self.granting.is_none() {
                let until = self.until(cx);
                self.hold(Holder { worker: from, attempt: ask.attempt, token, until }, ask, cx);
            }
            return;
        }
        if let Some((_, granting)) = self.granting.as_mut().filter(|it| it.1.worker == from) {
            *granting = waiter;
        } else if let Some(place) = self.queue.iter().position(|it| it.worker == from) {
            self.queue[place] = waiter;
        } else {
            self.queue.push(waiter);
        }
        self.give(cx);
    }

    /// Gives the lock to whoever has waited longest, if it is free: on disk first.
    fn give(&mut self, cx: &mut Cx<'_, Node>) {
        if let Some(holder) = self.holder {
            if !is_over(holder.until, cx) {
                let left_us = holder.until.left_us(cx.now_us(), cx.wall_us());
                return cx.set_timer(left_us, Timer::Frees);
            }
            cx.record(Fact::Frees { token: holder.token });
            self.holder = None;
        }
        // Who has not been heard for a lease waits no more.
        let (now_us, lease_us) = (cx.now_us(), self.config.lease_us);
        self.queue.retain(|waiter| waiter.heard_us + lease_us > now_us);
        if self.is_closed || self.granting.is_some() || self.queue.is_empty() {
            return;
        }
        let waiter = self.queue.remove(0);
        let token = self.last.map_or(0, |record| record.token).saturating_add(1);
        let expiry = self.config.expiry(cx);
        let record = Record { token, owner: waiter.worker, beat: 0, expiry };
        if self.file().append(&mut cx.disk_mut().0, &record).is_err() {
            return;
        }
        self.last = Some(record);
        if !self.config.is_synced {
            self.tell(waiter, cx);
        } else if let Ok(sync) = self.file().sync(&mut cx.disk_mut().0) {
            self.granting = Some((sync, waiter));
        }
    }

    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        if let Some((_, waiter)) = self.granting.take_if(|(of, _)| *of <= sync) {
            self.tell(waiter, cx);
        }
    }

    /// What was not synced was not granted: it is written again, under the same number.
    pub(super) fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some((_, waiter)) = self.granting.take_if(|(of, _)| *of <= sync) else { return };
        let is_back = self.file().take_back(&mut cx.disk_mut().0).is_ok();
        let Some(record) = self.last.filter(|_| is_back) else { return };
        let disk = &mut cx.disk_mut().0;
        if self.file().append(disk, &record).is_ok()
            && let Ok(sync) = self.file().sync(disk)
        {
            self.granting = Some((sync, waiter));
        }
    }

    /// The lock is given away, and counts from now.
    fn tell(&mut self, waiter: Waiter, cx: &mut Cx<'_, Node>) {
        let Some(Record { token, .. }) = self.last else { return };
        cx.record(Fact::Grants { to: waiter.worker, token });
        let until = self.until(cx);
        let holder = Holder { worker: waiter.worker, attempt: waiter.ask.attempt, token, until };
        self.hold(holder, waiter.ask, cx);
    }

    /// Lets a holder hold the lock for one lease from now.
    fn hold(&mut self, holder: Holder, ask: Ask, cx: &mut Cx<'_, Node>) {
        self.holder = Some(Holder { until: self.until(cx), ..holder });
        cx.set_timer(self.config.lease_us, Timer::Frees);
        let granted = Msg::Granted { token: holder.token, expiry: self.config.expiry(cx), ask };
        cx.send(holder.worker, granted);
    }

    /// Returns the end of a lease that begins now, by the arbiter's own clock.
    fn until(&self, cx: &Cx<'_, Node>) -> Until {
        if self.config.by_duration {
            Until::Monotonic(cx.now_us() + self.config.lease_us)
        } else {
            Until::Wall(cx.wall_us() + self.config.lease_us)
        }
    }
}

fn is_over(until: Until, cx: &Cx<'_, Node>) -> bool {
    until.is_over(cx.now_us(), cx.wall_us())
}
