//! Draws events and messages on a canvas: thousands of them are as cheap as a few.

use std::collections::BTreeSet;
use std::f64::consts::TAU;

use faultline_core::sim::{EventKind, Fate, MessageKind, NodeId};
use web_sys::CanvasRenderingContext2d;

use super::plan::{Plan, place_in};
use super::requests;
use super::scale::{BOTTOM, Scale};
use crate::stage::{Palette, real};
use crate::wire::{EventView, LooseMessage, SpaceTime};

/// With more lines than this in view, what messages are for is not drawn.
const MOST_GLYPHS: usize = 1_500;
/// No sign reaches further from its place.
const SIGN: f64 = 12.0;
/// A letter of a request's name is about this wide, and the name with what is free around it this high.
const NAME_LETTER: f64 = 6.4;
const NAME_HEIGHT: f64 = 12.0;
/// What is not lit is drawn this faint.
const DIM: f64 = 0.16;

/// All that is drawn.
pub(super) struct Picture<'a> {
    pub(super) spacetime: &'a SpaceTime,
    pub(super) plan: &'a Plan,
    pub(super) scale: &'a Scale,
    /// From which height to which it is seen; nothing else is drawn.
    pub(super) seen: (f64, f64),
    /// By event: whether it is lit; nothing if none is selected.
    pub(super) lit: Option<&'a [bool]>,
    pub(super) selected: Option<u32>,
    /// Events that a search has found.
    pub(super) hits: &'a BTreeSet<u32>,
    /// Messages that came by way of hidden lanes.
    pub(super) chains: &'a [(usize, usize)],
    /// The nodes' names, if colours and dashes tell requests apart.
    pub(super) by_request: Option<&'a [String]>,
}

/// A line from one event to another, or to nowhere.
struct Line {
    from: (f64, f64),
    to: (f64, f64),
    kind: MessageKind,
    fate: Fate,
    is_lit: bool,
    request: Option<u16>,
}

