//! What a crash leaves, one outcome or all of them. The rules are in the [module](super).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::Storage;
use super::super::SyncId;
use super::image::{SECTOR_BYTES, Sector};
use super::log::{Change, Claim, NameMap, Pending, is_within};
use super::store::{File, Files};
use super::{Choices, DiskFault, FileId};
use crate::view::Widget;

/// Of a long file, so many sectors are shown.
const SECTORS_SHOWN: u32 = 64;

/// What becomes of a pending change in a crash.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Survival {
    Lost,
    Kept,
    /// Of a sector, only the first bytes.
    Torn,
}

/// The places in the log of what a crash decides about one file.
#[derive(Default)]
struct Parts {
    /// Changes of the length.
    lengths: Vec<usize>,
    /// Versions of each sector.
    sectors: BTreeMap<u32, Vec<usize>>,
}

impl Files {
    /// Returns an iterator over every disk that a crash now could leave. The first is the plainest:
    /// all that is unsynced is lost. Two outcomes may hold the same bytes, if what was written did.
    pub fn crash_outcomes(&self) -> CrashOutcomes {
        CrashOutcomes { before: self.clone(), choices: Choices::default(), is_over: false }
    }

    /// Returns how many outcomes [`crash_outcomes`](Self::crash_outcomes) would give, at most
    /// `u64::MAX`, without making them.
    pub fn count_crash_outcomes(&self) -> u64 {
        let parts = self.parts();
        let of_file = |id: &FileId| parts.get(id).map_or(1, |parts| self.count_of_file(*id, parts));
        let of_names = |names: &NameMap| {
            names.values().map(of_file).fold(1, |all: u64, count| all.saturating_mul(count))
        };
        let versions = self.names_versions().map(|(_, names)| of_names(names));
        versions.fold(0, u64::saturating_add)
    }

    fn count_of_file(&self, id: FileId, parts: &Parts) -> u64 {
        let with_length = |kept: usize| {
            let len_bytes = self.length_after(id, &parts.lengths[..kept]);
            let shown = parts.sectors.iter().filter(|(sector, _)| is_within(**sector, len_bytes));
            shown.fold(1_u64, |all, (_, versions)| all.saturating_mul(self.options(versions)))
        };
        (0..=parts.lengths.len()).map(with_length).fold(0, u64::saturating_add)
    }

    /// Returns every directory that a crash could leave, oldest first, with its place in the log.
    pub(super) fn names_versions(&self) -> impl Iterator<Item = (Option<usize>, &Rc<NameMap>)> {
        let pending = self.log.iter().enumerate().filter_map(|(place, pending)| {
            let Change::Names(names) = &pending.change else { return None };
            Some((Some(place), names))
        });
        std::iter::once((None, &self.durable_names)).chain(pending)
    }

    fn parts(&self) -> BTreeMap<FileId, Parts> {
        let mut parts: BTreeMap<FileId, Parts> = BTreeMap::new();
        for (place, pending) in self.log.iter().enumerate() {
            match &pending.change {
                Change::Names(_) => {}
                Change::Grow { file, .. } | Change::Cut { file, .. } => {
                    parts.entry(*file).or_default().lengths.push(place);
                }
                Change::Sector { file, lands_at, .. } => {
                    let sectors = &mut parts.entry(*file).or_default().sectors;
                    sectors.entry(*lands_at).or_default().push(place);
                }
            }
        }
        parts
    }

    /// Returns the length of a file after these changes of it.
    fn length_after(&self, id: FileId, kept: &[usize]) -> u64 {
        let changed = kept.last().and_then(|place| self.log[*place].change.new_len_bytes());
        let durable = || self.by_id.get(&id).map_or(0, |file| file.durable.len_bytes());
        changed.unwrap_or_else(durable)
    }

    /// Returns in how many ways a sector with these versions can survive.
    fn options(&self, versions: &[usize]) -> u64 {
        let ways = if self.torn_bytes.is_some() { 2 } else { 1 };
        1 + ways * versions.len() as u64
    }

