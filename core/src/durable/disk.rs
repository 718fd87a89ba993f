//! Files, with somebody who ends their syncs.

use super::Fuse;
use crate::sim::{FileError, FileSystem, Files, Storage as _, SyncId};

/// A [`FileSystem`] outside a world: who runs it says when syncs end, and takes the power away.
pub trait Disk: FileSystem {
    /// Carries out what has been asked for since it was last called; returns which sync that ended,
    /// and how, or none if nothing was asked for. Whether a sync after a failed one says the truth is
    /// for each disk to say: a pool has every other fail until [`restart`](Self::restart), and the
    /// simulated disk ends the next one well, as some systems do.
    fn complete_sync(&mut self) -> Option<(SyncId, Result<(), FileError>)>;

    /// Has the power go in the middle of a write to come, or stay after all; once it has gone it
    /// stays so. The simulated disk has no use for it: what its crashes leave is chosen in
    /// [`restart`](Self::restart).
    fn arm(&mut self, fuse: Option<Fuse>);

    /// Returns true once the power has gone.
    fn is_dead(&self) -> bool;

    /// Forgets what a process forgets when it is killed, and reads what there is. Where more than
    /// one outcome is possible `choose` picks one of so many; 0 is the plainest.
    ///
    /// # Errors
    ///
    /// If what there is cannot be read or believed.
    fn restart(&mut self, choose: &mut dyn FnMut(u64) -> u64) -> Result<(), FileError>;
}

impl Disk for Files {
    fn complete_sync(&mut self) -> Option<(SyncId, Result<(), FileError>)> {
        let (sync, is_durable) = self.complete_asked()?;
        let failure = || Err(FileError::Device("a sync has failed".into()));
        Some((sync, if is_durable { Ok(()) } else { failure() }))
    }

    fn arm(&mut self, _: Option<Fuse>) {}

    fn is_dead(&self) -> bool {
        false
    }

    fn restart(&mut self, choose: &mut dyn FnMut(u64) -> u64) -> Result<(), FileError> {
        self.crashed(choose);
        Ok(())
    }
}
