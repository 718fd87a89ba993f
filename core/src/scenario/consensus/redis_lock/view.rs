//! What is shown: each node's inside; the key at each instance with its countdown; what was sold.

use super::client::{Client, Step};
use super::instance::{Instance, Part};
use super::judge::{self, Deletion, History, Sale};
use super::message::ttl_text;
use super::node::Node;
use super::office::{Book, Counter, Office};
use crate::sim::{Cell, NodeId, World};
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

impl Client {
    pub(super) fn view(&self) -> NodeView {
        let label = match self.step {
            Step::Idle => "idle".into(),
            Step::Pauses => "tries again soon".into(),
            Step::Asks { .. } => "asks for keys".into(),
            Step::Numbers => "asks for a number".into(),
            Step::Reads => "reads".into(),
            Step::Prints { ticket } => format!("prints {ticket}"),
            Step::Writes { ticket } => format!("writes {ticket}"),
        };
        let epoch = (self.token > 0 && self.until.is_some()).then_some(self.token);
        let widgets = vec![
            Widget::field("value", self.value.text()),
            Widget::field("keys", self.keys.len() as u64),
        ];
        NodeView { role: Role::Client, label, epoch, widgets, ..NodeView::default() }
    }
}

impl Instance {
    pub(super) fn view(&self) -> NodeView {
        let role = if self.part == Part::Primary { Role::Leader } else { Role::Peer };
        let label = match (self.part, self.key) {
            _ if self.is_silent => "silent".into(),
            (Part::Primary, None) => "primary".into(),
            (Part::Replica { .. }, None) => "replica".into(),
            (Part::Alone, None) => "free".into(),
            (_, Some(key)) => format!("C{}'s {}", key.value.owner().0 + 1, key.value.text()),
        };
        let key = self.key.map_or("none".into(), |key| key.value.text());
        NodeView { role, label, widgets: vec![Widget::field("lock", key)], ..NodeView::default() }
    }
}

impl Office {
    pub(super) fn view(disk: &Cell<Book>) -> NodeView {
        let Book { sold, fence, .. } = disk.get();
        let widgets = vec![Widget::field("highest number so far", fence.epoch())];
        let (label, value) = ("tickets sold".into(), Some(sold.to_string()));
        NodeView { role: Role::Storage, label, value, widgets, ..NodeView::default() }
    }
}

impl Counter {
    pub(super) fn view(disk: &Cell<u64>) -> NodeView {
        let widgets = vec![Widget::field("last revision", *disk.get())];
        let (label, value) = ("revision".into(), Some(disk.get().to_string()));
        NodeView { role: Role::Coordinator, label, value, widgets, ..NodeView::default() }
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widgets| Panel { title: title.into(), widgets };
    let sales = history.sales.iter().map(|it| sale(world, it));
    let deletions = history.deletions.iter().rev().take(8).rev().map(|it| deletion(world, it));
    vec![
        panel("The key, and how long it lives", keys(world)),
        panel("Tickets", vec![Widget::cells("sold, in order", sales)]),
        panel("Whose key is deleted?", vec![Widget::cells("asked, and done", deletions)]),
    ]
}

/// Shows a countdown an instance: whose key it is, and what is left of its time to live.
fn keys(world: &World<Node>) -> Vec<Widget> {
    let config = super::config(world.setup());
    let most_ms = config.ttl_us / 1_000;
    let countdown = |id: NodeId| {
        let name = &world.names()[id];
        let Some(instance) = world.process(id).and_then(Node::instance) else {
            return Widget::gauge(format!("{name}: down"), 0, most_ms);
        };
        let left_us = judge::ttl_left_us(world, id, instance);
        let (Some(key), Some(left_us)) = (instance.key, left_us) else {
            return Widget::gauge(format!("{name}: no key"), 0, most_ms);
        };
        let owner = key.value.owner();
        let client = world.process(owner).and_then(Node::client);
        let is_current = client.is_some_and(|it| it.value == key.value && it.step != Step::Idle);
        let (tone, left) = (if is_current { Tone::Good } else { Tone::Warn }, ttl_text(left_us));
        let label = format!("{name}: {} of {}, {left}", key.value.text(), &world.names()[owner]);
        Widget::Gauge { label, value: (left_us / 1_000).min(most_ms), max: most_ms, tone }
    };
    config.instances().map(countdown).collect()
}

fn sale(world: &World<Node>, sale: &Sale) -> Datum {
    let tone = if sale.is_double { Tone::Bad } else { Tone::Neutral };
    let text = format!("{} by {}", sale.ticket, &world.names()[sale.seller]);
    let datum = Datum::new(text).toned(tone).durable();
    if sale.token > 0 { datum.in_epoch(sale.token) } else { datum }
}

fn deletion(world: &World<Node>, it: &Deletion) -> Datum {
    let names = world.names();
    let (instance, asked) = (&names[it.instance], &names[it.asked.owner()]);
    let (text, tone) = match (it.asked == it.has, it.is_done) {
        (true, _) => (format!("{instance}: {asked} its own"), Tone::Neutral),
        (false, true) => (format!("{instance}: {asked} deletes another's"), Tone::Bad),
        (false, false) => (format!("{instance}: not {asked}'s, kept"), Tone::Good),
    };
    Datum::new(text).toned(tone)
}
