//! What clients of each choice got, and for how long they waited for it.

use super::config::Config;
use super::judge::{History, IN_TIME_US};
use super::message::Mode;
use super::node::Node;
use crate::sim::World;

/// What clients of one mode got.
#[derive(Copy, Clone, Debug, Default, Hash)]
pub(super) struct Got {
    /// Operations that are over.
    pub(super) over: u64,
    /// Of these, what was done and in time: a write that was given up is not.
    pub(super) in_time: u64,
    /// The longest time until an operation was over; and all the time that operations took beyond the
    /// [`IN_TIME_US`] in which they are of use.
    pub(super) longest_us: u64,
    overdue_us: u64,
    /// Answers.
    pub(super) answers: u64,
    /// Answers older than what the session had written or seen: marked as such, and not.
    pub(super) marked: u64,
    pub(super) unmarked: u64,
    /// Answers that only said that they may be old.
    pub(super) doubted: u64,
    /// Writes that were given up, and that went into the pocket.
    pub(super) given_up: u64,
    pub(super) queued: u64,
}

impl Got {
    /// An operation is over.
    pub(super) fn ends(&mut self, took_us: u64, is_done: bool) {
        self.over += 1;
        self.in_time += u64::from(is_done && took_us <= IN_TIME_US);
        self.takes(took_us);
    }

    /// Counts an operation that is not over: it is late already if it has taken so long.
    pub(super) fn waits(&mut self, waits_us: u64) {
        self.over += u64::from(waits_us > IN_TIME_US);
        self.takes(waits_us);
    }

    fn takes(&mut self, us: u64) {
        self.longest_us = self.longest_us.max(us);
        self.overdue_us += us.saturating_sub(IN_TIME_US);
    }

    /// Returns the share of operations that were done in time, in a hundred.
    pub(super) fn available_percent(&self) -> Option<u64> {
        (100 * self.in_time).checked_div(self.over)
    }

    /// Returns the share of answers that were older than what the session had written or seen, in a hundred.
    pub(super) fn old_percent(&self) -> Option<u64> {
        (100 * (self.marked + self.unmarked)).checked_div(self.answers)
    }
}

/// Returns what clients of a mode got by now, with those counted in that still wait.
pub(super) fn by_now(world: &World<Node>, it: &History, mode: Mode) -> Got {
    let open = it.sessions.iter().filter(|(id, _)| world.is_running(*id));
    let open = open.filter_map(|(_, session)| session.open).filter(|open| open.1 == mode);
    open.fold(it.got[mode as usize], |mut got, (since_us, _)| {
        got.waits(world.now_us().saturating_sub(since_us));
        got
    })
}

/// Returns the share of time for which a client of these modes has waited for longer than is of use, in a
/// hundred. Of operations it could not be told: who waits does not begin another one.
pub(super) fn overdue_percent(world: &World<Node>, it: &History, modes: &[Mode]) -> Option<u64> {
    let config = Config::of(world.setup());
    let is_meant = |record: &u16| modes.contains(&config.mode_of(*record));
    let clients = (0..config.clients).filter(is_meant).count() as u64;
    let overdue_us: u64 = modes.iter().map(|mode| by_now(world, it, *mode).overdue_us).sum();
    (100 * overdue_us).checked_div(clients * world.now_us())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_still_waits_is_late_already() {
        let mut got = Got::default();
        got.ends(IN_TIME_US, true);
        got.waits(IN_TIME_US);
        assert_eq!((got.available_percent(), got.overdue_us), (Some(100), 0));
        got.waits(3 * IN_TIME_US);
        assert_eq!((got.available_percent(), got.longest_us), (Some(50), 3 * IN_TIME_US));
        got.ends(2 * IN_TIME_US, true);
        assert_eq!((got.available_percent(), got.overdue_us), (Some(33), 3 * IN_TIME_US));
    }
}
