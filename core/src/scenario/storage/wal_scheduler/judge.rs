//! What was promised, what the scheduler's log says, and what the bank has done.

use std::collections::BTreeSet;

use super::bank::{self, Bank, Book, Line};
use super::message::{BANK, Fact, SCHEDULER, number_of, worker_of};
use super::node::Node;
use super::scheduler::{FILE, ROOM, Scheduler};
use super::story::Stories;
use super::words::{bill, without_stop};
use crate::mechanism::deeds::Deeds;
use crate::mechanism::job_log::{Change, JobId, Jobs};
use crate::mechanism::logged_state::LoggedState;
use crate::mechanism::mount::State;
use crate::mechanism::recent::Recent;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::wal::{Log, LogError};
use crate::scenario::Setup;
use crate::sim::{Action, DiskFault, Names, NodeId, Observer, Violation, World};

/// So many payments, and completed jobs, are looked back at.
const LATELY: usize = 32;
/// Who waits longer than this is worth an operator's attention.
const LONG_US: u64 = 900_000;

/// When something happened, and at which node.
type Moment = (u64, NodeId);

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// The last bill of each client.
    submitted: SmallMap<u16, u32>,
    /// Bills that are accepted and not completed, and when and by whom that was heard.
    pub(super) owed: SmallMap<JobId, Moment>,
    /// How many bills clients heard to be accepted.
    pub(super) accepted: u64,
    /// The last payments.
    payments: Recent<(JobId, Moment), LATELY>,
    /// When the scheduler last began to serve, and how often it has.
    served: Option<Moment>,
    pub(super) openings: u32,
    /// Whose disks had something happen to them that a log alone does not mend.
    damaged: BTreeSet<NodeId>,
    /// How often a bill was given out again.
    pub(super) again: u64,
    /// The last bill that was, in which attempt, and when.
    pub(super) taken_over: Option<(JobId, u32, u64)>,
    /// Who was turned away first by the bank: a worker with an attempt, and the later one.
    pub(super) turned_away: Option<(NodeId, JobId, [u32; 2])>,
    /// The last bill of which a worker found that it was paid already, since the scheduler serves.
    pub(super) found_paid: Option<(NodeId, JobId, u32)>,
    /// When something last happened that could change what lies on a disk.
    changed_us: u64,
    pub(super) stories: Stories,
    pub(super) deeds: Deeds,
}

impl History {
    fn notes(&mut self, at_us: u64, change: &Change) {
        match *change {
            Change::InProgress { job, attempt, worker, .. } if attempt > 1 => {
                self.again += 1;
                self.taken_over = Some((job, attempt, at_us));
                let what = format!("gives out {}, attempt {attempt}, to W{worker}", bill(job));
                self.deeds.push(at_us, SCHEDULER, what);
            }
            Change::Completed { job, .. } => self.owed.remove(job),
            Change::Queued { .. } | Change::InProgress { .. } => {}
        }
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        self.changed_us = at_us;
        self.stories.on_fact(at_us, node, fact);
        match fact {
            // A client that has lost its memory numbers its bills anew, and finds them known.
            Fact::Submits(job) => {
                let last = self.submitted.get_or_insert(job.client, 0);
                *last = job.number.max(*last);
            }
            Fact::IsAccepted(job) => {
                self.accepted += 1;
                self.owed.insert(*job, (at_us, node));
            }
            Fact::Notes(_, change) => self.notes(at_us, change),
            Fact::Pays { attempt, .. } => self.payments.push((attempt.job, (at_us, node))),
            Fact::TurnsAway { attempt, worker, highest } => {
                let numbers = [attempt.number, *highest];
                self.turned_away.get_or_insert((*worker, attempt.job, numbers));
                let what = format!(
                    "turns away W{} with {}, attempt {}",
                    number_of(*worker),
                    bill(attempt.job),
                    attempt.number
                );
                self.deeds.push(at_us, node, what);
            }
            Fact::FindsPaid(attempt, receipt) => {
                self.found_paid = Some((node, attempt.job, *receipt));
            }
            Fact::Serves(_) if node == SCHEDULER => {
                self.served = Some((at_us, node));
                self.openings += 1;
                self.found_paid = None;
                self.deeds.push(at_us, node, "serves".into());
            }
            Fact::Serves(_)
            | Fact::Refuses(_)
            | Fact::Ignores(..)
            | Fact::GivesUp(_)
            | Fact::Doubts => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        self.changed_us = at_us;
        if let Action::Disk {
            node,
            fault:
                DiskFault::BitRot { .. }
                | DiskFault::ReadError { .. }
                | DiskFault::Misdirect { .. }
                | DiskFault::LostSyncs { .. },
        } = action
        {
            self.damaged.insert(*node);
        }
    }
}

/// Returns the scheduler, if it is up.
pub(super) fn scheduler(world: &World<Node>) -> Option<&Scheduler> {
    if let Node::Scheduler(it) = world.process(SCHEDULER)? { Some(it) } else { None }
}

fn bank(world: &World<Node>) -> Option<&Bank> {
    if let Node::Bank(it) = world.process(BANK)? { Some(it) } else { None }
}

/// Returns what the scheduler says of the jobs, while it serves.
pub(super) fn jobs(world: &World<Node>) -> Option<&Jobs> {
    scheduler(world)?.jobs()
}

/// Returns the bank's book, while it is open.
pub(super) fn book(world: &World<Node>) -> Option<&Book> {
    bank(world)?.book()
}

fn is_paid(book: &Book, job: JobId) -> bool {
    book.accounts.get(job).is_some_and(|it| !it.payments.is_empty())
}

/// Returns why nobody will ever pay this bill, if that is so.
pub(super) fn why_lost(jobs: &Jobs, book: &Book, job: JobId) -> Option<&'static str> {
    if jobs.find(job).is_some() || is_paid(book, job) {
        return None;
    }
    let is_done = jobs.find_done(job).is_some();
    Some(if is_done { "says that it is done" } else { "knows nothing of it" })
}

