//! Timer rings: the time left of each pending timer, around its node.

use std::f64::consts::{FRAC_PI_2, TAU};

use faultline_core::view::{NodeScene, Status};
use web_sys::CanvasRenderingContext2d;
use yew::{Html, html};

use super::geometry::{Point, micros, real};
use super::layout::Spot;
use super::node::{MOST_RINGS, ring_radius};
use super::palette::Palette;
use super::placing::Obstacle;
use super::shapes::px;

/// The rings of smaller nodes have no letters: nobody could read them.
const LEAST_LETTERED: f64 = 16.0;

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
}

/// Returns the letters of a node's timer rings, the innermost first; none if it has no rings.
pub(crate) fn letters_of(node: &NodeScene) -> Vec<char> {
    let timers = node.timers.iter().filter(|_| node.status != Status::Down);
    let labels: Vec<&str> = timers.take(MOST_RINGS).map(|timer| timer.label.as_str()).collect();
    letters(&labels)
}

/// Returns how large a crown is to each side.
pub(crate) fn crown_size(radius: f64) -> f64 {
    (radius * 0.35).max(5.0)
}

/// Returns the box of a crown over so many rings, from a node's middle.
pub(crate) fn crown_place(rings: usize, radius: f64) -> Obstacle {
    let half = (crown_size(radius), crown_size(radius) * 0.45);
    let foot = ring_radius(radius, rings.saturating_sub(1)) + 4.0;
    (Point::new(0.0, -foot - half.1), half)
}

/// Returns the boxes of the letters of so many rings, from a node's middle: beyond the outermost ring, in
/// a row that goes down to the left from beside the crown. One ring needs no letter.
pub(crate) fn letter_places(rings: usize, radius: f64) -> Vec<Obstacle> {
    if rings < 2 || radius < LEAST_LETTERED {
        return Vec::new();
    }
    let half = (radius * 0.19).clamp(4.5, 8.0);
    let away = ring_radius(radius, rings - 1) + half + 3.0;
    let first = ((crown_size(radius) + half + 1.0) / away).asin();
    let turn = |ring: usize| first + real(ring) * half * 2.1 / away;
    let place =
        |ring: usize| (Point::new(-turn(ring).sin(), -turn(ring).cos()) * away, (half, half));
    (0..rings).map(place).collect()
}

/// Draws the letters of several rings, each with a stroke that ends on its own.
pub(crate) fn ring_letters(letters: &[char], radius: f64) -> Html {
    let letter = |(ring, ((at, half), letter)): (usize, (Obstacle, &char))| {
        let ahead = at.unit();
        let (from, to) = (ahead * ring_radius(radius, ring), at - ahead * half.1);
        let d = format!("M{} {}L{} {}", px(from.x), px(from.y), px(to.x), px(to.y));
        html! {<>
            <path class="ring-tick" {d} />
            <text class="ring-letter" x={px(at.x)} y={px(at.y + half.1 * 0.7)}
                font-size={px(half.1 * 2.0)}>{ letter.to_string() }</text>
        </>}
    };
    let places = letter_places(letters.len(), radius).into_iter();
    html! { <>{ for places.zip(letters).enumerate().map(letter) }</> }
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

/// Returns a letter for each label: its first that no label before it has taken; of labels that differ in
/// a number only, such as "retry 118" and "retry 119", a digit in which they differ.
pub(crate) fn letters(labels: &[&str]) -> Vec<char> {
    let stem = |label: &str| label.trim_end_matches(|it: char| it.is_ascii_digit()).to_owned();
    let mut taken = Vec::new();
    for label in labels {
        let twins = || labels.iter().filter(|it| *it != label && stem(it) == stem(label));
        let number = || label[stem(label).len()..].chars().rev();
        // From the right: numbers that follow each other differ there.
        let digit = number().enumerate().find(|(place, digit)| {
            let differs = |twin: &&str| twin.chars().rev().nth(*place) != Some(*digit);
            twins().next().is_some() && twins().all(differs) && !taken.contains(digit)
        });
        let upper = || label.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase);
        let free = || upper().find(|letter| !taken.contains(letter));
        let letter = digit.map(|(_, digit)| digit).or_else(free).or_else(|| upper().next());
        taken.push(letter.unwrap_or('•'));
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_beyond_all_rings_beside_the_crown_and_beside_each_other() {
        assert!(letter_places(1, 30.0).is_empty(), "there is nothing to tell apart");
        for radius in [16.0, 24.0, 34.0, 68.0] {
            let places = letter_places(MOST_RINGS, radius);
            for (nth, (at, half)) in places.iter().enumerate() {
                assert!(at.length() - half.1 > ring_radius(radius, MOST_RINGS - 1), "{radius}");
                assert!(at.x + half.0 <= -crown_size(radius), "{radius}: {at:?}");
                for (other, _) in &places[..nth] {
                    assert!(at.distance(*other) >= half.0 * 2.0, "{radius}: {at:?}");
                }
            }
        }
    }

    #[test]
    fn each_ring_has_a_letter_of_its_own_if_there_is_one() {
        assert_eq!(letters(&["election", "heartbeat"]), ['E', 'H']);
        assert_eq!(letters(&["election", "elapse", "e"]), ['E', 'L', 'E']);
        assert_eq!(letters(&[""]), ['•']);
        assert_eq!(letters(&["retry 118", "retry 119"]), ['8', '9']);
        assert_eq!(letters(&["retry 9", "beat", "retry 10"]), ['9', 'B', '0']);
        assert_eq!(letters(&["retry 19", "retry 29"]), ['1', '2']);
        assert_eq!(letters(&["retry 7", "beat"]), ['R', 'B'], "one number needs no telling apart");
    }
}
