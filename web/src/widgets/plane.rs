//! One quantity against another: points and curves between two axes, each curve with a sign of its own.

use std::fmt::Write as _;

use faultline_core::view::{Curve, Plane, PlaneMark, Quantity};
use yew::{Html, classes, html};

use super::axis::{with_decimals, with_unit};
use super::datum::{tone_class, tone_sign};
use super::frame::{empty, framed};
use crate::stage::px;

/// The picture's width and height, and what is kept free for numbers: left, right, above and below.
const SIZE: (f64, f64) = (360.0, 210.0);
const ROOM: (f64, f64, f64, f64) = (46.0, 26.0, 10.0, 22.0);
/// More points of a curve than this are thinned out evenly; the words say how many there are.
const MOST_POINTS: usize = 300;
/// About so many numbers stand along an axis.
const TICKS: u8 = 4;

/// Draws a plane.
pub(super) fn plane(plane: &Plane, words: String) -> Html {
    let Some([x, y]) = plane.extent() else { return framed("widget-plane", &plane.label, empty()) };
    let ground = Ground { x: Side::new(x), y: Side::new(y) };
    let (width, height) = SIZE;
    let picture = html! {
        <svg viewBox={format!("0 0 {width} {height}")} role="img" aria-label={words}>
            { for ground.x.ticks.iter().map(|at| ground.tick(*at, None, &plane.x)) }
            { for ground.y.ticks.iter().map(|at| ground.tick(0, Some(*at), &plane.y)) }
            { for plane.marks.iter().map(|it| ground.mark(it)) }
            { for plane.curves.iter().enumerate().map(|(nth, it)| ground.curve(it, nth)) }
        </svg>
    };
    let side = |way: &str, it: &Quantity| {
        html! { <span>{ format!("{way} {}", with_unit(&it.name, &bracketed(&it.unit))) }</span> }
    };
    framed(
        "widget-plane",
        &plane.label,
        html! {<>
            { picture }
            <p class="plane-sides" aria-hidden="true">{ side("→", &plane.x) }{ side("↑", &plane.y) }</p>
            <ul class="plane-key" aria-hidden="true">
                { for plane.curves.iter().enumerate().map(|(nth, it)| key(it, nth)) }
            </ul>
        </>},
    )
}

fn bracketed(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!("({unit})") }
}

/// A curve by its sign and name.
fn key(curve: &Curve, nth: usize) -> Html {
    html! {
        <li class={classes!("plane-curve", tone_class(curve.tone))}>
            <svg width="14" height="14" viewBox="-7 -7 14 14">
                if curve.is_joined { <path class="plane-line" d="M-7 0H7" /> }
                <path class="plane-point" d={sign(nth, 0.0, 0.0)} />
            </svg>
            <span>{ &curve.name }</span>
            { tone_sign(curve.tone) }
        </li>
    }
}

/// Returns the outline of a curve's points: circle, square, triangle, diamond, and so on again.
fn sign(nth: usize, x: f64, y: f64) -> String {
    let at = |dx: f64, dy: f64| format!("{} {}", px(x + dx), px(y + dy));
    match nth % 4 {
        0 => format!("M{}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z", at(-3.0, 0.0)),
        1 => format!("M{}h5v5h-5Z", at(-2.5, -2.5)),
        2 => format!("M{}L{}L{}Z", at(0.0, -3.6), at(3.4, 2.6), at(-3.4, 2.6)),
        _ => format!("M{}L{}L{}L{}Z", at(0.0, -3.8), at(3.8, 0.0), at(0.0, 3.8), at(-3.8, 0.0)),
    }
}

/// From which value to which a side reaches, and the numbers along it.
#[derive(Debug, PartialEq)]
struct Side {
    low: f64,
    high: f64,
    ticks: Vec<i64>,
}