/// What is accepted is paid, or the scheduler will see to it.
pub(super) fn no_bill_is_lost(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let (Some(jobs), Some(book)) = (jobs(world), book(world)) else { return Ok(()) };
    for (job, told) in it.owed.iter() {
        if let Some(why) = why_lost(jobs, book, job) {
            let (name, client) = (bill(job), &world.names()[told.1]);
            let reason = format!(
                "{client} was told that {name} is accepted; Scheduler {why}, and it is not paid"
            );
            let moments = [Some(*told), it.served].into_iter().flatten();
            return Err(Violation::new(reason, [SCHEDULER, told.1]).of(moments));
        }
    }
    Ok(())
}

/// No bill is paid twice. What the bank has not synced is not paid.
pub(super) fn each_bill_is_paid_once(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some(kept) = bank(world).and_then(|it| it.desk.kept.serving()) else { return Ok(()) };
    for (job, account) in kept.content().accounts.iter() {
        let durable = account.payments.iter().filter(|it| it.sequence <= kept.durable());
        let receipts: Vec<String> = durable.map(|it| it.receipt.to_string()).collect();
        if receipts.len() > 1 {
            let reason =
                format!("Bank has paid {} twice: payments {}", bill(job), receipts.join(" and "));
            let paid = it.payments.iter().filter(|(of, _)| *of == job).map(|(_, at)| *at);
            return Err(Violation::new(reason, [BANK]).of(paid));
        }
    }
    Ok(())
}

/// Of no job that nobody submitted is there a record on the scheduler's disk, and what is completed there is
/// paid on the bank's, as that payment. Both are read as whoever opens them would.
pub(super) fn the_log_is_true(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let settings = super::config(world.setup()).desk.settings;
    let Some(settings) = settings.filter(|_| it.changed_us == world.now_us()) else {
        return Ok(());
    };
    // What whoever reads it would refuse says nothing.
    let read = Log::<Change>::records_on(settings, FILE, world.disk(SCHEDULER));
    let changes = read.unwrap_or_default();
    let wrong = |reason| Err(Violation::new(reason, [SCHEDULER]).of(it.served));
    let is_foreign = |job: JobId| {
        let last = it.submitted.get(job.client).copied().unwrap_or_default();
        !(1..=last).contains(&job.number)
    };
    if let Some(change) = changes.iter().find(|it| is_foreign(it.job())) {
        let name = bill(change.job());
        return wrong(format!("Scheduler's log has a record of {name}, which nobody submitted"));
    }
    let lines = bank::lines_on(world.disk(BANK));
    let Some(lines) = lines.ok().filter(|_| !it.damaged.contains(&BANK)) else { return Ok(()) };
    let payment = |line| match line {
        Line::Payment { job, receipt, .. } => Some((job, receipt)),
        Line::Admitted { .. } => None,
    };
    let payments: BTreeSet<(JobId, u32)> = lines.into_iter().filter_map(payment).collect();
    for change in changes {
        if let Change::Completed { job, receipt, .. } = change
            && !payments.contains(&(job, receipt))
        {
            let name = bill(job);
            return wrong(format!(
                "Scheduler's log says that {name} is done by payment {receipt}; Bank's has none such"
            ));
        }
    }
    Ok(())
}

