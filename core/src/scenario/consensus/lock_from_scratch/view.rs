//! What is shown: each node's inside, and the leases, the resource and the file, judged from outside.

use super::judge::{self, Applied, History};
use super::keeper::Keeper;
use super::message::expiry_text;
use super::node::{Design, Node};
use super::resource::{Kept, Resource};
use super::worker::{Phase, Worker};
use crate::mechanism::lease::{LockFile, Record};
use crate::sim::files::SectorState;
use crate::sim::{Cell, NodeId, World};
use crate::view::{Column, Datum, NodeView, Panel, Role, Table, Tone, Widget};

impl Worker {
    pub(super) fn view(&self) -> NodeView {
        let token = if let Phase::Holding(lease) = self.phase { Some(lease.token) } else { None };
        let label = match self.phase {
            Phase::Idle => "idle".into(),
            Phase::Waiting => "waits".into(),
            Phase::Holding(lease) => format!("holds {}", lease.token),
        };
        let pips = token.map(|_| (self.applied, self.parts));
        let progress = format!("{} of {}", self.applied, self.parts);
        let widgets = vec![Widget::field("parts applied", progress)];
        NodeView { role: Role::Client, label, epoch: token, pips, widgets, ..NodeView::default() }
    }
}

impl Keeper {
    pub(super) fn view(&self) -> NodeView {
        let label = match (self.holder, self.last) {
            _ if self.is_closed => "waits".into(),
            (Some(holder), _) => format!("lent to W{}", holder.worker.0 + 1),
            (None, last) => last.map_or("empty".into(), |last| format!("last {}", last.token)),
        };
        let queue = self.queue.iter().map(|it| Datum::new(format!("W{}", it.worker.0 + 1)));
        let widgets = vec![Widget::cells("who waits, longest first", queue)];
        let epoch = self.holder.map(|holder| holder.token);
        NodeView { role: Role::Coordinator, label, epoch, widgets, ..NodeView::default() }
    }
}

impl Resource {
    pub(super) fn view(disk: &Cell<Kept>) -> NodeView {
        let highest = disk.get().fence.epoch();
        let widgets = vec![Widget::field("highest number so far", highest)];
        let label = format!("seen {highest}");
        NodeView { role: Role::Storage, label, widgets, ..NodeView::default() }
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widgets| Panel { title: title.into(), widgets };
    let ids = world.ids().take(world.ids().len() - 1);
    let lanes = history.lanes.widget("in true time", world, ids);
    let applied = history.applied.iter().rev().take(24).rev().map(|it| part(world, it));
    let applied = Widget::cells("parts in the order in which they were applied", applied);
    let mut panels = vec![
        panel("Who holds the lock", vec![lanes, clocks(world)]),
        panel("What the lock protects", vec![applied]),
    ];
    if super::design(world.setup()) == Design::Lease {
        panels.push(panel("The lock file", vec![file(world)]));
    }
    panels
}

fn part(world: &World<Node>, applied: &Applied) -> Datum {
    let Applied { writer, part, is_interleaved } = *applied;
    let tone = if is_interleaved { Tone::Bad } else { Tone::Neutral };
    Datum::new(format!("{}·{}", &world.names()[writer], part.number))
        .in_epoch(part.token)
        .toned(tone)
}

fn clocks(world: &World<Node>) -> Widget {
    let row = |(id, worker): (NodeId, &Worker)| {
        let left = match worker.phase {
            Phase::Holding(lease) => match judge::left_us(world, id, lease) {
                u64::MAX => Datum::new("until it lets go"),
                0 => Datum::new("over").toned(Tone::Bad),
                us => Datum::new(format!("{} ms", us / 1_000)).in_epoch(lease.token),
            },
            Phase::Idle | Phase::Waiting => Datum::new("none").toned(Tone::Muted),
        };
        let error = world.clock(id).error_us(world.now_us()) / 1_000;
        (world.names()[id].to_owned(), vec![left, Datum::new(format!("{error} ms"))])
    };
    let columns =
        ["lease left, by its own clock", "wall clock wrong by"].map(String::from).to_vec();
    Widget::Matrix { label: "workers".into(), columns, rows: judge::up(world).map(row).collect() }
}

fn file(world: &World<Node>) -> Widget {
    let config = super::config(world.setup());
    let disk = &world.disk(config.keeper()).0;
    let records = LockFile { is_checked: config.is_checked }.read(disk).unwrap_or_default();
    let picture = disk.picture(u32::MAX).files.into_iter().next();
    let is_synced = picture.is_some_and(|it| {
        let is_durable = |sector: &SectorState| *sector == SectorState::Durable;
        it.is_name_durable && it.is_length_durable && it.sectors.iter().all(is_durable)
    });
    // Where grants are synced, only the last one can be on its way to the disk.
    let record = |(nth, record): (usize, &Record)| {
        let durable = is_synced || (config.is_synced && nth + 1 < records.len());
        let owner = &world.names()[record.owner];
        let cells = [record.token.to_string(), owner.into(), expiry_text(record.expiry)];
        let mut cells = cells.map(|text| Datum::new(text).in_epoch(record.token));
        cells[0].durable = durable;
        crate::view::Record::new(cells)
    };
    let columns = [Column::number("number"), Column::text("owner"), Column::text("ends")];
    let mut table = Table::new("grants, the last one counts", columns);
    let shown = records.iter().enumerate().skip(records.len().saturating_sub(8));
    table.rows = shown.map(record).collect();
    Widget::Table(table)
}
