//! How a member and its list look, and all lists beside each other.

use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::swim::{Claim, Condition, Members};
use crate::sim::{NodeId, World};
use crate::view::{Datum, NodeView, Panel, Tone, Widget};

/// A member's label names so many others at most.
const MOST_NAMED: usize = 3;

/// Returns how bad it is for a member to be in this condition.
pub(super) fn tone(condition: Condition) -> Tone {
    match condition {
        Condition::Alive => Tone::Neutral,
        Condition::Suspect => Tone::Warn,
        Condition::Dead => Tone::Bad,
    }
}

/// Returns whom a member does not list as alive, each with a sign.
pub(super) fn doubts(members: &Members) -> Vec<Datum> {
    let doubt = |(member, claim): (NodeId, Claim)| match claim.condition {
        Condition::Alive => None,
        Condition::Suspect => Some(Datum::new(format!("M{}?", member.0 + 1)).toned(Tone::Warn)),
        Condition::Dead => Some(Datum::new(format!("M{}†", member.0 + 1)).toned(Tone::Bad)),
    };
    members.iter().filter_map(doubt).collect()
}

/// Says in a few letters whom a member does not list as alive.
pub(super) fn in_short(doubts: &[Datum]) -> String {
    match doubts {
        [] => "lists all".into(),
        few if few.len() <= MOST_NAMED => {
            few.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(" ")
        }
        many => {
            let dead = many.iter().filter(|it| it.tone == Tone::Bad).count();
            format!("lists {dead}† {}?", many.len() - dead)
        }
    }
}

/// Adds to a member that runs how many others list it as dead.
pub(super) fn as_others_list_it(world: &World<Node>, id: NodeId, view: NodeView) -> NodeView {
    let others = judge::running(world).filter(|(_, node)| node.members.is(id, Condition::Dead));
    match others.count() {
        count if count > 0 && world.process(id).is_some() => {
            NodeView { label: format!("{} · † on {count} lists", view.label), ..view }
        }
        _ => view,
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
