//! Messages as little pictures, drawn once and then only moved.
//!
//! Drawing text is the slow part of a canvas; a picture of it is copied in a microsecond.

use std::collections::HashMap;
use std::f64::consts::TAU;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use faultline_core::sim::MessageKind;
use faultline_core::view::MessageScene;
use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::canvas::{cleared, sharpness};
use super::geometry::{Point, real};
use super::palette::Palette;

/// More pictures than this are forgotten at once; no stage shows as many labels at a time.
const MOST_KEPT: usize = 600;
/// What is kept free around a picture, for badges.
const MARGIN: f64 = 9.0;

/// The picture of a message.
#[derive(Clone)]
pub(crate) struct Sprite {
    canvas: HtmlCanvasElement,
    /// Half its size, with the margin for badges.
    half: (f64, f64),
    sharpness: f64,
    /// Half the size of what can be pressed.
    pub(crate) body: (f64, f64),
}

impl Sprite {
    /// Draws the picture with its middle at this place.
    pub(crate) fn draw(&self, context: &CanvasRenderingContext2d, x: f64, y: f64) {
        // On whole device pixels, so that its text is as sharp as it was drawn.
        let sharpness = self.sharpness;
        let snap = |place: f64| (place * sharpness).round() / sharpness;
        // Drawing fails only for a canvas without size, and there is nothing to see then.
        let _ = context.draw_image_with_html_canvas_element_and_dw_and_dh(
            &self.canvas,
            snap(x - self.half.0),
            snap(y - self.half.1),
            f64::from(self.canvas.width()) / sharpness,
            f64::from(self.canvas.height()) / sharpness,
        );
    }
}

/// How much of a message there is room for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Detail {
    /// Its shape and label.
    Labelled,
    /// Its shape, small.
    Small,
}

/// The pictures in use.
#[derive(Default)]
pub(crate) struct Sprites {
    kept: HashMap<u64, Sprite>,
    /// What they were drawn with.
    palette: Palette,
    sharpness: f64,
    text: f64,
}

impl Sprites {
    /// Forgets all pictures if colours, sharpness or size have changed.
    pub(crate) fn prepare(&mut self, palette: &Palette, text: f64) {
        let is_as_before = self.palette == *palette
            && self.sharpness.to_bits() == sharpness().to_bits()
            && self.text.to_bits() == text.to_bits();
        if !is_as_before || self.kept.len() > MOST_KEPT {
            self.kept.clear();
            self.palette = palette.clone();
            self.sharpness = sharpness();
            self.text = text;
        }
    }

    /// Returns the picture of a message, drawing it first if need be.
    pub(crate) fn of(&mut self, message: &MessageScene, detail: Detail) -> Option<Sprite> {
        let mut hasher = DefaultHasher::new();
        let traits = (message.kind, message.is_error, message.is_twin, message.is_delayed, detail);
        traits.hash(&mut hasher);
        if detail == Detail::Labelled {
            message.label.hash(&mut hasher);
        }
        let key = hasher.finish();
        if !self.kept.contains_key(&key) {
            let sprite = self.draw(message, detail)?;
            self.kept.insert(key, sprite);
        }
        self.kept.get(&key).cloned()
    }

    /// Writes a few letters to the right of a place, legible on whatever lies there.
    pub(crate) fn write_beside(&self, context: &CanvasRenderingContext2d, at: Point, text: &str) {
        context.set_font(&format!("700 {}px {}", self.text, self.palette.font));
        context.set_text_align("left");
        context.set_text_baseline("middle");
        context.set_stroke_style_str(&self.palette.paper);
        context.set_line_width(3.0);
        context.set_fill_style_str(&self.palette.bad);
        // Text on a canvas has no way to fail.
        let _ = context.stroke_text(text, at.x, at.y);
        let _ = context.fill_text(text, at.x, at.y);
    }

    /// Returns how much room a few letters take beside something, with what keeps them apart.
    pub(crate) fn width_beside(&self, text: &str) -> f64 {
        real(text.chars().count()) * self.text * 0.62 + 3.0
    }

    fn draw(&self, message: &MessageScene, detail: Detail) -> Option<Sprite> {
        let canvas = web_sys::window()?.document()?.create_element("canvas").ok()?;
        let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
        let context = cleared(&canvas, 1.0, 1.0)?;
        let pen = Pen { context, palette: &self.palette, text: self.text };
        let label = label_of(message, detail);
        pen.font(1.0);
        let label_width = pen.context.measure_text(&label).ok()?.width();
        let body = pen.body(message.kind, detail, label_width);
        let half = (body.0 + MARGIN, body.1 + MARGIN);
        let context = cleared(&canvas, half.0 * 2.0, half.1 * 2.0)?;
        context.translate(half.0, half.1).ok()?;
        let pen = Pen { context, ..pen };
        pen.shape(message, body, &label, detail)?;
        if message.is_delayed {
            pen.clock_badge(body.0 - 2.0, -body.1 + 1.0)?;
        }
        if message.is_twin {
            pen.twin_badge(body.0, body.1);
        }
        Some(Sprite { canvas, half, sharpness: self.sharpness, body })
    }
}

