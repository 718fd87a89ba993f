//! What moves on the stage, drawn on two canvases: links in use below the nodes; timer rings,
//! messages and what fell above them.

use std::f64::consts::{FRAC_PI_2, TAU};
use std::rc::Rc;

use faultline_core::sim::{MessageName, NodeId};
use faultline_core::view::{MessageScene, NodeScene, Scene, Status};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::canvas::{cleared, sharpness};
use super::geometry::{Point, micros, real};
use super::layout::{Layout, Spot};
use super::links::in_use;
use super::motion::{Ghosts, Way, fallen_share, held_share, share, still_place};
use super::node::{MOST_RINGS, ring_radius};
use super::palette::Palette;
use super::sprites::{Detail, Sprite, Sprites};
use crate::wire::Frame;

/// With more messages than this, labels would only hide each other.
const MOST_LABELLED: usize = 90;
/// The style sheet is asked for its colours once in this many frames.
const FRAMES_A_PALETTE: u32 = 20;

/// What is to be drawn.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) frame: Rc<Frame>,
    pub(crate) layout: Rc<Layout>,
    /// Whether the viewer asked for no motion.
    pub(crate) is_still: bool,
    pub(crate) selected: Option<MessageName>,
}

/// The canvases, and whose colours they take.
#[derive(Clone)]
pub(crate) struct Easel {
    pub(crate) stage: web_sys::Element,
    pub(crate) below: HtmlCanvasElement,
    pub(crate) above: HtmlCanvasElement,
}

/// Where a message was last drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placed {
    pub(crate) name: MessageName,
    pub(crate) at: Point,
    /// Half its width and height.
    pub(crate) half: (f64, f64),
}

/// Draws the picture whenever the time on screen or anything in it has changed.
#[derive(Default)]
pub(crate) struct Painter {
    picture: Option<Picture>,
    is_changed: bool,
    palette: Palette,
    frames_to_palette: u32,
    sprites: Sprites,
    ghosts: Ghosts,
    shown_us: f64,
    shown_at_ms: f64,
    sharpness: f64,
    placed: Vec<Placed>,
}

impl Painter {
    /// Takes a new picture.
    pub(crate) fn show(&mut self, picture: Picture) {
        self.picture = Some(picture);
        self.is_changed = true;
    }

    /// Returns where messages were last drawn, the topmost last.
    pub(crate) fn placed(&self) -> &[Placed] {
        &self.placed
    }

    /// Draws what has changed since the last time.
    pub(crate) fn paint(&mut self, easel: &Easel, now_us: f64, screen_ms: f64) {
        self.read_palette(easel);
        let is_as_before = !self.is_changed
            && self.shown_us.to_bits() == now_us.to_bits()
            && self.sharpness.to_bits() == sharpness().to_bits();
        let elapsed_ms = (screen_ms - self.shown_at_ms).clamp(0.0, 250.0);
        self.shown_at_ms = screen_ms;
        let Some(picture) = self.picture.clone() else { return };
        self.ghosts.update(&picture.frame.scene.fallen, now_us, elapsed_ms);
        if is_as_before {
            return;
        }
        self.is_changed = false;
        self.shown_us = now_us;
        self.sharpness = sharpness();
        let area = picture.layout.area;
        if area.width < 1.0 || area.height < 1.0 {
            return;
        }
        if let Some(context) = cleared(&easel.below, area.width, area.height) {
            self.links(&context, &picture);
        }
        if let Some(context) = cleared(&easel.above, area.width, area.height) {
            self.rings(&context, &picture, now_us);
            self.messages(&context, &picture, now_us);
        }
    }

    fn read_palette(&mut self, easel: &Easel) {
        if self.frames_to_palette > 0 {
            self.frames_to_palette -= 1;
            return;
        }
        self.frames_to_palette = FRAMES_A_PALETTE;
        if let Some(palette) = Palette::of(&easel.stage)
            && palette != self.palette
        {
            self.palette = palette;
            self.is_changed = true;
        }
    }

