//! Whoever runs an engine: has it operate, ends its syncs, and asks what it holds.

use serde::{Deserialize, Serialize};

use super::{Disk, Engine, Held, OnDisk};

/// After so many operations the engine is told to sync; 0 for never.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SyncEach(pub u32);

/// An engine that has come up.
pub struct Runner {
    on_disk: &'static OnDisk,
    engine: Box<dyn Engine>,
    sync_each: SyncEach,
    unsynced: u32,
    /// It has taken operations once; what it found left to do then may have failed since, as it says itself.
    has_come_up: bool,
}

/// How many syncs an engine may need to come to rest: more is an error of its own.
const MOST_SYNCS: u32 = 10_000;
const NOT_UP: &str = "The store does not come up.";

impl Runner {
    /// Opens what is on the disk and lets it come up.
    ///
    /// # Errors
    ///
    /// If it does not come up, in the engine's sentence or the disk's.
    pub fn open(
        on_disk: &'static OnDisk,
        disk: &mut dyn Disk,
        sync_each: SyncEach,
    ) -> Result<Self, String> {
        let opened = Self::open_within(on_disk, disk, sync_each, MOST_SYNCS)?;
        opened.ok_or_else(|| NOT_UP.into())
    }

    /// Opens what is on the disk and ends so many syncs at most; none if it has not come up by
    /// then.
    pub(super) fn open_within(
        on_disk: &'static OnDisk,
        disk: &mut dyn Disk,
        sync_each: SyncEach,
        most_syncs: u32,
    ) -> Result<Option<Self>, String> {
        let mut runner = Self::begin(on_disk, disk, sync_each)?;
        for _ in 0..most_syncs {
            if runner.has_come_up || !runner.rest_some(disk)? {
                break;
            }
        }
        if !runner.has_come_up {
            return Ok(None);
        }
        runner.settle(disk)?;
        Ok(Some(runner))
    }

    /// Begins to open what is on the disk: when it [rests](Self::rest_some) it is [up](Self::up).
    ///
    /// # Errors
    ///
    /// If what is there cannot be believed, in the engine's sentence.
    pub fn begin(
        on_disk: &'static OnDisk,
        disk: &mut dyn Disk,
        sync_each: SyncEach,
    ) -> Result<Self, String> {
        let engine = (on_disk.open)(disk)?;
        let has_come_up = engine.is_ready();
        Ok(Self { on_disk, engine, sync_each, unsynced: 0, has_come_up })
    }

    /// Returns it if it has come up.
    ///
    /// # Errors
    ///
    /// If it has not: while it does not rest it may still.
    pub fn up(self) -> Result<Self, String> {
        if self.has_come_up { Ok(self) } else { Err(NOT_UP.into()) }
    }

    /// Ends the sync that has been asked for, and has the engine do what comes of that; false if it rests. What
    /// many operations have left to do may take long, so whoever runs an engine for somebody who looks on does
    /// it one by one.
    ///
    /// # Errors
    ///
    /// If the sync fails, in a sentence.
    pub fn rest_some(&mut self, disk: &mut dyn Disk) -> Result<bool, String> {
        match disk.complete_sync() {
            None => Ok(false),
            Some((sync, Ok(()))) => {
                self.engine.synced(disk, sync);
                self.has_come_up |= self.engine.is_ready();
                Ok(true)
            }
            Some((sync, Err(error))) => {
                self.engine.sync_failed(sync);
                Err(error.to_string())
            }
        }
    }

    /// Ends all syncs, and those that come of that.
    fn settle(&mut self, disk: &mut dyn Disk) -> Result<(), String> {
        for _ in 0..MOST_SYNCS {
            if !self.rest_some(disk)? {
                return Ok(());
            }
        }
        Err("The store asks for syncs without end.".into())
    }

    /// Carries out the next operation, and syncs if that is due.
    ///
    /// # Errors
    ///
    /// If the operation is refused or a sync has failed, in a sentence; what was acknowledged stays
    /// so.
    pub fn operate(&mut self, disk: &mut dyn Disk) -> Result<(), String> {
        let number = self.written() + 1;
        self.engine.operate(disk, number)?;
        self.unsynced += 1;
        if self.sync_each.0 > 0 && self.unsynced >= self.sync_each.0 {
            return self.sync(disk);
        }
        self.settle(disk)
    }

