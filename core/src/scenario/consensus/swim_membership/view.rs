//! How a member and its list look, and all lists beside each other.

use super::judge::{self, History};
use super::message::claim_text;
use super::node::Node;
use crate::mechanism::swim::Condition;
use crate::sim::{NodeId, World};
use crate::view::{Datum, NodeView, Panel, Tone, Widget};

fn tone(condition: Condition) -> Tone {
    match condition {
        Condition::Alive => Tone::Neutral,
        Condition::Suspect => Tone::Warn,
        Condition::Dead => Tone::Bad,
    }
}

/// Shows one member.
pub(super) fn node(node: &Node) -> NodeView {
    let news = node.updates.list().map(|(told, update)| {
        let text = format!("M{} {}, told {told}×", update.member.0 + 1, claim_text(update.claim));
        Datum::new(text).toned(tone(update.claim.condition))
    });
    let probed = node.probe.map_or("nobody".into(), |probe| format!("M{}", probe.target.0 + 1));
    NodeView {
        label: format!("probes {probed}"),
        epoch: Some(node.incarnation),
        widgets: vec![
            Widget::field("Incarnation", Datum::new(node.incarnation.to_string())),
            Widget::field("Probes", probed),
            Widget::chips("Rides along on its messages", news),
        ],
        ..NodeView::default()
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let lanes = history.lanes.widget("members", world, world.ids());
    let counts = vec![
        Widget::field("Suspicions", u64::from(history.suspected)),
        Widget::field("Ended by an objection", u64::from(history.forgiven)),
        Widget::field("Probes saved by helpers", u64::from(history.saved_by_helpers)),
        Widget::field("Back from the dead, a list each", u64::from(history.returned)),
    ];
    vec![
        Panel { title: "Who is dead on whose list".into(), widgets: vec![lists(world)] },
        Panel { title: "How each member stands".into(), widgets: vec![lanes] },
        Panel { title: "Audit: what the detectors did by themselves".into(), widgets: counts },
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
    let row = |(id, node): (NodeId, &Node)| {
        let cells = world.ids().map(|member| cell(id, node, member)).collect();
        (world.names()[id].to_owned(), cells)
    };
    let columns = world.ids().map(|id| world.names()[id].to_owned()).collect();
    let label = "Each list (row) of each member (column): ✓ alive, ? suspect, † dead; incarnation";
    let rows = judge::running(world).map(row).collect();
    Widget::Matrix { label: label.into(), columns, rows }
}