    /// Draws the links in use; of those that are drawn anyway, that is the same line.
    fn links(&self, context: &CanvasRenderingContext2d, picture: &Picture) {
        context.begin_path();
        for (one, other) in in_use(&picture.frame.scene) {
            if let (Some(one), Some(other)) = (spot(picture, one), spot(picture, other)) {
                context.move_to(one.at.x, one.at.y);
                context.line_to(other.at.x, other.at.y);
            }
        }
        context.set_stroke_style_str(&self.palette.line);
        context.set_line_width(1.5);
        context.stroke();
    }

    fn rings(&self, context: &CanvasRenderingContext2d, picture: &Picture, now_us: f64) {
        let nodes = || picture.frame.scene.nodes.iter().zip(&picture.layout.spots);
        let is_running = |node: &NodeScene| node.status == Status::Up;
        for (has_several, runs) in [(false, true), (false, false), (true, true), (true, false)] {
            let of_this_kind = || {
                nodes().filter(move |(node, _)| {
                    let several = node.timers.len() > 1;
                    let is_shown = node.status != Status::Down && !node.timers.is_empty();
                    is_shown && several == has_several && is_running(node) == runs
                })
            };
            if of_this_kind().next().is_none() {
                continue;
            }
            let radius = picture.layout.spots.iter().map(|spot| spot.radius).fold(0.0, f64::max);
            context.set_line_width((radius * 0.12).clamp(2.0, if has_several { 3.0 } else { 4.0 }));
            set_dashes(context, if runs { &[] } else { &[5.0, 6.0] });
            let tracks = of_this_kind().flat_map(|(node, spot)| rings_of(node, spot, now_us));
            trace(context, tracks.map(|ring| Ring { left: 1.0, ..ring }));
            context.set_stroke_style_str(&self.palette.line);
            context.stroke();
            trace(context, of_this_kind().flat_map(|(node, spot)| rings_of(node, spot, now_us)));
            context.set_stroke_style_str(&self.palette.soft);
            context.stroke();
        }
        set_dashes(context, &[]);
        for (node, spot) in nodes().filter(|(node, _)| node.timers.len() > 1) {
            self.ring_letters(context, node, spot);
        }
    }

    /// Writes a letter on each of several rings, at its upper left, where it empties last.
    fn ring_letters(&self, context: &CanvasRenderingContext2d, node: &NodeScene, spot: &Spot) {
        if spot.radius < 16.0 || node.status == Status::Down {
            return;
        }
        let labels: Vec<&str> = node.timers.iter().map(|timer| timer.label.as_str()).collect();
        context.set_font(&format!("700 9px {}", self.palette.font));
        context.set_text_align("center");
        context.set_text_baseline("middle");
        for (ring, letter) in letters(&labels).into_iter().take(MOST_RINGS).enumerate() {
            let turn = -0.42 - 0.36 * real(ring);
            let radius = ring_radius(spot.radius, ring);
            let at = spot.at + Point::new(turn.sin(), -turn.cos()) * radius;
            context.begin_path();
            // An arc without radius would fail; this one has a constant radius.
            let _ = context.arc(at.x, at.y, 5.5, 0.0, TAU);
            context.set_fill_style_str(&self.palette.paper);
            context.fill();
            context.set_fill_style_str(&self.palette.ink);
            let _ = context.fill_text(letter.encode_utf8(&mut [0; 4]), at.x, at.y + 0.5);
        }
    }

