//! Timer rings: the time left of each pending timer, around its node.

use std::f64::consts::{FRAC_PI_2, TAU};

use faultline_core::view::{NodeScene, Status};
use web_sys::CanvasRenderingContext2d;

use super::geometry::{Point, micros, real};
use super::layout::Spot;
use super::node::{MOST_RINGS, ring_radius};
use super::palette::Palette;

/// Draws the rings of nodes at their spots. The ring of a clock that stands still is broken.
pub(crate) fn draw_rings(
    context: &CanvasRenderingContext2d,
    nodes: &[(&NodeScene, &Spot)],
    palette: &Palette,
    now_us: f64,
) {
    let radius = nodes.iter().map(|(_, spot)| spot.radius).fold(0.0, f64::max);
    for (has_several, runs) in [(false, true), (false, false), (true, true), (true, false)] {
        let of_this_kind = || {
            nodes.iter().filter(move |(node, _)| {
                let several = node.timers.len() > 1;
                let is_shown = node.status != Status::Down && !node.timers.is_empty();
                is_shown && several == has_several && (node.status == Status::Up) == runs
            })
        };
        if of_this_kind().next().is_none() {
            continue;
        }
        context.set_line_width((radius * 0.12).clamp(2.0, if has_several { 3.0 } else { 4.0 }));
        set_dashes(context, if runs { &[] } else { &[5.0, 6.0] });
        let rings = || of_this_kind().flat_map(|(node, spot)| rings_of(node, spot, now_us));
        trace(context, rings().map(|ring| Ring { left: 1.0, ..ring }));
        context.set_stroke_style_str(&palette.line);
        context.stroke();
        trace(context, rings());
        context.set_stroke_style_str(&palette.soft);
        context.stroke();
    }
    set_dashes(context, &[]);
    for (node, spot) in nodes.iter().filter(|(node, _)| node.timers.len() > 1) {
        ring_letters(context, node, spot, palette);
    }
}

/// Writes a letter on each of several rings, at its upper left, where it empties last.
fn ring_letters(
    context: &CanvasRenderingContext2d,
    node: &NodeScene,
    spot: &Spot,
    palette: &Palette,
) {
    if spot.radius < 16.0 || node.status == Status::Down {
        return;
    }
    let labels: Vec<&str> = node.timers.iter().map(|timer| timer.label.as_str()).collect();
    context.set_font(&format!("700 9px {}", palette.font));
    context.set_text_align("center");
    context.set_text_baseline("middle");
    for (ring, letter) in letters(&labels).into_iter().take(MOST_RINGS).enumerate() {
        let turn = -0.42 - 0.36 * real(ring);
        let radius = ring_radius(spot.radius, ring);
        let at = spot.at + Point::new(turn.sin(), -turn.cos()) * radius;
        context.begin_path();
        // An arc without radius would fail; this one has a constant radius.
        let _ = context.arc(at.x, at.y, 5.5, 0.0, TAU);
        context.set_fill_style_str(&palette.paper);
        context.fill();
        context.set_fill_style_str(&palette.ink);
        let _ = context.fill_text(letter.encode_utf8(&mut [0; 4]), at.x, at.y + 0.5);
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

/// Sets the pattern of dashes, none for a solid line.
pub(crate) fn set_dashes(context: &CanvasRenderingContext2d, dashes: &[f64]) {
    let dashes: js_sys::Array =
        dashes.iter().map(|&dash| wasm_bindgen::JsValue::from(dash)).collect();
    // Fails only for what is not a list of numbers.
    let _ = context.set_line_dash(&dashes);
}

/// Returns a letter for each label: its first that no label before it has taken.
pub(crate) fn letters(labels: &[&str]) -> Vec<char> {
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
