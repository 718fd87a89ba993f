//! The store outside a world: the same engine, on real files.

use crate::durable::{Engine, Held, OnDisk};
use crate::mechanism::lsm::{Settings, Store, SyncPolicy};
use crate::mechanism::mount::State;
use crate::sim::{FileSystem, SyncId};

/// So many keys are written in turn.
const KEYS: u64 = 1_000;

/// What the row declares.
pub(super) const ON_DISK: OnDisk = OnDisk {
    format: 1,
    files: 24,
    copies: 1,
    keeps: KEYS,
    looked_up: "looked up",
    older: "Where an older one wrote, a later one has written the same key, so of those nothing is said.",
    open: |disk| {
        let opened = Store::open(settings(), disk).map_err(|error| error.to_string())?;
        Ok(Box::new(OnFiles(opened)))
    },
    sentence: |number| format!("put {} = {number}", key_of(number)),
};

/// With every safeguard. When the log is synced is for the one to say who runs the engine; tables
/// are as long as suits a disk that is there.
fn settings() -> Settings {
    Settings {
        sync: SyncPolicy::Never,
        memtable_bytes: 32 << 10,
        block_bytes: 4 << 10,
        table_bytes: 64 << 10,
        ..Settings::default()
    }
}

fn key_of(number: u64) -> String {
    format!("k{:03}", number % KEYS)
}

/// Returns what an operation leaves: its number, and dots up to one of many lengths.
fn value_of(number: u64) -> Vec<u8> {
    let length = usize::try_from(number * 13 % 67).unwrap_or_default() + 40;
    format!("{number}{:.<length$}", "").into_bytes()
}

/// Returns the operation that leaves these bytes; none if none does.
fn number_of(value: &[u8]) -> Option<u64> {
    let number = std::str::from_utf8(value).ok()?.trim_end_matches('.').parse().ok()?;
    (value == value_of(number)).then_some(number)
}

struct OnFiles(Store);

impl Engine for OnFiles {
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String> {
        let write = (key_of(number).into_bytes(), Some(value_of(number)));
        self.0.write(disk, vec![write]).map(|_| ()).map_err(|error| error.to_string())
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String> {
        self.0.sync(disk).map_err(|error| error.to_string())
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

    // An operation is one write, so its number is the write's.
    fn written(&self) -> u64 {
        self.0.last()
    }

    fn acknowledged(&self) -> u64 {
        self.0.durable()
    }

    fn held(&mut self, disk: &dyn FileSystem, number: u64) -> Result<Held, String> {
        let last = self.0.last();
        let Some(value) =
            self.0.get(disk, key_of(number).as_bytes(), last).map_err(|error| error.to_string())?
        else {
            return Ok(Held::Missing);
        };
        Ok(match number_of(&value) {
            Some(found) if found % KEYS != number % KEYS => Held::Wrong,
            Some(found) if found < number => Held::Missing,
            Some(_) => Held::Whole,
            None => Held::Wrong,
        })
    }
}