impl Picture<'_> {
    /// Draws everything in view; returns how many events that was.
    pub(super) fn paint(&self, context: &CanvasRenderingContext2d, palette: &Palette) -> usize {
        context.save();
        context.begin_path();
        let height = self.scale.bottom() + BOTTOM;
        let sheet = &self.scale.sheet;
        context.rect(sheet.left - 8.0, 0.0, sheet.room() + 16.0, height);
        context.clip();
        let lines = self.lines();
        let has_glyphs = lines.len() <= MOST_GLYPHS;
        for is_lit in [false, true] {
            context.set_global_alpha(if is_lit { 1.0 } else { DIM });
            for has_fallen in [false, true] {
                let is_meant = |line: &&Line| {
                    (line.is_lit, line.has_fallen()) == (is_lit, has_fallen)
                        && line.request.is_none()
                };
                draw_lines(context, palette, lines.iter().filter(is_meant), has_fallen, has_glyphs);
            }
            for line in lines.iter().filter(|line| line.is_lit == is_lit) {
                if let Some(request) = line.request {
                    draw_of_request(context, palette, line, (request.into(), has_glyphs));
                }
            }
        }
        self.draw_chains(context, palette);
        let mut count = 0;
        for (number, event) in (self.spacetime.first..).zip(&self.spacetime.events) {
            count += usize::from(self.draw_event(context, palette, number, event));
        }
        self.name_requests(context, palette);
        context.restore();
        count
    }

    /// Returns true if something that reaches from one height to another is in sight, with its sign.
    fn is_seen(&self, from: f64, to: f64) -> bool {
        to > self.seen.0 - SIGN && from < self.seen.1 + SIGN
    }

    fn is_lit(&self, place: Option<usize>) -> bool {
        self.lit.is_none_or(|lit| place.is_some_and(|place| lit.get(place) == Some(&true)))
    }

    /// Returns where an event is drawn, if its lane is shown.
    fn point(&self, number: u32, node: NodeId) -> Option<(f64, f64)> {
        let place = self.plan.place(number)?;
        Some((self.scale.x(place), self.scale.y_of(node)?))
    }

    fn lines(&self) -> Vec<Line> {
        let events = (self.spacetime.first..).zip(&self.spacetime.events);
        let ended = events.filter_map(|(number, event)| self.line_to(number, event));
        let loose = self.spacetime.loose.iter().filter_map(|it| self.loose_line(it));
        let is_seen = |line: &Line| {
            let (one, other) = (line.from.1, line.to.1);
            self.is_seen(one.min(other), one.max(other))
        };
        ended.chain(loose).filter(is_seen).collect()
    }

    /// Returns the line of the message that ended in an event.
    fn line_to(&self, number: u32, event: &EventView) -> Option<Line> {
        let message = event.message?;
        let to = self.point(number, event.node)?;
        let place = (number - self.spacetime.first) as usize;
        let cause = place_in(self.spacetime, event.cause);
        let from = if event.peer == NodeId::OUTSIDE {
            (to.0, to.1 - self.scale.pitch * 0.45)
        } else {
            let sent = self.sent_place(cause, message.sent_at_us);
            (self.scale.x(sent), self.scale.y_of(event.peer)?)
        };
        if to.0 < self.scale.sheet.left - 8.0 || from.0 > self.scale.sheet.width {
            return None;
        }
        let is_lit = self.is_lit(Some(place))
            && (event.peer == NodeId::OUTSIDE || self.is_lit(cause) || self.lit.is_none());
        let to = end_of(from, to, message.fate);
        let request = event.request.filter(|_| self.by_request.is_some());
        Some(Line { from, to, kind: message.kind, fate: message.fate, is_lit, request })
    }

    /// Returns where something stands that was sent in an event of the stretch, or before it.
    fn sent_place(&self, cause: Option<usize>, sent_at_us: u64) -> f64 {
        let first = self.spacetime.first;
        let event = cause.and_then(|cause| u32::try_from(cause).ok()).map(|cause| first + cause);
        match self.plan.order() {
            super::plan::Order::Real => self.plan.cursor(0, sent_at_us),
            super::plan::Order::Logical => {
                event.and_then(|event| self.plan.place(event)).unwrap_or(-1.0)
            }
        }
    }

    fn loose_line(&self, message: &LooseMessage) -> Option<Line> {
        let cause = place_in(self.spacetime, message.cause);
        let sent = self.sent_place(cause, message.sent_at_us);
        let end = match (self.plan.order(), message.fate) {
            (super::plan::Order::Real, _) => self.plan.cursor(0, message.end_at_us),
            // Nothing is known of its arrival yet.
            (super::plan::Order::Logical, Fate::Carried) => self.plan.extent().1 + 1.5,
            (super::plan::Order::Logical, _) => sent + 1.5,
        };
        if !self.scale.shows(sent, end) {
            return None;
        }
        let from = (self.scale.x(sent), self.scale.y_of(message.from)?);
        let to = (self.scale.x(end), self.scale.y_of(message.to)?);
        let to = if message.fate == Fate::Carried { to } else { end_of(from, to, Fate::Lost) };
        let (kind, fate, is_lit) = (message.kind, message.fate, self.is_lit(cause));
        let request = message.request.filter(|_| self.by_request.is_some());
        Some(Line { from, to, kind, fate, is_lit, request })
    }

    fn draw_chains(&self, context: &CanvasRenderingContext2d, palette: &Palette) {
        let first = self.spacetime.first;
        set_dash(context, &[4.0, 3.0]);
        context.set_stroke_style_str(&palette.soft);
        context.set_line_width(1.2);
        for &(from, to) in self.chains {
            let point = |place: usize| {
                let event = self.spacetime.events.get(place)?;
                self.point(first + u32::try_from(place).ok()?, event.node)
            };
            let (Some(start), Some(end)) = (point(from), point(to)) else { continue };
            let is_lit = self.is_lit(Some(from)) && self.is_lit(Some(to));
            context.set_global_alpha(if is_lit { 1.0 } else { DIM });
            stroke(context, start, end);
        }
        set_dash(context, &[]);
    }

    fn draw_event(
        &self,
        context: &CanvasRenderingContext2d,
        palette: &Palette,
        number: u32,
        event: &EventView,
    ) -> bool {
        let Some((x, y)) = self.point(number, event.node) else { return false };
        if !self.is_in_view((x, y)) || self.plan.head(number) != number {
            return false;
        }
        let place = (number - self.spacetime.first) as usize;
        let fold = self.plan.fold(number);
        let is_lit = self.is_lit(Some(place));
        context.set_global_alpha(if is_lit { 1.0 } else { DIM });
        match fold {
            Some(count) => draw_fold(context, palette, (x, y), count),
            None => draw_point(context, palette, (x, y), event),
        }
        let members = number..number + fold.map_or(1, |_| self.span_of(number));
        if self.hits.range(members).any(|hit| self.plan.head(*hit) == number) {
            context.set_global_alpha(1.0);
            ring(context, (x, y), 7.0, &palette.accent, 1.6);
        }
        if self.selected == Some(number) {
            context.set_global_alpha(1.0);
            ring(context, (x, y), 9.5, &palette.accent, 2.4);
        }
        true
    }

    /// Returns true if an event there is in the picture, in part at least.
    fn is_in_view(&self, (x, y): (f64, f64)) -> bool {
        (self.scale.sheet.left - 8.0..self.scale.sheet.width).contains(&x) && self.is_seen(y, y)
    }

    /// Writes the name of each request where it begins, if no other name is there already.
    fn name_requests(&self, context: &CanvasRenderingContext2d, palette: &Palette) {
        let Some(names) = self.by_request else { return };
        context.set_fill_style_str(&palette.ink);
        context.set_stroke_style_str(&palette.panel);
        context.set_line_width(3.0);
        context.set_font(&format!("600 10px {}", palette.font));
        context.set_text_align("center");
        context.set_text_baseline("bottom");
        let mut written: Vec<(f64, f64, f64)> = Vec::new();
        for (number, event) in (self.spacetime.first..).zip(&self.spacetime.events) {
            let point = self.point(number, event.node).filter(|point| self.is_in_view(*point));
            let Some((x, y)) = point else { continue };
            let begun = requests::begun(self.spacetime, number);
            let begun: Vec<_> = begun.map(|it| requests::name(it, names)).collect();
            if begun.is_empty() {
                continue;
            }
            let text = begun.join(", ");
            let half = real(text.chars().count()) * NAME_LETTER / 2.0;
            let meets = |&(at, level, wide): &(f64, f64, f64)| {
                (at - x).abs() < wide + half && (level - y).abs() < NAME_HEIGHT
            };
            if written.iter().any(meets) {
                continue;
            }
            written.push((x, y, half));
            let place = (self.plan.head(number) - self.spacetime.first) as usize;
            context.set_global_alpha(if self.is_lit(Some(place)) { 1.0 } else { DIM });
            // Text on a canvas has no way to fail.
            let _ = context.stroke_text(&text, x, y - 5.0);
            let _ = context.fill_text(&text, x, y - 5.0);
        }
    }

    /// Returns how many events lie from the first to the last one of a fold.
    fn span_of(&self, head: u32) -> u32 {
        let place = (head - self.spacetime.first) as usize;
        let rest = u32::try_from(self.spacetime.events.len() - place).unwrap_or(u32::MAX);
        rest.min(256)
    }
}