    /// Decides about everything that is pending, in a manner that itself is chosen: nothing
    /// survives, everything does, all up to some write does, or anything that is allowed. All are
    /// cases of the last; alone, it would almost never draw the others.
    fn survivals(&self, choose: &mut dyn FnMut(u64) -> u64) -> Vec<Survival> {
        let count = self.log.len();
        if count == 0 {
            return Vec::new();
        }
        let kept = match pick(choose, 4) {
            0 => 0,
            1 => count,
            2 => pick(choose, count + 1),
            _ => return self.any_survivals(choose),
        };
        let survival = |place| if place < kept { Survival::Kept } else { Survival::Lost };
        (0..count).map(survival).collect()
    }

    /// Decides about each part on its own.
    fn any_survivals(&self, choose: &mut dyn FnMut(u64) -> u64) -> Vec<Survival> {
        let mut survivals = vec![Survival::Lost; self.log.len()];
        let versions: Vec<_> = self.names_versions().collect();
        let (place, names) = versions[pick(choose, versions.len())];
        if let Some(place) = place {
            survivals[place] = Survival::Kept;
        }
        let parts = self.parts();
        for (id, parts) in names.values().filter_map(|id| Some((*id, parts.get(id)?))) {
            let kept = &parts.lengths[..pick(choose, parts.lengths.len() + 1)];
            for place in kept {
                survivals[*place] = Survival::Kept;
            }
            let len_bytes = self.length_after(id, kept);
            let shown = parts.sectors.iter().filter(|(sector, _)| is_within(**sector, len_bytes));
            for (_, versions) in shown {
                let options = usize::try_from(self.options(versions)).unwrap_or(usize::MAX);
                let Some(picked) = pick(choose, options).checked_sub(1) else { continue };
                let is_torn = picked >= versions.len();
                let survival = if is_torn { Survival::Torn } else { Survival::Kept };
                survivals[versions[picked % versions.len()]] = survival;
            }
        }
        survivals
    }

    /// Loses power: the survivors are carried out in order, and the disk starts anew.
    fn lose_power(&mut self, survivals: &[Survival]) {
        let log = std::mem::take(&mut self.log);
        for (pending, survival) in log.iter().zip(survivals) {
            match survival {
                Survival::Lost => {}
                Survival::Kept => self.make_durable(&pending.change),
                Survival::Torn => {
                    let torn = self.torn(&pending.change);
                    self.make_durable(&torn);
                }
            }
        }
        self.torn_bytes = None;
        self.asked.clear();
        self.requests.clear();
        self.restart();
    }

    /// Returns the change with only the first bytes of its sector new.
    fn torn(&self, change: &Change) -> Change {
        let mut torn = change.clone();
        if let Change::Sector { file, lands_at, version, .. } = &mut torn {
            let kept = self.torn_bytes.map_or(SECTOR_BYTES, usize::from).min(SECTOR_BYTES);
            if let Some(old) = self.by_id.get(file) {
                let mut bytes = *old.durable.sector(*lands_at);
                bytes[..kept].copy_from_slice(&version.bytes()[..kept]);
                *version = Sector::new(&bytes);
            }
        }
        torn
    }

    /// Keeps what the durable directory names, and numbers it anew in the order of names: what a
    /// disk holds after a crash does not depend on how it came to hold it.
    fn restart(&mut self) {
        let mut old = std::mem::take(&mut self.by_id);
        let mut names = NameMap::new();
        for (name, id) in self.durable_names.iter() {
            let mut file = old.remove(id).map(Rc::unwrap_or_clone).unwrap_or_default();
            file.restart();
            let id = FileId(u32::try_from(names.len()).unwrap_or(u32::MAX));
            names.insert(name.clone(), id);
            self.by_id.insert(id, Rc::new(file));
        }
        self.next_file = FileId(u32::try_from(names.len()).unwrap_or(u32::MAX));
        self.names = Rc::new(names);
        self.durable_names = self.names.clone();
    }
}

