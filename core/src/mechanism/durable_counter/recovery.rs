//! What can be known from what is on the disk.

use super::area::{self, Kept, Record, Slot, Snapshot};
use super::{CounterError, Settings};
use crate::mechanism::small_map::SmallMap;
use crate::sim::FileSystem;

/// What is known of a counter.
#[derive(Clone, Debug, Default)]
pub(super) struct Recovered {
    /// How far it was counted.
    pub(super) last: u64,
    /// The last question that was counted, of each who asked.
    pub(super) asked: SmallMap<u16, u32>,
    /// The areas in which something is damaged.
    pub(super) damaged: Vec<&'static str>,
}

impl Recovered {
    fn of(snapshot: &Snapshot) -> Self {
        let asked = snapshot.asked.iter().copied().collect();
        Self { last: snapshot.count, asked, damaged: Vec::new() }
    }

    fn count(&mut self, record: &Record) {
        self.last = self.last.saturating_add(1);
        let last = self.asked.get_or_insert(record.source, record.question);
        *last = record.question.max(*last);
    }
}

/// A copy, as it is on the disk.
struct Copy {
    kept: Kept,
    log: Vec<Slot>,
}

impl Copy {
    /// Returns true if something here is not what was written, or not where it was to be written.
    fn is_damaged(&self, settings: &Settings) -> bool {
        self.kept == Kept::Bad || self.bad_slots(settings).next().is_some()
    }

    /// Returns the places in the log where that is so.
    fn bad_slots(&self, settings: &Settings) -> impl Iterator<Item = u64> {
        let is_bad = move |(place, slot): &(u64, &Slot)| match slot {
            Slot::Empty => false,
            Slot::Bad => true,
            Slot::Record(record) => {
                settings.is_numbered && record.sequence % settings.slots() != *place
            }
        };
        (0..).zip(&self.log).filter(is_bad).map(|(place, _)| place)
    }
}

fn read(disk: &dyn FileSystem, settings: &Settings) -> Result<Vec<Copy>, CounterError> {
    let mut copies = Vec::new();
    for area in settings.areas() {
        let kept = area::read_snapshot(disk, area, settings)?;
        copies.push(Copy { kept, log: area::read_log(disk, area, settings)? });
    }
    Ok(copies)
}

/// Says what is damaged on a disk, each with what it is made good from, if it can be recovered.
///
/// # Errors
///
/// If the disk cannot be read, or a later revision wrote it.
pub fn mendings(disk: &dyn FileSystem, settings: &Settings) -> Result<Vec<String>, CounterError> {
    let copies = read(disk, settings)?;
    let is_in_all =
        |slot: &u64| copies.iter().all(|it| it.bad_slots(settings).any(|it| it == *slot));
    let has_own = |copy: &Copy| {
        copy.kept == Kept::Bad && copies.len() > 1
            || copy.bad_slots(settings).any(|slot| !is_in_all(&slot))
    };
    let areas = settings.areas().iter().zip(&copies).filter(|(_, copy)| has_own(copy));
    let mut words: Vec<String> =
        areas.map(|(area, _)| format!("copy {area}, from the other one")).collect();
    if copies.iter().any(|copy| copy.bad_slots(settings).any(|slot| is_in_all(&slot))) {
        // Where it can be recovered no count is missing: a record that the snapshot covers was here, or none
        // was yet.
        let idle =
            "a place in the log that no count needs, bad in every copy: the logs are written anew";
        words.push(idle.into());
    }
    Ok(words)
}

/// Counts what is on the disk.
///
/// # Errors
///
/// If what follows on some count is damaged in every copy, or the disk cannot.
pub(super) fn recover(
    disk: &dyn FileSystem,
    settings: &Settings,
) -> Result<Recovered, CounterError> {
    let copies = read(disk, settings)?;
    let mut recovered =
        if settings.is_numbered { numbered(&copies, settings) } else { cut(&copies, settings) }?;
    let areas = settings.areas().iter().zip(&copies);
    recovered.damaged =
        areas.filter(|(_, copy)| copy.is_damaged(settings)).map(|(area, _)| *area).collect();
    Ok(recovered)
}

/// Returns the highest snapshot of some copies.
fn highest(copies: &[Copy], settings: &Settings) -> Result<Snapshot, CounterError> {
    let good = copies.iter().filter_map(|copy| match &copy.kept {
        Kept::Snapshot(snapshot) => Some(snapshot),
        Kept::Nothing | Kept::Bad => None,
    });
    // All areas get their first snapshot before anything is counted: where one lacks it, nothing was.
    let is_new = copies.iter().any(|copy| copy.kept == Kept::Nothing);
    match good.max_by_key(|snapshot| snapshot.count) {
        Some(snapshot) => Ok(snapshot.clone()),
        None if is_new || !settings.refuses_damage => Ok(Snapshot::default()),
        None => Err(CounterError::Damaged { after: 0 }),
    }
}

/// Goes on from the highest snapshot as long as some copy has the next record.
fn numbered(copies: &[Copy], settings: &Settings) -> Result<Recovered, CounterError> {
    let mut recovered = Recovered::of(&highest(copies, settings)?);
    // Wherever it stands: a write that landed elsewhere is still what was written.
    let records = || {
        copies.iter().flat_map(|copy| &copy.log).filter_map(|slot| match slot {
            Slot::Record(record) => Some(record),
            Slot::Empty | Slot::Bad => None,
        })
    };
    while let Some(record) =
        records().find(|record| Some(record.sequence) == recovered.last.checked_add(1))
    {
        recovered.count(record);
    }
    let after = recovered.last;
    let is_damaged = |copy: &Copy| is_no_end(&copy.log, after, settings.slots());
    let was_more = records().any(|record| record.durable > after);
    if settings.refuses_damage && (was_more || copies.iter().all(is_damaged)) {
        return Err(CounterError::Damaged { after });
    }
    Ok(recovered)
}

/// Returns true if what stands in the place of the record behind `after` is neither what was there
/// before it nor nothing.
fn is_no_end(log: &[Slot], after: u64, slots: u64) -> bool {
    let next = after.saturating_add(1);
    match log.get(usize::try_from(next % slots).unwrap_or_default()) {
        None | Some(Slot::Empty) => false,
        Some(Slot::Bad) => true,
        // One lap ago this was the record of this place.
        Some(Slot::Record(record)) => record.sequence.checked_add(slots) != Some(next),
    }
}

/// Counts whatever a log holds on top of its copy's snapshot; the copy that has most is believed.
fn cut(copies: &[Copy], settings: &Settings) -> Result<Recovered, CounterError> {
    let mut best: Option<Recovered> = None;
    let mut after = 0;
    for copy in copies {
        let Ok(snapshot) = highest(std::slice::from_ref(copy), settings) else { continue };
        let mut recovered = Recovered::of(&snapshot);
        let mut end = None;
        for slot in &copy.log {
            let Slot::Record(record) = slot else {
                end = Some(slot);
                break;
            };
            recovered.count(record);
        }
        after = recovered.last.max(after);
        let is_damaged = settings.refuses_damage && end == Some(&Slot::Bad);
        if !is_damaged && best.as_ref().is_none_or(|best| best.last < recovered.last) {
            best = Some(recovered);
        }
    }
    best.ok_or(CounterError::Damaged { after })
}
