//! The index of the Sender's log, as a file: where each message begins, and whether it is delivered.
//!
//! It is derived data. It is written down now and then, and may lag, be torn or rot: a log that is read
//! anyway tells the same of all but the marks, and a mark that is missing costs one delivery more.
//!
//! Kreps et al. 2011, “Kafka: a Distributed Messaging System for Log Processing”, section 3.1.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mechanism::frame;
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{Extent, FileError, FileSystem};

/// What the file is called.
pub(super) const INDEX: &str = "outbox.index";
/// Each message has a slot of so many bytes.
const SLOT_BYTES: usize = 32;

/// What the index says of a message.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its place in the log. An entry in the slot of another was misdirected.
    pub(super) place: u64,
    /// Where in the file of the log it begins.
    pub(super) at_byte: u64,
    /// The Receiver has said DELIVERED.
    pub(super) is_delivered: bool,
}

impl Entry {
    fn slot(self) -> Option<[u8; SLOT_BYTES]> {
        let mut bytes = Vec::with_capacity(SLOT_BYTES);
        frame::append(&mut bytes, &postcard::to_allocvec(&self).ok()?);
        bytes.resize(SLOT_BYTES, 0);
        bytes.try_into().ok()
    }

    fn read(slot: &[u8], is_summed: bool) -> Option<Self> {
        postcard::from_bytes(frame::decode(slot, is_summed)?.0).ok()
    }
}

fn slot_of(place: u64) -> u64 {
    place.saturating_sub(1) * SLOT_BYTES as u64
}

/// Reads what can be believed of the index, by places. A sector that cannot be read says nothing.
pub(super) fn read(disk: &dyn FileSystem, is_summed: bool) -> BTreeMap<u64, Entry> {
    let Ok(file) = disk.open(INDEX) else { return BTreeMap::new() };
    let len_bytes = disk.len_bytes(file).unwrap_or_default();
    let mut entries = BTreeMap::new();
    for sector in 0..len_bytes.div_ceil(SECTOR_BYTES as u64) {
        let at = sector * SECTOR_BYTES as u64;
        let mut bytes = [0; SECTOR_BYTES];
        if disk.read_at(file, at, &mut bytes).is_err() {
            continue;
        }
        let slots = (at..).step_by(SLOT_BYTES).zip(bytes.chunks(SLOT_BYTES));
        let sound = slots.filter_map(|(at, slot)| Some((at, Entry::read(slot, is_summed)?)));
        entries.extend(sound.filter(|(at, it)| slot_of(it.place) == *at).map(|it| (it.1.place, it.1)));
    }
    entries
}

/// Writes these entries down, and asks that they become durable.
///
/// # Errors
///
/// If the disk refuses: some may be written then.
pub(super) fn write<'a>(
    disk: &mut dyn FileSystem,
    entries: impl IntoIterator<Item = &'a Entry>,
) -> Result<(), FileError> {
    let file = match disk.open(INDEX) {
        Ok(file) => file,
        Err(_) => {
            let file = disk.create(INDEX)?;
            disk.sync(Extent::Names)?;
            file
        }
    };
    for entry in entries {
        if let Some(slot) = entry.slot() {
            disk.write_at(file, slot_of(entry.place), &slot)?;
        }
    }
    disk.sync(Extent::File(file)).map(|_| ())
}