fn label_of(message: &MessageScene, detail: Detail) -> String {
    let label: String = message.label.chars().take(12).collect();
    match (detail, message.is_error) {
        (Detail::Small, false) => String::new(),
        (Detail::Small, true) => "!".into(),
        (Detail::Labelled, false) => label,
        (Detail::Labelled, true) => format!("! {label}"),
    }
}

/// Draws around the origin.
struct Pen<'a> {
    context: CanvasRenderingContext2d,
    palette: &'a Palette,
    text: f64,
}

impl Pen<'_> {
    fn font(&self, share: f64) {
        self.context.set_font(&format!("{}px {}", self.text * share, self.palette.font));
        self.context.set_text_align("center");
        self.context.set_text_baseline("middle");
    }

    /// Returns half the size of what is drawn.
    fn body(&self, kind: MessageKind, detail: Detail, label_width: f64) -> (f64, f64) {
        let unit = self.text / 11.5;
        match (kind, detail) {
            (MessageKind::Heartbeat, _) => (4.5 * unit, 4.5 * unit),
            (MessageKind::Gossip, Detail::Labelled) => {
                (label_width.max(18.0 * unit) / 2.0, 17.0 * unit)
            }
            (MessageKind::Gossip, Detail::Small) => (6.0 * unit, 6.0 * unit),
            (MessageKind::Request | MessageKind::Reply, Detail::Labelled) => {
                (label_width / 2.0 + 8.0 * unit, 11.0 * unit)
            }
            (MessageKind::Request | MessageKind::Reply, Detail::Small) => (7.0 * unit, 4.0 * unit),
        }
    }

    fn shape(
        &self,
        message: &MessageScene,
        body: (f64, f64),
        label: &str,
        detail: Detail,
    ) -> Option<()> {
        let Palette { ink, paper, panel, bad, .. } = self.palette;
        let outline = if message.is_error { bad } else { ink };
        let context = &self.context;
        context.set_stroke_style_str(outline);
        context.set_line_width(if message.is_error { 2.2 } else { 1.6 });
        let (fill, label_ink) = match message.kind {
            MessageKind::Request => (ink, paper),
            MessageKind::Reply => (panel, ink),
            MessageKind::Heartbeat | MessageKind::Gossip => (ink, ink),
        };
        context.set_fill_style_str(fill);
        context.begin_path();
        match message.kind {
            MessageKind::Heartbeat => context.arc(0.0, 0.0, body.1, 0.0, TAU).ok()?,
            MessageKind::Gossip => self.diamond(body, detail),
            MessageKind::Request | MessageKind::Reply => self.pill(body)?,
        }
        context.fill();
        context.stroke();
        if message.kind == MessageKind::Heartbeat {
            if message.is_error {
                self.font(0.9);
                context.set_fill_style_str(bad);
                context.fill_text("!", body.0 + 4.0, 1.0 - body.1).ok()?;
            }
            return Some(());
        }
        self.font(if detail == Detail::Small { 0.8 } else { 1.0 });
        let y = if message.kind == MessageKind::Gossip && detail == Detail::Labelled {
            // Below the diamond, on a rim of paper that keeps it apart from lines.
            let y = body.1 - self.text * 0.5;
            context.set_stroke_style_str(paper);
            context.set_line_width(3.0);
            context.stroke_text(label, 0.0, y).ok()?;
            y
        } else {
            0.5
        };
        context.set_fill_style_str(label_ink);
        context.fill_text(label, 0.0, y).ok()
    }

    fn pill(&self, (half_width, half_height): (f64, f64)) -> Option<()> {
        let (context, quarter) = (&self.context, TAU / 4.0);
        let straight = (half_width - half_height).max(0.0);
        context.arc(straight, 0.0, half_height - 1.0, -quarter, quarter).ok()?;
        context.arc(-straight, 0.0, half_height - 1.0, quarter, 3.0 * quarter).ok()?;
        context.close_path();
        Some(())
    }

    fn diamond(&self, body: (f64, f64), detail: Detail) {
        let size = if detail == Detail::Small { body.1 } else { self.text * 0.8 };
        let middle = if detail == Detail::Small { 0.0 } else { size - body.1 + 1.0 };
        self.context.move_to(0.0, middle - size);
        self.context.line_to(size, middle);
        self.context.line_to(0.0, middle + size);
        self.context.line_to(-size, middle);
        self.context.close_path();
    }

    fn clock_badge(&self, x: f64, y: f64) -> Option<()> {
        let context = &self.context;
        context.set_fill_style_str(&self.palette.panel);
        context.set_stroke_style_str(&self.palette.ink);
        context.set_line_width(1.4);
        context.begin_path();
        context.arc(x, y, 6.0, 0.0, TAU).ok()?;
        context.fill();
        context.stroke();
        context.begin_path();
        context.move_to(x, y - 3.6);
        context.line_to(x, y);
        context.line_to(x + 2.6, y + 1.4);
        context.stroke();
        Some(())
    }

    fn twin_badge(&self, x: f64, y: f64) {
        self.font(0.85);
        self.context.set_stroke_style_str(&self.palette.paper);
        self.context.set_line_width(3.0);
        self.context.set_fill_style_str(&self.palette.ink);
        // A badge that cannot be drawn leaves the message itself in sight.
        let _ = self.context.stroke_text("×2", x, y);
        let _ = self.context.fill_text("×2", x, y);
    }
}
