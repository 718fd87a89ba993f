//! How a store comes up.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::background::is_obsolete;
use super::memtable::Memtable;
use super::store::{Frozen, Measures, Store};
use super::table::Table;
use super::version::Version;
use super::wal;
use super::{Settings, StoreError};
use crate::mechanism::mount::State;
use crate::sim::FileSystem;

impl Store {
    /// Opens what is on the disk, or begins anew on an empty one. It serves when what it recovered has
    /// been made durable: until then its [state](Store::state) is [`State::Opening`].
    ///
    /// # Errors
    ///
    /// If something is damaged, cannot be read, or is of a later format; nothing is changed then.
    pub fn open(settings: Settings, disk: &mut dyn FileSystem) -> Result<Self, StoreError> {
        let is_summed = settings.is_summed;
        let mut version = Version::read(disk, is_summed)?.unwrap_or_default();
        let mut tables = BTreeMap::new();
        for facts in version.tables() {
            let table = Table::open(disk, facts.clone(), is_summed)?;
            tables.insert(facts.number, Rc::new(table));
        }
        let mut memtable = Memtable::default();
        let mut last = version.flushed;
        for record in wal::replay(disk, &version, is_summed)? {
            record.entries().for_each(|entry| memtable.insert(entry));
            last = record.sequence;
        }
        for name in disk.names() {
            if is_obsolete(&name, &version) {
                disk.remove(&name)?;
            }
            let number = name.split('.').next().and_then(|it| it.parse::<u64>().ok());
            version.next_number = version.next_number.max(number.map_or(1, |it| it + 1));
        }
        let mut store = Self {
            settings,
            state: State::Opening,
            memtable: Memtable::default(),
            frozen: (!memtable.is_empty()).then_some(Frozen { memtable, last }),
            log: version.number(),
            durable: version.flushed,
            version,
            tables,
            unsynced: BTreeMap::new(),
            unnamed: BTreeSet::new(),
            syncing: None,
            job: None,
            stalled: None,
            last,
            snapshots: BTreeMap::new(),
            measures: Measures::default(),
        };
        store.go_on(disk);
        Ok(store)
    }
}