    /// Makes every operation so far durable.
    ///
    /// # Errors
    ///
    /// If that fails, in a sentence.
    pub fn sync(&mut self, disk: &mut dyn Disk) -> Result<(), String> {
        self.unsynced = 0;
        self.engine.sync(disk)?;
        self.settle(disk)
    }

    /// From here on it is told to sync so often. What is due by that is asked for at once, and ended as it
    /// comes to [rest](Self::rest_some).
    ///
    /// # Errors
    ///
    /// If the disk refuses, in a sentence.
    pub fn sync_each(&mut self, disk: &mut dyn Disk, sync_each: SyncEach) -> Result<(), String> {
        self.sync_each = sync_each;
        if sync_each.0 == 0 || self.unsynced < sync_each.0 {
            return Ok(());
        }
        self.unsynced = 0;
        self.engine.sync(disk)
    }

    /// Returns the last operation that is carried out or was found.
    pub fn written(&self) -> u64 {
        self.engine.written()
    }

    /// Returns the last operation that is promised.
    pub fn acknowledged(&self) -> u64 {
        self.engine.acknowledged()
    }

    /// Says what was damaged and made good when it came up; see [`Engine::mended`].
    pub fn mended(&self) -> Vec<String> {
        self.engine.mended()
    }

    /// Begins to compare what is there with what was acknowledged before: operations up to
    /// `acknowledged`, of `issued` in all. Of the acknowledged ones only the last can be looked up:
    /// [`OnDisk::keeps`].
    pub fn tally(&self, acknowledged: u64, issued: u64) -> Tally {
        let issued = issued.max(acknowledged).max(self.written());
        let first = acknowledged.saturating_sub(self.on_disk.keeps) + 1;
        Tally { acknowledged, issued, next: first, first, ..Tally::default() }
    }

    /// Looks up the next operation of a tally; false when all are told.
    ///
    /// # Errors
    ///
    /// If the engine reads what it cannot believe, in its sentence.
    pub fn count(&mut self, disk: &dyn Disk, tally: &mut Tally) -> Result<bool, String> {
        if tally.next > tally.issued {
            return Ok(false);
        }
        let number = tally.next;
        tally.next += 1;
        let is_promised = number <= tally.acknowledged;
        match self.engine.held(disk, number)? {
            Held::Whole if is_promised => {}
            Held::Missing if is_promised => tally.lost.push(number),
            Held::Whole if number <= self.written() => tally.recovered += 1,
            // What is there without those before it is written again.
            Held::Whole | Held::Missing => tally.gone += 1,
            Held::Wrong => tally.wrong.push(number),
        }
        Ok(true)
    }
}

/// What a recovery has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The first operation that is looked up: of those before it nothing is said.
    pub first: u64,
    /// Operations up to this one had been acknowledged.
    pub acknowledged: u64,
    /// The last operation that anybody knows of.
    pub issued: u64,
    /// So many beyond the acknowledged ones are there.
    pub recovered: u64,
    /// So many beyond the acknowledged ones are not: nobody was promised any.
    pub gone: u64,
    /// Acknowledged ones that are not there.
    pub lost: Vec<u64>,
    /// Operations in whose place is something that nobody wrote.
    pub wrong: Vec<u64>,
    /// The operation that is looked up next.
    pub next: u64,
}

impl Tally {
    /// Looks up no more than so many of the acknowledged ones: the last.
    pub fn only_last(&mut self, count: u64) {
        self.first = self.first.max(self.acknowledged.saturating_sub(count) + 1);
        self.next = self.next.max(self.first);
    }

    /// Returns how many of the acknowledged ones are looked up.
    pub fn looked_up(&self) -> u64 {
        (self.acknowledged + 1).saturating_sub(self.first)
    }

    /// Returns true if of what is looked up no promise is broken and nothing is foreign.
    pub fn is_kept(&self) -> bool {
        self.lost.is_empty() && self.wrong.is_empty()
    }
}
