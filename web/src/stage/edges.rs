//! Edges that stand for many messages: between groups of a crowd, and when the film runs too fast
//! for single messages to be followed.

use std::collections::BTreeMap;

use faultline_core::sim::NodeId;
use faultline_core::view::{MessageScene, Scene};
use web_sys::CanvasRenderingContext2d;

use super::canvas::sharpness;
use super::geometry::{micros, real};
use super::layout::{Layout, Spot};
use super::motion::{Way, share};
use super::palette::Palette;
use super::rings::set_dashes;

/// How long a pulse takes to fade, in milliseconds of screen time.
const FADE_MS: f64 = 420.0;
/// A dot that stands for a message among hundreds has this half width.
const DOT: f64 = 1.6;

/// What a pulse runs between: two spots, in this direction.
type Edge = (usize, usize);

/// Returns what is drawn of a node: itself, or the closed group that it is part of.
fn end_of(layout: &Layout, of: &[usize], id: NodeId) -> Option<usize> {
    let group = of.get(id.index()).copied().filter(|&group| group != usize::MAX);
    let closed = group.filter(|&group| layout.groups.get(group).is_some_and(|it| !it.is_open));
    let count = layout.spots.len();
    closed.map(|group| count + group).or_else(|| (id.index() < count).then_some(id.index()))
}

/// Returns for each node the group that it belongs to.
fn groups_of(layout: &Layout) -> Vec<usize> {
    let mut of = vec![usize::MAX; layout.spots.len()];
    for (index, group) in layout.groups.iter().enumerate() {
        for id in group.members.iter().filter(|id| id.index() < layout.spots.len()) {
            of[id.index()] = index;
        }
    }
    of
}

fn spot_of(layout: &Layout, end: usize) -> Option<&Spot> {
    let count = layout.spots.len();
    layout.spots.get(end).or_else(|| layout.groups.get(end - count).map(|group| &group.spot))
}

/// Counts the messages under way on each edge.
fn loads(scene: &Scene, layout: &Layout, now_us: f64) -> BTreeMap<Edge, usize> {
    let of = groups_of(layout);
    let mut loads = BTreeMap::new();
    for message in scene.messages.iter().filter(|it| micros(it.sent_at_us) <= now_us) {
        let ends = end_of(layout, &of, message.name.from).zip(end_of(layout, &of, message.name.to));
        if let Some(edge) = ends.filter(|(from, to)| from != to) {
            *loads.entry(edge).or_insert(0) += 1;
        }
    }
    loads
}

/// Edges that were in use lately, and how bright they still are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pulses(BTreeMap<Edge, f64>);

impl Pulses {
    /// Takes note of what is under way, and lets the rest fade.
    fn update(&mut self, loads: &BTreeMap<Edge, usize>, elapsed_ms: f64) {
        self.0.retain(|_, presence| {
            *presence -= elapsed_ms / FADE_MS;
            *presence > 0.0
        });
        for &edge in loads.keys() {
            self.0.insert(edge, 1.0);
        }
    }

    /// Draws edges in use as strokes that flare up and fade, each with an arrow at its end.
    pub(crate) fn draw(
        &mut self,
        context: &CanvasRenderingContext2d,
        (scene, layout): (&Scene, &Layout),
        palette: &Palette,
        (now_us, elapsed_ms): (f64, f64),
    ) {
        self.update(&loads(scene, layout, now_us), elapsed_ms);
        context.set_stroke_style_str(&palette.soft);
        context.set_fill_style_str(&palette.soft);
        context.set_line_width(3.0);
        for (&(from, to), presence) in &self.0 {
            let Some((from, to)) = spot_of(layout, from).zip(spot_of(layout, to)) else { continue };
            let way = Way::new(from, to, false);
            context.set_global_alpha(0.15 + 0.65 * presence);
            context.begin_path();
            context.move_to(way.from.x, way.from.y);
            context.line_to(way.to.x, way.to.y);
            context.stroke();
            let ahead = (way.to - way.from).unit();
            let (base, side) = (way.to - ahead * 9.0, ahead.turned() * 4.5);
            context.begin_path();
            for at in [way.to, base + side, base - side] {
                context.line_to(at.x, at.y);
            }
            context.fill();
        }
        context.set_global_alpha(1.0);
    }
}

/// Draws edges between groups as lines, the wider the more is under way.
pub(crate) fn draw_trunks(
    context: &CanvasRenderingContext2d,
    scene: &Scene,
    layout: &Layout,
    palette: &Palette,
    now_us: f64,
) {
    let loads = loads(scene, layout, now_us);
    let busiest = loads.values().copied().max().unwrap_or(1);
    context.set_stroke_style_str(&palette.line);
    set_dashes(context, &[]);
    for (&(from, to), &load) in &loads {
        let is_trunk = from >= layout.spots.len() || to >= layout.spots.len();
        let Some((from, to)) = spot_of(layout, from).zip(spot_of(layout, to)) else { continue };
        if is_trunk {
            let way = Way::new(from, to, false);
            context.set_line_width(1.0 + 9.0 * real(load) / real(busiest));
            context.begin_path();
            context.move_to(way.from.x, way.from.y);
            context.line_to(way.to.x, way.to.y);
            context.stroke();
        }
    }
}

/// Draws messages as dots: of hundreds, nobody reads the labels. On whole pixels of the screen, a dot is
/// copied; anywhere else its edges would have to be smoothed, a thousand times a frame.
pub(crate) fn draw_dots<'a>(
    context: &CanvasRenderingContext2d,
    messages: impl Iterator<Item = (&'a MessageScene, Way)>,
    palette: &Palette,
    now_us: f64,
) {
    let sharpness = sharpness();
    let snap = |length: f64| (length * sharpness).round() / sharpness;
    let size = snap(DOT * 2.0);
    context.set_fill_style_str(&palette.ink);
    for (message, way) in messages {
        let at = way.at(share(message, now_us));
        context.fill_rect(snap(at.x - DOT), snap(at.y - DOT), size, size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::camera::Camera;
    use crate::stage::ground::{Ground, Tier};
    use crate::stage::layout::Area;
    use crate::stage::samples;

    fn seen(scene: &Scene) -> Layout {
        let area = Area { width: 800.0, height: 600.0, text: 14.0 };
        let tiers: Vec<Tier> = scene.nodes.iter().map(Tier::of).collect();
        Layout::new(&tiers, &Ground::default(), area).seen_by(&Camera::default())
    }

    #[test]
    fn messages_between_groups_add_up_and_those_within_are_not_drawn() {
        let scene = samples::crowd(90);
        let layout = seen(&scene);
        let loads = loads(&scene, &layout, micros(scene.now_us));
        assert!(loads.keys().all(|&(from, to)| from >= 90 && to >= 90 && from != to));
        let drawn: usize = loads.values().sum();
        assert!(drawn > 0 && drawn < scene.messages.len());
    }

    #[test]
    fn a_pulse_fades_unless_its_edge_is_used_again() {
        let mut pulses = Pulses::default();
        let used = BTreeMap::from([((0, 1), 3)]);
        pulses.update(&used, 16.0);
        pulses.update(&BTreeMap::new(), FADE_MS / 2.0);
        assert!(pulses.0[&(0, 1)] < 0.6);
        pulses.update(&used, 16.0);
        assert!(pulses.0[&(0, 1)] > 0.9);
        pulses.update(&BTreeMap::new(), FADE_MS * 2.0);
        assert!(pulses.0.is_empty());
    }
}