impl Side {
    #[expect(clippy::cast_precision_loss, reason = "a picture shows no more than a few digits")]
    fn new((low, high): (i64, i64)) -> Self {
        let step = step(low.abs_diff(high).div_ceil(TICKS.into()).max(1)).cast_signed();
        let first = low.div_euclid(step).saturating_mul(step);
        let beyond = |it: &i64| it.checked_add(step);
        let ticks: Vec<i64> = std::iter::successors(Some(first), beyond)
            .take_while(|it| it.saturating_sub(step) < high)
            .take(2 * usize::from(TICKS))
            .collect();
        let last = ticks.last().copied().unwrap_or(high).max(first.saturating_add(step));
        Self { low: first as f64, high: last as f64, ticks }
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture shows no more than a few digits")]
    fn share(&self, value: i64) -> f64 {
        (value as f64 - self.low) / (self.high - self.low)
    }
}

/// Rounds up to one, two or five times a power of ten.
fn step(least: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step >= least || step > u64::MAX / 10 {
                return step.min(i64::MAX.unsigned_abs());
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Where values lie in the picture.
struct Ground {
    x: Side,
    y: Side,
}

impl Ground {
    fn x(&self, value: i64) -> f64 {
        ROOM.0 + self.x.share(value) * (SIZE.0 - ROOM.0 - ROOM.1)
    }

    fn y(&self, value: i64) -> f64 {
        SIZE.1 - ROOM.3 - self.y.share(value) * (SIZE.1 - ROOM.2 - ROOM.3)
    }

    /// A number below the picture, or at its left.
    fn tick(&self, x: i64, y: Option<i64>, of: &Quantity) -> Html {
        let (right, bottom) = (SIZE.0 - ROOM.1, SIZE.1 - ROOM.3);
        let value = with_decimals(y.unwrap_or(x), of.decimals);
        if let Some(y) = y.map(|it| self.y(it)) {
            return html! {
                <g class="plane-tick">
                    <path d={format!("M{} {}H{}", px(ROOM.0), px(y), px(right))} />
                    <text class="is-left" x={px(ROOM.0 - 5.0)} y={px(y + 3.5)}>{ value }</text>
                </g>
            };
        }
        let x = self.x(x);
        html! {
            <g class="plane-tick">
                <path d={format!("M{} {}V{}", px(x), px(ROOM.2), px(bottom))} />
                <text x={px(x)} y={px(SIZE.1 - 7.0)}>{ value }</text>
            </g>
        }
    }

    fn mark(&self, mark: &PlaneMark) -> Html {
        let (x, y) = (mark.x.map(|it| self.x(it)), mark.y.map(|it| self.y(it)));
        let (right, bottom) = (SIZE.0 - ROOM.1, SIZE.1 - ROOM.3);
        let path = match (x, y) {
            (Some(x), Some(y)) => {
                format!("M{} {}h12M{} {}v12", px(x - 6.0), px(y), px(x), px(y - 6.0))
            }
            (Some(x), None) => format!("M{} {}V{}", px(x), px(ROOM.2), px(bottom)),
            (None, Some(y)) => format!("M{} {}H{}", px(ROOM.0), px(y), px(right)),
            (None, None) => return Html::default(),
        };
        // A name never leaves the picture: in the right half it stands at the left of its mark.
        let at = x.unwrap_or(right) + 4.0;
        let is_left = at > SIZE.0 / 2.0;
        let at = if is_left { at - 8.0 } else { at };
        html! {
            <g class="plane-mark">
                <path d={path} />
                <text class={is_left.then_some("is-left")} x={px(at)}
                    y={px(y.map_or(ROOM.2 + 10.0, |y| (y - 5.0).max(10.0)))}>{ &mark.name }</text>
            </g>
        }
    }

    fn curve(&self, curve: &Curve, nth: usize) -> Html {
        let every = curve.points.len().div_ceil(MOST_POINTS).max(1);
        let points = || curve.points.iter().step_by(every).map(|&(x, y)| (self.x(x), self.y(y)));
        let mut line = String::new();
        for (place, (x, y)) in points().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(line, "{}{} {}", if place == 0 { "M" } else { "L" }, px(x), px(y));
        }
        html! {
            <g class={classes!("plane-curve", tone_class(curve.tone))}>
                if curve.is_joined { <path class="plane-line" d={line} /> }
                <path class="plane-point" d={points().map(|(x, y)| sign(nth, x, y)).collect::<String>()} />
            </g>
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_along_a_side_are_round_and_hold_all_values() {
        let side = Side::new((3, 17));
        assert_eq!(side.ticks, [0, 5, 10, 15, 20]);
        assert!(side.share(3) > 0.0 && side.share(17) < 1.0);
        assert_eq!(Side::new((7, 7)).ticks.len(), 1);
        assert!(Side::new((7, 7)).share(7).is_finite());
        let widest = Side::new((i64::MIN, i64::MAX));
        assert!(widest.ticks.len() <= 2 * usize::from(TICKS) && widest.share(0).is_finite());
    }

    #[test]
    fn steps_are_one_two_or_five() {
        assert_eq!([1, 3, 6, 12, 40].map(step), [1, 5, 10, 20, 50]);
    }
}
