//! Snapshots: written beside the old ones, synced, renamed; then the log may be used again.

use super::CounterError;
use super::area::{self, Snapshot};
use super::counter::Counter;
use crate::mechanism::mount::State;
use crate::sim::{Extent, FileError, FileSystem, SyncId};

/// How far a snapshot is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Its bytes are on their way to the disk.
    Writing,
    /// Its name is.
    Naming,
    /// The emptied log is.
    Cutting,
}

/// A snapshot that is made.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Job {
    /// What the next step waits for.
    pub(super) sync: SyncId,
    pub(super) step: Step,
    count: u64,
}

impl Counter {
    /// Makes a snapshot if one is due and none is being made; also after the disk had no room.
    pub fn go_on(&mut self, disk: &mut dyn FileSystem) {
        let is_due = self.state == State::Opening
            || self.last - self.kept >= u64::from(self.settings.every.max(1));
        if self.job.is_some() || self.state == State::InDoubt || !is_due {
            return;
        }
        match self.write_snapshots(disk) {
            Ok(job) => (self.job, self.stalled) = (Some(job), None),
            Err(error) => self.stalled = Some(error),
        }
    }

    fn write_snapshots(&self, disk: &mut dyn FileSystem) -> Result<Job, CounterError> {
        let asked = self.asked.iter().map(|(source, question)| (source, *question)).collect();
        let snapshot = Snapshot { count: self.last, asked };
        let sync = self.in_each(|area| area::write_snapshot(disk, area, &snapshot))?;
        Ok(Job { sync, step: Step::Writing, count: self.last })
    }

    /// Goes on with the snapshot, if this was its sync.
    pub(super) fn job_synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        let Some(job) = self.job.take_if(|job| job.sync == sync) else { return };
        let next = match job.step {
            Step::Writing => self.install(disk).map(|sync| Some((Step::Naming, sync))),
            Step::Naming => {
                self.durable = self.durable.max(job.count);
                // What recovery has passed over must not be taken for what comes next.
                let cuts = self.state == State::Opening || !self.settings.is_numbered;
                if cuts { self.cut(disk).map(Some) } else { Ok(None) }
            }
            Step::Cutting => Ok(None),
        };
        match next {
            Ok(Some((step, sync))) => self.job = Some(Job { sync, step, ..job }),
            Ok(None) => {
                self.kept = job.count;
                self.state = State::Open;
                self.go_on(disk);
            }
            Err(_) => self.state = State::InDoubt,
        }
    }

    /// Gives the snapshots their names; the logs are made where there are none yet.
    fn install(&self, disk: &mut dyn FileSystem) -> Result<SyncId, CounterError> {
        for area in self.settings.areas() {
            area::install_snapshot(disk, area)?;
            let log = area::log(area);
            if disk.open(&log).is_err() {
                disk.create(&log)?;
            }
        }
        Ok(disk.sync(Extent::Names)?)
    }

    fn cut(&self, disk: &mut dyn FileSystem) -> Result<(Step, SyncId), CounterError> {
        let slots = self.settings.slots();
        let sync = self.in_each(|area| area::clear_log(disk, area, slots))?;
        Ok((Step::Cutting, sync))
    }

    /// Does the same in each area; returns the sync that all of it shares.
    fn in_each(
        &self,
        mut work: impl FnMut(&str) -> Result<SyncId, FileError>,
    ) -> Result<SyncId, CounterError> {
        let mut shared = None;
        for area in self.settings.areas() {
            shared = Some(work(area)?);
        }
        shared.ok_or(CounterError::Busy)
    }
}
