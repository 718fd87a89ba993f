//! How a member and its list look, and all lists beside each other.

use super::judge::History;
use super::message::name_of;
use super::node::Node;
use crate::mechanism::swim::{Condition, Members};
use crate::sim::World;
use crate::view::{Datum, Panel, Tone, Widget};

/// Lists whom a member does not have as alive, each with a sign.
pub(super) fn doubts(members: &Members) -> impl Iterator<Item = Datum> {
    let doubted = members.iter().filter(|(_, claim)| claim.condition != Condition::Alive);
    doubted.map(|(id, claim)| claim.condition.mark(name_of(id)))
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
    let label = "Each list (row) of each member (column): ✓ alive, ? suspect, † dead; incarnation";
    Widget::of_each(label, world, |id, node, member| {
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
    })
}
