//! What two worlds or two logs do not have in common, in words. No browser in here.

use std::collections::BTreeMap;
use std::mem;

use faultline_core::order::{set_of, sort_by_key};
use faultline_core::sim::{NodeId, Step, TextLine};
use faultline_core::view::{Check, CheckKind, NodeScene, Status, Verdict, Widget};

use crate::epoch::epoch_in_words;
use crate::format::{counted, instant};
use crate::stage::role_name;
use crate::wire::{Compared, Frame, Outcome};

/// Of a node's fields, so many differences are told.
const FIELD_LIMIT: usize = 2;

/// How much a difference between two nodes says.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// It is inside a node, or about none.
    Inside,
    /// The number, the pips or the words of a node are others.
    Words,
    /// Its value is another one.
    Value,
    /// It plays another part, or is down in one world and up in the other.
    Part,
}

/// Something that is one way in one world and another way in the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contrast {
    /// The node, if it is about one.
    pub(crate) node: Option<NodeId>,
    /// What it is about.
    pub(crate) subject: String,
    /// How it is in each.
    pub(crate) says: [String; 2],
    /// How much it says, of a node.
    pub(crate) weight: Weight,
}

/// What is different in two worlds at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contrasts {
    /// What can be seen: verdicts first, then nodes, then the network.
    pub(crate) seen: Vec<Contrast>,
    /// Nodes that look alike and hold something else, by name.
    pub(crate) inside: Vec<String>,
}

/// Compares two worlds at one time.
pub(crate) fn contrasts(frames: [&Frame; 2]) -> Contrasts {
    let checks = pairs(frames.map(|frame| &frame.checks[..])).filter_map(check_contrast);
    let mut seen: Vec<Contrast> = checks.collect();
    let mut inside = Vec::new();
    for nodes in pairs(frames.map(|frame| &frame.scene.nodes[..])) {
        let [this, other] = nodes;
        // Timers and load are left out: they are never quite the same, and say little.
        if this.view == other.view && this.status == other.status {
            continue;
        }
        match node_contrast(nodes) {
            Some((says, weight)) => {
                let (node, subject) = (Some(this.id), this.name.clone());
                seen.push(Contrast { node, subject, says, weight });
            }
            None => inside.push(this.name.clone()),
        }
    }
    seen.extend(messages(frames));
    Contrasts { seen, inside }
}

/// Says how a verdict differs; that something came about a little later is none of that.
fn check_contrast(checks: [&Check; 2]) -> Option<Contrast> {
    let is_judged = matches!(checks[0].kind, CheckKind::Invariant | CheckKind::Goal);
    let [this, other] = checks.map(|check| mem::discriminant(&check.verdict));
    let says = checks.map(verdict);
    let subject = checks[0].name.clone();
    let weight = Weight::Inside;
    (is_judged && this != other).then_some(Contrast { node: None, subject, says, weight })
}

/// Pairs up what stands in the same place in both.
fn pairs<T>([this, other]: [&[T]; 2]) -> impl Iterator<Item = [&T; 2]> {
    this.iter().zip(other).map(|(this, other)| [this, other])
}

fn verdict(check: &Check) -> String {
    match &check.verdict {
        Verdict::Holds => "holds".into(),
        Verdict::Broken { at_us, .. } => format!("broken at {}", instant(*at_us)),
        Verdict::Reached { at_us } => format!("reached at {}", instant(*at_us)),
        Verdict::NotYet => "not yet".into(),
    }
}

/// Says how two nodes differ, at first sight or in a field of both, and how much that says.
fn node_contrast(nodes: [&NodeScene; 2]) -> Option<([String; 2], Weight)> {
    let outside = nodes.map(outside);
    if outside[0] == outside[1] {
        fields(nodes).map(|it| (it, Weight::Inside))
    } else {
        Some((outside, weight(nodes)))
    }
}

/// How much it says that two nodes look different.
fn weight([this, other]: [&NodeScene; 2]) -> Weight {
    if this.status != other.status || this.view.role != other.view.role {
        Weight::Part
    } else if this.view.value != other.view.value {
        Weight::Value
    } else {
        Weight::Words
    }
}

/// Lists the nodes to be marked on both stages: those whose difference says most. A mark on every node
/// would mark none.
pub(crate) fn most_telling(seen: &[Contrast]) -> Vec<NodeId> {
    let told = seen.iter().filter(|it| it.node.is_some() && it.weight > Weight::Inside);
    let most = told.clone().map(|it| it.weight).max();
    told.filter(|it| Some(it.weight) == most).filter_map(|it| it.node).collect()
}

