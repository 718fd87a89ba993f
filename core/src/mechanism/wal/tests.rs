//! A crash at every change of the disk, and damage to every byte.

use super::{Log, LogError, Place, Settings};
use crate::mechanism::bench::{self, Hears, Watched};
use crate::mechanism::mount::State;
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{DiskFault, FileSystem as _, Files, Storage as _, SyncId};

const NAME: &str = "it.log";

type Record = (u32, Vec<u8>);
type Bench = bench::Bench<Log<Record>>;

impl Hears for Log<Record> {
    fn synced(&mut self, disk: &mut Watched, sync: SyncId) {
        Self::synced(self, disk, sync);
    }

    fn sync_failed(&mut self, sync: SyncId) {
        Self::sync_failed(self, sync);
    }
}

/// The record with this number: of many lengths, so that sectors end in many ways.
fn record(number: u32) -> Record {
    let length = [3, 90, 200, 0, 150][number as usize % 5];
    (number, vec![u8::try_from(number).unwrap_or_default(); length])
}

fn records(to: u64) -> Vec<Record> {
    (1..=u32::try_from(to).unwrap_or_default()).map(record).collect()
}

fn open(settings: Settings, files: Files) -> Result<(Bench, Vec<Record>), LogError> {
    let mut found = Vec::new();
    let mut bench = Bench::open(files, true, |disk| {
        let (log, records) = Log::open(settings, NAME, disk)?;
        found = records.into_iter().map(|(_, record)| record).collect();
        Ok::<_, LogError>(log)
    })?;
    bench.settle();
    Ok((bench, found))
}

fn append(bench: &mut Bench, number: u32) -> Place {
    bench.act(|log, disk| log.append(disk, &record(number))).expect("there is room")
}

/// Appends records up to `to`; a sync is asked for after each `each`, and ends `lag` records later.
fn filled(settings: Settings, to: u32, each: u32, lag: u32) -> (Bench, Vec<Moment>) {
    let (mut bench, _) = open(settings, Files::default()).expect("it begins");
    let mut moments = Vec::new();
    for number in 1..=to {
        bench.disk.pictures = Some(Vec::new());
        append(&mut bench, number);
        if number % each == 0 {
            bench.act(|log, disk| log.sync(disk));
        }
        let acknowledged = bench.engine.durable();
        let files = bench.disk.pictures.take().unwrap_or_default();
        moments.extend(files.into_iter().map(|files| Moment { files, acknowledged, number }));
        if number % each == lag {
            bench.settle();
        }
        let (files, acknowledged) = (bench.disk.files.clone(), bench.engine.durable());
        moments.push(Moment { files, acknowledged, number });
    }
    (bench, moments)
}

/// A disk before a change, what was promised then, and what was appended.
struct Moment {
    files: Files,
    acknowledged: u64,
    number: u32,
}

/// Opens everything that a crash may leave; returns how many disks that was, and the first harm.
fn explore(settings: Settings, moments: &[Moment]) -> (usize, Option<String>) {
    let mut disks = 0;
    for moment in moments {
        for files in moment.files.crash_outcomes() {
            disks += 1;
            let harm = match open(settings, files) {
                Err(error) => error.to_string(),
                Ok((bench, found)) => {
                    let count = found.len() as u64;
                    let is_right = found == records(count) && bench.engine.durable() == count;
                    let range = moment.acknowledged..=u64::from(moment.number);
                    if is_right && range.contains(&count) {
                        continue;
                    }
                    format!("{count} found, {} promised", moment.acknowledged)
                }
            };
            return (disks, Some(harm));
        }
    }
    (disks, None)
}

#[test]
fn no_crash_undoes_what_is_durable_or_leaves_a_hole() {
    let mut disks = 0;
    for (each, lag) in [(1, 0), (3, 0), (4, 2), (20, 0)] {
        let (_, moments) = filled(Settings::default(), 17, each, lag);
        let (explored, harm) = explore(Settings::default(), &moments);
        assert_eq!(harm, None, "a sync each {each}, {lag} later");
        disks += explored;
    }
    assert!(disks > 1_000, "{disks}");
}

#[test]
fn no_crash_in_recovery_does_either() {
    let (_, moments) = filled(Settings::default(), 9, 4, 2);
    let mut disks = 0;
    for moment in moments {
        for files in moment.files.crash_outcomes().step_by(3) {
            let (mut bench, found) = open(Settings::default(), files).expect("nothing is damaged");
            append(&mut bench, u32::try_from(found.len()).unwrap_or_default() + 1);
            for files in bench.disk.pictures.take().unwrap_or_default() {
                for files in files.crash_outcomes() {
                    disks += 1;
                    let (_, again) = open(Settings::default(), files).expect("nothing is damaged");
                    assert_eq!(again, found);
                }
            }
        }
    }
    assert!(disks > 500, "{disks}");
}

