//! What survives a crash.

use std::hash::Hash;

use super::DiskFault;
use crate::view::Widget;

/// Names a sync relative to its node: how many syncs that node had asked for before it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SyncId(pub u32);

/// A node's disk, as the world drives it.
///
/// Writes go to a volatile cache at once. A sync covers every write made up to the end of the
/// handler that asked for it, takes time, and makes those writes survive a crash when it completes.
pub trait Storage: Clone + Default + Hash + 'static {
    /// Returns true if the process has asked for a sync through the disk's own interface.
    fn wants_sync(&self) -> bool {
        false
    }
    /// Returns true if there are writes that no sync covers yet.
    fn is_dirty(&self) -> bool;
    /// A sync begins: it covers what is in the cache now.
    fn sync_started(&mut self, sync: SyncId);
    /// The world's own sync is asked for: one that covers everything written so far.
    fn ask_to_sync_all(&mut self) {}
    /// A sync is complete: what it covers is durable. False if the disk reports failure instead.
    fn sync_completed(&mut self, sync: SyncId) -> bool;
    /// The node crashes: what is durable stays, the rest may be lost. Where several outcomes are
    /// possible, `choose` picks one of so many; 0 is the plainest, in which all of the cache is lost.
    fn crashed(&mut self, choose: &mut dyn FnMut(u64) -> u64);
    /// The disk goes wrong; false if that changes nothing.
    fn fault(&mut self, _: &DiskFault) -> bool {
        false
    }
    /// Shows the disk piece by piece, and of each piece whether it is durable. Nothing for a disk
    /// of typed values: those a node shows itself.
    fn show(&self) -> Vec<Widget> {
        Vec::new()
    }
    /// Returns which share of its usual time a sync that begins now takes, in a hundred.
    fn sync_percent(&self) -> u32 {
        100
    }
}

impl Storage for () {
    fn is_dirty(&self) -> bool {
        false
    }

    fn sync_started(&mut self, _: SyncId) {}

    fn sync_completed(&mut self, _: SyncId) -> bool {
        true
    }

    fn crashed(&mut self, _: &mut dyn FnMut(u64) -> u64) {}
}

/// One typed value on disk, replaced atomically, for scenarios whose lesson is not the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cell<T> {
    durable: T,
    cached: T,
    dirty: bool,
    /// What each running sync will make durable, oldest first.
    syncing: Vec<(SyncId, T)>,
}

impl<T> Cell<T> {
    /// Returns the value as the running node reads it, synced or not.
    pub fn get(&self) -> &T {
        &self.cached
    }

    /// Returns the value that a crash would leave.
    pub fn durable(&self) -> &T {
        &self.durable
    }

    /// Changes the value in the cache; a crash undoes it unless it is synced first.
    pub fn get_mut(&mut self) -> &mut T {
        self.dirty = true;
        &mut self.cached
    }
}

impl<T: Clone + Default + Hash + 'static> Storage for Cell<T> {
    fn is_dirty(&self) -> bool {
        self.dirty
    }

    fn sync_started(&mut self, sync: SyncId) {
        self.dirty = false;
        self.syncing.push((sync, self.cached.clone()));
    }

    fn sync_completed(&mut self, sync: SyncId) -> bool {
        if let Some(place) = self.syncing.iter().position(|(id, _)| *id == sync) {
            // Syncs complete in order, so an earlier one that is still listed is covered by this.
            if let Some((_, value)) = self.syncing.drain(..=place).next_back() {
                self.durable = value;
            }
        }
        true
    }

    fn crashed(&mut self, _: &mut dyn FnMut(u64) -> u64) {
        self.cached = self.durable.clone();
        self.dirty = false;
        self.syncing.clear();
    }
}
