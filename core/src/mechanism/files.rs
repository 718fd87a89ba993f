//! What whoever keeps something in files does again and again.

use crate::sim::{Extent, FileError, FileSystem, SyncId};

/// What the name of a file ends in that is to replace another.
const NEW: &str = ".new";

/// Reads all of a file.
///
/// # Errors
///
/// If there is none of this name, or a sector of it cannot be read.
pub fn read_whole(disk: &(impl FileSystem + ?Sized), name: &str) -> Result<Vec<u8>, FileError> {
    let file = disk.open(name)?;
    let mut bytes = vec![0; usize::try_from(disk.len_bytes(file)?).unwrap_or_default()];
    let read = disk.read_at(file, 0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Writes what is to replace a file beside it, and asks for the sync of that. When it has ended,
/// [`install`] puts it in the file's place; a crash before leaves the file as it is.
///
/// # Errors
///
/// If the disk has no room.
pub fn write_beside(
    disk: &mut (impl FileSystem + ?Sized),
    name: &str,
    bytes: &[u8],
) -> Result<SyncId, FileError> {
    let name = format!("{name}{NEW}");
    // One that never got its name is written over: removed files take room until names are synced.
    let file = disk.open(&name).or_else(|_| disk.create(&name))?;
    disk.truncate(file, 0)?;
    disk.write_at(file, 0, bytes)?;
    disk.sync(Extent::File(file))
}

/// Gives what was written beside a file its name, in one step, and asks for the sync of that.
///
/// # Errors
///
/// If nothing was written beside it.
pub fn install(disk: &mut (impl FileSystem + ?Sized), name: &str) -> Result<SyncId, FileError> {
    disk.rename(&format!("{name}{NEW}"), name)?;
    disk.sync(Extent::Names)
}
