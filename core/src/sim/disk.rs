//! What survives a crash.

use std::hash::{Hash, Hasher};

use super::DiskFault;
use crate::view::Widget;

/// Names a sync relative to its node: how many syncs that node had asked for before it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SyncId(pub u32);

/// A node's disk, as the world drives it.
///
/// Writes go to a volatile cache at once. A sync covers every write made up to the end of the
/// handler that asked for it, takes time, and makes those writes survive a crash when it completes.
///
/// Two disks that hold the same and have the same syncs under way hash the same, whatever the syncs
/// are called. A node with several disks has a pair of them.
pub trait Storage: Clone + Default + Hash + 'static {
    /// Returns true if the process has asked for a sync through the disk's own interface.
    fn wants_sync(&self) -> bool;
    /// Returns true if there are writes that no sync covers yet.
    fn is_dirty(&self) -> bool;
    /// A handler is over that wants a sync: of `everything`, or of what it named through the disk's
    /// own interface. It is called `sync` and begins now, or when the handler's work is done.
    fn sync_asked(&mut self, sync: SyncId, everything: bool);
    /// A sync begins: it covers what it was asked for and is in the cache now.
    fn sync_started(&mut self, sync: SyncId);
    /// A sync is complete: what it covers is durable. False if the disk reports failure instead.
    fn sync_completed(&mut self, sync: SyncId) -> bool;
    /// The node crashes: what is durable stays, the rest may be lost. Where several outcomes are
    /// possible, `choose` picks one of so many; 0 is the plainest, in which all of the cache is lost.
    fn crashed(&mut self, choose: &mut dyn FnMut(u64) -> u64);
    /// The disk goes wrong; false if that changes nothing.
    fn fault(&mut self, fault: &DiskFault) -> bool;
    /// Shows the disk piece by piece, and of each piece whether it is durable. Nothing for a disk
    /// of typed values: those a node shows itself.
    fn show(&self) -> Vec<Widget> {
        Vec::new()
    }
    /// Returns which share of its usual time a sync that begins now takes, in a hundred.
    fn sync_percent(&self) -> u32;
    /// Returns how many bytes have been written to it in all. Of typed values nobody knows how many
    /// that would be: none are counted.
    fn written_bytes(&self) -> u64 {
        0
    }
}

impl Storage for () {
    fn wants_sync(&self) -> bool {
        false
    }

    fn is_dirty(&self) -> bool {
        false
    }

    fn sync_asked(&mut self, _: SyncId, _: bool) {}

    fn sync_started(&mut self, _: SyncId) {}

    fn sync_completed(&mut self, _: SyncId) -> bool {
        true
    }

    fn crashed(&mut self, _: &mut dyn FnMut(u64) -> u64) {}

    fn fault(&mut self, _: &DiskFault) -> bool {
        false
    }

    fn sync_percent(&self) -> u32 {
        100
    }
}

/// Two disks, or two parts of one: a sync or a crash is of both.
impl<A: Storage, B: Storage> Storage for (A, B) {
    fn wants_sync(&self) -> bool {
        self.0.wants_sync() || self.1.wants_sync()
    }

    fn is_dirty(&self) -> bool {
        self.0.is_dirty() || self.1.is_dirty()
    }

    fn sync_asked(&mut self, sync: SyncId, everything: bool) {
        self.0.sync_asked(sync, everything);
        self.1.sync_asked(sync, everything);
    }

    fn sync_started(&mut self, sync: SyncId) {
        self.0.sync_started(sync);
        self.1.sync_started(sync);
    }

    fn sync_completed(&mut self, sync: SyncId) -> bool {
        // Both complete, whatever one of them says.
        self.0.sync_completed(sync) & self.1.sync_completed(sync)
    }

    fn crashed(&mut self, choose: &mut dyn FnMut(u64) -> u64) {
        self.0.crashed(choose);
        self.1.crashed(choose);
    }

    fn fault(&mut self, fault: &DiskFault) -> bool {
        self.0.fault(fault) | self.1.fault(fault)
    }

    fn show(&self) -> Vec<Widget> {
        let (mut first, second) = (self.0.show(), self.1.show());
        first.extend(second);
        first
    }

    fn sync_percent(&self) -> u32 {
        self.0.sync_percent().max(self.1.sync_percent())
    }

    fn written_bytes(&self) -> u64 {
        self.0.written_bytes() + self.1.written_bytes()
    }
}

/// One typed value on disk, replaced atomically, for scenarios whose lesson is not the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell<T> {
    durable: T,
    cached: T,
    dirty: bool,
    /// What each running sync will make durable, oldest first.
    syncing: Vec<(SyncId, T)>,
}

impl<T: Hash> Hash for Cell<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.durable, &self.cached, self.dirty).hash(state);
        state.write_u64(self.syncing.len() as u64);
        self.syncing.iter().for_each(|(_, value)| value.hash(state));
    }
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
    fn wants_sync(&self) -> bool {
        false
    }

    fn is_dirty(&self) -> bool {
        self.dirty
    }

    fn sync_asked(&mut self, _: SyncId, _: bool) {}

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

    fn fault(&mut self, _: &DiskFault) -> bool {
        false
    }

    fn sync_percent(&self) -> u32 {
        100
    }
}
