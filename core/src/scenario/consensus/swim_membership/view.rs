//! How a member and its list look, and all lists beside each other.

use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::swim::Condition;
use crate::sim::{NodeId, World};
use crate::view::{Datum, Panel, Tone, Widget};

/// Returns how bad it is for a member to be in this condition.
pub(super) fn tone(condition: Condition) -> Tone {
    match condition {
        Condition::Alive => Tone::Neutral,
        Condition::Suspect => Tone::Warn,
        Condition::Dead => Tone::Bad,
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let lanes = history.lanes.widget("members", world, world.ids());
    let counts = [
        Widget::field("Suspicions", history.suspected),
        Widget::field("Ended by an objection", history.forgiven),
        Widget::field("Probes saved by helpers", history.saved_by_helpers),
        Widget::field("Back from the dead, a list each", history.returned),
    ];
    vec![
        Panel::new("Who is dead on whose list", [lists(world)]),
        Panel::new("How each member stands", [lanes]),
        Panel::new("Audit: what the detectors did by themselves", counts),
    ]
}

/// A row a list and a column a member.
fn lists(world: &World<Node>) -> Widget {
    let cell = |id: NodeId, node: &Node, member: NodeId| {
        if id == member {
            return Datum::new("·").toned(Tone::Muted);
        }
        let claim = node.members.of(member);
        let is_true = (claim.condition == Condition::Dead) == world.process(member).is_none();
        let (text, tone) = match (claim.condition, is_true) {
            (Condition::Alive, true) => ("✓", Tone::Good),
            (Condition::Alive, false) => ("✓", Tone::Warn),
            (Condition::Suspect, _) => ("?", Tone::Warn),
            (Condition::Dead, true) => ("†", Tone::Muted),
            (Condition::Dead, false) => ("†", Tone::Bad),
        };
        Datum::new(format!("{text}{}", claim.incarnation)).toned(tone)
    };
    let name = |id: NodeId| &world.names()[id];
    let rows = judge::running(world)
        .map(|(id, node)| (name(id), world.ids().map(move |member| cell(id, node, member))));
    let label = "Each list (row) of each member (column): ✓ alive, ? suspect, † dead; incarnation";
    Widget::matrix(label, world.ids().map(name), rows)
}
