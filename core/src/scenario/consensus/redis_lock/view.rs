//! What is shown: each node's inside; the key at each instance with its countdown; what was sold.

use super::client::Client;
use super::instance::{Instance, Part};
use super::judge::{self, History};
use super::message::ttl_text;
use super::node::Node;
use super::office::{Book, Counter, Office};
use crate::mechanism::revisions::Store;
use crate::sim::World;
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

impl Client {
    pub(super) fn view(&self) -> NodeView {
        let keys = Widget::field("keys", self.keys.len());
        NodeView::new(Role::Client, self.step.text())
            .in_epoch(self.number())
            .with([Widget::field("value", self.value.text()), keys])
    }
}

impl Instance {
    pub(super) fn view(&self) -> NodeView {
        let role = if self.part == Part::Primary { Role::Leader } else { Role::Peer };
        let key = self.key.map_or("none".into(), |key| key.value.text());
        NodeView::new(role, self.text()).with([Widget::field("lock", key)])
    }
}

impl Office {
    pub(super) fn view(book: &Book) -> NodeView {
        NodeView::counting(Role::Storage, book.sold, "tickets sold")
            .with([Widget::field("highest number so far", book.fence.epoch())])
    }
}

impl Counter {
    pub(super) fn view(store: &Store) -> NodeView {
        match store.revision() {
            0 => NodeView::new(Role::Coordinator, "not asked yet"),
            last => NodeView::counting(Role::Coordinator, last, "last number"),
        }
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let names = world.names();
    let sales = history.sales.iter().map(|it| {
        let sold = Datum::new(format!("{} by {}", it.ticket, &names[it.seller])).durable();
        Datum { epoch: it.epoch(), ..sold }.toned(Tone::Bad.when(it.is_double))
    });
    let deletions = history.deletions.last(8).map(|it| {
        let of_another = if it.is_done { Tone::Bad } else { Tone::Good };
        Datum::new(it.text(names)).toned(if it.is_own() { Tone::Neutral } else { of_another })
    });
    vec![
        Panel::new("The key, and how long it lives", keys(world)),
        Panel::new("Tickets", [Widget::cells("sold, in order", sales)]),
        Panel::new("Whose key is deleted?", [Widget::cells("asked, and done", deletions)]),
    ]
}

/// Shows a countdown an instance: whose key it is, and what is left of its time to live.
fn keys(world: &World<Node>) -> impl Iterator<Item = Widget> {
    let (config, names) = (super::config(world.setup()), world.names());
    config.instances().map(move |id| {
        let (name, max) = (&names[id], config.ttl_us / 1_000);
        let Some((key, left_us)) = judge::live_key(world, id) else {
            let why = if world.process(id).is_none() { "down" } else { "no key" };
            return Widget::gauge(format!("{name}: {why}"), 0, max);
        };
        let tone = if judge::is_current(world, key) { Tone::Good } else { Tone::Warn };
        let (value, owner, left) = (key.value.text(), key.value.owner(), ttl_text(left_us));
        let label = format!("{name}: {value} of {}, {left}", &names[owner]);
        Widget::Gauge { label, value: (left_us / 1_000).min(max), max, tone }
    })
}
