//! Every moment at which a pool can be cut off: each raw write of each operation, at several bytes.

use super::super::{Disk as _, Fuse, Handle as _, Memory, Pool};
use super::failing::Limits;
use crate::mechanism::frame;
use crate::sim::{Extent, FileError, FileSystem as _};

const FILES: u16 = 4;

/// A pool with two files, and the handles that it is made of.
fn begin() -> (Pool<Memory>, Vec<Memory>) {
    let handles: Vec<Memory> = (0..FILES + 2).map(|_| Memory::default()).collect();
    let mut pool = Pool::open(handles.clone(), 1).expect("it is new");
    for (name, byte) in [("current", 1), ("next", 2)] {
        let file = pool.create(name).expect("the name is free");
        pool.write_at(file, 0, &[byte; 40]).expect("there is room");
        pool.sync(Extent::File(file)).expect("it is open");
    }
    pool.sync(Extent::Names).expect("it syncs");
    assert!(pool.complete_sync().is_some_and(|(_, result)| result.is_ok()));
    (pool, handles)
}

type Step = fn(&mut Pool<Memory>) -> Result<(), FileError>;

/// What a pool is asked to do, one after the other, each durable before the next.
const STEPS: [Step; 5] = [
    |pool| pool.rename("next", "current"),
    |pool| pool.create("next").map(|_| ()),
    |pool| {
        let file = pool.open("next")?;
        pool.write_at(file, 0, &[3; 40])?;
        pool.sync(Extent::File(file)).map(|_| ())
    },
    |pool| pool.remove("current"),
    |pool| pool.create("fresh").map(|_| ()),
];

fn carry_out(pool: &mut Pool<Memory>, step: Step) -> Result<(), FileError> {
    step(pool)?;
    pool.sync(Extent::Names)?;
    pool.complete_sync().map_or(Ok(()), |(_, result)| result)
}

/// All names, with what each file begins with and how long it is.
fn contents(pool: &Pool<Memory>) -> Vec<(String, u8, u64)> {
    let one = |name: String| {
        let file = pool.open(&name).expect("it is there");
        let mut first = [0];
        pool.read_at(file, 0, &mut first).expect("it is open");
        (name, first[0], pool.len_bytes(file).expect("it is open"))
    };
    pool.names().into_iter().map(one).collect()
}

/// Returns what may be there after each step, whole.
fn whole() -> Vec<Vec<(String, u8, u64)>> {
    let (mut pool, _) = begin();
    let mut all = vec![contents(&pool)];
    for step in STEPS {
        carry_out(&mut pool, step).expect("nothing is in the way");
        all.push(contents(&pool));
    }
    all
}

/// Of the file that is being filled any part may be there; all else is as after a step.
fn is_as_after(found: &[(String, u8, u64)], whole: &[(String, u8, u64)]) -> bool {
    let is_same = |(a, b): (&(String, u8, u64), &(String, u8, u64))| {
        a == b || (a.0 == b.0 && a.0 == "next" && (a.1 == 3 || a.1 == 0))
    };
    found.len() == whole.len() && found.iter().zip(whole).all(is_same)
}

/// What a power cut takes besides: of each handle what was not flushed, or not.
fn lose_some(handles: &[Memory], which: u32) {
    for (place, handle) in handles.iter().enumerate() {
        if which >> place & 1 == 1 {
            handle.lose_power();
        }
    }
}

/// Cuts a pool off there; returns how many steps it had ended, or none if it was never cut off.
fn cut_off_at(fuse: Fuse) -> Option<(usize, Vec<Memory>)> {
    let (mut pool, handles) = begin();
    pool.arm(Some(fuse));
    let ended = STEPS.iter().take_while(|step| carry_out(&mut pool, **step).is_ok()).count();
    pool.is_dead().then_some((ended, handles))
}

#[test]
fn wherever_it_is_cut_off_the_names_are_those_before_or_after() {
    let whole = whole();
    let mut cuts = 0;
    for writes in 0.. {
        let mut is_reached = false;
        for bytes in [0, 1, 7, 40, 60, 4_095] {
            // Which handles lose what was not flushed: none is a kill, all is a power cut.
            for which in 0..64 {
                let Some((ended, handles)) = cut_off_at(Fuse { writes, bytes }) else { continue };
                is_reached = true;
                cuts += 1;
                lose_some(&handles, which);
                let pool = Pool::open(handles, 1).expect("one copy of the names is sound");
                let found = contents(&pool);
                let is_allowed = |whole: &Vec<_>| is_as_after(&found, whole);
                let allowed = &whole[ended..(ended + 2).min(whole.len())];
                assert!(allowed.iter().any(is_allowed), "{writes} {bytes} {which}: {found:?}");
            }
        }
        if !is_reached {
            break;
        }
    }
    assert!(cuts > 2_000, "{cuts}");
}

