//! What every disk must do, whatever it is made of.
//!
//! The same functions run natively on the simulated disk and on a pool in memory, and in a browser
//! on its real files.

use std::error::Error;

use super::Disk;
use crate::sim::files::MAX_NAME_BYTES;
use crate::sim::{Extent, FileError, FileId};

/// Whether something holds, or what is wrong, in a sentence.
pub type Checked = Result<(), Box<dyn Error>>;

/// A property of disks: its name, and what checks it on a disk without files. It leaves none,
/// either.
pub struct Property {
    /// What holds.
    pub name: &'static str,
    /// Checks it on a disk that can hold so many files.
    pub check: fn(&mut dyn Disk, u32) -> Checked,
}

/// All of them.
pub const PROPERTIES: &[Property] = &[
    Property { name: "what is written is read, gaps and cuts are zeros", check: bytes },
    Property { name: "names are given, changed and taken away", check: names },
    Property { name: "what was synced survives a restart", check: syncs },
    Property {
        name: "an unsynced change of names is forgotten, a synced one stays",
        check: rename,
    },
    Property {
        name: "a disk that is out of files says so, and takes removed ones back",
        check: room,
    },
];

/// Checks all of them; returns how many there are.
///
/// # Errors
///
/// What does not hold, in a sentence.
pub fn check_all(disk: &mut dyn Disk, files: u32) -> Result<usize, String> {
    for property in PROPERTIES {
        let checked = (property.check)(disk, files);
        checked.map_err(|sentence| format!("{}: {sentence}", property.name))?;
    }
    Ok(PROPERTIES.len())
}

fn expect<T: PartialEq + std::fmt::Debug + ?Sized>(found: &T, right: &T) -> Checked {
    if found == right { Ok(()) } else { Err(format!("{found:?} instead of {right:?}").into()) }
}

/// Makes these durable.
fn keep(disk: &mut dyn Disk, extents: &[Extent]) -> Checked {
    for extent in extents {
        disk.sync(*extent)?;
    }
    while let Some((_, result)) = disk.complete_sync() {
        result?;
    }
    Ok(())
}

/// Leaves the disk without files.
fn clear(disk: &mut dyn Disk) -> Checked {
    for name in disk.names() {
        disk.remove(&name)?;
    }
    keep(disk, &[Extent::Names])
}

fn restart(disk: &mut dyn Disk) -> Checked {
    Ok(disk.restart(&mut |_| 0)?)
}

fn bytes(disk: &mut dyn Disk, _: u32) -> Checked {
    let file = disk.create("bytes")?;
    disk.write_at(file, 1_000, &[5; 30])?;
    let mut into = [9; 1_100];
    expect(&disk.read_at(file, 0, &mut into), &Ok(1_030))?;
    expect(&(into[..1_000] == [0; 1_000] && into[1_000..1_030] == [5; 30]), &true)?;
    disk.write_at(file, 1_001, &[6, 7])?;
    disk.truncate(file, 1_010)?;
    disk.truncate(file, 1_020)?;
    expect(&disk.read_at(file, 1_000, &mut into), &Ok(20))?;
    expect(&into[..20], &[[5, 6, 7].as_slice(), &[5; 7], &[0; 10]].concat()[..])?;
    expect(&disk.read_at(file, 5_000, &mut into), &Ok(0))?;
    expect(&disk.append(file, b"end"), &Ok(1_020))?;
    expect(&disk.len_bytes(file), &Ok(1_023))?;
    clear(disk)
}

fn names(disk: &mut dyn Disk, _: u32) -> Checked {
    let one = disk.create("one")?;
    let two = disk.create("two")?;
    expect(&disk.create("one"), &Err(FileError::AlreadyExists("one".into())))?;
    expect(&disk.open("two"), &Ok(two))?;
    disk.write_at(two, 0, b"of two")?;
    disk.rename("two", "one")?;
    expect(&disk.names(), &vec!["one".to_owned()])?;
    expect(&disk.len_bytes(one), &Err(FileError::Closed(one)))?;
    expect(&disk.open("one"), &Ok(two))?;
    expect(&disk.len_bytes(two), &Ok(6))?;
    disk.rename("one", "one")?;
    expect(&disk.names(), &vec!["one".to_owned()])?;
    expect(&disk.remove("two"), &Err(FileError::NotFound("two".into())))?;
    let long = "n".repeat(MAX_NAME_BYTES + 1);
    expect(&disk.create(&long), &Err(FileError::BadName(long.clone())))?;
    expect(&disk.rename("one", ""), &Err(FileError::BadName(String::new())))?;
    disk.remove("one")?;
    expect(&disk.write_at(two, 0, b"late"), &Err(FileError::Closed(two)))?;
    let three = disk.create("one")?;
    expect(&(three == one || three == two), &false)?;
    expect(&disk.len_bytes(three), &Ok(0))?;
    clear(disk)
}

fn syncs(disk: &mut dyn Disk, _: u32) -> Checked {
    expect(&disk.complete_sync().is_none(), &true)?;
    let file = disk.create("kept")?;
    disk.write_at(file, 0, &[3; 700])?;
    let asked = [disk.sync(Extent::File(file)), disk.sync(Extent::Names)];
    let first = asked[0].clone()?;
    expect(&asked[1], &Ok(first))?;
    expect(&disk.complete_sync(), &Some((first, Ok(()))))?;
    expect(&disk.complete_sync().is_none(), &true)?;
    let later = disk.sync(Extent::File(file))?;
    expect(&(later > first), &true)?;
    let gone = FileId(u32::MAX);
    expect(&disk.sync(Extent::File(gone)), &Err(FileError::Closed(gone)))?;
    restart(disk)?;
    expect(&disk.names(), &vec!["kept".to_owned()])?;
    let file = disk.open("kept")?;
    let mut into = [0; 800];
    expect(&disk.read_at(file, 0, &mut into), &Ok(700))?;
    expect(&(into[..700] == [3; 700]), &true)?;
    clear(disk)
}

fn rename(disk: &mut dyn Disk, _: u32) -> Checked {
    for (name, byte) in [("current", 1), ("next", 2)] {
        let file = disk.create(name)?;
        disk.write_at(file, 0, &[byte; 600])?;
        keep(disk, &[Extent::File(file), Extent::Names])?;
    }
    let both = vec!["current".to_owned(), "next".to_owned()];
    disk.rename("next", "current")?;
    restart(disk)?;
    expect(&disk.names(), &both)?;
    disk.rename("next", "current")?;
    keep(disk, &[Extent::Names])?;
    restart(disk)?;
    expect(&disk.names(), &both[..1].to_vec())?;
    let file = disk.open("current")?;
    let mut into = [0; 600];
    expect(&disk.read_at(file, 0, &mut into), &Ok(600))?;
    expect(&into, &[2; 600])?;
    clear(disk)
}

fn room(disk: &mut dyn Disk, files: u32) -> Checked {
    for number in 0..files {
        disk.create(&format!("file {number}"))?;
    }
    let refused = Err(FileError::NoFreeFile { files });
    expect(&disk.create("one more"), &refused)?;
    keep(disk, &[Extent::Names])?;
    disk.remove("file 0")?;
    expect(&disk.create("one more"), &refused)?;
    keep(disk, &[Extent::Names])?;
    disk.create("one more")?;
    clear(disk)
}
