//! The scheduler: whose turn it is, says its log.

use super::desk::{self, Desk};
use super::message::{Attempt, Fact, Msg, Timer, number_of};
use super::node::{Disk, Node};
use crate::mechanism::job_log::{Change, Job, JobId, Jobs};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// The file that its log is in.
pub(super) const FILE: &str = "jobs.log";
/// It accepts no more bills while so many are open.
pub(super) const ROOM: usize = 12;

/// How it behaves.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// How it keeps its log.
    pub(super) desk: desk::Config,
    /// Safeguard: a report counts only from the latest attempt.
    pub(super) compares_attempts: bool,
    /// How long a worker has a bill.
    pub(super) lease_ms: u32,
}

/// The scheduler.
#[derive(Clone, Debug, Hash)]
pub(super) struct Scheduler {
    config: Config,
    pub(super) desk: Desk<Jobs>,
    /// Until when each bill that is in progress is its worker's, by the scheduler's own clock.
    leases: SmallMap<JobId, u64>,
    /// Which question of each worker was answered last, and how.
    granted: SmallMap<NodeId, (u32, Attempt)>,
}

impl Scheduler {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            desk: Desk::new(config.desk, FILE),
            leases: SmallMap::default(),
            granted: SmallMap::default(),
        }
    }

    /// Returns the jobs while it serves.
    pub(super) fn jobs(&self) -> Option<&Jobs> {
        Some(self.desk.kept.serving()?.content())
    }

    fn note(&mut self, change: Change, cx: &mut Cx<'_, Node>) -> bool {
        let Some(sequence) = self.desk.note(&change, cx) else { return false };
        cx.record(Fact::Notes(sequence, change));
        true
    }

    /// What the log says is in progress may be so: each worker has its whole lease, from now on.
    fn begin(&mut self, cx: &Cx<'_, Node>) {
        self.granted = SmallMap::default();
        let Some(jobs) = self.jobs() else { return };
        let given_out = jobs.open().iter().filter(|it| it.attempt > 0);
        self.leases = given_out.map(|it| (it.id, ends_us(it.lease_ms, cx))).collect();
    }

    fn on_submit(&mut self, from: NodeId, job: JobId, cx: &mut Cx<'_, Node>) {
        let Some(jobs) = self.jobs() else { return };
        let (is_known, is_full) = (jobs.knows(job), jobs.open().len() >= ROOM);
        if is_known || !is_full && self.note(Change::Queued { job }, cx) {
            self.desk.answer(from, Msg::Accepted(job), cx);
        }
    }

    /// Gives out the oldest bill that nobody has, or whose lease is over.
    fn on_want(&mut self, from: NodeId, question: u32, cx: &mut Cx<'_, Node>) {
        if let Some((_, attempt)) = self.granted.get(from).filter(|(of, _)| *of == question) {
            let grant = Msg::Grant(question, *attempt);
            return self.desk.answer(from, grant, cx);
        }
        let Some(jobs) = self.jobs() else { return };
        let now_us = cx.now_us();
        let is_over = |job: &Job| self.leases.get(job.id).is_none_or(|ends_us| *ends_us <= now_us);
        let lease_ms = self.config.lease_ms;
        let Some(change) = jobs.claim((number_of(from), lease_ms), is_over) else { return };
        let Change::InProgress { job, attempt: number, .. } = change else { return };
        if self.note(change, cx) {
            let attempt = Attempt { job, number };
            self.leases.insert(job, ends_us(lease_ms, cx));
            self.granted.insert(from, (question, attempt));
            self.desk.answer(from, Msg::Grant(question, attempt), cx);
        }
    }

    fn on_report(&mut self, from: NodeId, it: Attempt, receipt: u32, cx: &mut Cx<'_, Node>) {
        let Some(jobs) = self.jobs() else { return };
        if let Some(job) = jobs.find(it.job) {
            // Whoever has it now will say what became of it.
            if self.config.compares_attempts && job.attempt != it.number {
                cx.record(Fact::Ignores(it, job.attempt));
                return cx.send(from, Msg::TooLate(it, job.attempt));
            }
            let completed = Change::Completed { job: it.job, attempt: it.number, receipt };
            if !self.note(completed, cx) {
                return;
            }
            self.leases.remove(it.job);
        }
        self.desk.answer(from, Msg::Noted(it), cx);
    }
}

fn ends_us(lease_ms: u32, cx: &Cx<'_, Node>) -> u64 {
    cx.now_us() + u64::from(lease_ms) * 1_000
}

impl Kind<Node> for Scheduler {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        if self.desk.open(cx) {
            self.begin(cx);
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Submit(job) => self.on_submit(from, job, cx),
            Msg::Want(question) => self.on_want(from, question, cx),
            Msg::Report(attempt, receipt) => self.on_report(from, attempt, receipt, cx),
            Msg::Accepted(_)
            | Msg::Grant(..)
            | Msg::Look(_)
            | Msg::Seen(..)
            | Msg::Pay(_)
            | Msg::Paid(..)
            | Msg::TooLate(..)
            | Msg::Noted(_)
            | Msg::SubmitNow => {}
        }
    }

    fn on_timer(&mut self, _: Timer, cx: &mut Cx<'_, Node>) {
        if self.desk.on_timer(cx) {
            self.begin(cx);
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        if self.desk.on_synced(sync, cx) {
            self.begin(cx);
        }
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.desk.on_sync_failed(sync, cx);
    }

    fn view(&self, _: &Disk) -> NodeView {
        self.show()
    }
}
