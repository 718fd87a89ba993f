//! Small steps that the tests share.

use std::collections::{BTreeMap, BTreeSet};

use faultline_core::sim::{Extent, FileId, FileSystem, Files, Storage, SyncId};

/// What somebody who opens every file sees.
pub(crate) type Contents = BTreeMap<String, Vec<u8>>;

/// Reads a whole file.
pub(crate) fn read(disk: &dyn FileSystem, file: FileId) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(disk.len_bytes(file).unwrap()).unwrap()];
    let count = disk.read_at(file, 0, &mut bytes).unwrap();
    assert_eq!(count, bytes.len(), "a read up to the length reads all");
    bytes
}

/// Reads a whole disk.
pub(crate) fn contents(disk: &dyn FileSystem) -> Contents {
    let file = |name: String| {
        let bytes = read(disk, disk.open(&name).unwrap());
        (name, bytes)
    };
    disk.names().into_iter().map(file).collect()
}

/// Returns what a crash now could leave.
pub(crate) fn outcomes(disk: &Files) -> BTreeSet<Contents> {
    disk.crash_outcomes().map(|after| contents(&after)).collect()
}

/// Returns what a crash leaves of everything that is unsynced: nothing.
pub(crate) fn after_plain_crash(disk: &Files) -> Contents {
    let mut after = disk.clone();
    after.crashed(&mut |_| 0);
    contents(&after)
}

/// Ends the handler: starts the sync that it asked for.
pub(crate) fn start(disk: &mut Files, sync: SyncId) {
    assert!(disk.wants_sync());
    disk.sync_asked(sync, false);
    assert!(!disk.wants_sync());
    disk.sync_started(sync);
}

/// Syncs and waits for it.
pub(crate) fn sync(disk: &mut Files, extent: Extent) {
    let sync = disk.sync(extent).unwrap();
    start(disk, sync);
    disk.sync_completed(sync);
}

/// Syncs everything and waits for it.
pub(crate) fn sync_everything(disk: &mut Files) {
    let sync = disk.sync_everything();
    start(disk, sync);
    disk.sync_completed(sync);
}

/// Makes a disk with one durable file called "log".
pub(crate) fn with_log(bytes: &[u8]) -> (Files, FileId) {
    let mut disk = Files::default();
    let file = disk.create("log").unwrap();
    disk.write_at(file, 0, bytes).unwrap();
    sync_everything(&mut disk);
    (disk, file)
}

/// Makes contents to compare with.
pub(crate) fn holding(files: &[(&str, &[u8])]) -> Contents {
    files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect()
}
