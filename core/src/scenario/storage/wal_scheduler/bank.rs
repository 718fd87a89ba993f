//! The bank: where a bill is paid, once or, if nobody compares attempts, as often as it is told.

use serde::{Deserialize, Serialize};

use super::desk::{self, Desk};
use super::message::{Attempt, Fact, Msg, Timer};
use super::node::{Disk, Node};
use crate::mechanism::fencing::Fence;
use crate::mechanism::job_log::JobId;
use crate::mechanism::logged_state::Replayed;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::wal::{Log, LogError, Place, Settings};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// The file that its book is in.
const FILE: &str = "book.log";

/// A line of the book.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Line {
    /// Somebody asked about a bill in this attempt: nothing older is taken from now on.
    Admitted { job: JobId, attempt: u32 },
    /// A bill is paid.
    Payment { job: JobId, attempt: u32, worker: u16, receipt: u32 },
}

/// A payment.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Payment {
    pub(super) attempt: u32,
    worker: u16,
    pub(super) receipt: u32,
    /// In which line it is.
    pub(super) sequence: u64,
}

/// What the bank knows of a bill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Account {
    fence: Fence,
    pub(super) payments: Vec<Payment>,
}

/// All bills.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Book {
    pub(super) accounts: SmallMap<JobId, Account>,
    pub(super) payments: u32,
}

impl Replayed for Book {
    type Record = Line;

    fn apply(&mut self, place: Place, line: &Line) {
        let (Line::Admitted { job, attempt } | Line::Payment { job, attempt, .. }) = *line;
        let account = self.accounts.get_or_insert(job, Account::default());
        // Where nobody compares attempts, an older one may come later.
        _ = account.fence.admit(attempt.into());
        if let Line::Payment { worker, receipt, .. } = *line {
            let sequence = place.sequence;
            account.payments.push(Payment { attempt, worker, receipt, sequence });
            self.payments += 1;
        }
    }
}

fn settings() -> Settings {
    Settings { sectors_tear: true, ..Settings::default() }
}

/// Lists the lines that a disk holds, as whoever opens the book would read them.
///
/// # Errors
///
/// If whoever opens it would refuse.
pub(super) fn lines_on(disk: &Disk) -> Result<Vec<Line>, LogError> {
    Log::records_on(settings(), FILE, disk)
}

/// The bank.
#[derive(Clone, Debug, Hash)]
pub(super) struct Bank {
    /// Safeguard: whoever comes in an older attempt than the latest is turned away.
    is_fenced: bool,
    pub(super) desk: Desk<Book>,
}

impl Bank {
    pub(super) fn new(is_fenced: bool) -> Self {
        let config = desk::Config { settings: Some(settings()), waits_for_sync: true };
        Self { is_fenced, desk: Desk::new(config, FILE) }
    }

    /// Returns the book while it is open.
    pub(super) fn book(&self) -> Option<&Book> {
        Some(self.desk.kept.serving()?.content())
    }

    /// Turns a worker away that comes in an older attempt; true if it did.
    fn turns_away(&self, worker: NodeId, attempt: Attempt, cx: &mut Cx<'_, Node>) -> bool {
        let account = self.book().and_then(|it| it.accounts.get(attempt.job));
        let mut fence = account.map(|it| it.fence).unwrap_or_default();
        let Err(stale) = fence.admit(attempt.number.into()) else { return false };
        if !self.is_fenced {
            return false;
        }
        let highest = u32::try_from(stale.epoch).unwrap_or(u32::MAX);
        cx.record(Fact::TurnsAway { attempt, worker, highest });
        cx.send(worker, Msg::TooLate(attempt, highest));
        true
    }

    fn on_look(&mut self, from: NodeId, it: Attempt, cx: &mut Cx<'_, Node>) {
        let Some(book) = self.book() else { return };
        let account = book.accounts.get(it.job);
        let is_new = account.is_none_or(|known| known.fence.epoch() < it.number.into());
        let receipt = account.and_then(|it| it.payments.first()).map(|it| it.receipt);
        if self.turns_away(from, it, cx) {
            return;
        }
        // Before anybody is told what there is, nothing older can come any more.
        let line = Line::Admitted { job: it.job, attempt: it.number };
        if !is_new || self.desk.note(&line, cx).is_some() {
            self.desk.answer(from, Msg::Seen(it, receipt), cx);
        }
    }

    fn on_pay(&mut self, from: NodeId, it: Attempt, cx: &mut Cx<'_, Node>) {
        let Some(book) = self.book() else { return };
        let paid = book.accounts.get(it.job).map_or(&[][..], |it| &it.payments);
        let is_repeat = |of: &&Payment| (of.worker, of.attempt) == (from.0, it.number);
        if let Some(known) = paid.iter().find(is_repeat) {
            let receipt = known.receipt;
            return self.desk.answer(from, Msg::Paid(it, receipt), cx);
        }
        let receipt = book.payments + 1;
        if self.turns_away(from, it, cx) {
            return;
        }
        let (job, attempt, worker) = (it.job, it.number, from.0);
        if self.desk.note(&Line::Payment { job, attempt, worker, receipt }, cx).is_some() {
            cx.record(Fact::Pays { attempt: it, worker: from, receipt });
            self.desk.answer(from, Msg::Paid(it, receipt), cx);
        }
    }
}

impl Kind<Node> for Bank {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.desk.open(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        if let Msg::Look(attempt) = msg {
            self.on_look(from, attempt, cx);
        } else if let Msg::Pay(attempt) = msg {
            self.on_pay(from, attempt, cx);
        }
    }

    fn on_timer(&mut self, _: Timer, cx: &mut Cx<'_, Node>) {
        self.desk.on_timer(cx);
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.desk.on_synced(sync, cx);
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.desk.on_sync_failed(sync, cx);
    }

    fn view(&self, _: &Disk) -> NodeView {
        self.show()
    }
}
