//! On the default run of every row, at the usual sizes of the stage: no words lie on other words or on
//! a node that is not theirs, and the area of who is cut off has all of these in it and nobody else.

use std::rc::Rc;

use faultline_core::scenario;
use faultline_core::sim::MessageKind;
use faultline_core::view::{MessageScene, NodeScene, Role};

use super::camera::Camera;
use super::cuts::Cuts;
use super::flying::{placed, under_way};
use super::geometry::{Point, real};
use super::ground::{Ground, Tier};
use super::layout::{Area, LETTER_WIDTH, Layout, Spot};
use super::links::marks;
use super::node::reach;
use super::painter::{Pace, Picture};
use super::placing::{Obstacle, Room, gap, labels, name_above, obstacles, ringed};
use super::rings::{letter_places, letters_of};
use super::samples::{node, timers};
use super::sides::Sides;
use super::sprites::Detail;
use super::words::sides_in_words;
use crate::engine::Session;
use crate::shared::Shared;
use crate::wire::{Command, Frame, Kept, Opened, Update};

/// The stage in a window of 1440 × 900, of 1024 × 768 and of a phone, without a sheet and with one, about.
const AREAS: [Area; 4] = [
    Area { width: 828.0, height: 430.0, text: 14.0 },
    Area { width: 708.0, height: 320.0, text: 14.0 },
    Area { width: 390.0, height: 390.0, text: 14.0 },
    Area { width: 390.0, height: 338.0, text: 14.0 },
];
/// So many moments of a run are looked at.
const LOOKS: u64 = 16;
/// Boxes of letters are upper estimates: one that reaches so little into another is not on it.
const SLACK: f64 = -1.5;

/// A row's film, at a few moments.
fn film(slug: &str) -> (Opened, Vec<Frame>) {
    let (mut session, mut opened, mut frames) = (Session::default(), None, Vec::new());
    let mut send = |command: Command| {
        let mut out = Vec::new();
        let mut has_more = session.command(command, &mut out);
        while has_more {
            has_more = session.slice(|| true, &mut out);
        }
        out
    };
    let (link, kept) = (format!("#/s/{slug}?seed=42"), Kept::default());
    for update in send(Command::Open { request: 1, link, default_seed: 42, kept }) {
        if let Update::Opened { opened: it, .. } = update {
            opened = Some(*it);
        }
    }
    let opened = opened.unwrap();
    for look in 1..=LOOKS {
        let at_us = opened.horizon_us * look / LOOKS;
        let updates = send(Command::Seek { at_us });
        let frame = |update| if let Update::Frame(frame) = update { Some(*frame) } else { None };
        frames.extend(updates.into_iter().filter_map(frame).next_back());
    }
    assert!(!frames.is_empty(), "{slug}");
    (opened, frames)
}

/// Half the size of a message, as a canvas would measure it.
fn body(message: &MessageScene, detail: Detail, text: f64) -> (f64, f64) {
    let letters = real(message.label.chars().take(12).count());
    match (message.kind, detail) {
        (MessageKind::Heartbeat, _) => (4.5, 4.5),
        (_, Detail::Small) => (7.0, 6.0),
        (_, Detail::Labelled) => (letters * text * LETTER_WIDTH / 2.0 + 8.0, 14.0),
    }
}

fn laid_out(opened: &Opened, frame: &Frame, area: Area) -> Layout {
    let tiers: Vec<Tier> = frame.scene.nodes.iter().map(Tier::of).collect();
    Layout::new(&tiers, &Ground::of(opened), area).seen_by(&Camera::default())
}

/// Returns the nodes on a stage that are on the wrong side of the line around those who are cut off.
fn astray(opened: &Opened, frame: &Frame, area: Area) -> Vec<String> {
    let scene = &frame.scene;
    let layout = laid_out(opened, frame, area);
    let cuts = Cuts::new(scene.nodes.len(), &scene.cuts);
    let sides = Sides::new(&cuts, &layout, &sides_in_words(&scene.nodes, &cuts));
    let mut found = Vec::new();
    for (region, members) in sides.regions().zip(cuts.sides.iter().skip(1)) {
        let spots = scene.nodes.iter().zip(&layout.spots).filter(|(_, spot)| !spot.is_hidden);
        for (node, spot) in spots {
            let is_member = members.contains(&node.id);
            let rim = (0..16).map(|nth: u32| {
                let angle = f64::from(nth) * std::f64::consts::TAU / 16.0;
                spot.at + Point::new(angle.cos(), angle.sin()) * spot.radius
            });
            if rim.chain([spot.at]).any(|point| region.contains(point) != is_member) {
                found.push(node.name.clone());
            }
        }
    }
    found
}

