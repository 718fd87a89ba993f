//! How the counter looks: its two copies beside each other, and its sectors.

use super::judge::{self, History};
use super::message::COUNTER;
use super::node::{Disk, Node};
use super::server::Server;
use crate::mechanism::durable_counter::Counter;
use crate::mechanism::durable_counter::area::{self, Kept, Slot};
use crate::sim::World;
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

/// So many sectors of each file are shown.
const SECTORS: u32 = 34;

impl Server {
    pub(super) fn show(&self, disk: &Disk) -> NodeView {
        let makes_snapshot = self.counter.store().is_some_and(Counter::makes_snapshot);
        let label =
            self.counter.label(if makes_snapshot { "counts · snapshot" } else { "counts" });
        let waiting =
            self.waiting.iter().map(|it| Datum::new(it.sequence.to_string()).uncommitted());
        let (last, durable) = self.counter.store().map_or((0, 0), |it| (it.last(), it.durable()));
        NodeView::new(Role::Storage, label)
            .showing_if(self.counter.store().map(Counter::durable))
            .meaning("the count that no crash undoes")
            .with_first(Widget::cells("each copy: snapshot + records after it", self.ends(disk)))
            .with([Widget::log_end("the last +1s", last, durable, durable)])
            .with([Widget::cells("wait for the disk", waiting)])
    }
}

impl Server {
    /// What each copy on the disk comes to, of a node that is down too: its snapshot, and so many records
    /// after that.
    fn ends(&self, disk: &Disk) -> Vec<Datum> {
        let copy = |area: &&str| {
            let kept = match area::read_snapshot(disk, area, &self.settings) {
                Ok(Kept::Snapshot(snapshot)) => Some(snapshot.count),
                Ok(Kept::Nothing) => Some(0),
                Ok(Kept::Bad) | Err(_) => None,
            };
            let log = area::read_log(disk, area, &self.settings).unwrap_or_default();
            let is_new =
                |slot: &&Slot| matches!(slot, Slot::Record(it) if Some(it.sequence) > kept);
            let (new, bad) = (
                log.iter().filter(is_new).count(),
                log.iter().filter(|slot| matches!(slot, Slot::Bad)).count(),
            );
            let kept_text = kept.map_or("bad".into(), |count| count.to_string());
            let mended = self.counter.store().is_some_and(|it| it.damaged().contains(area));
            let bad_text = match (bad, mended) {
                (0, false) => String::new(),
                (0, true) => ", mended".into(),
                (bad, _) => format!(", {bad} bad"),
            };
            let is_bad = kept.is_none() || bad > 0;
            Datum::new(format!("{area}: {kept_text} + {new}{bad_text}"))
                .toned(Tone::Bad.when(is_bad))
        };
        self.settings.areas().iter().map(copy).collect()
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let bounds = [
        Widget::field("promised to clients", history.acknowledged),
        Widget::field(
            "count",
            judge::open_counter(world).map_or("—".into(), |it| it.durable().to_string()),
        ),
        Widget::field("asked for", history.asked),
    ];
    vec![
        Panel::new("Promised ≤ count ≤ asked", bounds),
        Panel::new("The copies on the disk", copies(world)),
        Panel::new("Sectors", world.disk(COUNTER).picture(SECTORS).widgets()),
    ]
}

/// What lies in each area, as recovery would read it.
fn copies(world: &World<Node>) -> Vec<Widget> {
    let Some(counter) = judge::server(world).and_then(|it| it.counter.store()) else {
        return vec![Widget::Text("Nobody reads them now.".into())];
    };
    let (disk, settings) = (world.disk(COUNTER), counter.settings());
    let cell = |slot: Slot| match slot {
        Slot::Empty => Datum::none(),
        Slot::Bad => Datum::new("bad").toned(Tone::Bad),
        Slot::Record(record) => {
            let is_old = record.sequence <= counter.kept();
            let is_safe = record.sequence <= counter.durable();
            Datum::new(record.sequence.to_string())
                .toned(Tone::Muted.when(is_old))
                .durable_if(is_safe)
        }
    };
    let copy = |area: &&str| {
        let snapshot = match area::read_snapshot(disk, area, settings) {
            Ok(Kept::Snapshot(snapshot)) => format!("{} counted", snapshot.count),
            Ok(Kept::Nothing) => "none yet".into(),
            Ok(Kept::Bad) => "damaged".into(),
            Err(error) => error.to_string(),
        };
        let log = area::read_log(disk, area, settings).unwrap_or_default();
        [
            Widget::field(format!("snapshot of {area}"), snapshot),
            Widget::cells(format!("log of {area}, by its places"), log.into_iter().map(cell)),
        ]
    };
    settings.areas().iter().flat_map(copy).collect()
}
