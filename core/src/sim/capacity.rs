//! What a node can do at one time, and what happens to whom it has no room for.

/// What happens to a message that finds the inbox full.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// It is gone, and nobody is told.
    #[default]
    Drop,
    /// It goes back to its sender, who hears of it in [`super::Process::on_refused`].
    Refuse,
}

/// A node's share of time and space. It matters only to handlers that call [`super::Cx::work`].
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Capacity {
    /// How many handlers can be at work at one time.
    pub servers: u16,
    /// How many messages can wait; `None` for any number.
    pub inbox: Option<u32>,
    /// What happens to a message more.
    pub overflow: Overflow,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { servers: 1, inbox: None, overflow: Overflow::Drop }
    }
}

/// What a node has been through, from which utilisation, mean queue length and mean wait follow.
/// Little's law relates them: queue length = arrival rate × wait.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Load {
    /// Messages that arrived, refused ones included.
    pub arrivals: u64,
    /// Messages whose handler has begun.
    pub begun: u64,
    /// Messages for which there was no room.
    pub refused: u64,
    /// Microseconds that its servers were at work, added up.
    pub busy_us: u64,
    /// Messages that had to wait.
    pub waited: u64,
    /// How long the messages whose handlers have begun had waited, added up.
    pub waited_us: u64,
    /// The number of waiting messages, integrated over time.
    pub queue_us: u64,
    /// Until when the integrals are kept.
    since_us: u64,
}

impl Load {
    /// Brings the integrals up to `now_us`; `busy` servers and `waiting` messages until then.
    pub(super) fn settle(&mut self, now_us: u64, busy: usize, waiting: u32) {
        let passed_us = now_us.saturating_sub(self.since_us);
        self.since_us = self.since_us.max(now_us);
        let add = |sum: u64, many: u64| sum.saturating_add(passed_us.saturating_mul(many));
        self.busy_us = add(self.busy_us, busy as u64);
        self.queue_us = add(self.queue_us, u64::from(waiting));
    }
}
