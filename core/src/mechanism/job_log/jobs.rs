//! The states of all jobs, as the log has them, and what may be written next.

use std::collections::VecDeque;

use super::{Change, JobId};
use crate::mechanism::logged_state::Replayed;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::wal::Place;

/// So many of the last completed jobs are remembered.
pub const REMEMBERED: usize = 1_000;

/// A job that is not completed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// Which.
    pub id: JobId,
    /// How often it has been given out; 0 while it waits for the first time.
    pub attempt: u32,
    /// Who had it last.
    pub worker: u16,
    /// For how long.
    pub lease_ms: u32,
}

/// A completed job.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Done {
    /// Which.
    pub id: JobId,
    /// In which attempt.
    pub attempt: u32,
    /// What whoever has the effect calls it.
    pub receipt: u32,
    /// Where that is written.
    pub place: Place,
}

/// All jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Jobs {
    /// Oldest first.
    open: Vec<Job>,
    done: VecDeque<Done>,
    /// The last job of each client.
    latest: SmallMap<u16, u32>,
    completed: u64,
}

impl Jobs {
    /// Lists the jobs that are not completed, oldest first.
    pub fn open(&self) -> &[Job] {
        &self.open
    }

    /// Lists the last completed jobs, oldest first.
    pub fn done(&self) -> impl DoubleEndedIterator<Item = &Done> + Clone {
        self.done.iter()
    }

    /// Returns how many jobs are completed.
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// Returns a job, unless it is completed or unknown.
    pub fn find(&self, id: JobId) -> Option<&Job> {
        self.open.iter().find(|it| it.id == id)
    }

    /// Returns a job that was completed lately.
    pub fn find_done(&self, id: JobId) -> Option<&Done> {
        self.done.iter().rev().find(|it| it.id == id)
    }

    /// Returns true if the job was submitted before. A client's jobs come in the order of their numbers.
    pub fn knows(&self, id: JobId) -> bool {
        self.latest.get(id.client).is_some_and(|latest| id.number <= *latest)
    }

    /// Returns what is to be noted so that this worker has the oldest job that nobody has; `is_free` says
    /// of a job that was given out before whether its lease is over.
    pub fn claim(
        &self,
        (worker, lease_ms): (u16, u32),
        is_free: impl Fn(&Job) -> bool,
    ) -> Option<Change> {
        let job = self.open.iter().find(|it| it.attempt == 0 || is_free(it))?;
        let attempt = job.attempt.saturating_add(1);
        Some(Change::InProgress { job: job.id, attempt, worker, lease_ms })
    }
}

impl Replayed for Jobs {
    type Record = Change;

    fn apply(&mut self, place: Place, change: &Change) {
        match *change {
            Change::Queued { job: id } => {
                self.open.push(Job { id, attempt: 0, worker: 0, lease_ms: 0 });
                self.latest.insert(id.client, id.number);
            }
            Change::InProgress { job, attempt, worker, lease_ms } => {
                if let Some(it) = self.open.iter_mut().find(|it| it.id == job) {
                    *it = Job { id: job, attempt, worker, lease_ms };
                }
            }
            Change::Completed { job: id, attempt, receipt } => {
                self.open.retain(|it| it.id != id);
                if self.done.len() == REMEMBERED {
                    self.done.pop_front();
                }
                self.done.push_back(Done { id, attempt, receipt, place });
                self.completed += 1;
            }
        }
    }
}
