//! How messages, timers and facts read.

use super::message::{Attempt, Fact, Msg, Timer, worker_of};
use crate::mechanism::job_log::{Change, JobId};
use crate::sim::{Describe, MessageKind, Names, Operation, OperationStep, Payload};

/// Returns the name of a bill: client A's seventh is A7.
pub(super) fn bill(job: JobId) -> String {
    format!("{}{}", client_name(job.client), job.number)
}

/// Returns the name of a client: A, B, C …
pub(super) fn client_name(client: u16) -> char {
    let letter = u8::try_from(client).ok().filter(|it| *it < 26);
    letter.map_or('?', |it| char::from(b'A' + it))
}

/// Returns a sentence without its full stop.
pub(super) fn without_stop(error: &impl ToString) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

impl Attempt {
    fn text(self) -> String {
        format!("{}, attempt {}", bill(self.job), self.number)
    }
}

/// Returns a change in a few characters: "A7 W2·1".
pub(super) fn short(change: &Change) -> String {
    let name = bill(change.job());
    match change {
        Change::Queued { .. } => format!("{name} queued"),
        Change::InProgress { attempt, worker, .. } => format!("{name} W{worker}·{attempt}"),
        Change::Completed { .. } => format!("{name} done"),
    }
}

fn long(change: &Change, names: &Names) -> String {
    let name = bill(change.job());
    match change {
        Change::Queued { .. } => format!("{name} is QUEUED"),
        Change::InProgress { attempt, worker, lease_ms, .. } => {
            let worker = &names[worker_of(*worker)];
            format!("{name} is IN_PROGRESS, attempt {attempt}, {worker}'s for {lease_ms} ms")
        }
        Change::Completed { attempt, receipt, .. } => {
            format!("{name} is COMPLETED in attempt {attempt}, payment {receipt}")
        }
    }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Submit(job) => format!("bill {}", bill(*job)),
            Self::Accepted(job) => format!("accepted {}", bill(*job)),
            Self::Want(_) => "work?".into(),
            Self::Grant(_, it) => format!("{}·{}", bill(it.job), it.number),
            Self::Look(it) => format!("{} paid?", bill(it.job)),
            Self::Seen(it, None) => format!("{} unpaid", bill(it.job)),
            Self::Seen(it, Some(_)) | Self::Paid(it, _) => format!("{} paid", bill(it.job)),
            Self::Pay(it) => format!("pay {}·{}", bill(it.job), it.number),
            Self::TooLate(..) => "too late".into(),
            Self::Report(it, _) => format!("{} done", bill(it.job)),
            Self::Noted(it) => format!("{} noted", bill(it.job)),
            Self::SubmitNow => "submit".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Submit(job) => format!("Please have {} paid", bill(*job)),
            Self::Accepted(job) => format!("{} is accepted", bill(*job)),
            Self::Want(_) => "Is there work?".into(),
            Self::Grant(_, it) => format!("Have {} paid: attempt {}", bill(it.job), it.number),
            Self::Look(it) => format!("Is it paid: {}?", it.text()),
            Self::Seen(it, None) => format!("Not paid: {}", it.text()),
            Self::Seen(it, Some(receipt)) => format!("Paid, as payment {receipt}: {}", it.text()),
            Self::Pay(it) => format!("Pay {}", it.text()),
            Self::Paid(it, receipt) => format!("Done, as payment {receipt}: {}", it.text()),
            Self::TooLate(it, highest) => {
                format!("Too late: {}; attempt {highest} was here", it.text())
            }
            Self::Report(it, receipt) => format!("Completed, as payment {receipt}: {}", it.text()),
            Self::Noted(it) => format!("Noted: {}", it.text()),
            Self::SubmitNow => "Submit a bill".into(),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::TooLate(..))
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Submit(_)
            | Self::Want(_)
            | Self::Look(_)
            | Self::Pay(_)
            | Self::Report(..)
            | Self::SubmitNow => MessageKind::Request,
            Self::Accepted(_)
            | Self::Grant(..)
            | Self::Seen(..)
            | Self::Paid(..)
            | Self::TooLate(..)
            | Self::Noted(_) => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        let numbers = match self {
            Self::SubmitNow => 0,
            Self::Want(_) => 1,
            Self::Submit(_) | Self::Accepted(_) => 2,
            Self::Look(_) | Self::Pay(_) | Self::Noted(_) => 3,
            Self::Grant(..)
            | Self::Seen(..)
            | Self::Paid(..)
            | Self::TooLate(..)
            | Self::Report(..) => 4,
        };
        1 + 8 * numbers
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Next => "next".into(),
            Self::Late => "late".into(),
            Self::Ready => "ready".into(),
            Self::Reopen => "reopen".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Next => "it is time for the next bill".into(),
            Self::Late => "it has waited long enough".into(),
            Self::Ready => "the payment is prepared".into(),
            Self::Reopen => "it opens its log again".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Submits(job) => format!("submits {}", bill(*job)),
            Self::IsAccepted(job) => format!("has {}", bill(*job)),
            Self::Notes(_, change) => short(change),
            Self::Ignores(it, _) => format!("ignores {}", bill(it.job)),
            Self::Pays { attempt, .. } => format!("pays {}", bill(attempt.job)),
            Self::TurnsAway { attempt, .. } => format!("refuses {}", bill(attempt.job)),
            Self::FindsPaid(it, _) => format!("{} is paid", bill(it.job)),
            Self::GivesUp(it) => format!("gives up {}", bill(it.job)),
            Self::Serves(records) => format!("serves {records}"),
            Self::Refuses(_) => "refuses".into(),
            Self::Doubts => "in doubt".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Submits(job) => format!("submits bill {}", bill(*job)),
            Self::IsAccepted(job) => format!("hears that {} is accepted", bill(*job)),
            Self::Notes(sequence, change) => {
                format!("notes as record {sequence}: {}", long(change, names))
            }
            Self::Ignores(it, latest) => {
                format!("ignores the report of {}: attempt {latest} is under way", it.text())
            }
            Self::Pays { attempt, worker, receipt } => {
                format!("pays {} for {}: payment {receipt}", attempt.text(), &names[*worker])
            }
            Self::TurnsAway { attempt, worker, highest } => format!(
                "turns {} away with {}: attempt {highest} was here",
                &names[*worker],
                attempt.text()
            ),
            Self::FindsPaid(it, receipt) => {
                format!("finds {} paid already, as payment {receipt}", bill(it.job))
            }
            Self::GivesUp(it) => format!("gives up {}", it.text()),
            Self::Serves(records) => format!("serves, with {records} records in its log"),
            Self::Refuses(error) => format!("does not serve: {}", without_stop(error)),
            Self::Doubts => "hears that a sync failed, and says nothing more".into(),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::TurnsAway { .. } | Self::Refuses(_) | Self::Doubts)
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = match self {
            Self::Submits(job) => (job.number, OperationStep::Begins),
            Self::IsAccepted(job) => (job.number, OperationStep::Succeeds),
            Self::Notes(..)
            | Self::Ignores(..)
            | Self::Pays { .. }
            | Self::TurnsAway { .. }
            | Self::FindsPaid(..)
            | Self::GivesUp(_)
            | Self::Serves(_)
            | Self::Refuses(_)
            | Self::Doubts => return None,
        };
        Some(Operation { number: u64::from(number), step })
    }
}
