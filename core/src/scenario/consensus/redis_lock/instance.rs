//! An instance of Redis, as far as one key goes.

use super::message::{Fact, Key, Msg, Timer, Value};
use super::node::{Config, Node};
use crate::sim::{Boot, Cx, NodeId};

/// After so many turns without a word the replica takes over.
const TURNS_TO_WAIT: u64 = 3;

/// What part an instance plays in replication.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// None: it stands alone.
    Alone,
    /// It serves, and tells its replica now and then what it holds.
    Primary,
    /// It has heard from its primary, at this time by its monotonic clock.
    Replica { heard_us: u64 },
}

/// An instance.
#[derive(Clone, Debug, Hash)]
pub(super) struct Instance {
    config: Config,
    pub(super) key: Option<Key>,
    pub(super) part: Part,
    /// How often a replica has taken over.
    epoch: u32,
    /// It has come up again, and says nothing for a while.
    pub(super) is_silent: bool,
    /// How far its wall clock was ahead of its monotonic one.
    offset_us: u64,
}

impl Instance {
    pub(super) fn new(config: Config) -> Self {
        let part = if config.has_majority { Part::Alone } else { Part::Replica { heard_us: 0 } };
        Self { config, key: None, part, epoch: 0, is_silent: false, offset_us: 0 }
    }

    /// Says what it holds, or what it is.
    pub(super) fn text(&self) -> String {
        match (self.part, self.key) {
            _ if self.is_silent => "silent".into(),
            (_, Some(key)) => format!("C{}'s {}", key.value.owner().0 + 1, key.value.text()),
            (Part::Primary, None) => "primary".into(),
            (Part::Replica { .. }, None) => "replica".into(),
            (Part::Alone, None) => "free".into(),
        }
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        self.offset_us = cx.wall_us().wrapping_sub(cx.now_us());
        if boot == Boot::Recovered {
            self.is_silent = self.config.has_majority && self.config.is_silent;
            cx.record(Fact::Recovers { is_silent: self.is_silent });
            if self.is_silent {
                cx.set_timer(self.config.ttl_us, Timer::Speaks);
            }
        } else if self.part != Part::Alone && cx.me() == self.config.instance(0) {
            // Who comes back later is a replica: another has taken over meanwhile.
            self.part = Part::Primary;
        }
        if self.part != Part::Alone {
            cx.set_timer(self.config.lag_us, Timer::Replication);
        }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
        self.look_at_clock(cx);
        if let Msg::Replicate { epoch, key } = *msg {
            return self.on_replicate(epoch, key, cx);
        }
        let Some(value) = msg.value().filter(|_| !self.is_silent) else { return };
        if matches!(self.part, Part::Replica { .. }) {
            return cx.send(from, Msg::ReadOnly { value });
        }
        self.expire(cx);
        if let Msg::Set { ttl_us, .. } = *msg {
            let is_set = self.set(value, ttl_us, cx);
            cx.send(from, Msg::Answer { value, is_set });
        } else if let Msg::Expire { ttl_us, .. } = *msg {
            self.live_for(ttl_us, cx);
        } else if let Msg::Delete { compares, .. } = *msg {
            self.delete(value, compares, cx);
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        self.look_at_clock(cx);
        match timer {
            Timer::Speaks => self.is_silent = false,
            Timer::Expires => self.expire(cx),
            Timer::Replication => self.replicate(cx),
            Timer::Job | Timer::Ask | Timer::Printed | Timer::LeaseEnds => {}
        }
    }

    /// Sets the key unless there is one; what this very client has set before counts as set.
    fn set(&mut self, value: Value, ttl_us: Option<u64>, cx: &mut Cx<'_, Node>) -> bool {
        if let Some(key) = self.key {
            return key.value == value;
        }
        cx.record(Fact::Sets { value });
        self.key = Some(Key { value, set_wall_us: cx.wall_us(), expires_wall_us: None });
        if let Some(ttl_us) = ttl_us {
            self.live_for(ttl_us, cx);
        }
        true
    }

    fn live_for(&mut self, ttl_us: u64, cx: &mut Cx<'_, Node>) {
        if let Some(key) = &mut self.key {
            key.expires_wall_us = Some(cx.wall_us() + ttl_us);
            cx.set_timer(ttl_us, Timer::Expires);
        }
    }

    /// Deletes the key. Safeguard: only if it is the one that the client has set.
    fn delete(&mut self, asked: Value, compares: bool, cx: &mut Cx<'_, Node>) {
        let Some(Key { value: has, .. }) = self.key else { return };
        if compares && has != asked {
            return cx.record(Fact::Keeps { has, asked });
        }
        cx.record(Fact::Deletes { has, asked });
        self.key = None;
    }

    /// Lets the key go if its time is over, by the wall clock.
    fn expire(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(Key { value, expires_wall_us: Some(at_us), .. }) = self.key else { return };
        if cx.wall_us() >= at_us {
            cx.record(Fact::Expires { value });
            self.key = None;
        } else {
            cx.set_timer(at_us - cx.wall_us(), Timer::Expires);
        }
    }

    /// Nobody tells an instance that its clock is set; it can only find that the two differ otherwise.
    fn look_at_clock(&mut self, cx: &mut Cx<'_, Node>) {
        let offset_us = cx.wall_us().wrapping_sub(cx.now_us());
        if offset_us != self.offset_us {
            self.offset_us = offset_us;
            cx.record(Fact::ClockIsSet);
        }
    }

    fn other(&self, cx: &Cx<'_, Node>) -> NodeId {
        let first = self.config.instance(0);
        if cx.me() == first { self.config.instance(1) } else { first }
    }

    fn replicate(&mut self, cx: &mut Cx<'_, Node>) {
        match self.part {
            Part::Alone => return,
            Part::Primary => {
                let state = Msg::Replicate { epoch: self.epoch, key: self.key };
                cx.send(self.other(cx), state);
            }
            Part::Replica { heard_us } => {
                if cx.now_us() > heard_us + TURNS_TO_WAIT * self.config.lag_us {
                    self.part = Part::Primary;
                    self.epoch += 1;
                    cx.record(Fact::TakesOver { epoch: self.epoch });
                }
            }
        }
        cx.set_timer(self.config.lag_us, Timer::Replication);
    }

    /// Takes over what the primary holds; of two primaries the later one stays.
    fn on_replicate(&mut self, epoch: u32, key: Option<Key>, cx: &mut Cx<'_, Node>) {
        let follows = matches!(self.part, Part::Replica { .. });
        if self.part != Part::Alone && (epoch > self.epoch || follows && epoch == self.epoch) {
            (self.epoch, self.key) = (epoch, key);
            self.part = Part::Replica { heard_us: cx.now_us() };
        }
    }
}