/// Cut off in the middle of making good what the first cut left, at any of its writes.
#[test]
fn a_pool_that_is_cut_off_while_it_opens_opens() {
    let whole = whole();
    let mut cuts = 0;
    for (writes, bytes, which) in first_cuts() {
        for (again, is_late) in second_cuts() {
            let Some((ended, handles)) = cut_off_at(Fuse { writes, bytes }) else { continue };
            if is_late {
                // What the killed one wrote has reached the disk by itself since, torn or not.
                handles.clone().iter_mut().for_each(|handle| handle.flush().expect("it is open"));
            }
            let limits = Limits::cut_off_at(again);
            // The first was a kill; the second is a power cut.
            if Pool::open(limits.on(&handles), 1).is_ok() {
                continue;
            }
            assert!(limits.is_dead(), "nothing else keeps it from opening");
            cuts += 1;
            lose_some(&handles, which);
            let pool = Pool::open(handles, 1).expect("a copy is sound");
            let found = contents(&pool);
            let allowed = &whole[ended..(ended + 2).min(whole.len())];
            let is_allowed = allowed.iter().any(|whole| is_as_after(&found, whole));
            assert!(is_allowed, "{writes} {bytes} {which} {again:?}: {found:?}");
        }
    }
    assert!(cuts > 500, "{cuts}");
}

/// Where the first cut is, and which handles lose what was not flushed at the second.
fn first_cuts() -> impl Iterator<Item = (u32, u32, u32)> {
    let at = (0..20).flat_map(|writes| [1, 60, 4_095].map(|bytes| (writes, bytes)));
    at.flat_map(|(writes, bytes)| (0..64).map(move |which| (writes, bytes, which)))
}

/// Where the second cut is, and whether it is long after the first.
fn second_cuts() -> impl Iterator<Item = (Fuse, bool)> {
    let at = (0..4).flat_map(|writes| [0, 60, 4_095].map(|bytes| Fuse { writes, bytes }));
    at.flat_map(|again| [false, true].map(|is_late| (again, is_late)))
}

/// What was found when it was opened stays, whatever a power cut takes afterwards.
#[test]
fn names_that_were_read_are_durable() {
    let whole = whole();
    for writes in 0..20 {
        for bytes in [1, 60, 4_095] {
            for which in 0..64 {
                let Some((ended, handles)) = cut_off_at(Fuse { writes, bytes }) else { continue };
                // Killed, so all that was written is still in the cache; the next one makes it
                // good, and then the power goes, at the worst.
                let mut pool = Pool::open(handles.clone(), 1).expect("a copy is sound");
                let after_kill = contents(&pool);
                lose_some(&handles, which);
                pool.restart(&mut |_| 0).expect("a copy is sound");
                let found = contents(&pool);
                assert_eq!(found.len(), after_kill.len(), "names that were read are durable");
                let allowed = &whole[ended..(ended + 2).min(whole.len())];
                assert!(allowed.iter().any(|whole| is_as_after(&found, whole)), "{found:?}");
            }
        }
    }
}

#[test]
fn any_damage_of_one_copy_of_the_names_is_made_good_and_of_both_is_refused() {
    let (pool, handles) = begin();
    let (right, images) = (contents(&pool), pool.images());
    let mut first = [0; 4];
    handles[0].read_at(0, &mut first).expect("it is there");
    let length = frame::HEADER_BYTES as u64 + u64::from(u32::from_le_bytes(first));
    for place in 0..2 {
        for offset in 0..length {
            let mut copies: Vec<Memory> = handles.iter().map(Memory::copied).collect();
            copies[place].write_at(offset, &[0xa5]).expect("there is room");
            let pool = Pool::open(copies, 1).expect("the other copy is sound");
            assert_eq!(contents(&pool), right);
            assert!(pool.images() == images, "byte {offset} of copy {place} is not made good");
        }
    }
    let mut copies = handles;
    for copy in &mut copies[..2] {
        copy.write_at(5, &[1, 2, 3, 4]).expect("there is room");
    }
    assert_eq!(Pool::open(copies, 1).err(), Some(FileError::NamesDamaged));
}

/// A sync that failed is never followed by one that succeeds.
#[test]
fn after_a_failed_sync_none_succeeds() {
    let (mut pool, _) = begin();
    pool.arm(Some(Fuse { writes: 0, bytes: 9 }));
    pool.rename("next", "current").expect("it is there");
    for _ in 0..2 {
        pool.sync(Extent::Names).expect("it is asked for");
        assert!(pool.complete_sync().is_some_and(|(_, result)| result.is_err()));
    }
    pool.restart(&mut |_| 0).expect("one copy is sound");
    pool.sync(Extent::Names).expect("it is asked for");
    assert!(pool.complete_sync().is_some_and(|(_, result)| result.is_ok()));
}