/// Every byte of what is durable, and every sector, the last record not excepted.
#[test]
fn damage_to_what_is_durable_is_refused() {
    let (bench, _) = filled(Settings::default(), 12, 1, 0);
    let files = bench.crashed(&mut |_| 0);
    for offset in 0..bench.engine.len_bytes() {
        for bit in [0, 3, 7] {
            let mut rotten = files.clone();
            assert!(rotten.fault(&DiskFault::BitRot { file: NAME.into(), offset, bit }));
            match open(Settings::default(), rotten) {
                Err(LogError::Damaged { at_byte, .. }) => assert!(at_byte <= offset),
                Err(other) => panic!("byte {offset}: {other}"),
                // Behind a record that fills its sector to near the end nothing is read.
                Ok((_, found)) => assert_eq!(found, records(12), "byte {offset}"),
            }
        }
    }
    for offset in (0..bench.engine.len_bytes()).step_by(SECTOR_BYTES) {
        let mut bad = files.clone();
        assert!(bad.fault(&DiskFault::ReadError { file: NAME.into(), offset }));
        let refused = open(Settings::default(), bad).map(|(_, found)| found);
        assert_eq!(refused, Err(LogError::Damaged { file: NAME.into(), at_byte: offset }));
    }
}

/// A misdirected write: what was on its way to the first sector of records is where the header was.
#[test]
fn a_record_in_the_place_of_the_header_is_no_header() {
    let (mut bench, _) = filled(Settings::default(), 1, 1, 0);
    bench.fault(&DiskFault::Misdirect { file: NAME.into(), to_sector: 0 });
    append(&mut bench, 2);
    bench.act(|log, disk| log.sync(disk));
    bench.settle();
    let refused = open(Settings::default(), bench.crashed(&mut |_| 0)).map(|(_, found)| found);
    assert_eq!(refused, Err(LogError::Damaged { file: NAME.into(), at_byte: 0 }));
}

/// A misdirected write lands on what the same sync makes durable: nothing says that it was, but what lies there
/// belongs elsewhere.
#[test]
fn a_record_in_the_place_of_another_of_its_batch_is_found() {
    for sectors_tear in [false, true] {
        let settings = Settings { sectors_tear, ..Settings::default() };
        let (mut bench, _) = filled(settings, 3, 1, 0);
        let places: Vec<Place> = (4..=12).map(|number| append(&mut bench, number)).collect();
        let sector_of = |place: &Place| place.at_byte / SECTOR_BYTES as u64;
        let first = places.iter().map(sector_of).find(|it| *it > sector_of(&places[0]));
        let to_sector = u32::try_from(first.expect("it fills sectors")).expect("short");
        bench.fault(&DiskFault::Misdirect { file: NAME.into(), to_sector });
        let next = append(&mut bench, 13);
        assert!(sector_of(&next) > u64::from(to_sector), "{next:?}");
        bench.act(|log, disk| log.sync(disk));
        bench.settle();
        let refused = open(settings, bench.crashed(&mut |_| 0)).map(|(_, found)| found);
        let at_byte = u64::from(to_sector) * SECTOR_BYTES as u64;
        assert_eq!(
            refused,
            Err(LogError::Damaged { file: NAME.into(), at_byte }),
            "{sectors_tear}"
        );
    }
}

/// The longest records there can be, and many behind them: what is written anew is no longer than it was.
#[test]
fn what_was_taken_can_be_read_again_however_long() {
    let (mut bench, _) = open(Settings::default(), Files::default()).expect("it begins");
    let most = (0..SECTOR_BYTES).rev().find(|length| {
        let long: Record = (1, vec![1; *length]);
        bench.act(|log, disk| log.append(disk, &long)).is_ok()
    });
    assert!(most.is_some());
    for number in 1..=200 {
        append(&mut bench, number);
    }
    bench.act(|log, disk| log.sync(disk));
    bench.settle();
    let (_, found) = open(Settings::default(), bench.crashed(&mut |_| 0)).expect("it opens");
    assert_eq!(found.len(), 201);
}

#[test]
fn without_sums_rot_is_served_and_without_refusal_the_rest_is_lost() {
    let (bench, _) = filled(Settings::default(), 12, 1, 0);
    let mut files = bench.crashed(&mut |_| 0);
    // The second record's own bytes.
    let offset = SECTOR_BYTES as u64 + 150;
    assert!(files.fault(&DiskFault::BitRot { file: NAME.into(), offset, bit: 1 }));
    let unsummed = Settings { is_summed: false, ..Settings::default() };
    let (_, found) = open(unsummed, files.clone()).expect("nothing is checked");
    assert_eq!(found.len(), 12);
    assert_ne!(found, records(12));
    let careless = Settings { refuses_damage: false, ..Settings::default() };
    let (_, found) = open(careless, files).expect("nothing is refused");
    assert_eq!(found, records(1));
}

