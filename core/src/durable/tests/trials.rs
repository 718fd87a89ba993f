//! An ordeal finds out each way in which an engine can lie: here is one for each.

use super::super::{Disk as _, Engine, Held, Memory, OnDisk, Opened, Ordeal, Pool, Survived};
use crate::sim::{Extent, FileError, FileId, FileSystem, Files, SyncId};

/// An engine that is a file with a byte for each operation.
struct Tape {
    file: FileId,
    written: u64,
    acknowledged: u64,
    /// The sync that covers the operations up to there.
    syncing: Option<(SyncId, u64)>,
    lie: Lie,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Lie {
    None,
    /// Acknowledges before a sync has ended.
    Early,
    /// Adds an operation whenever it comes up.
    Inventive,
    /// Comes up without a sync of what it has found.
    Careless,
}

fn open(disk: &mut dyn FileSystem, lie: Lie) -> Opened {
    let say = |error: FileError| error.to_string();
    let file = match disk.open("tape") {
        Ok(file) => file,
        Err(_) => disk.create("tape").map_err(say)?,
    };
    let mut written = disk.len_bytes(file).map_err(say)?;
    let mut bytes = vec![0; usize::try_from(written).unwrap_or_default()];
    disk.read_at(file, 0, &mut bytes).map_err(say)?;
    // A crash may leave the length without the bytes.
    let is_right = |(byte, number): (&u8, u64)| *byte == byte_of(number);
    written = bytes.iter().zip(1..).take_while(|pair| is_right(*pair)).count() as u64;
    disk.truncate(file, written).map_err(say)?;
    let mut tape = Tape { file, written, acknowledged: 0, syncing: None, lie };
    if lie == Lie::Inventive {
        tape.operate(disk, written + 1)?;
    }
    if lie != Lie::Careless {
        tape.sync(disk)?;
    }
    Ok(Box::new(tape))
}

fn byte_of(number: u64) -> u8 {
    u8::try_from(number % 255 + 1).unwrap_or_default()
}

impl Engine for Tape {
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String> {
        let written = disk.write_at(self.file, number - 1, &[byte_of(number)]);
        written.map_err(|error| error.to_string())?;
        self.written = number;
        if self.lie == Lie::Early {
            self.acknowledged = number;
        }
        Ok(())
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String> {
        let asked = disk.sync(Extent::File(self.file)).and_then(|_| disk.sync(Extent::Names));
        self.syncing = Some((asked.map_err(|error| error.to_string())?, self.written));
        Ok(())
    }

    fn synced(&mut self, _: &mut dyn FileSystem, sync: SyncId) {
        if let Some((_, written)) = self.syncing.take_if(|(asked, _)| *asked == sync) {
            self.acknowledged = self.acknowledged.max(written);
        }
    }

    fn sync_failed(&mut self, _: SyncId) {}

    fn is_ready(&self) -> bool {
        self.syncing.is_none()
    }

    fn written(&self) -> u64 {
        self.written
    }

    fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    fn held(&mut self, disk: &dyn FileSystem, number: u64) -> Result<Held, String> {
        let mut byte = [0];
        let read = disk.read_at(self.file, number - 1, &mut byte);
        Ok(match read.map_err(|error| error.to_string())? {
            0 => Held::Missing,
            _ if byte[0] == byte_of(number) => Held::Whole,
            _ => Held::Wrong,
        })
    }
}

const fn tape(open: fn(&mut dyn FileSystem) -> Opened) -> OnDisk {
    let sentence = |number| format!("write {number}");
    let older = "Of older ones nothing is said.";
    OnDisk {
        format: 1,
        files: 4,
        copies: 1,
        keeps: 1_000,
        looked_up: "looked up",
        older,
        open,
        sentence,
    }
}

static HONEST: OnDisk = tape(|disk| open(disk, Lie::None));
static EARLY: OnDisk = tape(|disk| open(disk, Lie::Early));
static INVENTIVE: OnDisk = tape(|disk| open(disk, Lie::Inventive));
static CARELESS: OnDisk = tape(|disk| open(disk, Lie::Careless));

fn pool() -> Pool<Memory> {
    Pool::open((0..6).map(|_| Memory::default()).collect(), 1).expect("it is new")
}

/// Puts an engine to so many kills on the simulated disk, which loses what was not synced.
fn tried(on_disk: &'static OnDisk, kills: u32) -> Result<Survived, String> {
    let mut disk = Files::with_limits(4, 1 << 20);
    let mut ordeal = Ordeal::new(3);
    while ordeal.so_far().kills < kills {
        ordeal.round(on_disk, &mut disk)?;
    }
    ordeal.end(on_disk, &mut disk)
}

#[test]
fn an_honest_engine_passes_and_each_liar_is_found_out() {
    let survived = tried(&HONEST, 100).expect("it keeps its promises");
    assert!(survived.kills == 100 && survived.acknowledged > 500, "{survived:?}");
    for (liar, sentence) in [
        (&EARLY, "was acknowledged and is lost"),
        (&INVENTIVE, "nobody asked for it"),
        (&CARELESS, "What was found is not made durable"),
    ] {
        let told = tried(liar, 100).expect_err("it lies");
        assert!(told.contains(sentence), "{told}");
    }
}

/// What the last kill has taken is seen at the end, and nowhere before.
#[test]
fn the_last_kill_counts_as_well() {
    let mut disk = pool();
    let mut ordeal = Ordeal::new(3);
    while ordeal.so_far().acknowledged == 0 {
        ordeal.round(&HONEST, &mut disk).expect("it keeps its promises");
    }
    disk.remove("tape").expect("it is there");
    disk.sync(Extent::Names).expect("it is asked for");
    assert!(disk.complete_sync().is_some_and(|(_, result)| result.is_ok()));
    let told = ordeal.end(&HONEST, &mut disk).expect_err("all is gone");
    assert!(told.contains("was acknowledged and is lost"), "{told}");
}

/// Only a plug that has gone while the engine came up counts as such a kill.
#[test]
fn a_kill_in_recovery_is_one_that_has_happened() {
    // It comes up without a write and without a sync, so nothing can cut that off.
    let mut ordeal = Ordeal::new(3);
    let mut disk = pool();
    let told = (0..100).find_map(|_| ordeal.round(&CARELESS, &mut disk).err());
    assert!(told.is_some() && ordeal.so_far().kills_in_recovery == 0, "{told:?}");
    let survived = tried(&HONEST, 100).expect("it keeps its promises");
    assert!((5..50).contains(&survived.kills_in_recovery), "{survived:?}");
}
