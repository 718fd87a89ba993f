//! How a copy of the count looks, and all copies beside the truth.

use super::judge::{History, own_slot, worst_copy};
use super::message::slot_text;
use super::node::Node;
use crate::mechanism::crdt::PnCounter;
use crate::sim::{NodeId, World};
use crate::view::{Datum, Panel, Tone, Widget};

/// Shows every copy, a row a node and a column a slot. A slot behind its owner's is marked, one
/// ahead of it is wrong; the owner's carries a lock if it would survive a crash.
pub(super) fn slots(world: &World<Node>) -> Panel {
    let cell = |copy: &PnCounter, id: NodeId, owner: NodeId| {
        let (slot, own) = (copy.slot(owner), own_slot(world, owner));
        let is_ahead = slot.0 > own.0 || slot.1 > own.1;
        let of_another = if is_ahead { Tone::Bad } else { Tone::Warn };
        let tone = if slot == own { Tone::Good.when(id == owner) } else { of_another };
        let durable = id == owner && slot != (0, 0) && slot == world.disk(id).durable().slot(id);
        Datum::new(slot_text(slot)).toned(tone).durable_if(durable)
    };
    let shares_slots = world.setup().is_on("vector");
    let rows = world.ids().map(|id| {
        let (name, node) = (&world.names()[id], world.process(id));
        let copy = node.map_or_else(|| world.disk(id).durable(), |node| &node.known);
        let cells = if shares_slots {
            world.ids().map(|owner| cell(copy, id, owner)).collect()
        } else {
            let received = node.map_or(0, |node| node.received);
            vec![cell(copy, id, id), received.into(), (copy.value() + received).into()]
        };
        (node.map_or_else(|| format!("{name}'s disk"), |_| name.into()), cells)
    });
    let matrix = if shares_slots {
        let label = "What each node knows; of two copies of a slot, the larger stays";
        Widget::matrix(label, world.ids().map(|id| format!("of {}", &world.names()[id])), rows)
    } else {
        Widget::matrix("What each node has added up", ["own", "received", "shows"], rows)
    };
    Panel::new("Copies", [matrix])
}

/// Shows what the visitors were told beside what each node shows.
pub(super) fn totals(world: &World<Node>, history: &History) -> Panel {
    let (truth, clicks) = (history.acknowledged.value(), history.acknowledgements());
    let shown = world.up().map(|(id, node)| {
        let text = format!("{} {}", &world.names()[id], node.value());
        Datum::new(text).good_if(node.value() == truth)
    });
    let widgets = [
        Widget::field("Acknowledged, ups less downs", format!("{truth} by {clicks} clicks")),
        Widget::chips("Shown", shown),
        Widget::field("Worst error", worst_copy(world, history).map_or(0, |(off, _)| off)),
    ];
    Panel::new("True total and shown totals", widgets)
}