/// Returns how long it may take until bills are paid that were accepted before the last disturbance.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    let rounds = ROOM as u64 / setup.knob("workers").max(1) + 1;
    1_500_000 + 3 * setup.knob("lease") * 1_000 + rounds * 350_000
}

/// Returns who refuses to open its log, and why.
fn refusals(world: &World<Node>) -> impl Iterator<Item = (NodeId, &LogError)> {
    let scheduler = scheduler(world).and_then(|it| it.desk.kept.refusal());
    let bank = bank(world).and_then(|it| it.desk.kept.refusal());
    [scheduler.map(|it| (SCHEDULER, it)), bank.map(|it| (BANK, it))].into_iter().flatten()
}

/// Returns true if all is paid that was accepted before the last disturbance, or somebody's log is damaged and
/// that is said.
pub(super) fn bills_are_paid(world: &World<Node>, it: &History) -> bool {
    if refusals(world).any(|(node, _)| it.damaged.contains(&node)) {
        return true;
    }
    let (Some(_), Some(book)) = (jobs(world), book(world)) else { return false };
    let is_old = |at_us| at_us <= world.disturbed_at_us();
    // Something was accepted, and something is paid.
    it.accepted > 0
        && book.payments > 0
        && it.owed.iter().all(|(job, told)| !is_old(told.0) || is_paid(book, job))
}

/// Every worker whose bill is another's by now knows that.
pub(super) fn workers_know(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let Some(jobs) = jobs(world) else { return Ok(()) };
    for (id, node) in world.up() {
        let Node::Worker(worker) = node else { continue };
        let Some(it) = worker.attempt else { continue };
        if let Some(job) = jobs.find(it.job).filter(|job| job.attempt > it.number) {
            let (name, own) = (&world.names()[id], it.number);
            let other = &world.names()[worker_of(job.worker)];
            let reason = format!(
                "{name} still has {} as attempt {own}; {other} has attempt {}",
                bill(it.job),
                job.attempt
            );
            return Err(Violation::new(reason, [id]));
        }
    }
    Ok(())
}

/// No bill waits long, and the scheduler is there to see to it.
pub(super) fn no_bill_waits(world: &World<Node>, it: &History) -> Result<(), Violation> {
    if let Some((node, error)) = refusals(world).next() {
        return Err(Violation::new(without_stop(error), [node]));
    }
    let is_open = |job: JobId| book(world).is_none_or(|book| !is_paid(book, job));
    let open = it.owed.iter().filter(|(job, _)| is_open(*job));
    let Some((job, told)) = open.min_by_key(|(_, told)| told.0) else { return Ok(()) };
    let waits_us = world.now_us().saturating_sub(told.0);
    if waits_us <= LONG_US {
        return Ok(());
    }
    let reason = format!("{} has waited for {} ms", bill(job), waits_us / 1_000);
    Err(Violation::new(reason, [told.1]))
}

/// Returns how many accepted bills are not paid.
pub(super) fn unpaid(world: &World<Node>, it: &History) -> i64 {
    let is_open = |job| book(world).is_none_or(|book| !is_paid(book, job));
    i64::try_from(it.owed.iter().filter(|(job, _)| is_open(*job)).count()).unwrap_or(i64::MAX)
}

/// Returns the last of the scheduler's records that no crash can undo. Where there is no log, there is none.
pub(super) fn durable(world: &World<Node>) -> u64 {
    let kept = scheduler(world).and_then(|it| it.desk.kept.store());
    kept.filter(|_| world.setup().is_on("log")).map_or(0, LoggedState::durable)
}

/// Returns how many records a crash could undo.
pub(super) fn undoable(world: &World<Node>) -> i64 {
    let kept = scheduler(world).and_then(|it| it.desk.kept.store());
    match kept {
        Some(it) if it.state() != State::Opening => (it.last() - durable(world)).cast_signed(),
        _ => 0,
    }
}

/// Says who lost what to whom: which attempts paid a bill, or were turned away.
pub(super) fn what_became_of_the_bill(names: &Names, it: &History) -> String {
    let Some((worker, job, [own, later])) = it.turned_away else { return String::new() };
    format!(
        "Bank turned {} away with {}, attempt {own}: attempt {later} had been there",
        &names[worker],
        bill(job)
    )
}
