//! How a store comes up.

use std::rc::Rc;

use super::background::{FORMAT_FILE, NEW};
use super::log::{self, read_file};
use super::shard::{self, SealedShard};
use super::store::Store;
use super::{Settings, StoreError};
use crate::mechanism::frame;
use crate::sim::FileSystem;

impl Store {
    /// Opens what is on the disk, or begins anew on an empty one. It serves when what it recovered has been
    /// made durable: until then its [state](Store::state) is
    /// [`State::Opening`](crate::mechanism::mount::State::Opening).
    ///
    /// # Errors
    ///
    /// If something is damaged, cannot be read, or is of a later format; nothing is changed then.
    pub fn open(
        settings: Settings,
        disk: &mut (impl FileSystem + ?Sized),
    ) -> Result<Self, StoreError> {
        check_format(disk, settings.is_summed)?;
        let mut store = Self::empty(settings);
        let is_summed = store.settings.is_summed;
        let names = disk.names();
        let numbers = |suffix: &'static str| {
            names.iter().filter_map(move |name| name.strip_suffix(suffix)?.parse::<u64>().ok())
        };
        for number in numbers(shard::SUFFIX) {
            let sealed = SealedShard::open(disk, number, is_summed)?;
            store.newest = store.newest.max(sealed.newest());
            store.sealed.insert(number, Rc::new(sealed));
        }
        for number in numbers(log::SUFFIX) {
            // What is sealed has its log's points, whether or not the log is gone.
            if !store.sealed.contains_key(&number) {
                let points = log::replay(disk, number, is_summed)?;
                if !points.is_empty() {
                    store.have(number, points);
                }
            }
        }
        // What an earlier life has forgotten it forgot because of what is here: an answer says so, even if
        // nothing of this becomes durable because the disk fails.
        store.durable_newest = store.newest;
        store.measures = super::Measures::default();
        for name in names.iter().filter(|name| name.ends_with(NEW)) {
            disk.remove(name)?;
        }
        store.go_on(disk);
        Ok(store)
    }
}

/// Refuses a store that a later revision of this program wrote.
fn check_format(disk: &(impl FileSystem + ?Sized), is_summed: bool) -> Result<(), StoreError> {
    if disk.open(FORMAT_FILE).is_err() {
        return Ok(());
    }
    let bytes = read_file(disk, FORMAT_FILE)?;
    let damaged = || StoreError::Damaged { file: FORMAT_FILE.into(), at_byte: 0 };
    let (body, _) = frame::decode(&bytes, is_summed).ok_or_else(damaged)?;
    let (format, _) = body.split_first_chunk().ok_or_else(damaged)?;
    let format = u16::from_le_bytes(*format);
    // Without a sum it is not to be told from damage.
    if is_summed && format > shard::FORMAT { Err(StoreError::NewerFormat(format)) } else { Ok(()) }
}