impl Line {
    fn has_fallen(&self) -> bool {
        self.fate != Fate::Carried
    }
}

/// Where a line ends: what was stopped on its way gets no further than midway.
fn end_of(from: (f64, f64), to: (f64, f64), fate: Fate) -> (f64, f64) {
    match fate {
        Fate::Carried | Fate::Down | Fate::Refused => to,
        Fate::Lost | Fate::Cut | Fate::Dropped => {
            (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1))
        }
    }
}

/// Draws a line in its request's colour and dash; what comes to nothing has its cross in red.
fn draw_of_request(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    line: &Line,
    (request, has_glyphs): (usize, bool),
) {
    let (hue, dash) = requests::look(request);
    let color = &palette.requests[hue];
    context.set_stroke_style_str(color);
    context.set_fill_style_str(color);
    context.set_line_width(1.8);
    set_dash(context, dash);
    stroke(context, line.from, line.to);
    set_dash(context, &[]);
    if line.has_fallen() {
        context.set_stroke_style_str(&palette.bad);
        draw_cross(context, line.to);
    } else if has_glyphs {
        draw_glyph(context, palette, line);
    }
}

fn draw_cross(context: &CanvasRenderingContext2d, (x, y): (f64, f64)) {
    stroke(context, (x - 3.0, y - 3.0), (x + 3.0, y + 3.0));
    stroke(context, (x + 3.0, y - 3.0), (x - 3.0, y + 3.0));
}

/// Draws lines of one colour: to set it takes longer than to draw one.
fn draw_lines<'a>(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    lines: impl Iterator<Item = &'a Line>,
    have_fallen: bool,
    has_glyphs: bool,
) {
    let color = if have_fallen { &palette.bad } else { &palette.faint };
    context.set_stroke_style_str(color);
    context.set_fill_style_str(color);
    context.set_line_width(1.1);
    for line in lines {
        stroke(context, line.from, line.to);
        if have_fallen {
            draw_cross(context, line.to);
        } else if has_glyphs {
            draw_glyph(context, palette, line);
        }
    }
}

