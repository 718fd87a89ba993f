//! Rings, trees, graphs, maps and planes in words.

use faultline_core::view::{
    Branch, Curve, Datum, Edge, Graph, Map, Plane, PlaneMark, Quantity, Ring, Tree,
};

use super::super::axis::{with_decimals, with_unit};
use super::super::datum::{datum_in_words, tone_in_words};
use super::super::frame::more_in_words;
use super::super::ring::percent;
use super::super::tree::nodes;
use super::{MOST_LINES, listed, titled};
use crate::format::counted;

/// Returns a ring in words: who has how much of it, and whose each key is.
pub(super) fn ring(ring: &Ring) -> Vec<String> {
    let name = |owner: Option<u16>| {
        let owner = owner.and_then(|owner| ring.owners.get(usize::from(owner)));
        owner.map_or("nobody", |owner| &owner.text)
    };
    let owner = |(place, owner): (usize, &Datum)| {
        let place = u16::try_from(place).unwrap_or(u16::MAX);
        let tokens = ring.tokens.iter().filter(|token| token.owner == place).count();
        let share = percent(ring.share_thousandths(place));
        format!("{}: {share} in {}", datum_in_words(owner), counted(tokens as u64, "part"))
    };
    let mut lines = titled(&ring.label, ring.owners.iter().enumerate().map(owner), "owners");
    let keys = ring.keys.iter().map(|key| {
        let owner = name(ring.owner_of(key.at));
        format!("{} at {} belongs to {owner}", datum_in_words(&key.key), key.at)
    });
    let arcs = ring.arcs.iter().map(|arc| {
        let tone = tone_in_words(arc.tone).map(|tone| format!(", {tone}")).unwrap_or_default();
        format!("after {} up to {}: {}{tone}", arc.from, arc.to, arc.text)
    });
    lines.extend(keys.take(MOST_LINES));
    lines.extend(arcs.take(MOST_LINES));
    lines
}

/// Returns a tree in words, a line a node with its depth, from the top.
pub(super) fn tree(tree: &Tree) -> Vec<String> {
    let mut lines = vec![tree.label.clone()];
    for root in &tree.roots {
        branch(root, 1, &mut lines);
    }
    let all: usize = tree.roots.iter().map(nodes).sum();
    if all == 0 {
        return vec![format!("{}: empty", tree.label)];
    }
    if all > MOST_LINES {
        lines.push(more_in_words(all - MOST_LINES, "nodes"));
    }
    lines
}

fn branch(branch_: &Branch, level: usize, lines: &mut Vec<String>) {
    // The title is a line as well.
    if lines.len() > MOST_LINES {
        return;
    }
    let edge =
        if branch_.edge.is_empty() { String::new() } else { format!("{} → ", branch_.edge) };
    let cells = listed(branch_.cells.iter().map(datum_in_words), " | ");
    let mark = branch_.mark.as_ref().map(|mark| format!(", {mark}")).unwrap_or_default();
    lines.push(format!("level {level}: {edge}{cells}{mark}"));
    for child in &branch_.children {
        branch(child, level + 1, lines);
    }
}

/// Returns a graph in words: its nodes, then its edges.
pub(super) fn graph(graph: &Graph) -> Vec<String> {
    let name = |place: u16| {
        graph.nodes.get(usize::from(place)).map_or("nothing", |node| node.text.as_str())
    };
    if graph.nodes.is_empty() {
        return vec![format!("{}: empty", graph.label)];
    }
    let nodes = listed(graph.nodes.iter().map(datum_in_words), "; ");
    let edge = |edge: &Edge| {
        let tone = tone_in_words(edge.tone).map(|tone| format!(", {tone}")).unwrap_or_default();
        let text = if edge.text.is_empty() { String::new() } else { format!(": {}", edge.text) };
        format!("{} to {}{text}{tone}", name(edge.from), name(edge.to))
    };
    let hidden = graph.edges.len().saturating_sub(MOST_LINES);
    let rest = (hidden > 0).then(|| more_in_words(hidden, "edges"));
    let count = counted(graph.nodes.len() as u64, "node");
    std::iter::once(format!("{}: {count}: {nodes}", graph.label))
        .chain(graph.edges.iter().take(MOST_LINES).map(edge))
        .chain(rest)
        .collect()
}

/// Returns a map in words: its places, ways and areas.
pub(super) fn map(map: &Map) -> Vec<String> {
    let value = |value: &Datum| {
        let is_plain = *value == Datum::new("");
        if is_plain { String::new() } else { format!(": {}", datum_in_words(value)) }
    };
    let places = map.places.iter().map(|place| format!("{}{}", place.name, value(&place.value)));
    let name =
        |place: u16| map.places.get(usize::from(place)).map_or("nowhere", |place| &place.name);
    let links = map.links.iter().map(|link| {
        let tone = tone_in_words(link.tone).map(|tone| format!(", {tone}")).unwrap_or_default();
        let text = if link.text.is_empty() { String::new() } else { format!(": {}", link.text) };
        format!("{} to {}{text}{tone}", name(link.from), name(link.to))
    });
    let areas = map.areas.iter().map(|area| format!("area{}", value(&area.value)));
    let all: Vec<String> = places.chain(links).chain(areas).collect();
    titled(&map.label, all.into_iter(), "things")
}

/// Returns a plane in words: its sides, each curve, and what they are to be compared with.
pub(super) fn plane(plane: &Plane) -> Vec<String> {
    let value = |value: i64, of: &Quantity| with_unit(&with_decimals(value, of.decimals), &of.unit);
    let point = |&(x, y): &(i64, i64)| format!("({}, {})", value(x, &plane.x), value(y, &plane.y));
    let curve = |curve: &Curve| {
        let tone = tone_in_words(curve.tone).map(|tone| format!(", {tone}")).unwrap_or_default();
        let count = counted(curve.points.len() as u64, "point");
        let said = listed(curve.points.iter().map(point), curve_between(curve));
        format!("{}{tone}: {count}: {said}", curve.name)
    };
    let mark = |mark: &PlaneMark| match (mark.x, mark.y) {
        (Some(x), Some(y)) => format!("{} at {}", mark.name, point(&(x, y))),
        (Some(x), None) => format!("{}: {} {}", mark.name, plane.x.name, value(x, &plane.x)),
        (None, Some(y)) => format!("{}: {} {}", mark.name, plane.y.name, value(y, &plane.y)),
        (None, None) => mark.name.clone(),
    };
    if plane.extent().is_none() {
        return vec![format!("{}: empty", plane.label)];
    }
    let sides = format!("{}: {} against {}", plane.label, plane.y.name, plane.x.name);
    let lines: Vec<String> =
        plane.curves.iter().map(curve).chain(plane.marks.iter().map(mark)).collect();
    titled(&sides, lines.into_iter(), "lines")
}

/// Points that lead to each other are said so.
fn curve_between(curve: &Curve) -> &'static str {
    if curve.is_joined { " then " } else { "; " }
}
