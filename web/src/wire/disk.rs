//! What the page asks of a disk worker, and what it says: postcard bytes.
//!
//! A disk worker runs a row's storage engine on real files. It does one order after the other;
//! while one is under way it says now and then how far it is, and at its end how the store is now.
//! An order that takes no store ([`Order::Clear`], [`Order::Take`]) can be given to a worker that
//! has none open.

use faultline_core::durable::{Cut, Fuse, Tally};
use faultline_core::view::Sectors;
use serde::{Deserialize, Serialize};

/// The name by which a worker knows that it is to run a storage engine.
pub const DISK: &str = "disk";

/// Each policy is measured so often.
pub const ROUNDS: usize = 5;

/// What a disk worker is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DiskOrder {
    /// To open the store of a row and see what of it is there. It was told up to which operation
    /// all is acknowledged, and which was the last.
    Open {
        /// The row.
        slug: String,
        /// Where its files are.
        place: Place,
        /// Every operation up to this one had been acknowledged.
        acknowledged: u64,
        /// The last operation that anybody knows of.
        issued: u64,
        /// The file whose bytes are to be shown, if it is there, and from which sector on.
        shown: Option<(String, Option<u32>)>,
        /// The bits that were flipped, and what their bytes were then.
        flipped: Vec<(Bit, u8)>,
    },
    /// To write so many operations, or until it is told to stop.
    Write {
        /// How many; none until it is stopped.
        count: Option<u64>,
        /// After how many the engine is told to sync; 0 for never.
        sync_each: u32,
        /// Where the plug is pulled, if it is.
        fuse: Option<Fuse>,
    },
    /// To pull the plug while it is at its order.
    Pull(Fuse),
    /// To stop what it is at.
    Stop,
    /// To show the bytes of this file.
    Show {
        /// Which.
        file: String,
        /// From which sector on; if that is not said, those up to the newest.
        from: Option<u32>,
    },
    /// To flip a bit of a file.
    Flip(Bit),
    /// To give the whole store of a row as the bytes of one file, whether it can be opened or not.
    Take(String),
    /// To put such a file in the place of the store.
    Put(Vec<u8>),
    /// To remove all of a row's files and begin a new store.
    Clear(String),
    /// To measure how many operations a second a row's engine takes with each policy, on a simulated
    /// disk and on files of its own.
    Measure(String),
    /// To check on files of its own what every disk must do, and to pull an engine's plug so often.
    Examine {
        /// The row whose engine it is.
        slug: String,
        /// How often.
        kills: u32,
    },
}

/// A bit of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bit {
    /// Which file.
    pub file: String,
    /// The byte's place in it.
    pub offset: u64,
    /// The bit's place in the byte, from the lowest.
    pub bit: u8,
}

/// Where a store's files are.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In this browser; in memory if it has no files.
    Browser,
    /// In memory: a copy of what is in this browser, to look at.
    Copy,
}

/// What a disk worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DiskWord {
    /// It listens.
    Hello {
        /// Which build it is.
        build: String,
    },
    /// Another window has the files; it tries again for a while.
    Waits,
    /// So far it is with its order.
    Came(Progress),
    /// The plug has been pulled: so far it had come, and this is what it left.
    Dead(Store, Progress, Cut),
    /// The order is done: how the store is now, if one is open.
    Done(Option<Store>, Outcome),
    /// The order could not be done, in a sentence, and how the store is now.
    Failed(Option<Store>, String),
    /// The store cannot be opened.
    Refused {
        /// Why, in a sentence.
        sentence: String,
        /// Whether another window has it open.
        is_locked: bool,
        /// Its files, if it is only the engine that does not come up on them.
        store: Option<Store>,
    },
    /// The worker is about to stop for good: the panic's text.
    Panicked(String),
}

/// How far an order has come.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last operation that was written.
    pub written: u64,
    /// The last operation that is promised.
    pub acknowledged: u64,
    /// How much of the order is done, in a hundred; of an order without an end, none.
    pub percent: Option<u8>,
}

/// How a store is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Store {
    /// Whether its files are in this browser, and not in memory.
    pub is_in_browser: bool,
    /// Whether it is a copy, to look at.
    pub is_copy: bool,
    /// How its engine is.
    pub engine: Engine,
    /// Its files and how long they are, in bytes.
    pub files: Vec<(String, u64)>,
    /// The bytes of one of them.
    pub shown: Option<Shown>,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Which sector of the file is the first of these.
    pub first: u32,
    /// The sectors; their label is the file's name.
    pub sectors: Sectors,
    /// How many the file has.
    pub all: u64,
}

/// How a store's engine is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engine {
    /// It has come up.
    Up {
        /// The last operation that is there.
        written: u64,
        /// The last operation that is promised.
        acknowledged: u64,
        /// What the next operation does.
        next: String,
    },
    /// Its plug was pulled; the files are a copy of what lies there, to look at.
    Killed,
    /// The viewer stopped it while it came up, or before all was looked up.
    Stopped,
    /// It does not come up on these files.
    Refused,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// Nothing else.
    Nothing,
    /// It was stopped before there was anything to tell.
    Stopped,
    /// Of flipping: which bit is another now, and its byte.
    Flipped(Bit, u8),
    /// Of putting another store in the place of this one.
    Put,
    /// Of clearing: a new store is open now.
    Cleared,
    /// Of opening: what was found.
    Found(Box<Found>),
    /// Of writing: how long it took, in milliseconds.
    Wrote {
        /// How many operations.
        count: u64,
        /// Milliseconds.
        took_ms: f64,
    },
    /// Of taking a store along: the bytes of the file.
    Taken(Vec<u8>),
    /// Of measuring.
    Measured(Vec<Rate>),
    /// Of examining.
    Examined(Examined),
}

/// What was found when a store was opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// In numbers.
    pub tally: Tally,
    /// The first of the acknowledged ones that are lost, in words.
    pub lost: Vec<String>,
    /// The first operations in whose place is something that nobody wrote, in words.
    pub wrong: Vec<String>,
    /// How many of the acknowledged ones cannot be read.
    pub unreadable: u64,
    /// Why the first operation cannot be read that cannot.
    pub why_unreadable: Option<String>,
    /// What was done with each, as in "were …".
    pub looked_up: String,
    /// Why of older ones than were looked up nothing is said.
    pub older: String,
    /// What was damaged and made good, each in words.
    pub mended: Vec<String>,
    /// The bits that were flipped and still are: nobody has written over them.
    pub flipped: Vec<Bit>,
    /// How long opening took, in milliseconds.
    pub took_ms: f64,
}

/// How many operations a second a disk takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// After how many the engine is told to sync; 0 for never.
    pub sync_each: u32,
    /// On the simulated disk.
    pub simulated: f64,
    /// On files of this browser.
    pub real: f64,
}

/// What came of examining.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// So many properties of disks hold.
    pub properties: u32,
    /// So often the plug was pulled.
    pub kills: u32,
    /// So often of these while the engine came up.
    pub kills_in_recovery: u32,
    /// So many operations were acknowledged; of those that were looked up after each, none is lost.
    pub acknowledged: u64,
    /// What was done with each, as in "were …".
    pub looked_up: String,
}
