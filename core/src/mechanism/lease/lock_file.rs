//! The file in which grants are written down before anybody hears of them.

use super::Record;
use crate::sim::{Extent, FileError, FileSystem, SyncId};

/// A file of grants, oldest first; the last one counts.
///
/// It is only added to: a crash can spoil what was being written, and nothing that was synced before.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct LockFile {
    /// What is read back is believed only if its checksum is right.
    pub is_checked: bool,
}

impl LockFile {
    /// What the file is called.
    pub const NAME: &str = "lock";

    /// Adds a grant. It may be told when file and name are synced: [`Self::sync`].
    ///
    /// # Errors
    ///
    /// If the disk is full; nothing of the grant is left then.
    pub fn append(self, disk: &mut impl FileSystem, record: &Record) -> Result<(), FileError> {
        let file = match disk.open(Self::NAME) {
            Ok(file) => file,
            Err(_) => disk.create(Self::NAME)?,
        };
        let end = disk.len_bytes(file)?;
        if let Err(error) = disk.append(file, &record.encode()) {
            disk.truncate(file, end)?;
            return Err(error);
        }
        Ok(())
    }

    /// Asks that the file and its name be synced.
    ///
    /// # Errors
    ///
    /// If there is no file.
    pub fn sync(self, disk: &mut impl FileSystem) -> Result<SyncId, FileError> {
        let file = disk.open(Self::NAME)?;
        disk.sync(Extent::Names)?;
        disk.sync(Extent::File(file))
    }

    /// Takes the last grant back: its sync has failed, so it must be written anew.
    ///
    /// # Errors
    ///
    /// If there is no file.
    pub fn take_back(self, disk: &mut impl FileSystem) -> Result<(), FileError> {
        let file = disk.open(Self::NAME)?;
        let len_bytes = disk.len_bytes(file)?;
        disk.truncate(file, len_bytes.saturating_sub(Record::BYTES as u64))
    }

    /// Lists the grants that the file gives back, up to the first that cannot be believed.
    ///
    /// # Errors
    ///
    /// If a sector cannot be read. A file that is not there is empty.
    pub fn read(self, disk: &impl FileSystem) -> Result<Vec<Record>, FileError> {
        let Ok(file) = disk.open(Self::NAME) else { return Ok(Vec::new()) };
        let mut bytes = vec![0; usize::try_from(disk.len_bytes(file)?).unwrap_or(0)];
        disk.read_at(file, 0, &mut bytes)?;
        let (whole, _) = bytes.as_chunks::<{ Record::BYTES }>();
        Ok(whole.iter().map_while(|bytes| Record::decode(bytes, self.is_checked)).collect())
    }

    /// Returns the last grant that can be believed, and cuts off what comes behind it: it was never
    /// synced, so nobody has been told.
    ///
    /// # Errors
    ///
    /// If a sector cannot be read.
    pub fn recover(self, disk: &mut impl FileSystem) -> Result<Option<Record>, FileError> {
        let records = self.read(disk)?;
        if let Ok(file) = disk.open(Self::NAME) {
            disk.truncate(file, (records.len() * Record::BYTES) as u64)?;
        }
        Ok(records.last().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Expiry;
    use super::*;
    use crate::sim::{DiskFault, Files, NodeId, Storage as _};

    const CHECKED: LockFile = LockFile { is_checked: true };

    fn record(token: u64) -> Record {
        Record { token, owner: NodeId(1), beat: 0, expiry: Expiry::After(300_000) }
    }

    /// Does what the world does with what was asked; false if the disk reports failure.
    fn is_synced(disk: &mut Files, sync: SyncId) -> bool {
        disk.sync_asked(sync, false);
        disk.sync_started(sync);
        disk.sync_completed(sync)
    }

    /// Returns a disk with so many synced grants, and one more that is on its way.
    fn disk_with(synced: u64) -> Files {
        let mut disk = Files::default();
        for token in 1..=synced {
            CHECKED.append(&mut disk, &record(token)).expect("there is room");
        }
        assert!(synced == 0 || CHECKED.sync(&mut disk).is_ok());
        assert!(is_synced(&mut disk, SyncId(0)));
        CHECKED.append(&mut disk, &record(synced + 1)).expect("there is room");
        disk
    }

    fn recovered(file: LockFile, disk: &mut Files) -> u64 {
        let last = file.recover(disk).expect("every sector can be read");
        last.map_or(0, |record| record.token)
    }

    /// Whatever a crash leaves, every grant that was synced is there, and no number is invented.
    #[test]
    fn no_crash_takes_a_synced_grant_or_makes_one_up() {
        for synced in [0, 1, 18, 19, 40] {
            let outcomes: Vec<Files> = disk_with(synced).crash_outcomes().collect();
            assert!(outcomes.len() > 1);
            for mut disk in outcomes {
                let token = recovered(CHECKED, &mut disk);
                assert!((synced..=synced + 1).contains(&token), "{token} after {synced}");
                CHECKED.append(&mut disk, &record(token + 1)).expect("there is room");
                assert_eq!(recovered(CHECKED, &mut disk), token + 1, "it goes on where it was");
            }
        }
    }

    /// Who checks nothing takes for a grant what is only a length, or half of a record.
    #[test]
    fn without_checksums_some_crash_brings_back_an_old_number() {
        let unchecked = LockFile { is_checked: false };
        let mut worst = disk_with(18).crash_outcomes().map(|mut it| recovered(unchecked, &mut it));
        assert!(worst.any(|token| token < 18));
    }

    #[test]
    fn a_grant_whose_sync_failed_is_written_anew() {
        let mut disk = disk_with(3);
        assert!(disk.fault(&DiskFault::FailSyncs { count: 1 }));
        CHECKED.sync(&mut disk).expect("there is a file");
        assert!(!is_synced(&mut disk, SyncId(1)));
        CHECKED.take_back(&mut disk).expect("there is a file");
        CHECKED.append(&mut disk, &record(4)).expect("there is room");
        CHECKED.sync(&mut disk).expect("there is a file");
        assert!(is_synced(&mut disk, SyncId(2)));
        disk.crashed(&mut |_| 0);
        assert_eq!(recovered(CHECKED, &mut disk), 4);
    }

    #[test]
    fn a_full_disk_keeps_what_it_has() {
        let mut disk = disk_with(17);
        assert!(disk.fault(&DiskFault::Capacity { bytes: 512 }));
        assert_eq!(CHECKED.append(&mut disk, &record(19)), Err(FileError::Full));
        assert_eq!(recovered(CHECKED, &mut disk), 18);
    }
}