    fn messages(&mut self, context: &CanvasRenderingContext2d, picture: &Picture, now_us: f64) {
        let scene: &Scene = &picture.frame.scene;
        let text = (picture.layout.label_text * 0.92).max(10.0);
        self.sprites.prepare(&self.palette, text);
        let is_roomy = picture.layout.spots.iter().all(|spot| spot.radius >= 11.0);
        let is_labelled = scene.messages.len() <= MOST_LABELLED && is_roomy;
        let detail = if is_labelled { Detail::Labelled } else { Detail::Small };
        self.placed.clear();
        for fallen in &scene.fallen {
            let (is_ahead, end) = (micros(fallen.at_us) > now_us, fallen_share(fallen));
            let Some(way) = way_of(picture, &fallen.message) else { continue };
            let Some(sprite) = self.sprites.of(&fallen.message, detail) else { continue };
            if is_ahead {
                // It is on its way to where it will fall; nobody can tell yet.
                let share = share(&fallen.message, now_us).min(end);
                if micros(fallen.message.sent_at_us) <= now_us {
                    self.place(context, picture, &fallen.message, (&way, share), &sprite, detail);
                }
            } else if let Some(ghost) = self.ghosts.of(fallen) {
                let fall = if picture.is_still { 0.0 } else { ghost.fall() * 22.0 };
                let at = way.at(end) + Point::new(0.0, fall);
                self.ghost(context, at, &sprite, ghost.presence());
            }
        }
        for message in &scene.messages {
            let Some(way) = way_of(picture, message) else { continue };
            let Some(sprite) = self.sprites.of(message, detail) else { continue };
            if micros(message.sent_at_us) <= now_us {
                let share = held_share(scene, message, share(message, now_us));
                self.place(context, picture, message, (&way, share), &sprite, detail);
            }
        }
    }

    fn place(
        &mut self,
        context: &CanvasRenderingContext2d,
        picture: &Picture,
        message: &MessageScene,
        (way, share): (&Way, f64),
        sprite: &Sprite,
        detail: Detail,
    ) {
        let at = if picture.is_still {
            self.arrow(context, way.from, way.to);
            still_place(way, share, extent(sprite.body, way))
        } else {
            way.at(share)
        };
        if !picture.is_still && detail == Detail::Labelled {
            self.nose(context, at, way, sprite);
        }
        sprite.draw(context, at.x, at.y);
        let half = sprite.body;
        if picture.selected == Some(message.name) {
            context.set_stroke_style_str(&self.palette.accent);
            context.set_line_width(2.5);
            let (width, height) = (half.0 + 5.0, half.1 + 5.0);
            context.stroke_rect(at.x - width, at.y - height, width * 2.0, height * 2.0);
        }
        self.placed.push(Placed { name: message.name, at, half });
    }

    /// Draws a fallen message: pale, with a cross.
    fn ghost(&self, context: &CanvasRenderingContext2d, at: Point, sprite: &Sprite, presence: f64) {
        context.set_global_alpha(0.45 * presence);
        sprite.draw(context, at.x, at.y);
        context.set_global_alpha(presence);
        context.begin_path();
        let arm = (sprite.body.1 * 0.75).max(5.0);
        context.move_to(at.x - arm, at.y - arm);
        context.line_to(at.x + arm, at.y + arm);
        context.move_to(at.x + arm, at.y - arm);
        context.line_to(at.x - arm, at.y + arm);
        context.set_stroke_style_str(&self.palette.bad);
        context.set_line_width(2.5);
        context.stroke();
        context.set_global_alpha(1.0);
    }

    /// Draws a small arrowhead before a message, so that a still picture says where it goes.
    fn nose(&self, context: &CanvasRenderingContext2d, at: Point, way: &Way, sprite: &Sprite) {
        let ahead = (way.to - way.from).unit();
        let tip = at + ahead * (extent(sprite.body, way) + 13.0);
        let (base, side) = (tip - ahead * 10.0, ahead.turned() * 3.2);
        triangle(context, tip, base + side, base - side);
        context.set_fill_style_str(&self.palette.soft);
        context.fill();
    }

