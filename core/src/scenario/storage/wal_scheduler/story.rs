//! What became of each of the last bills, as stretches of time.

use std::collections::VecDeque;

use super::message::{Fact, SCHEDULER};
use crate::mechanism::job_log::{Change, JobId};
use crate::sim::NodeId;
use crate::view::{Span, Tone};

/// So many bills are told of, so many stretches of each, and so many records.
const BILLS: usize = 14;
const STRETCHES: usize = 12;
const RECORDS: usize = 18;

/// What a bill is at.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Waits,
    Attempt { number: u32, worker: u16 },
    Paid,
    PaidTwice,
}

/// What became of a bill.
#[derive(Clone, Debug, Hash)]
pub(super) struct Story {
    pub(super) job: JobId,
    /// The payments of it, by their receipts.
    payments: Vec<u32>,
    /// Since when it is at what; the last goes on.
    phases: VecDeque<(u64, Phase)>,
}

impl Story {
    fn turn(&mut self, at_us: u64, phase: Phase) {
        let last = self.phases.back().map(|(_, phase)| *phase);
        if last == Some(phase) || last == Some(Phase::PaidTwice) {
            return;
        }
        if self.phases.len() == STRETCHES {
            self.phases.pop_front();
        }
        self.phases.push_back((at_us, phase));
    }

    fn is_over(&self) -> bool {
        self.phases.back().is_some_and(|(_, phase)| *phase == Phase::Paid)
    }

    /// Returns the stretches; `is_lost` if nobody will ever pay the bill.
    pub(super) fn spans(&self, is_lost: bool) -> Vec<Span> {
        let ends = self.phases.iter().skip(1).map(|(at_us, _)| Some(*at_us)).chain([None]);
        let span = |((from_us, phase), to_us): (&(u64, Phase), Option<u64>)| {
            let (text, tone) = match phase {
                _ if is_lost && to_us.is_none() => ("lost".into(), Tone::Bad),
                Phase::Waits => ("queued".into(), Tone::Muted),
                Phase::Attempt { number, worker } => (format!("W{worker}·{number}"), Tone::Neutral),
                Phase::Paid => ("paid".into(), Tone::Good),
                Phase::PaidTwice => ("paid twice".into(), Tone::Bad),
            };
            Span { from_us: *from_us, to_us, text, epoch: None, tone }
        };
        self.phases.iter().zip(ends).map(span).collect()
    }
}

/// The last bills, and the last records of the log.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Stories {
    /// Oldest first.
    pub(super) bills: VecDeque<Story>,
    /// Each with its number, oldest first.
    pub(super) records: VecDeque<(u64, Change)>,
}

impl Stories {
    fn turn(&mut self, at_us: u64, job: JobId, phase: Phase) {
        if let Some(story) = self.bills.iter_mut().find(|it| it.job == job) {
            return story.turn(at_us, phase);
        }
        if self.bills.len() == BILLS {
            // Whatever went wrong stays in sight.
            let oldest = self.bills.iter().position(Story::is_over).unwrap_or_default();
            self.bills.remove(oldest);
        }
        self.bills.push_back(Story { job, payments: Vec::new(), phases: [(at_us, phase)].into() });
    }

    /// Takes note of what happened.
    pub(super) fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Notes(sequence, change) => {
                if self.records.len() == RECORDS {
                    self.records.pop_front();
                }
                self.records.push_back((*sequence, *change));
                let phase = match *change {
                    Change::Queued { .. } => Phase::Waits,
                    Change::InProgress { attempt: number, worker, .. } => {
                        Phase::Attempt { number, worker }
                    }
                    Change::Completed { .. } => Phase::Paid,
                };
                self.turn(at_us, change.job(), phase);
            }
            Fact::Pays { attempt, receipt, .. } => {
                // A number that is given again: the payment that had it was lost in a crash of Bank.
                for story in &mut self.bills {
                    story.payments.retain(|known| known != receipt);
                }
                let told = self.bills.iter_mut().find(|it| it.job == attempt.job);
                let payments = told.map_or(1, |story| {
                    story.payments.push(*receipt);
                    story.payments.len()
                });
                let phase = if payments > 1 { Phase::PaidTwice } else { Phase::Paid };
                self.turn(at_us, attempt.job, phase);
            }
            // What a crash has taken is not there any more.
            Fact::Serves(records) if node == SCHEDULER => {
                self.records.retain(|(sequence, _)| sequence <= records);
            }
            Fact::Serves(_)
            | Fact::Submits(_)
            | Fact::IsAccepted(_)
            | Fact::Ignores(..)
            | Fact::TurnsAway { .. }
            | Fact::FindsPaid(..)
            | Fact::GivesUp(_)
            | Fact::Refuses(_)
            | Fact::Doubts => {}
        }
    }
}