/// What the picture of a node says at first sight.
fn outside(node: &NodeScene) -> String {
    let status = match node.status {
        Status::Up => None,
        Status::Paused => Some("paused".to_owned()),
        Status::Down => Some("crashed".to_owned()),
    };
    let view = &node.view;
    let label = Some(view.label.trim()).filter(|it| !it.is_empty() && *it != role_name(view.role));
    let parts = [
        status,
        Some(role_name(view.role).to_owned()),
        view.epoch.map(epoch_in_words),
        view.value.as_ref().map(|value| format!("value {value}")),
        view.pips.map(|(gained, needed)| format!("{gained} of {needed}")),
        label.map(str::to_owned),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Says what is in the fields that both nodes have and that differ.
fn fields(nodes: [&NodeScene; 2]) -> Option<[String; 2]> {
    let [this, other] = nodes.map(|node| {
        node.view.widgets.iter().filter_map(|widget| {
            if let Widget::Field { label, value } = widget { Some((label, value)) } else { None }
        })
    });
    let differing = this.filter_map(|(label, one)| {
        let two = other.clone().find(|(name, _)| *name == label)?.1;
        let says = [one, two].map(|value| format!("{label} {}", value.text));
        (says[0] != says[1]).then_some(says)
    });
    let fields: Vec<[String; 2]> = differing.take(FIELD_LIMIT).collect();
    let joined = |side: usize| fields.iter().map(|pair| pair[side].as_str()).collect::<Vec<_>>();
    (!fields.is_empty()).then(|| [0, 1].map(|side| joined(side).join(", ")))
}

/// How many messages are on their way in one world only.
fn messages(frames: [&Frame; 2]) -> Option<Contrast> {
    let names = frames.map(|frame| {
        let messages = frame.scene.messages.iter();
        let told = messages.map(|it| (it.name.from, it.name.to, it.sent_at_us, &it.sentence));
        set_of(told)
    });
    let only = [names[0].difference(&names[1]).count(), names[1].difference(&names[0]).count()];
    let says = only.map(|count| format!("{} only here", counted(count as u64, "message")));
    let subject = "Under way".to_owned();
    let weight = Weight::Inside;
    (only != [0, 0]).then_some(Contrast { node: None, subject, says, weight })
}

/// A place in two runs that are gone through in lock-step.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// After the event with this number, which is the same in both so far.
    After(u32),
    /// At the end of this instant.
    EndOf(u64),
}

impl Place {
    /// Returns true if it lies ahead of where a run stands.
    pub(crate) fn is_ahead_of(self, frame: &Frame) -> bool {
        match self {
            Self::After(event) => event >= frame.event,
            Self::EndOf(at_us) => at_us > frame.scene.now_us,
        }
    }

    /// Returns true if a run has gone past it.
    pub(crate) fn is_behind(self, frame: &Frame) -> bool {
        match self {
            Self::After(event) => event + 1 < frame.event,
            Self::EndOf(at_us) => at_us < frame.scene.now_us,
        }
    }
}

/// A moment at which two runs part: the first difference, or a verdict that differs.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Turn<'a> {
    /// True time.
    pub(crate) at_us: u64,
    /// Where to go to see it.
    pub(crate) place: Place,
    /// What was judged otherwise; nothing where they first part.
    pub(crate) outcome: Option<&'a Outcome>,
}

/// Lists the moments at which two runs part, by time.
pub(crate) fn turns(compared: &Compared) -> Vec<Turn<'_>> {
    let first = compared.first.iter().map(|first| {
        let place = match first.step {
            Step::Event(event) => Place::After(event),
            Step::Action { .. } | Step::Time { .. } => Place::EndOf(first.at_us),
        };
        Turn { at_us: first.at_us, place, outcome: None }
    });
    let outcomes = compared.outcomes.iter().map(|outcome| {
        let at_us = outcome.first_us();
        Turn { at_us, place: Place::EndOf(at_us), outcome: Some(outcome) }
    });
    let mut turns: Vec<_> = first.chain(outcomes).collect();
    sort_by_key(&mut turns, |turn| turn.at_us);
    turns
}

/// One instant of two logs side by side.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row<'a> {
    /// True time.
    pub(crate) at_us: u64,
    /// What each log says of it.
    pub(crate) lines: [Vec<&'a TextLine>; 2],
}