/// Draws what a message is for, shortly before it arrives.
fn draw_glyph(context: &CanvasRenderingContext2d, palette: &Palette, line: &Line) {
    let (dx, dy) = (line.to.0 - line.from.0, line.to.1 - line.from.1);
    let length = dx.hypot(dy);
    if length < 14.0 {
        return;
    }
    let (ux, uy) = (dx / length, dy / length);
    let at = |along: f64, across: f64| {
        (line.to.0 - ux * along - uy * across, line.to.1 - uy * along + ux * across)
    };
    context.begin_path();
    let shape: &[(f64, f64)] = match line.kind {
        MessageKind::Request | MessageKind::Reply => &[(4.0, 0.0), (10.0, 3.2), (10.0, -3.2)],
        MessageKind::Gossip => &[(4.0, 0.0), (7.5, 3.2), (11.0, 0.0), (7.5, -3.2)],
        MessageKind::Heartbeat => {
            let (x, y) = at(7.0, 0.0);
            // An arc of a whole circle has no way to fail.
            let _ = context.arc(x, y, 1.9, 0.0, TAU);
            return context.fill();
        }
    };
    for (place, &(along, across)) in shape.iter().enumerate() {
        let (x, y) = at(along, across);
        if place == 0 { context.move_to(x, y) } else { context.line_to(x, y) }
    }
    context.close_path();
    if line.kind == MessageKind::Reply {
        context.set_fill_style_str(&palette.panel);
        context.fill();
        context.stroke();
        context.set_fill_style_str(&palette.faint);
    } else {
        context.fill();
    }
}

fn draw_point(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    (x, y): (f64, f64),
    event: &EventView,
) {
    context.set_fill_style_str(if event.has_fact { &palette.ink } else { &palette.soft });
    context.set_stroke_style_str(&palette.soft);
    context.set_line_width(1.4);
    let radius = if event.has_fact { 4.4 } else { 3.0 };
    match event.kind {
        EventKind::Delivered | EventKind::Refused => disc(context, (x, y), radius),
        EventKind::TimerFired => {
            disc(context, (x, y), radius);
            context.set_fill_style_str(&palette.panel);
            disc(context, (x, y), radius - 1.5);
        }
        EventKind::Synced | EventKind::Finished => {
            context.fill_rect(x - radius, y - radius, 2.0 * radius, 2.0 * radius);
        }
        EventKind::Started | EventKind::Recovered => {
            context.begin_path();
            context.move_to(x - 4.0, y - 5.0);
            context.line_to(x + 5.0, y);
            context.line_to(x - 4.0, y + 5.0);
            context.close_path();
            context.fill();
        }
        // The end of its line says it.
        EventKind::Fell => {}
    }
}

/// Draws a circle with a number: so many events of one node.
fn draw_fold(
    context: &CanvasRenderingContext2d,
    palette: &Palette,
    (x, y): (f64, f64),
    count: u32,
) {
    let text = if count < 100 { count.to_string() } else { "99+".into() };
    let radius = 6.5 + 1.6 * real(text.len().saturating_sub(1));
    context.set_fill_style_str(&palette.panel);
    disc(context, (x, y), radius);
    ring(context, (x, y), radius, &palette.soft, 1.3);
    context.set_fill_style_str(&palette.ink);
    context.set_font(&format!("600 9px {}", palette.font));
    context.set_text_align("center");
    context.set_text_baseline("middle");
    // Text on a canvas has no way to fail.
    let _ = context.fill_text(&text, x, y + 0.5);
}

fn disc(context: &CanvasRenderingContext2d, (x, y): (f64, f64), radius: f64) {
    context.begin_path();
    let _ = context.arc(x, y, radius, 0.0, TAU);
    context.fill();
}

fn ring(
    context: &CanvasRenderingContext2d,
    (x, y): (f64, f64),
    radius: f64,
    color: &str,
    width: f64,
) {
    context.begin_path();
    context.set_stroke_style_str(color);
    context.set_line_width(width);
    let _ = context.arc(x, y, radius, 0.0, TAU);
    context.stroke();
}

fn stroke(context: &CanvasRenderingContext2d, from: (f64, f64), to: (f64, f64)) {
    context.begin_path();
    context.move_to(from.0, from.1);
    context.line_to(to.0, to.1);
    context.stroke();
}

fn set_dash(context: &CanvasRenderingContext2d, lengths: &[f64]) {
    let list: js_sys::Array =
        lengths.iter().map(|length| wasm_bindgen::JsValue::from(*length)).collect();
    // A list of numbers is all it asks for.
    let _ = context.set_line_dash(&list);
}
