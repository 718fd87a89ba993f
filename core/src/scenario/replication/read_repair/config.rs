//! Three tables that are used alike and repaired differently, and how the nodes of a world go about it.

use crate::mechanism::quorum::{Order, Quorums};
use crate::mechanism::repair::Collect;
use crate::scenario::Setup;

/// A tombstone's age is counted in steps of so long.
pub(super) const TICK_US: u64 = 100_000;
/// Keys of a table follow on this many times its place.
const TABLE: u16 = 100;

/// What makes the copies of a table alike again.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Strategy {
    /// Nothing but the next write.
    Nothing,
    /// Reads that meet a difference.
    Reads,
    /// Trees of hashes, compared again and again.
    Trees,
}

impl Strategy {
    pub(super) const ALL: [Self; 3] = [Self::Nothing, Self::Reads, Self::Trees];

    fn place(self) -> u16 {
        match self {
            Self::Nothing => 0,
            Self::Reads => 1,
            Self::Trees => 2,
        }
    }

    /// Returns the key of this table at this place.
    pub(super) fn key(self, index: u16) -> u16 {
        TABLE * self.place() + index
    }

    /// Returns the table in which a key is.
    pub(super) fn of(key: u16) -> Self {
        let is_it = |it: &Self| it.place() == key / TABLE;
        Self::ALL.into_iter().find(is_it).unwrap_or(Self::Trees)
    }

    /// Returns the table that comes after this one.
    pub(super) fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.place() == self.place() + 1)
    }

    /// Returns the letter with which its keys begin.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Nothing => 'n',
            Self::Reads => 'r',
            Self::Trees => 't',
        }
    }
}

/// Returns "r3".
pub(super) fn key_text(key: u16) -> String {
    format!("{}{}", Strategy::of(key).letter(), key % TABLE + 1)
}

/// Returns a key's place in its table.
pub(super) fn index_of(key: u16) -> u16 {
    key % TABLE
}

/// How the nodes of a world go about it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// N, R and W.
    pub(super) quorums: Quorums,
    pub(super) clients: u16,
    /// Keys a table; those before `hot` are read and written all the time, the others written once.
    pub(super) keys: u16,
    pub(super) hot: u16,
    pub(super) writes_percent: u8,
    pub(super) deletes_percent: u8,
    /// Of so many rounds of reads of the hot keys, one asks all replicas.
    pub(super) all_every: u16,
    /// How often a replica compares trees with the next one.
    pub(super) interval_us: u64,
    pub(super) grace_ticks: u64,
    /// How a replica tells what is newer.
    pub(super) order: Order,
    pub(super) tombstones: bool,
    pub(super) collect: Collect,
}

impl Config {
    pub(super) fn of(setup: &Setup) -> Self {
        let percent = |key: &str| u8::try_from(setup.knob(key)).unwrap_or(100);
        let keys = setup.count("keys");
        Self {
            quorums: Quorums::majorities(setup.count("replicas")),
            clients: setup.count("clients"),
            keys,
            hot: keys / 2,
            writes_percent: percent("writes"),
            deletes_percent: percent("deletes"),
            all_every: setup.count("all"),
            interval_us: 1_000 * setup.knob("interval"),
            grace_ticks: 1_000 * setup.knob("grace") / TICK_US,
            order: if setup.is_on("versions") { Order::ByTag } else { Order::ByArrival },
            tombstones: setup.is_on("tombstones"),
            collect: if setup.is_on("confirmed") { Collect::AfterRepair } else { Collect::ByAge },
        }
    }

    /// Lists the keys of a table that are used all the time, and those that are not.
    pub(super) fn keys_of(self, table: Strategy, is_hot: bool) -> impl Iterator<Item = u16> {
        let indexes = if is_hot { 0..self.hot } else { self.hot..self.keys };
        indexes.map(move |index| table.key(index))
    }

    /// Lists all keys.
    pub(super) fn all_keys(self) -> impl Iterator<Item = u16> {
        let of = move |table: Strategy| (0..self.keys).map(move |index| table.key(index));
        Strategy::ALL.into_iter().flat_map(of)
    }
}
