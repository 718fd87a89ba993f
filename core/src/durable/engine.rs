//! How a row's engine runs outside a world.

use crate::sim::{FileSystem, SyncId};

/// What has become of an operation.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Held {
    /// It is there as it was, or a later one is in its place.
    Whole,
    /// It is not there.
    Missing,
    /// Something else is there.
    Wrong,
}

/// A storage engine that carries out operations by their numbers: 1, 2, 3 … What an operation does
/// is a function of its number alone, so that whoever knows the number knows what must be there.
///
/// Every call returns at once. Syncs are asked for on the disk, and whoever runs the engine says
/// how they ended. Each error is a sentence for the one who looks on.
pub trait Engine {
    /// Carries out an operation, which is always the one after [`written`](Self::written).
    ///
    /// # Errors
    ///
    /// If it is refused: it is not carried out then.
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String>;

    /// Asks that every operation so far become durable. It asks of its own accord only for what it
    /// needs to go on.
    ///
    /// # Errors
    ///
    /// If the disk refuses.
    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String>;

    /// Learns that a sync has made durable what it covered.
    fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId);

    /// Learns that a sync has failed.
    fn sync_failed(&mut self, sync: SyncId);

    /// Returns whether it takes operations: it has come up, and no sync has failed.
    fn is_ready(&self) -> bool;

    /// Returns the last operation that is carried out, or was found when it came up.
    fn written(&self) -> u64;

    /// Returns the last operation up to which no crash can undo any.
    fn acknowledged(&self) -> u64;

    /// Looks up what has become of an operation.
    ///
    /// # Errors
    ///
    /// If what was read cannot be believed.
    fn held(&mut self, disk: &dyn FileSystem, number: u64) -> Result<Held, String>;

    /// Says what was found damaged when it came up and is made good, each with what it was made good
    /// from: "copy b, from the other one".
    fn mended(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An engine that comes up, or a sentence that says why it does not.
pub type Opened = Result<Box<dyn Engine>, String>;

/// What a row declares of its engine outside a world.
#[derive(Debug)]
pub struct OnDisk {
    /// Rises whenever what is written changes its meaning, be it the engine's files or what an
    /// operation does. A store of another format is left alone.
    pub format: u16,
    /// The most files that it has at one time, with those that are about to replace others.
    pub files: u16,
    /// In so many copies all of it lies there: where there are two, damage to either is mended.
    pub copies: u8,
    /// So many of the last operations can be told from one another; [`Engine::held`] is asked of no
    /// others.
    pub keeps: u64,
    /// What [`Engine::held`] does with an operation, as in "the last 1,000 were …": "looked up" if it finds the
    /// very operation.
    pub looked_up: &'static str,
    /// Says in a sentence why of operations before those nothing is said.
    pub older: &'static str,
    /// Opens what is on the disk, or begins anew on an empty one.
    pub open: fn(&mut dyn FileSystem) -> Opened,
    /// Says what an operation does: "put k007 = 1031".
    pub sentence: fn(u64) -> String,
}
