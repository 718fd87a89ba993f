//! The counter outside a world: the same engine, on real files.

use crate::durable::{Engine, Held, OnDisk};
use crate::mechanism::durable_counter::{Counter, CounterError, Settings};
use crate::mechanism::mount::State;
use crate::sim::{FileSystem, SyncId};

/// What the row declares.
pub(super) const ON_DISK: OnDisk = OnDisk {
    format: 1,
    files: 8,
    copies: 2,
    keeps: 1_000,
    open: |disk| {
        // A disk that is there has room, and each snapshot takes two syncs.
        let settings = Settings { every: 250, ..Settings::default() };
        let opened = Counter::open(settings, disk).map_err(|error| error.to_string())?;
        Ok(Box::new(OnFiles(opened)))
    },
    sentence: |number| format!("+1, to {number}"),
};

/// Whose questions they are.
const SOURCE: u16 = 0;

struct OnFiles(Counter);

impl Engine for OnFiles {
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String> {
        let question = u32::try_from(number).map_err(|_| "So far nobody counts.".to_owned())?;
        let added = self.0.add(disk, (SOURCE, question));
        added.map(|_| ()).map_err(|error| error.to_string())
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String> {
        self.0.sync(disk);
        if self.is_ready() { Ok(()) } else { Err(CounterError::InDoubt.to_string()) }
    }

    fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        self.0.synced(disk, sync);
    }

    fn sync_failed(&mut self, sync: SyncId) {
        self.0.sync_failed(sync);
    }

    fn is_ready(&self) -> bool {
        self.0.state() == State::Open
    }

    // An operation is one +1, so its number is the count after it.
    fn written(&self) -> u64 {
        self.0.last()
    }

    fn acknowledged(&self) -> u64 {
        self.0.durable()
    }

    fn held(&mut self, _: &dyn FileSystem, number: u64) -> Result<Held, String> {
        Ok(if number <= self.0.last() { Held::Whole } else { Held::Missing })
    }

    fn mended(&self) -> Vec<String> {
        self.0.damaged().iter().map(|area| format!("copy {area}, from the other one")).collect()
    }
}
