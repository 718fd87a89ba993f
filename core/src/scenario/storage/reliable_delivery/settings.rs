//! Which safeguards the two nodes have.

use super::message::{Key, Message};
use crate::mechanism::wal;

/// How Sender and Receiver behave.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub(super) struct Settings {
    /// Safeguard: a message is taken, and sent on, when it is synced.
    pub(super) waits_for_sync: bool,
    /// Safeguard: effect and mark are one record.
    pub(super) is_one_record: bool,
    /// Safeguard: a message is known again by the name that its app gave it.
    pub(super) is_named_by_app: bool,
    /// Safeguard: the index is made good from the log.
    pub(super) checks_index: bool,
    /// How the logs behave.
    pub(super) log: wal::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            waits_for_sync: true,
            is_one_record: true,
            is_named_by_app: true,
            checks_index: true,
            log: wal::Settings::default(),
        }
    }
}

/// By what the Receiver knows a message again: who gave it its number, and the number.
pub(super) type Id = (u16, u64);

/// The Sender, among those who number messages; apps count from 1.
const BY_SENDER: u16 = 0;

impl Settings {
    /// Returns by what a message from this place of the Sender's log is known again.
    pub(super) fn id(self, place: u64, message: &Message) -> Id {
        let (app, number): Key = message.key;
        if self.is_named_by_app { (app, u64::from(number)) } else { (BY_SENDER, place) }
    }
}