/// Half a sector: who does not reckon with it refuses, who does cuts it off, and rot in the last record too.
#[test]
fn a_torn_sector_is_cut_off_by_whoever_reckons_with_it() {
    let torn = Settings { sectors_tear: true, ..Settings::default() };
    let (mut bench, _) = filled(torn, 3, 1, 0);
    let fourth = append(&mut bench, 4);
    bench.act(|log, disk| log.sync(disk));
    bench.settle();
    // Behind the length and the sum of the record that comes next.
    let bytes = bench.engine.len_bytes() % SECTOR_BYTES as u64 + 9;
    let bytes = u16::try_from(bytes).unwrap_or_default();
    bench.fault(&DiskFault::TornSectors { bytes });
    append(&mut bench, 5);
    let outcomes = || bench.disk.files.crash_outcomes();
    for files in outcomes() {
        let (_, found) = open(torn, files).expect("a crash damages nothing");
        assert!(found == records(4) || found == records(5), "{}", found.len());
    }
    let refused = outcomes().filter(|files| open(Settings::default(), files.clone()).is_err());
    assert!(refused.count() > 0);

    bench.act(|log, disk| log.sync(disk));
    bench.settle();
    let mut files = bench.crashed(&mut |_| 0);
    let offset = bench.engine.len_bytes() - 1;
    assert!(files.fault(&DiskFault::BitRot { file: NAME.into(), offset, bit: 1 }));
    let (_, found) = open(torn, files.clone()).expect("it passes for a tear");
    assert_eq!(found, records(4));
    assert!(open(Settings::default(), files).is_err());

    // The last record says that the one before it, in the same sector, was durable.
    let mut files = bench.crashed(&mut |_| 0);
    let offset = fourth.at_byte + 9;
    assert_eq!(
        fourth.at_byte / SECTOR_BYTES as u64,
        (bench.engine.len_bytes() - 1) / SECTOR_BYTES as u64
    );
    assert!(files.fault(&DiskFault::BitRot { file: NAME.into(), offset, bit: 1 }));
    let refused = open(torn, files).map(|(_, found)| found);
    assert_eq!(refused, Err(LogError::Damaged { file: NAME.into(), at_byte: fourth.at_byte }));
}

#[test]
fn records_are_read_where_they_were_placed_also_after_a_restart() {
    let (mut bench, _) = open(Settings::default(), Files::default()).expect("it begins");
    let mut places: Vec<Place> = (1..=30).map(|number| append(&mut bench, number)).collect();
    bench.act(|log, disk| log.sync(disk));
    bench.settle();
    for round in 0..2 {
        for (number, place) in (1..).zip(&places) {
            let read = bench.engine.read(&bench.disk, place.at_byte);
            assert_eq!(read, Ok((u64::from(number), record(number))), "round {round}");
        }
        let files = bench.crashed(&mut |_| 0);
        let opened = Bench::open(files, false, |disk| {
            let (log, records) = Log::open(Settings::default(), NAME, disk)?;
            places = records.into_iter().map(|(place, _)| place).collect();
            assert_eq!(log.read(disk, places[0].at_byte), Err(LogError::Busy));
            Ok::<_, LogError>(log)
        });
        bench = opened.expect("nothing is damaged");
        bench.settle();
    }
    assert!(bench.engine.read(&bench.disk, places[3].at_byte + 1).is_err());
}

#[test]
fn after_a_failed_sync_nothing_is_written_until_it_is_opened_again() {
    let (mut bench, _) = filled(Settings::default(), 3, 1, 0);
    bench.fault(&DiskFault::FailSyncs { count: 1 });
    append(&mut bench, 4);
    bench.act(|log, disk| log.sync(disk));
    bench.settle();
    assert_eq!(bench.engine.state(), State::InDoubt);
    let refused = bench.act(|log, disk| log.append(disk, &record(5)));
    assert_eq!(refused, Err(LogError::InDoubt));
    let (again, found) = open(Settings::default(), bench.disk.files.clone()).expect("it opens");
    assert!((3..=4).contains(&found.len()));
    // What was found is durable now.
    let (_, kept) = open(Settings::default(), again.crashed(&mut |_| 0)).expect("it opens");
    assert_eq!(kept, found);
}

#[test]
fn what_does_not_fit_and_what_is_newer_is_refused() {
    let (mut bench, _) = open(Settings::default(), Files::default()).expect("it begins");
    let long: Record = (1, vec![1; SECTOR_BYTES]);
    let refused = bench.act(|log, disk| log.append(disk, &long));
    assert!(matches!(refused, Err(LogError::TooLong { .. })), "{refused:?}");
    assert_eq!(bench.engine.state(), State::Open);

    let mut newer = bench.disk.files;
    let mut bytes = Vec::new();
    crate::mechanism::frame::append(
        &mut bytes,
        &postcard::to_allocvec(&(9_u16, 0_u64)).expect("short"),
    );
    let file = newer.open(NAME).expect("it is there");
    newer.write_at(file, 0, &bytes).expect("there is room");
    assert_eq!(open(Settings::default(), newer).map(|_| ()), Err(LogError::NewerFormat(9)));
}
