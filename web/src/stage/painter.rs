//! What moves on the stage, drawn on two canvases: links in use below the nodes; timer rings,
//! messages and what fell above them.

use std::rc::Rc;

use faultline_core::sim::MessageName;
use faultline_core::view::MessageScene;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::canvas::{cleared, sharpness};
use super::cuts::Cuts;
use super::edges::{Pulses, draw_dots, draw_trunks};
use super::flying::{Flying, extent, falling, is_behind_node, is_near, placed, under_way, way_of};
use super::geometry::Point;
use super::ghosts::{FALL, Ghost, Ghosts, fallen_share, resting_place};
use super::layout::Layout;
use super::links::in_use;
use super::motion::{Way, beside_ends};
use super::palette::Palette;
use super::placing::{self, Obstacle, Room, obstacles, ringed};
use super::rings::{draw_rings, set_dashes};
use super::sprites::{Detail, Sprite, Sprites};
use crate::shared::Shared;
use crate::wire::Frame;

/// With more messages than this, labels would only hide each other.
const MOST_LABELLED: usize = 90;
/// With more messages than this, each is a dot.
const MOST_PICTURED: usize = 300;
/// The cross of what fell is at least this wide to each side.
const CROSS: f64 = 6.0;
/// The style sheet is asked for its colours once in this many frames.
const FRAMES_A_PALETTE: u32 = 20;

/// How fast the film runs.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// It stands still, or goes on step by step.
    #[default]
    Still,
    /// Messages can be followed on their way.
    Steady,
    /// Too fast for that: edges in use pulse instead.
    Fast,
}

