//! How a copy of the count looks, and all copies beside the truth.

use super::judge::{History, own_slot, running, worst_copy};
use super::message::{signed, slot_text};
use super::node::{Node, Sharing};
use crate::mechanism::crdt::PnCounter;
use crate::sim::{Cell, NodeId, World};
use crate::view::{Datum, NodeView, Panel, Tone, Widget};

/// Shows one node. What its disk holds is known to it while it runs; when it is down, the disk would
/// tell it.
pub(super) fn node(node: &Node, disk: &Cell<PnCounter>) -> NodeView {
    let on_disk = disk.durable().slot(node.me);
    let mut known = node.known.clone();
    known.merge(disk.durable());
    let own = known.slot(node.me);
    let shown = known.value() + node.received;
    let durable = own == on_disk && own != (0, 0);
    let mut widgets = vec![
        Widget::field("Own clicks", Datum { durable, ..Datum::new(slot_text(own)) }),
        Widget::field("Clicks of others", shown - PnCounter::net(own)),
    ];
    if node.config.sharing == Sharing::Deltas {
        widgets.push(Widget::field("Answers awaited", node.unanswered.len() as u64));
    }
    let waiting = node.unsynced.iter().map(|(_, click)| Datum::new(signed(click.by)));
    widgets.push(Widget::cells("Waiting for the disk", waiting));
    let label = format!("own {}", slot_text(own));
    NodeView { label, value: Some(shown.to_string()), widgets, ..NodeView::default() }
}

/// Shows every copy, a row a node and a column a slot. A slot behind its owner's is marked, one
/// ahead of it is wrong; the owner's carries a lock if it would survive a crash.
pub(super) fn slots(world: &World<Node>) -> Panel {
    let cell = |copy: &PnCounter, id: NodeId, owner: NodeId| {
        let (slot, own) = (copy.slot(owner), own_slot(world, owner));
        let tone = match (id == owner, slot.0 > own.0 || slot.1 > own.1, slot == own) {
            (true, ..) => Tone::Good,
            (_, true, _) => Tone::Bad,
            (.., true) => Tone::Neutral,
            _ => Tone::Warn,
        };
        let durable = id == owner && slot != (0, 0) && slot == world.disk(id).durable().slot(id);
        Datum { durable, ..Datum::new(slot_text(slot)).toned(tone) }
    };
    let shares_slots = world.setup().is_on("vector");
    let row = |id: NodeId| {
        let (name, node) = (&world.names()[id], world.process(id));
        let copy = node.map_or_else(|| world.disk(id).durable(), |node| &node.known);
        let cells = if shares_slots {
            world.ids().map(|owner| cell(copy, id, owner)).collect()
        } else {
            let received = node.map_or(0, |node| node.received);
            vec![cell(copy, id, id), received.into(), (copy.value() + received).into()]
        };
        (node.map_or_else(|| format!("{name}'s disk"), |_| name.into()), cells)
    };
    let (label, columns) = if shares_slots {
        let columns = world.ids().map(|id| format!("of {}", &world.names()[id])).collect();
        ("What each node knows; of two copies of a slot, the larger stays", columns)
    } else {
        ("What each node has added up", ["own", "received", "shows"].map(String::from).to_vec())
    };
    let matrix =
        Widget::Matrix { label: label.into(), columns, rows: world.ids().map(row).collect() };
    Panel { title: "Copies".into(), widgets: vec![matrix] }
}

/// Shows what the visitors were told beside what each node shows.
pub(super) fn totals(world: &World<Node>, history: &History) -> Panel {
    let truth = history.acknowledged.value();
    let cell = |(id, node): (NodeId, &Node)| {
        let tone = if node.value() == truth { Tone::Good } else { Tone::Warn };
        Datum::new(format!("{} {}", &world.names()[id], node.value())).toned(tone)
    };
    let widgets = vec![
        Widget::field("Acknowledged", truth),
        Widget::chips("Shown", running(world).map(cell)),
        Widget::field("Worst error", worst_copy(world, history).map_or(0, |(off, _)| off)),
    ];
    Panel { title: "True total and shown totals".into(), widgets }
}
