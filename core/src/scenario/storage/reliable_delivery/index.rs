//! The index of the Sender's log, as a file: which messages there are, and which of them are delivered.
//!
//! All but the marks follows from the log, and a mark that is missing costs one delivery more. So the file
//! is written down now and then, in one sync for many messages; it may lag, be torn or rot. Where each
//! message begins is not in it: recovery reads the log anyway, and lays it anew.
//!
//! Kreps et al. 2011, “Kafka: a Distributed Messaging System for Log Processing”, section 3.1.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::mechanism::{files, frame};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{Extent, FileError, FileSystem};

/// What the file is called.
pub(super) const INDEX: &str = "outbox.index";
/// Each message has a slot of so many bytes.
const SLOT_BYTES: usize = 32;

/// What the index says of a message.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Entry {
    /// Its place in the log. An entry in the slot of another was misdirected.
    place: u64,
    /// The Receiver has said DELIVERED.
    is_delivered: bool,
}

impl Entry {
    fn slot(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SLOT_BYTES);
        frame::append(&mut bytes, &postcard::to_allocvec(&self).unwrap_or_default());
        bytes.resize(SLOT_BYTES, 0);
        bytes
    }

    fn read(slot: &[u8], is_summed: bool) -> Option<Self> {
        postcard::from_bytes(frame::decode(slot, is_summed)?.0).ok()
    }
}

fn slot_of(place: u64) -> u64 {
    place.saturating_sub(1).saturating_mul(SLOT_BYTES as u64)
}

/// Reads what can be believed of the index: each message by its place, and whether it is delivered. A
/// sector that cannot be read says nothing.
pub(super) fn read(disk: &dyn FileSystem, is_summed: bool) -> BTreeMap<u64, bool> {
    let Ok(file) = disk.open(INDEX) else { return BTreeMap::new() };
    let sectors = disk.len_bytes(file).unwrap_or_default().div_ceil(SECTOR_BYTES as u64);
    let mut listed = BTreeMap::new();
    for begin in (0..sectors).map(|sector| sector * SECTOR_BYTES as u64) {
        let mut bytes = [0; SECTOR_BYTES];
        if disk.read_at(file, begin, &mut bytes).is_err() {
            continue;
        }
        let slots = (begin..).step_by(SLOT_BYTES).zip(bytes.chunks(SLOT_BYTES));
        let sound = slots.filter_map(|(at, slot)| Some((at, Entry::read(slot, is_summed)?)));
        let own = sound.filter(|(at, it)| slot_of(it.place) == *at);
        listed.extend(own.map(|(_, it)| (it.place, it.is_delivered)));
    }
    listed
}

/// Returns whether something among what the file says of the first places, so many, is no entry, or not where
/// it belongs.
pub(super) fn is_damaged(disk: &dyn FileSystem, places: u64) -> bool {
    let Ok(bytes) = files::read_whole(disk, INDEX) else {
        return disk.open(INDEX).is_ok();
    };
    let end = slot_of(places + 1);
    let mut slots = (0..end).step_by(SLOT_BYTES).zip(bytes.chunks(SLOT_BYTES));
    slots.any(|(at, slot)| {
        let is_own = |it: Entry| slot_of(it.place) == at;
        slot.iter().any(|byte| *byte != 0) && !Entry::read(slot, true).is_some_and(is_own)
    })
}

/// Writes down of these places whether they are delivered, and asks that it become durable. Sectors are
/// written whole, as that makes one good that cannot be read; `is_delivered` says of each place how it is, and
/// nothing of those that the log does not have.
///
/// # Errors
///
/// If the disk refuses: some may be written then.
pub(super) fn write(
    disk: &mut dyn FileSystem,
    places: impl Iterator<Item = u64>,
    is_delivered: impl Fn(u64) -> Option<bool>,
) -> Result<(), FileError> {
    let file = if let Ok(file) = disk.open(INDEX) {
        file
    } else {
        disk.sync(Extent::Names)?;
        disk.create(INDEX)?
    };
    let sector = SECTOR_BYTES as u64;
    let begins: BTreeSet<u64> = places.map(|place| slot_of(place) / sector * sector).collect();
    for begin in begins {
        let first = begin / SLOT_BYTES as u64 + 1;
        let mut bytes = Vec::with_capacity(SECTOR_BYTES);
        for place in first..first + sector / SLOT_BYTES as u64 {
            let entry = is_delivered(place).map(|is_delivered| Entry { place, is_delivered });
            bytes.extend(entry.map_or_else(|| vec![0; SLOT_BYTES], Entry::slot));
        }
        disk.write_at(file, begin, &bytes)?;
    }
    disk.sync(Extent::File(file)).map(|_| ())
}