/// What is to be drawn.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) frame: Shared<Frame>,
    pub(crate) layout: Rc<Layout>,
    pub(crate) cuts: Rc<Cuts>,
    /// Words that stand neither at a node nor at a field.
    pub(crate) words: Rc<[Obstacle]>,
    /// Whether the viewer asked for no motion.
    pub(crate) is_still: bool,
    pub(crate) pace: Pace,
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
    pulses: Pulses,
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
        let fallen = (&*picture.frame.scene.fallen, &picture.cuts.blocked);
        self.ghosts.update(fallen, now_us, elapsed_ms);
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
            self.links(&context, &picture, now_us);
        }
        if let Some(context) = cleared(&easel.above, area.width, area.height) {
            self.rings(&context, &picture, now_us);
            self.placed.clear();
            if picture.frame.heard.is_some() {
                // What is under way, nobody can know.
            } else if picture.pace == Pace::Fast {
                let drawn = (&picture.frame.scene, &*picture.layout);
                self.pulses.draw(&context, drawn, &self.palette, (now_us, elapsed_ms));
            } else {
                self.messages(&context, &picture, now_us);
            }
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
    fn links(&self, context: &CanvasRenderingContext2d, picture: &Picture, now_us: f64) {
        let (scene, layout) = (&picture.frame.scene, &picture.layout);
        if picture.frame.heard.is_some() {
            return;
        }
        if !layout.groups.is_empty() {
            draw_trunks(context, scene, layout, &self.palette, now_us);
            let far = under_way(picture, now_us).filter(|(message, _)| !is_near(picture, message));
            if !picture.is_still && picture.pace != Pace::Fast {
                draw_dots(context, far, &self.palette, now_us);
            }
            return;
        }
        context.set_stroke_style_str(&self.palette.line);
        context.set_line_width(1.5);
        for (one, other) in in_use(scene) {
            // On a severed link nothing gets through; the style sheet dashes those that stand.
            let is_severed = picture.cuts.severed.contains(&(one, other));
            if let Some(way) = layout.link(one, other) {
                set_dashes(context, if is_severed { &[2.0, 7.0] } else { &[] });
                context.begin_path();
                context.move_to(way.from.x, way.from.y);
                let by = way.control().unwrap_or(way.to);
                context.quadratic_curve_to(by.x, by.y, way.to.x, way.to.y);
                context.stroke();
            }
        }
        set_dashes(context, &[]);
    }

    fn rings(&self, context: &CanvasRenderingContext2d, picture: &Picture, now_us: f64) {
        let heard = picture.frame.heard.as_ref();
        let nodes: Vec<_> = (picture.frame.scene.nodes.iter().zip(&picture.layout.spots))
            .filter(|(_, spot)| !spot.is_hidden)
            .filter(|(node, _)| heard.is_none_or(|heard| heard.node == node.id))
            .collect();
        draw_rings(context, &nodes, &self.palette, now_us);
    }

    fn messages(&mut self, context: &CanvasRenderingContext2d, picture: &Picture, now_us: f64) {
        let scene = &picture.frame.scene;
        let text = (picture.layout.label_text * 0.92).max(10.0);
        self.sprites.prepare(&self.palette, text);
        let shown = || picture.layout.spots.iter().filter(|spot| !spot.is_hidden);
        let is_roomy = shown().all(|spot| spot.radius >= 11.0) && shown().next().is_some();
        // Whoever looks at some of a crowd sees of its messages those that concern them.
        let near = under_way(picture, now_us).filter(|(message, _)| is_near(picture, message));
        let near: Vec<_> = near.collect();
        let are_dots = near.len() > MOST_PICTURED;
        if are_dots && !picture.is_still {
            draw_dots(context, near.iter().copied(), &self.palette, now_us);
        }
        let is_labelled = near.len() <= MOST_LABELLED && is_roomy;
        let detail = if is_labelled { Detail::Labelled } else { Detail::Small };
        let (mut labels, mut taken) = (Vec::new(), Vec::new());
        if is_labelled || !scene.fallen.is_empty() {
            labels = placing::labels(&scene.nodes, &picture.layout);
            taken = obstacles(&labels, &picture.layout);
            taken.extend(picture.words.iter().copied());
        }
        let mut room = Room::beside(
            taken.iter().copied().chain(ringed(&scene.nodes, &picture.layout)).collect(),
        );
        let near = near.into_iter().filter(|_| !are_dots).map(|(message, way)| (message, way, 1.0));
        let flying = near.chain(falling(picture, now_us)).collect();
        let mut body =
            |message: &MessageScene, detail| Some(self.sprites.of(message, detail)?.body);
        let placed = placed(picture, flying, now_us, detail, (&labels, &mut room), &mut body);
        self.fallen(context, picture, detail, (&taken, &mut room));
        // What has a label lies above what has none.
        for detail in [Detail::Small, Detail::Labelled] {
            for flying in placed.iter().filter(|flying| flying.detail == detail) {
                self.place(context, picture, flying);
            }
        }
    }

    /// Draws what fell as a ghost: the latest with its label, if there is room for it.
    fn fallen(
        &mut self,
        context: &CanvasRenderingContext2d,
        picture: &Picture,
        detail: Detail,
        (obstacles, room): (&[Obstacle], &mut Room),
    ) {
        let ghosts = std::mem::take(&mut self.ghosts);
        let latest = ghosts.latest(&picture.frame.scene.fallen);
        for (nth, (fallen, ghost)) in latest.into_iter().enumerate() {
            let Some(way) = way_of(picture, &fallen.message) else { continue };
            let mut draw = |detail: Detail| {
                let Some(sprite) = self.sprites.of(&fallen.message, detail) else { return true };
                let extent = extent(sprite.body, way.to - way.from);
                let end = beside_ends(&way, (extent, extent), fallen_share(fallen));
                let half = (sprite.body.0.max(CROSS), sprite.body.1.max(CROSS));
                let from = resting_place(&way, end, half, obstacles);
                let fall = if picture.is_still { 0.0 } else { ghost.fall() * FALL };
                let at = from + Point::new(0.0, fall);
                let is_free = room.take(self.ghost_box(at, &sprite, ghost));
                let is_seen = detail == Detail::Small && !is_behind_node(picture, at);
                if is_free || is_seen {
                    self.ghost(context, at, &sprite, (ghost, is_free));
                }
                is_free
            };
            let is_told = nth == 0 && detail == Detail::Labelled && draw(Detail::Labelled);
            if !is_told {
                draw(Detail::Small);
            }
        }
        self.ghosts = ghosts;
    }

    /// Returns the box that a ghost takes, with the number beside it.
    fn ghost_box(&self, at: Point, sprite: &Sprite, ghost: &Ghost) -> Obstacle {
        let beside = match ghost.others() {
            0 => 0.0,
            others => self.sprites.width_beside(&format!("+{others}")) / 2.0,
        };
        (at + Point::new(beside, 0.0), (sprite.body.0 + beside, sprite.body.1))
    }

    fn place(&mut self, context: &CanvasRenderingContext2d, picture: &Picture, it: &Flying) {
        let Some(sprite) = self.sprites.of(it.message, it.detail) else { return };
        let (at, half) = (it.at, it.body);
        if picture.is_still {
            self.arrow(context, &it.way);
        } else if it.detail == Detail::Labelled {
            self.nose(context, it, &sprite);
        }
        if it.message.is_twin {
            self.trail(context, it.way.from, at);
        }
        sprite.draw(context, at.x, at.y);
        if picture.selected == Some(it.message.name) {
            context.set_stroke_style_str(&self.palette.accent);
            context.set_line_width(2.5);
            let (width, height) = (half.0 + 5.0, half.1 + 5.0);
            context.stroke_rect(at.x - width, at.y - height, width * 2.0, height * 2.0);
        }
        self.placed.push(Placed { name: it.message.name, at, half });
    }

    /// Draws a dotted line from where a second copy came from.
    fn trail(&self, context: &CanvasRenderingContext2d, from: Point, at: Point) {
        set_dashes(context, &[1.5, 5.0]);
        context.begin_path();
        context.move_to(from.x, from.y);
        context.line_to(at.x, at.y);
        context.set_stroke_style_str(&self.palette.soft);
        context.set_line_width(1.6);
        context.stroke();
        set_dashes(context, &[]);
    }

    /// Draws a fallen message: pale, with a cross, and if it is to be counted how many others fell
    /// there.
    fn ghost(
        &self,
        context: &CanvasRenderingContext2d,
        at: Point,
        sprite: &Sprite,
        (ghost, is_counted): (&Ghost, bool),
    ) {
        let presence = ghost.presence();
        context.set_global_alpha(0.45 * presence);
        sprite.draw(context, at.x, at.y);
        context.set_global_alpha(presence);
        context.begin_path();
        let arm = (sprite.body.1 * 0.75).max(CROSS - 1.0);
        context.move_to(at.x - arm, at.y - arm);
        context.line_to(at.x + arm, at.y + arm);
        context.move_to(at.x + arm, at.y - arm);
        context.line_to(at.x - arm, at.y + arm);
        context.set_stroke_style_str(&self.palette.bad);
        context.set_line_width(2.5);
        context.stroke();
        if is_counted && ghost.others() > 0 {
            let beside = at + Point::new(sprite.body.0 + 3.0, 0.0);
            self.sprites.write_beside(context, beside, &format!("+{}", ghost.others()));
        }
        context.set_global_alpha(1.0);
    }

    /// Draws a small arrowhead before a message, so that a still picture says where it goes.
    fn nose(&self, context: &CanvasRenderingContext2d, it: &Flying, sprite: &Sprite) {
        let ahead = it.way.ahead(it.share);
        let tip = it.at + ahead * (extent(sprite.body, ahead) + 13.0);
        let (base, side) = (tip - ahead * 10.0, ahead.turned() * 3.2);
        triangle(context, tip, base + side, base - side);
        context.set_fill_style_str(&self.palette.soft);
        context.fill();
    }

    fn arrow(&self, context: &CanvasRenderingContext2d, way: &Way) {
        let (from, to) = (way.from, way.to);
        let (by, ahead) = (way.control().unwrap_or(to), way.ahead(1.0));
        context.begin_path();
        context.move_to(from.x, from.y);
        context.quadratic_curve_to(by.x, by.y, to.x, to.y);
        context.set_stroke_style_str(&self.palette.faint);
        context.set_line_width(1.2);
        context.stroke();
        let (base, side) = (to - ahead * 9.0, ahead.turned() * 4.5);
        triangle(context, to, base + side, base - side);
        context.set_fill_style_str(&self.palette.soft);
        context.fill();
    }
}

fn triangle(context: &CanvasRenderingContext2d, one: Point, two: Point, three: Point) {
    context.begin_path();
    context.move_to(one.x, one.y);
    context.line_to(two.x, two.y);
    context.line_to(three.x, three.y);
    context.close_path();
}
