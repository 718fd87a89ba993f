//! Work beside the taking: shards are sealed, and forgotten.

use std::rc::Rc;

use super::StoreError;
use super::log;
use super::shard::{self, SealedShard};
use super::store::Store;
use crate::mechanism::frame;
use crate::mechanism::mount::State;
use crate::sim::{Extent, FileSystem, SyncId};

/// What a file is called behind its name while it is written.
pub(super) const NEW: &str = ".new";

/// The file that says in which format the store is. It is written whenever a store is opened.
pub(super) const FORMAT_FILE: &str = "format";

/// What is to have its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Work {
    /// The logs of all young shards, as they were recovered.
    Open,
    /// A shard.
    Seal(Rc<SealedShard>),
}

/// A change of the files that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Job {
    pub(super) sync: SyncId,
    /// The files have their names, which are on their way to the disk.
    is_named: bool,
    work: Work,
}

impl Store {
    /// Begins the next job if none is under way, and forgets what is too old. Of a job that the disk cannot
    /// take, [`Self::stalled`] tells; it is tried again with the next write, or by this.
    pub fn go_on(&mut self, disk: &mut (impl FileSystem + ?Sized)) {
        if self.state == State::Open {
            self.forget(disk);
        }
        if self.job.is_some() {
            return;
        }
        let begun = match self.state {
            State::Opening => self.begin_opening(disk).map(Some),
            State::Open => self.begin_sealing(disk),
            State::InDoubt => return,
        };
        match begun {
            Ok(job) => {
                self.stalled = None;
                self.job = job;
            }
            Err(error) => {
                self.stalled = Some(error);
                for name in disk.names().into_iter().filter(|name| name.ends_with(NEW)) {
                    // It is there, so it can be removed; if not, opening tries again.
                    _ = disk.remove(&name);
                }
            }
        }
    }

    /// Writes anew what was read from logs: what a failed sync has left in the cache is not on the disk.
    fn begin_opening(&mut self, disk: &mut (impl FileSystem + ?Sized)) -> Result<Job, StoreError> {
        let mut format = Vec::new();
        frame::append(&mut format, &shard::FORMAT.to_le_bytes());
        let mut sync = write_new(disk, FORMAT_FILE, &format)?;
        for (number, young) in &mut self.young {
            let young = Rc::make_mut(young);
            let points = young
                .series()
                .flat_map(|series| young.points(series).map(move |point| (series, point)));
            let mut bytes = log::Record { durable_bytes: 0, points: points.collect() }.encode();
            // It gets its name when it is durable: what is missing in it later was no torn end.
            let durable_bytes = bytes.len() as u64;
            bytes.extend(log::Record { durable_bytes, points: Vec::new() }.encode());
            young.log_bytes = bytes.len() as u64;
            young.durable_bytes = young.log_bytes;
            sync = write_new(disk, &log::file_name(*number), &bytes)?;
        }
        Ok(Job { sync, is_named: false, work: Work::Open })
    }

    /// Seals the oldest shard for which nothing can come any more.
    fn begin_sealing(
        &mut self,
        disk: &mut (impl FileSystem + ?Sized),
    ) -> Result<Option<Job>, StoreError> {
        let Some((number, young)) = self.young.first_key_value() else { return Ok(None) };
        let floor = self.newest.map_or(0, |newest| newest.saturating_sub(self.settings.window));
        if self.settings.start_of(number + 1) > floor {
            return Ok(None);
        }
        let (sealed, bytes) = SealedShard::seal(&self.settings, *number, young);
        let sync = write_new(disk, &shard::file_name(*number), &bytes)?;
        self.measures.sealed_bytes += bytes.len() as u64;
        Ok(Some(Job { sync, is_named: false, work: Work::Seal(Rc::new(sealed)) }))
    }

    /// Goes on with the job, if this was its sync.
    pub(super) fn job_synced(&mut self, disk: &mut (impl FileSystem + ?Sized), sync: SyncId) {
        let Some(job) = self.job.take_if(|job| job.sync == sync) else { return };
        if job.is_named {
            self.adopt(disk, job.work);
            return;
        }
        match install(disk) {
            Ok(sync) => self.job = Some(Job { sync, is_named: true, ..job }),
            Err(error) => self.stalled = Some(error),
        }
    }

    /// What the job made counts from here on.
    fn adopt(&mut self, disk: &mut (impl FileSystem + ?Sized), work: Work) {
        match work {
            Work::Open => {
                self.state = State::Open;
                self.durable_newest = self.newest;
            }
            Work::Seal(sealed) => {
                let number = sealed.number;
                self.durable_newest = self.durable_newest.max(sealed.newest());
                self.sealed.insert(number, sealed);
                self.young.remove(&number);
                self.unsynced.remove(&number);
                self.unnamed.remove(&number);
            }
        }
        self.remove_logs(disk);
        self.nothing_is_open();
    }

    /// Removes the logs of shards that are sealed.
    fn remove_logs(&mut self, disk: &mut (impl FileSystem + ?Sized)) {
        for name in disk.names() {
            let number = name.strip_suffix(log::SUFFIX).and_then(|it| it.parse().ok());
            if number.is_some_and(|number: u64| !self.young.contains_key(&number)) {
                _ = disk.remove(&name);
            }
        }
    }

    /// Returns the first time that is kept, however full the shard before it is: what is durable decides,
    /// so that a crash does not bring it back.
    pub fn kept_from(&self) -> u64 {
        let newest = self.durable_newest.unwrap_or_default();
        let oldest = newest.saturating_sub(self.settings.retention);
        self.settings.start_of(self.settings.shard_of(oldest))
    }

    /// Removes the shards of which nothing is kept any more.
    fn forget(&mut self, disk: &mut (impl FileSystem + ?Sized)) {
        let kept_from = self.kept_from();
        while let Some((number, _)) = self.sealed.first_key_value() {
            let number = *number;
            if self.settings.start_of(number) >= kept_from {
                break;
            }
            self.sealed.remove(&number);
            self.measures.expired += 1;
            if self.settings.is_held && self.held.contains_key(&number) {
                self.doomed.insert(number);
            } else {
                remove(disk, number);
            }
        }
    }

    /// Removes the shards that nobody holds any more.
    pub(super) fn remove_doomed(&mut self, disk: &mut (impl FileSystem + ?Sized)) {
        let held = &self.held;
        self.doomed.retain(|number| {
            let is_held = held.contains_key(number);
            if !is_held {
                remove(disk, *number);
            }
            is_held
        });
    }
}

/// Removes a sealed shard. If a crash brings it back it is forgotten again; its room returns when the names
/// are synced.
fn remove(disk: &mut (impl FileSystem + ?Sized), number: u64) {
    _ = disk.remove(&shard::file_name(number));
    _ = disk.sync(Extent::Names);
}

/// Writes a file beside the one that it is to replace, and asks for its sync.
fn write_new(
    disk: &mut (impl FileSystem + ?Sized),
    name: &str,
    bytes: &[u8],
) -> Result<SyncId, StoreError> {
    let name = format!("{name}{NEW}");
    if disk.open(&name).is_ok() {
        disk.remove(&name)?;
    }
    let file = disk.create(&name)?;
    disk.write_at(file, 0, bytes)?;
    Ok(disk.sync(Extent::File(file))?)
}

/// Gives all files that were written their names, and asks for that to be durable.
fn install(disk: &mut (impl FileSystem + ?Sized)) -> Result<SyncId, StoreError> {
    for name in disk.names() {
        if let Some(to) = name.strip_suffix(NEW) {
            disk.rename(&name, to)?;
        }
    }
    Ok(disk.sync(Extent::Names)?)
}