impl File {
    /// Cuts what survived past the end of the file, and forgets the cache.
    fn restart(&mut self) {
        self.durable.cut(self.durable.len_bytes());
        let len_bytes = self.durable.len_bytes();
        self.rotten.retain(|sector| is_within(*sector, len_bytes));
        self.unreadable.retain(|sector| is_within(*sector, len_bytes));
        self.cached = self.durable.clone();
        self.is_removed = false;
    }
}

/// Returns one of `0..options`, whatever `choose` says; asks nothing if there is no choice.
fn pick(choose: &mut dyn FnMut(u64) -> u64, options: usize) -> usize {
    if options <= 1 {
        return 0;
    }
    let picked = usize::try_from(choose(options as u64)).unwrap_or(usize::MAX);
    picked.min(options - 1)
}

impl Storage for Files {
    fn wants_sync(&self) -> bool {
        !self.asked.is_empty()
    }

    fn is_dirty(&self) -> bool {
        self.log.iter().any(|pending: &Pending| pending.claim == Claim::Unclaimed)
    }

    fn sync_asked(&mut self, sync: SyncId, everything: bool) {
        if everything {
            self.sync_everything();
        }
        self.name_sync(sync);
    }

    fn sync_started(&mut self, sync: SyncId) {
        self.start_sync(sync);
    }

    fn sync_completed(&mut self, sync: SyncId) -> bool {
        self.complete_sync(sync)
    }

    fn crashed(&mut self, choose: &mut dyn FnMut(u64) -> u64) {
        let survivals = self.survivals(choose);
        self.lose_power(&survivals);
    }

    fn fault(&mut self, fault: &DiskFault) -> bool {
        self.suffer(fault)
    }

    fn show(&self) -> Vec<Widget> {
        self.picture(SECTORS_SHOWN).widgets()
    }

    fn sync_percent(&self) -> u32 {
        self.sync_percent
    }

    fn written_bytes(&self) -> u64 {
        self.written_bytes
    }
}

/// Every disk that a crash could leave: [`Files::crash_outcomes`].
///
/// There may be very many: [`Files::count_crash_outcomes`] tells, [`Iterator::take`] limits.
#[derive(Clone, Debug)]
pub struct CrashOutcomes {
    before: Files,
    choices: Choices,
    is_over: bool,
}

impl Iterator for CrashOutcomes {
    type Item = Files;

    fn next(&mut self) -> Option<Files> {
        if self.is_over {
            return None;
        }
        let survivals = self.before.any_survivals(&mut |options| self.choices.choose(options));
        self.is_over = !self.choices.advance();
        let mut after = self.before.clone();
        after.lose_power(&survivals);
        Some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Extent, FileSystem as _};
    use super::*;

    fn is_synced(disk: &mut Files, sync: u32) -> bool {
        disk.sync_asked(SyncId(sync), false);
        disk.sync_started(SyncId(sync));
        disk.sync_completed(SyncId(sync))
    }

    /// A sync fails, what was written is written anew and synced: no crash brings the first back.
    #[test]
    fn what_failed_never_comes_back_over_what_was_synced_later() {
        let mut disk = Files::default();
        let file = disk.create("a").expect("the name is free");
        disk.write_at(file, 0, &[1; 1_024]).expect("there is room");
        disk.sync(Extent::Names).expect("it is a sync");
        disk.sync(Extent::File(file)).expect("it is open");
        disk.fault(&DiskFault::FailSyncs { count: 1 });
        assert!(!is_synced(&mut disk, 0));
        disk.rename("a", "b").expect("it is there");
        disk.truncate(file, 600).expect("it is open");
        disk.write_at(file, 0, &[2; 600]).expect("there is room");
        disk.sync(Extent::Names).expect("it is a sync");
        disk.sync(Extent::File(file)).expect("it is open");
        assert!(is_synced(&mut disk, 1));
        let outcomes: Vec<Files> = disk.crash_outcomes().collect();
        assert_eq!(outcomes.len(), 1);
        assert_eq!(outcomes[0].names(), ["b"]);
        let mut bytes = [0; 1_024];
        let file = outcomes[0].open("b").expect("it is there");
        assert_eq!(outcomes[0].read_at(file, 0, &mut bytes), Ok(600));
        assert_eq!(bytes[..600], [2; 600]);
    }
}
