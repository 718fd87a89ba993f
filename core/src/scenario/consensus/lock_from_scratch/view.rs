//! What is shown: each node's inside, and the leases, the resource and the file, judged from outside.

use super::judge::{self, History};
use super::keeper::Keeper;
use super::node::{Design, Node};
use super::resource::{Kept, Resource};
use super::worker::{Phase, Worker};
use crate::sim::{Cell, World};
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

impl Worker {
    pub(super) fn view(&self) -> NodeView {
        let (token, label) = match self.phase {
            Phase::Idle => (None, "idle".into()),
            Phase::Waiting => (None, "waits".into()),
            Phase::Holding(lease) => (Some(lease.token), format!("holds {}", lease.token)),
        };
        let pips = token.map(|_| (self.applied, self.parts));
        let progress = format!("{} of {}", self.applied, self.parts);
        NodeView { pips, ..NodeView::new(Role::Client, label) }
            .in_epoch(token)
            .with([Widget::field("parts applied", progress)])
    }
}

impl Keeper {
    pub(super) fn view(&self) -> NodeView {
        let label = match (self.holder, self.last) {
            _ if self.is_closed => "waits".into(),
            (Some(holder), _) => format!("lent to W{}", holder.worker.0 + 1),
            (None, Some(last)) => format!("says W{}, {}", last.owner.0 + 1, last.token),
            (None, None) => "empty".into(),
        };
        let queue = self.queue.iter().map(|it| format!("W{}", it.worker.0 + 1).into());
        NodeView::new(Role::Coordinator, label)
            .in_epoch(self.holder.map(|holder| holder.token))
            .with([Widget::cells("who waits, longest first", queue)])
    }
}

impl Resource {
    pub(super) fn view(disk: &Cell<Kept>) -> NodeView {
        let highest = disk.get().fence.epoch();
        NodeView::new(Role::Storage, format!("seen {highest}"))
            .with([Widget::field("highest number so far", highest)])
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let (config, names) = (super::config(world.setup()), world.names());
    let ids = world.ids().filter(|id| *id != config.resource());
    let lanes = history.lanes.widget("in true time", world, ids);
    let mut panels = vec![
        Panel::new("Who holds the lock", [lanes, clocks(world)]),
        Panel::new("What the lock protects", [applied(world, history)]),
    ];
    if config.design == Design::Lease {
        let file = config.file().show(&world.disk(config.keeper()).0, config.is_synced, names);
        panels.push(Panel::new("The lock file", [file]));
    }
    panels
}

/// Shows the last parts that the resource has applied, in order; those that came between another's are
/// marked.
fn applied(world: &World<Node>, history: &History) -> Widget {
    let last = history.applied.iter().skip(history.applied.len().saturating_sub(24));
    Widget::cells(
        "parts as they were applied",
        last.map(|it| {
            let mark = if it.is_interleaved { "!" } else { "" };
            let cell =
                Datum::new(format!("{}·{}{mark}", &world.names()[it.writer], it.part.number));
            cell.in_epoch(it.part.token).toned(Tone::Bad.when(it.is_interleaved))
        }),
    )
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
