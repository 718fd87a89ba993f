//! What a disk can do wrong on its own.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::image::{SECTOR_BYTES, Sector, place_of, sectors_of};
use super::store::{File, Files};
use super::{FileId, FileSystem as _};

/// Something that goes wrong with one disk. Each is total: in any state it does its work or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DiskFault {
    /// The next syncs report success and make nothing durable. A later honest one covers it all.
    LostSyncs {
        /// How many.
        count: u16,
    },
    /// The next syncs report failure. What they covered stays in the cache as if it were clean, so
    /// that a later sync that succeeds has not made it durable (Rebello et al. 2020, "Can
    /// Applications Recover from fsync Failures?").
    FailSyncs {
        /// How many.
        count: u16,
    },
    /// One bit of the medium flips; a version that is still in the cache is not touched.
    BitRot {
        /// The file's name.
        file: String,
        /// Which byte of it.
        offset: u64,
        /// Which bit of the byte; 0 is the lowest.
        bit: u8,
    },
    /// The first sector of the next write to a file lands at another of its sectors. The cache shows
    /// what was meant until the write is synced or the node crashes.
    Misdirect {
        /// The file's name.
        file: String,
        /// Where it lands.
        to_sector: u32,
    },
    /// At the next crash sectors are not atomic: of a new version only the first bytes may survive.
    TornSectors {
        /// How many; the rest of the sector stays as it was on the medium.
        bytes: u16,
    },
    /// The disk has room for so many bytes and no more; what it holds already stays.
    Capacity {
        /// Counted in whole sectors.
        bytes: u64,
    },
    /// A sector cannot be read any more until it is written as a whole and synced.
    ReadError {
        /// The file's name.
        file: String,
        /// A byte within the sector.
        offset: u64,
    },
    /// Syncs take this share of their usual time; 100 ends it.
    Slow {
        /// In a hundred.
        percent: u32,
    },
}

impl DiskFault {
    /// Returns true if this is no fault but the end of one: the disk is as quick or as big again as
    /// disks are.
    pub fn ends_a_fault(&self) -> bool {
        match self {
            Self::Slow { percent } => *percent == 100,
            Self::Capacity { bytes } => *bytes >= Files::default().capacity_bytes(),
            Self::LostSyncs { .. }
            | Self::FailSyncs { .. }
            | Self::TornSectors { .. }
            | Self::BitRot { .. }
            | Self::Misdirect { .. }
            | Self::ReadError { .. } => false,
        }
    }

    /// Returns what goes wrong, in words: "A bit rots at byte 7 of log on S1".
    pub fn sentence(&self, node: &str) -> String {
        match self {
            Self::LostSyncs { count: 1 } => {
                format!("The next sync of {node} lies: it keeps nothing")
            }
            Self::LostSyncs { count } => {
                format!("The next {count} syncs of {node} lie: they keep nothing")
            }
            Self::FailSyncs { count } => {
                format!("The next syncs of {node} fail: {count}")
            }
            Self::BitRot { file, offset, .. } => {
                format!("A bit rots at byte {offset} of {file} on {node}")
            }
            Self::Misdirect { file, to_sector } => {
                format!("The next write to {file} on {node} lands at sector {to_sector}")
            }
            Self::TornSectors { bytes } => {
                format!("The next crash of {node} may tear sectors after {bytes} bytes")
            }
            Self::Capacity { bytes } => format!("The disk of {node} has room for {bytes} bytes"),
            Self::ReadError { file, offset } => {
                format!("The sector at byte {offset} of {file} on {node} cannot be read")
            }
            Self::Slow { percent } => format!("Syncs of {node} take {percent} % of their time"),
        }
    }
}

impl Files {
    /// Goes wrong; false if that changes nothing.
    pub(super) fn suffer(&mut self, fault: &DiskFault) -> bool {
        match fault {
            DiskFault::LostSyncs { count } => replace(&mut self.syncs_to_lose, *count),
            DiskFault::FailSyncs { count } => replace(&mut self.syncs_to_fail, *count),
            DiskFault::BitRot { file, offset, bit } => self.rot(file, *offset, *bit),
            DiskFault::Misdirect { file, to_sector } => {
                let is_within =
                    |file: &File| u64::from(*to_sector) < sectors_of(file.cached.len_bytes());
                self.damage(file, |file| {
                    is_within(file) && replace(&mut file.misdirected_to, Some(*to_sector))
                })
            }
            DiskFault::TornSectors { bytes } => {
                let is_torn = (1..SECTOR_BYTES).contains(&usize::from(*bytes));
                is_torn && replace(&mut self.torn_bytes, Some(*bytes))
            }
            DiskFault::Capacity { bytes } => replace(&mut self.capacity_bytes, *bytes),
            DiskFault::ReadError { file, offset } => self.damage(file, |file| {
                *offset < file.durable.len_bytes() && file.unreadable.insert(place_of(*offset).0)
            }),
            DiskFault::Slow { percent } => replace(&mut self.sync_percent, *percent),
        }
    }

    fn rot(&mut self, name: &str, offset: u64, bit: u8) -> bool {
        let (sector, start) = place_of(offset);
        let has_rotten = self.damage(name, |file| {
            if bit > 7 || offset >= file.durable.len_bytes() {
                return false;
            }
            let mut bytes = *file.durable.sector(sector);
            bytes[start] ^= 1 << bit;
            file.durable.set_sector(sector, &Sector::new(&bytes));
            file.rotten.insert(sector);
            true
        });
        if let Ok(id) = self.open(name)
            && has_rotten
        {
            self.refresh(id);
        }
        has_rotten
    }

    /// Damages the file called `name`, if there is one.
    fn damage(&mut self, name: &str, damage: impl FnOnce(&mut File) -> bool) -> bool {
        let file = self.open(name).ok().and_then(|id: FileId| self.by_id.get_mut(&id));
        file.is_some_and(|file| damage(Rc::make_mut(file)))
    }
}

/// Sets a value; false if it was that already.
fn replace<T: PartialEq>(place: &mut T, value: T) -> bool {
    let is_new = *place != value;
    *place = value;
    is_new
}
