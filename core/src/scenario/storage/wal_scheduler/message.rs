//! What clients, scheduler, workers and bank say to each other. How it reads is in [`super::words`].

use crate::mechanism::job_log::{Change, JobId};
use crate::mechanism::wal::LogError;
use crate::sim::NodeId;

/// Whom clients and workers ask.
pub(super) const SCHEDULER: NodeId = NodeId(0);
/// Where bills are paid.
pub(super) const BANK: NodeId = NodeId(1);
/// The worker that gets the first bill.
pub(super) const W1: NodeId = NodeId(2);

/// Returns the number under which a worker stands in the log.
pub(super) fn number_of(worker: NodeId) -> u16 {
    worker.0.saturating_sub(BANK.0)
}

/// Returns the worker of this number.
pub(super) fn worker_of(number: u16) -> NodeId {
    NodeId(number.saturating_add(BANK.0))
}

/// A bill and an attempt to pay it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Attempt {
    pub(super) job: JobId,
    pub(super) number: u32,
}

/// What nodes say.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// A client has a bill to be paid.
    Submit(JobId),
    /// The scheduler will see to it.
    Accepted(JobId),
    /// A worker has nothing to do; the number tells this question from its others.
    Want(u32),
    /// The scheduler gives it a bill, as the answer to that question.
    Grant(u32, Attempt),
    /// A worker asks whether a bill is paid.
    Look(Attempt),
    /// The bank says whether it is, and as which payment.
    Seen(Attempt, Option<u32>),
    /// A worker has it paid.
    Pay(Attempt),
    /// The bank has paid it, as this payment.
    Paid(Attempt, u32),
    /// Bank or scheduler have heard of this later attempt.
    TooLate(Attempt, u32),
    /// A worker reports that a bill is paid, as this payment.
    Report(Attempt, u32),
    /// The scheduler has that in its log.
    Noted(Attempt),
    /// The viewer has a client submit a bill.
    SubmitNow,
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A client has its next bill, or a worker asks for one.
    Next,
    /// Who waits for an answer asks again.
    Late,
    /// A worker has filled in the form.
    Ready,
    /// A log is opened again after a sync has failed.
    Reopen,
}

/// What happens.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A client submits a bill.
    Submits(JobId),
    /// It hears that it is accepted.
    IsAccepted(JobId),
    /// The scheduler has changed a job's state, in its record of this number.
    Notes(u64, Change),
    /// The scheduler takes no worker's word for a bill: a later attempt is under way.
    Ignores(Attempt, u32),
    /// The bank pays a bill.
    Pays { attempt: Attempt, worker: NodeId, receipt: u32 },
    /// The bank turns a worker away: it has heard of a later attempt.
    TurnsAway { attempt: Attempt, worker: NodeId, highest: u32 },
    /// A worker finds that its bill is paid already.
    FindsPaid(Attempt, u32),
    /// A worker has a bill no longer.
    GivesUp(Attempt),
    /// A log is open, with so many records.
    Serves(u64),
    /// A log does not open.
    Refuses(LogError),
    /// A sync has failed: what is on the disk is not known.
    Doubts,
}
