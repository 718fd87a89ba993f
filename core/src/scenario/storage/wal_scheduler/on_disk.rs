//! The job log outside a world: the same states in the same log, on real files.

use crate::durable::{Engine, Held, OnDisk};
use crate::mechanism::job_log::{Change, JobId, Jobs, REMEMBERED};
use crate::mechanism::logged_state::LoggedState;
use crate::mechanism::mount::State;
use crate::mechanism::wal::{LogError, Settings};
use crate::sim::{FileSystem, SyncId};

/// What the row declares.
pub(super) const ON_DISK: OnDisk = OnDisk {
    format: 1,
    files: 4,
    copies: 1,
    keeps: REMEMBERED as u64,
    looked_up: "looked up",
    older: "Of older jobs no more is remembered than how many they were, so of those nothing is \
            said.",
    open: |disk| {
        // A browser writes in pieces of its own: what a kill leaves may end in mid-sector.
        let settings = Settings { sectors_tear: true, ..Settings::default() };
        let opened = LoggedState::open(Some(settings), super::scheduler::FILE, disk);
        let kept = opened.map_err(|error| error.to_string())?;
        Ok(Box::new(OnFiles { kept, acknowledged: 0 }))
    },
    sentence: |number| {
        format!("job {number}: QUEUED, IN_PROGRESS by W{}, COMPLETED", worker(number))
    },
};

/// Who does a job.
fn worker(number: u64) -> u16 {
    u16::try_from(number % 3 + 1).unwrap_or_default()
}

/// The job of an operation.
fn job_of(number: u64) -> Result<JobId, String> {
    let number = u32::try_from(number).map_err(|_| "So far nobody counts.".to_owned())?;
    Ok(JobId { client: 0, number })
}

struct OnFiles {
    kept: LoggedState<Jobs>,
    /// The last job up to which no crash can undo any, as far as that is remembered one by one.
    acknowledged: u64,
}

impl OnFiles {
    fn note(&mut self, disk: &mut dyn FileSystem, change: Change) -> Result<(), String> {
        self.kept.note(disk, &change).map(|_| ()).map_err(|error| error.to_string())
    }
}

impl Engine for OnFiles {
    /// A job that a crash has left half done is given out again.
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String> {
        let job = job_of(number)?;
        if !self.kept.content().knows(job) {
            self.note(disk, Change::Queued { job })?;
        }
        let claim = self.kept.content().claim((worker(number), 1_000), |_| true);
        let Some(Change::InProgress { attempt, .. }) = claim else {
            return Err(format!("Job {number} is not there."));
        };
        if let Some(change) = claim {
            self.note(disk, change)?;
        }
        self.note(disk, Change::Completed { job, attempt, receipt: job.number })
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String> {
        self.kept.sync(disk);
        if self.is_ready() { Ok(()) } else { Err(LogError::InDoubt.to_string()) }
    }

    fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        self.kept.synced(disk, sync);
        let (jobs, durable) = (self.kept.content(), self.kept.durable());
        let unsafe_jobs = jobs.done().rev().take_while(|it| it.place.sequence > durable).count();
        // Where every one that is remembered may be undone, nobody knows how many before them.
        if unsafe_jobs < jobs.done().count() {
            self.acknowledged = jobs.completed() - unsafe_jobs as u64;
        }
    }

    fn sync_failed(&mut self, sync: SyncId) {
        self.kept.sync_failed(sync);
    }

    fn is_ready(&self) -> bool {
        self.kept.state() == State::Open
    }

    fn written(&self) -> u64 {
        self.kept.content().completed()
    }

    fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    fn held(&mut self, disk: &dyn FileSystem, number: u64) -> Result<Held, String> {
        let job = job_of(number)?;
        let jobs = self.kept.content();
        let Some(done) = jobs.find_done(job) else {
            // Jobs are completed in order, and later ones are remembered in the place of the oldest.
            let is_old = number.saturating_add(REMEMBERED as u64) <= jobs.completed();
            return Ok(if is_old { Held::Whole } else { Held::Missing });
        };
        let record = self.kept.read(disk, done.place.at_byte).map_err(|error| error.to_string())?;
        let (attempt, receipt) = (done.attempt, job.number);
        let is_whole = record == Change::Completed { job, attempt, receipt };
        Ok(if is_whole { Held::Whole } else { Held::Wrong })
    }
}
