//! What is shown: each node's inside, and the leases, the resource and the file, judged from outside.

use super::judge::{self, History};
use super::keeper::Keeper;
use super::node::{Design, Node};
use super::resource::{Kept, Resource};
use super::worker::{Phase, Worker};
use crate::sim::{Cell, NodeId, World};
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

impl Worker {
    pub(super) fn view(&self) -> NodeView {
        let token = self.phase.token();
        let pips = token.map(|_| (self.applied, self.parts));
        let progress = format!("{} of {}", self.applied, self.parts);
        NodeView { pips, ..NodeView::new(Role::Client, self.phase.text()) }
            .in_epoch(token)
            .with([Widget::field("parts applied", progress)])
    }
}

impl Keeper {
    pub(super) fn view(&self) -> NodeView {
        let queue = self.queue.iter().map(|it| format!("W{}", it.worker.0 + 1).into());
        NodeView::new(Role::Coordinator, self.text())
            .in_epoch(self.holder.map(|holder| holder.token))
            .with([Widget::cells("who waits, longest first", queue)])
    }
}

impl Resource {
    pub(super) fn view(disk: &Cell<Kept>) -> NodeView {
        let highest = disk.get().fence.epoch();
        NodeView::new(Role::Storage, format!("highest number {highest}"))
            .with([Widget::field("highest number so far", highest)])
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let (config, names) = (super::config(world.setup()), world.names());
    let lanes = history.lanes.widget("in true time", world, NodeId::first(config.workers + 1));
    let show = || config.file().show(&world.disk(config.keeper()).0, config.is_synced, names);
    let file = (config.design == Design::Lease).then(|| Panel::new("The lock file", [show()]));
    let holders = Panel::new("Who holds the lock", [lanes, clocks(world)]);
    let parts = Panel::new("What the lock protects", [applied(world, history)]);
    [holders, parts].into_iter().chain(file).collect()
}

/// Shows the last parts that the resource has applied, in order; those that came between another's are
/// marked.
fn applied(world: &World<Node>, history: &History) -> Widget {
    let cells = history.applied.last(24).map(|it| {
        let mark = if it.is_interleaved { "!" } else { "" };
        let text = format!("{}·{}{mark}", &world.names()[it.writer], it.part.number);
        Datum::new(text).in_epoch(it.part.token).toned(Tone::Bad.when(it.is_interleaved))
    });
    Widget::cells("parts as they were applied", cells)
}

fn clocks(world: &World<Node>) -> Widget {
    let rows = judge::up(world).map(|(id, worker)| {
        let left = match worker.phase {
            Phase::Holding(lease) => match judge::left_us(world, id, lease) {
                u64::MAX => "until it lets go".into(),
                0 => Datum::new("over").toned(Tone::Bad),
                us => Datum::ms(us).in_epoch(lease.token),
            },
            Phase::Idle | Phase::Waiting => Datum::new("none").toned(Tone::Muted),
        };
        let error_ms = world.clock(id).error_us(world.now_us()) / 1_000;
        (&world.names()[id], [left, format!("{error_ms} ms").into()])
    });
    Widget::matrix("workers", ["lease left, by its own clock", "wall clock wrong by"], rows)
}
