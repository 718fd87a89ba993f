//! How a member and its list look, and all lists beside each other.

use super::judge::History;
use super::node::Node;
use crate::mechanism::swim::{Claim, Condition, Members};
use crate::sim::{NodeId, World};
use crate::view::{Datum, Panel, Tone, Widget};

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
            let suspects = Some(many.len() - dead).filter(|it| *it > 0);
            format!("{dead}†{}", suspects.map(|it| format!(" {it}?")).unwrap_or_default())
        }
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
