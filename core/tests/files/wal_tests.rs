//! The log under a crash at every write and sync boundary, with everything that each may leave, and
//! under a second crash during recovery.

use std::cell::Cell;

use faultline_core::sim::{DiskFault, FileError, FileSystem, Files, Storage, SyncId};

use super::wal::{Mistake, Wal};

/// What each record holds: some within a sector, some over several.
fn payload(number: usize) -> Vec<u8> {
    let length = [30, 700, 200, 1100, 20][number % 5];
    (0..length).map(|at| u8::try_from((at * 7 + number * 31 + 1) % 251).unwrap()).collect()
}

/// A crash that broke a promise, in words.
type Broken = String;

/// A run of the log, with a look at every crash that could end it.
struct Storm {
    mistake: Option<Mistake>,
    disk: Files,
    next_sync: SyncId,
    written: usize,
    crashes: Cell<u64>,
}

impl Storm {
    fn new(mistake: Option<Mistake>, disk: Files) -> Self {
        Self { mistake, disk, next_sync: SyncId(0), written: 0, crashes: Cell::new(0) }
    }

    /// Recovers from everything that a crash now could leave, and crashes during that again.
    fn look(&self, acknowledged: usize, is_first: bool) -> Result<(), Broken> {
        for mut after in self.disk.crash_outcomes() {
            self.crashes.set(self.crashes.get() + 1);
            let opened = Wal::open(&mut after, self.mistake);
            let (mut wal, records) = opened.map_err(|error| error.to_string())?;
            self.judge(&records, acknowledged)?;
            if is_first {
                let mut again = Self::new(self.mistake, after);
                again.written = self.written;
                again.next_sync = self.next_sync;
                let running = again.start();
                again.look(acknowledged, false)?;
                again.complete(&mut wal, running);
                again.look(wal.acknowledged(), false)?;
                again.go_on(&mut wal, records.len())?;
                self.crashes.set(self.crashes.get() + again.crashes.get());
            }
        }
        Ok(())
    }

    /// Appends over whatever the crash left, then crashes a last time.
    fn go_on(&mut self, wal: &mut Wal, recovered: usize) -> Result<(), Broken> {
        let words = |error: FileError| error.to_string();
        wal.append(&mut self.disk, &payload(recovered)).map_err(words)?;
        wal.sync(&mut self.disk).map_err(words)?;
        let running = self.start();
        self.complete(wal, running);
        // What recovery did not find is lost for good: that is what it reported.
        self.written = recovered + 1;
        self.look(wal.acknowledged(), false)
    }

    fn judge(&self, records: &[Vec<u8>], acknowledged: usize) -> Result<(), Broken> {
        if records.len() < acknowledged {
            return Err(format!("{} of {acknowledged} acknowledged are left", records.len()));
        }
        let is_written = |(number, record): (usize, &Vec<u8>)| {
            number < self.written && *record == payload(number)
        };
        let invented = records.iter().enumerate().position(|record| !is_written(record));
        invented.map_or(Ok(()), |number| Err(format!("record {number} was never written")))
    }

    /// Starts the sync that the last handler asked for.
    fn start(&mut self) -> Option<SyncId> {
        let sync = self.next_sync;
        self.disk.wants_sync().then(|| {
            self.disk.sync_asked(sync, false);
            self.disk.sync_started(sync);
            self.next_sync.0 += 1;
            sync
        })
    }

    fn complete(&mut self, wal: &mut Wal, sync: Option<SyncId>) {
        if let Some(sync) = sync {
            self.disk.sync_completed(sync);
            wal.on_synced(sync);
        }
    }

    /// Writes so many records with a crash after every step: after each write, while each sync runs
    /// (with the next record written meanwhile), and after it.
    fn run(&mut self, records: usize) -> Result<(), Broken> {
        let words = |error: FileError| error.to_string();
        let (mut wal, found) = Wal::open(&mut self.disk, self.mistake).map_err(words)?;
        self.judge(&found, 0)?;
        let mut running = self.start();
        self.look(wal.acknowledged(), true)?;
        for number in found.len()..records {
            self.written = number + 1;
            wal.append(&mut self.disk, &payload(number)).map_err(words)?;
            self.look(wal.acknowledged(), true)?;
            self.complete(&mut wal, running);
            self.look(wal.acknowledged(), true)?;
            wal.sync(&mut self.disk).map_err(words)?;
            running = self.start();
            self.look(wal.acknowledged(), true)?;
        }
        self.complete(&mut wal, running);
        self.look(wal.acknowledged(), true)
    }
}

#[test]
fn a_careful_log_loses_and_invents_nothing_in_any_crash() {
    let mut storm = Storm::new(None, Files::default());
    assert_eq!(storm.run(8), Ok(()));
    let crashes = storm.crashes.get();
    assert!(crashes > 1000, "only {crashes} crashes were explored");
    println!("{crashes} crashes explored");
}

#[test]
fn a_careful_log_survives_torn_sectors_too() {
    let mut disk = Files::default();
    assert!(disk.fault(&DiskFault::TornSectors { bytes: 9 }));
    let mut storm = Storm::new(None, disk);
    assert_eq!(storm.run(3), Ok(()));
}

/// Runs a log with a mistake in it; returns what broke.
fn broken(mistake: Mistake, records: usize) -> Broken {
    Storm::new(Some(mistake), Files::default()).run(records).expect_err("a crash must break it")
}

#[test]
fn a_log_without_syncs_loses_what_it_acknowledged() {
    let broken = broken(Mistake::NoSync, 2);
    assert_eq!(broken, "0 of 1 acknowledged are left");
}

#[test]
fn a_log_without_a_sync_of_its_name_loses_everything() {
    let broken = broken(Mistake::NoSyncOfNames, 2);
    assert_eq!(broken, "0 of 1 acknowledged are left");
}

#[test]
fn a_log_without_checksums_invents_records() {
    let broken = broken(Mistake::NoChecksum, 2);
    assert_eq!(broken, "record 1 was never written");
}

#[test]
fn a_log_that_keeps_a_torn_tail_brings_back_what_it_reported_lost() {
    let broken = broken(Mistake::TailStays, 3);
    assert_eq!(broken, "record 2 was never written");
}

#[test]
fn a_log_on_a_disk_that_lies_loses_what_it_acknowledged() {
    let mut disk = Files::default();
    assert!(disk.fault(&DiskFault::LostSyncs { count: 1 }));
    let broken = Storm::new(None, disk).run(2).expect_err("a crash must break it");
    assert!(broken.ends_with("acknowledged are left"), "{broken}");
}

#[test]
fn a_log_on_a_full_disk_says_so_and_keeps_what_it_acknowledged() {
    let mut storm = Storm::new(None, Files::with_limits(4, 1024));
    assert_eq!(storm.run(4), Err(FileError::Full.to_string()));
    let (_, records) = Wal::open(&mut storm.disk, None).unwrap();
    assert_eq!(storm.judge(&records, 2), Ok(()));
    assert_eq!(storm.disk.names(), ["wal"]);
}