/// Returns the words on a stage that lie on other words or on nodes.
fn overlaps(opened: &Opened, frame: &Frame, area: Area) -> Vec<(Obstacle, Obstacle)> {
    let scene = &frame.scene;
    let layout = Rc::new(laid_out(opened, frame, area));
    let cuts = Rc::new(Cuts::new(scene.nodes.len(), &scene.cuts));
    let sides = Sides::new(&cuts, &layout, &sides_in_words(&scene.nodes, &cuts));
    let marks = marks(&scene.nodes, &cuts, &layout, sides.words());
    let dates = marks.iter().filter_map(|mark| Some(mark.since.as_ref()?.1));
    let labels = labels(&scene.nodes, &layout);
    let words: Vec<Obstacle> = sides.words().chain(dates).collect();
    let mut all = obstacles(&labels, &layout);
    let named = scene.nodes.iter().zip(&layout.spots);
    all.extend(named.filter_map(|(node, spot)| name_above(node, spot, &layout)));
    all.extend(words.iter().copied());
    let picture = Picture {
        frame: Shared::new(frame.clone()),
        layout: layout.clone(),
        cuts,
        words: words.into(),
        is_still: false,
        pace: Pace::Steady,
        selected: None,
    };
    let now_us = super::geometry::micros(scene.now_us);
    let flying = under_way(&picture, now_us).map(|(message, way)| (message, way, 1.0)).collect();
    let mut body = |message: &MessageScene, detail| Some(body(message, detail, layout.label_text));
    let mut room = Room::beside(all.iter().copied().chain(ringed(&scene.nodes, &layout)).collect());
    let labelled =
        placed(&picture, flying, now_us, Detail::Labelled, (&labels, &mut room), &mut body);
    let labelled = labelled.iter().filter(|it| it.detail == Detail::Labelled);
    let worded = labelled.filter(|it| it.message.kind != MessageKind::Heartbeat);
    all.extend(worded.map(|it| (it.at, it.body)));
    let pairs = all
        .iter()
        .enumerate()
        .flat_map(|(nth, one)| all.iter().skip(nth + 1).map(move |other| (*one, *other)));
    pairs.filter(|(one, other)| gap(one, other) < SLACK).collect()
}

/// Returns the letters of timer rings that lie on another node's rings, by the names of both.
fn letters_on_rings(nodes: &[NodeScene], spots: &[Spot]) -> Vec<(String, String)> {
    let shown = || nodes.iter().zip(spots).filter(|(_, spot)| !spot.is_hidden);
    let mut found = Vec::new();
    for (node, spot) in shown() {
        for (at, half) in letter_places(letters_of(node).len(), spot.radius) {
            let meets = |(other, there): &(&NodeScene, &Spot)| {
                let around = reach(there.radius, letters_of(other).len());
                other.id != node.id && there.at.distance(spot.at + at) < around + half.0 * 0.7
            };
            let names = |(other, _): (&NodeScene, &Spot)| (node.name.clone(), other.name.clone());
            found.extend(shown().filter(meets).map(names));
        }
    }
    found
}

#[test]
fn no_words_lie_on_others_and_nobody_is_on_the_wrong_side_in_the_film_of_any_row() {
    let mut found = Vec::new();
    for scenario in scenario::all() {
        let (opened, frames) = film(scenario.slug);
        for area in AREAS {
            for frame in &frames {
                let astray = astray(&opened, frame, area);
                if !astray.is_empty() {
                    let (slug, at) = (scenario.slug, frame.scene.now_us);
                    found.push(format!("{slug} at {at} on {area:?}: astray are {astray:?}"));
                }
                let at = frame.scene.now_us;
                let size = (area.width, area.height);
                let on_rings =
                    letters_on_rings(&frame.scene.nodes, &laid_out(&opened, frame, area).spots);
                let told = |it| format!("{} at {at} on {size:?}: letters of {it:?}", scenario.slug);
                found.extend(on_rings.first().map(told));
                let overlaps = overlaps(&opened, frame, area);
                found.extend(overlaps.first().map(|it| {
                    format!(
                        "{} at {at} on {size:?}: {} times, {it:?}",
                        scenario.slug,
                        overlaps.len()
                    )
                }));
            }
        }
    }
    assert!(found.is_empty(), "{} pictures:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_letter_on_somebody_elses_ring_is_found() {
    let with_timer = |id, name| NodeScene {
        timers: timers(id, &["retry", "wake"]),
        ..node(id, name, Role::Peer)
    };
    let nodes = [with_timer(0, "A"), with_timer(1, "B")];
    let found = |below: f64| {
        let spots = [Point::default(), Point::new(28.0, below)].map(|at| Spot::new(at, 30.0));
        letters_on_rings(&nodes, &spots)
    };
    let of_b_on_a = ("B".to_owned(), "A".to_owned());
    assert_eq!(found(80.0), [of_b_on_a.clone(), of_b_on_a]);
    assert!(found(140.0).is_empty());
}
