//! How it looks: what became of each bill, the log, who says what of whom, and the sectors.

use super::bank::Bank;
use super::client::Client;
use super::judge::{self, History};
use super::message::SCHEDULER;
use super::node::Node;
use super::scheduler::{FILE, Scheduler};
use super::story::Story;
use super::words::{bill, short};
use super::worker::{Step, Worker};
use crate::mechanism::job_log::{Change, Job};
use crate::sim::World;
use crate::view::{Datum, LogMatrix, LogRow, NodeView, Panel, Role, Tone, Widget};

/// So many sectors of each file are shown.
const SECTORS: u32 = 24;

impl Scheduler {
    pub(super) fn show(&self) -> NodeView {
        let cell = |job: &Job| {
            let name = bill(job.id);
            match job.attempt {
                0 => Datum::new(name).uncommitted(),
                attempt => Datum::new(format!("{name}·{attempt}")),
            }
        };
        let open = self.jobs().map(|it| it.open().iter().map(cell).collect::<Vec<_>>());
        NodeView::new(Role::Queue, self.desk.kept.label("gives out bills"))
            .showing_if(self.jobs().map(|it| it.open().len()))
            .meaning("bills that are not done")
            .with([Widget::cells("bills that are not done, by attempt", open.unwrap_or_default())])
    }
}

impl Bank {
    pub(super) fn show(&self) -> NodeView {
        let payments = self.book().map(|it| it.payments);
        NodeView::new(Role::Storage, self.desk.kept.label("pays"))
            .showing_if(payments)
            .meaning("payments made")
    }
}

impl Worker {
    pub(super) fn show(&self) -> NodeView {
        let what = self.attempt.map_or(String::new(), |it| bill(it.job));
        let label = match self.step {
            Step::Idle => "asks for work".into(),
            Step::Looks => format!("{what}: paid?"),
            Step::Works => format!("prepares {what}"),
            Step::Pays => format!("pays {what}"),
            Step::Reports(_) => format!("reports {what}"),
        };
        NodeView::new(Role::Peer, label)
            .showing_if(self.attempt.map(|it| it.number))
            .meaning("the attempt at its bill")
            .with([Widget::field("reported", self.reported)])
    }
}

impl Client {
    pub(super) fn show(&self) -> NodeView {
        let label =
            if self.is_waiting { format!("bill {}", bill(self.job())) } else { "waits".into() };
        NodeView::new(Role::Client, label).showing(self.accepted).meaning("bills accepted")
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let lane = |it: &Story| (bill(it.job), it.spans(is_lost(world, history, it)));
    let rows = history.stories.bills.iter().map(lane).collect();
    let lanes = Widget::Lanes { label: "W2·1: W2 has it, in attempt 1".into(), rows };
    vec![
        Panel::new("What became of each bill", [lanes]),
        Panel::new("Job states", [log(world, history)]),
        history.deeds.panel("Who did what", world.names()),
        Panel::new("Disk of Scheduler", world.disk(SCHEDULER).picture(SECTORS).widgets()),
    ]
}

fn is_lost(world: &World<Node>, history: &History, story: &Story) -> bool {
    let (Some(jobs), Some(book)) = (judge::jobs(world), judge::book(world)) else { return false };
    history.owed.get(story.job).is_some() && judge::why_lost(jobs, book, story.job).is_some()
}

/// The last records: what has a lock no crash takes.
fn log(world: &World<Node>, history: &History) -> Widget {
    let is_on = world.setup().is_on("log");
    let durable = judge::durable(world);
    let cell = |(sequence, change): &(u64, Change)| {
        let tone = Tone::Good.when(matches!(change, Change::Completed { .. }));
        let cell = Datum::new(short(change)).toned(tone).durable_if(*sequence <= durable);
        if is_on { cell } else { cell.uncommitted() }
    };
    let records = &history.stories.records;
    let first = records.front().map_or(1, |it| it.0);
    let name = if is_on { FILE } else { "in memory" };
    let row = LogRow::new(name, first, records.iter().map(cell));
    Widget::LogMatrix(LogMatrix::new("records by number", [row]))
}
