//! The counter outside a world: the same engine, on real files.

use crate::durable::{Engine, Held, OnDisk};
use crate::mechanism::durable_counter::{Counter, CounterError, Settings, mendings};
use crate::mechanism::mount::State;
use crate::sim::{FileSystem, SyncId};

/// What the row declares.
pub(super) const ON_DISK: OnDisk = OnDisk {
    format: 1,
    files: 8,
    copies: 2,
    keeps: 1_000,
    looked_up: "compared with the count",
    older: "A +1 is in the count and needs no record of its own: it is there if the count has come so \
            far. So what holds of the last ones holds of all before them.",
    open: |disk| {
        // A disk that is there has room, and each snapshot takes two syncs.
        let settings = Settings { every: 250, ..Settings::default() };
        // Once it is open, both copies are written anew.
        let mended = mendings(disk, &settings).map_err(|error| error.to_string())?;
        let opened = Counter::open(settings, disk).map_err(|error| error.to_string())?;
        Ok(Box::new(OnFiles { counter: opened, mended }))
    },
    sentence: |number| format!("+1, to {number}"),
};

/// Whose questions they are.
const SOURCE: u16 = 0;

struct OnFiles {
    counter: Counter,
    /// What was damaged when it came up.
    mended: Vec<String>,
}

impl Engine for OnFiles {
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String> {
        let question = u32::try_from(number).map_err(|_| "So far nobody counts.".to_owned())?;
        let added = self.counter.add(disk, (SOURCE, question));
        added.map(|_| ()).map_err(|error| error.to_string())
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String> {
        self.counter.sync(disk);
        if self.is_ready() { Ok(()) } else { Err(CounterError::InDoubt.to_string()) }
    }

    fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        self.counter.synced(disk, sync);
    }

    fn sync_failed(&mut self, sync: SyncId) {
        self.counter.sync_failed(sync);
    }

    fn is_ready(&self) -> bool {
        self.counter.state() == State::Open
    }

    // An operation is one +1, so its number is the count after it.
    fn written(&self) -> u64 {
        self.counter.last()
    }

    fn acknowledged(&self) -> u64 {
        self.counter.durable()
    }

    fn held(&mut self, _: &dyn FileSystem, number: u64) -> Result<Held, String> {
        Ok(if number <= self.counter.last() { Held::Whole } else { Held::Missing })
    }

    fn mended(&self) -> Vec<String> {
        self.mended.clone()
    }
}