    fn arrow(&self, context: &CanvasRenderingContext2d, from: Point, to: Point) {
        let ahead = (to - from).unit();
        context.begin_path();
        context.move_to(from.x, from.y);
        context.line_to(to.x, to.y);
        context.set_stroke_style_str(&self.palette.faint);
        context.set_line_width(1.2);
        context.stroke();
        let (base, side) = (to - ahead * 9.0, ahead.turned() * 4.5);
        triangle(context, to, base + side, base - side);
        context.set_fill_style_str(&self.palette.soft);
        context.fill();
    }
}

/// A timer ring, with the share of it that is left.
struct Ring {
    at: Point,
    radius: f64,
    left: f64,
}

fn rings_of(node: &NodeScene, spot: &Spot, now_us: f64) -> impl Iterator<Item = Ring> {
    node.timers.iter().take(MOST_RINGS).enumerate().map(move |(ring, timer)| {
        let whole = micros(timer.due_at_us.saturating_sub(timer.set_at_us)).max(1.0);
        let left = ((micros(timer.due_at_us) - now_us) / whole).clamp(0.0, 1.0);
        Ring { at: spot.at, radius: ring_radius(spot.radius, ring), left }
    })
}

/// Traces rings that empty clockwise from twelve o'clock: what is left ends there.
fn trace(context: &CanvasRenderingContext2d, rings: impl Iterator<Item = Ring>) {
    context.begin_path();
    for Ring { at, radius, left } in rings.filter(|ring| ring.left > 0.0) {
        let start = TAU * (1.0 - left) - FRAC_PI_2;
        context.move_to(at.x + radius * start.cos(), at.y + radius * start.sin());
        // Fails only for a negative radius, and no ring has one.
        let _ = context.arc(at.x, at.y, radius, start, TAU - FRAC_PI_2);
    }
}

/// Returns how far a message reaches from its middle in the direction in which it travels.
fn extent((half_width, half_height): (f64, f64), way: &Way) -> f64 {
    let ahead = (way.to - way.from).unit();
    (half_width / ahead.x.abs().max(1e-6)).min(half_height / ahead.y.abs().max(1e-6))
}

fn triangle(context: &CanvasRenderingContext2d, one: Point, two: Point, three: Point) {
    context.begin_path();
    context.move_to(one.x, one.y);
    context.line_to(two.x, two.y);
    context.line_to(three.x, three.y);
    context.close_path();
}

fn set_dashes(context: &CanvasRenderingContext2d, dashes: &[f64]) {
    let dashes: js_sys::Array =
        dashes.iter().map(|&dash| wasm_bindgen::JsValue::from(dash)).collect();
    // Fails only for what is not a list of numbers.
    let _ = context.set_line_dash(&dashes);
}

fn spot(picture: &Picture, id: NodeId) -> Option<&Spot> {
    picture.layout.spots.get(id.index())
}

/// Returns the way of a message. What the viewer asks for comes from beyond the stage's left edge,
/// on the height of who is asked.
fn way_of(picture: &Picture, message: &MessageScene) -> Option<Way> {
    let to = spot(picture, message.name.to)?;
    let outside = Spot { at: Point::new(0.0, to.at.y), ..Spot::default() };
    let from = if message.name.from == NodeId::OUTSIDE {
        &outside
    } else {
        spot(picture, message.name.from)?
    };
    Some(Way::new(from, to, message.is_twin))
}

/// Returns a letter for each label: its first that no label before it has taken.
pub(super) fn letters(labels: &[&str]) -> Vec<char> {
    let mut taken = Vec::new();
    for label in labels {
        let upper = || label.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase);
        let letter = upper().find(|letter| !taken.contains(letter)).or_else(|| upper().next());
        taken.push(letter.unwrap_or('•'));
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ring_has_a_letter_of_its_own_if_there_is_one() {
        assert_eq!(letters(&["election", "heartbeat"]), ['E', 'H']);
        assert_eq!(letters(&["election", "elapse", "e"]), ['E', 'L', 'E']);
        assert_eq!(letters(&[""]), ['•']);
    }
}
