//! What is shown: each node's inside; the key at each instance with its countdown; what was sold.

use super::client::{Client, Step};
use super::instance::{Instance, Part};
use super::judge::{self, History};
use super::message::ttl_text;
use super::node::Node;
use super::office::{Book, Counter, Office};
use crate::mechanism::revisions::Store;
use crate::sim::{Cell, World};
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

impl Client {
    pub(super) fn view(&self) -> NodeView {
        let epoch = (self.token > 0 && self.until.is_some()).then_some(self.token);
        let keys = Widget::field("keys", self.keys.len());
        NodeView::new(Role::Client, self.step.text())
            .in_epoch(epoch)
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
    pub(super) fn view(disk: &Cell<Book>) -> NodeView {
        let Book { sold, fence, .. } = disk.get();
        let highest = Widget::field("highest number so far", fence.epoch());
        NodeView::new(Role::Storage, "tickets sold")
            .showing(sold)
            .meaning("tickets sold")
            .with([highest])
    }
}

impl Counter {
    pub(super) fn view(disk: &Cell<Store>) -> NodeView {
        let revision = disk.get().revision();
        let last = Widget::field("last revision", revision);
        NodeView::new(Role::Coordinator, "revision")
            .showing(revision)
            .meaning("the last revision")
            .with([last])
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let sales = history.sales.iter().map(|it| {
        let text = format!("{} by {}", it.ticket, &world.names()[it.seller]);
        let epoch = (it.token > 0).then_some(it.token);
        Datum { epoch, ..Datum::new(text) }.toned(Tone::Bad.when(it.is_double)).durable()
    });
    let deletions = history.deletions.iter().skip(history.deletions.len().saturating_sub(8));
    let deletions = deletions.map(|it| {
        let is_own = it.asked == it.has;
        let bad_or_good = if it.is_done { Tone::Bad } else { Tone::Good };
        Datum::new(it.text(world.names())).toned(if is_own { Tone::Neutral } else { bad_or_good })
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
    let max = config.ttl_us / 1_000;
    config.instances().map(move |id| {
        let instance = world.process(id).and_then(Node::instance);
        let key = instance.and_then(|it| it.key.zip(judge::ttl_left_us(world, id, it)));
        let Some((key, left_us)) = key else {
            let why = if instance.is_none() { "down" } else { "no key" };
            return Widget::gauge(format!("{}: {why}", &names[id]), 0, max);
        };
        let client = world.process(key.value.owner()).and_then(Node::client);
        let is_current = client.is_some_and(|it| it.value == key.value && it.step != Step::Idle);
        let tone = if is_current { Tone::Good } else { Tone::Warn };
        let (value, owner, left) = (key.value.text(), key.value.owner(), ttl_text(left_us));
        let label = format!("{}: {value} of {}, {left}", &names[id], &names[owner]);
        Widget::Gauge { label, value: (left_us / 1_000).min(max), max, tone }
    })
}