impl Row<'_> {
    /// Returns true if both say the same.
    pub(crate) fn is_same(&self) -> bool {
        let [this, other] = &self.lines;
        this.len() == other.len() && this.iter().zip(other).all(|(one, two)| says_same(one, two))
    }
}

/// Returns true if two lines say the same, by whatever number the event goes.
pub(crate) fn says_same(one: &TextLine, other: &TextLine) -> bool {
    (one.kind, one.node, &one.text) == (other.kind, other.node, &other.text)
}

/// Puts two logs side by side, as far as both reach: up to `now_us`, or further if both do.
pub(crate) fn align([this, other]: [&[TextLine]; 2], now_us: u64) -> Vec<Row<'_>> {
    let begins = |log: &[TextLine]| {
        log.first().filter(|line| line.step.number() > 0).map_or(0, |line| line.at_us)
    };
    let ends = |log: &[TextLine]| log.last().map_or(0, |line| line.at_us);
    let from_us = begins(this).max(begins(other));
    let to_us = ends(this).min(ends(other)).max(now_us);
    let mut rows: BTreeMap<u64, [Vec<&TextLine>; 2]> = BTreeMap::new();
    for (side, log) in [this, other].into_iter().enumerate() {
        for line in log.iter().filter(|line| (from_us..=to_us).contains(&line.at_us)) {
            rows.entry(line.at_us).or_default()[side].push(line);
        }
    }
    rows.into_iter().map(|(at_us, lines)| Row { at_us, lines }).collect()
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::TextKind;
    use faultline_core::view::{NodeView, Role};

    use super::*;
    use crate::stage::sample_node;

    fn line(at_us: u64, event: u32, text: &str) -> TextLine {
        let step = Step::Event(event);
        TextLine { at_us, step, kind: TextKind::Event, node: None, text: text.into() }
    }

    #[test]
    fn logs_stand_side_by_side_as_far_as_both_reach() {
        let this = [line(5, 1, "a"), line(7, 2, "b"), line(9, 3, "c")];
        let other = [line(7, 1, "b"), line(8, 2, "d")];
        let rows = align([&this, &other], 8);
        let times: Vec<u64> = rows.iter().map(|row| row.at_us).collect();
        assert_eq!(times, [7, 8], "neither log is known before 7, the other one not after 8");
        assert!(rows[0].is_same());
        assert!(!rows[1].is_same());
        assert!(rows[1].lines[0].is_empty());
        assert!(align([&[], &[]], 0).is_empty());
    }

    fn node(label: &str, term: &str) -> NodeScene {
        let view = NodeView {
            label: label.into(),
            widgets: vec![Widget::field("term", term), Widget::Text(term.into())],
            ..NodeView::default()
        };
        NodeScene { view, ..sample_node(0, "S1", Role::Peer) }
    }

    #[test]
    fn nodes_differ_at_first_sight_or_in_a_field_or_inside() {
        let says = |this: &NodeScene, other: &NodeScene| node_contrast([this, other]);
        let this = node("leads", "1");
        let expected = ["peer, leads".to_owned(), "peer, follows".to_owned()];
        assert_eq!(says(&this, &node("follows", "1")), Some((expected, Weight::Words)));
        let expected = ["term 1".to_owned(), "term 2".to_owned()];
        assert_eq!(says(&this, &node("leads", "2")), Some((expected, Weight::Inside)));
        let mut other = this.clone();
        other.view.widgets.pop();
        assert_eq!(says(&this, &other), None, "something inside differs, and no field");
    }

    #[test]
    fn of_many_nodes_that_differ_those_are_marked_whose_difference_says_most() {
        let seen = |node, weight| Contrast {
            node: Some(NodeId(node)),
            subject: String::new(),
            says: Default::default(),
            weight,
        };
        let all = [seen(0, Weight::Words), seen(1, Weight::Part), seen(2, Weight::Inside)];
        assert_eq!(most_telling(&all), [NodeId(1)]);
        assert_eq!(most_telling(&all[..1]), [NodeId(0)]);
        assert!(most_telling(&all[2..]).is_empty());
    }

    #[test]
    fn turns_come_by_time() {
        let outcome = |at_us| Outcome { text: String::new(), is_bad: true, is_alert: false, at_us };
        let compared = Compared {
            outcomes: vec![outcome([Some(9), None]), outcome([None, Some(7)])],
            ..Compared::default()
        };
        let times: Vec<u64> = turns(&compared).into_iter().map(|turn| turn.at_us).collect();
        assert_eq!(times, [7, 9]);
    }
}
