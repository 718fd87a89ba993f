//! Roles are shapes: the outline of each, around the origin, in a circle of a given radius.

use std::fmt::Write as _;

use faultline_core::view::Role;
use yew::{Html, html};

/// Returns a length or place as an attribute.
pub(crate) fn px(length: f64) -> String {
    // A tenth of a pixel is finer than any screen shows.
    let tenths = (length * 10.0).round() / 10.0;
    if tenths == 0.0 { "0".into() } else { tenths.to_string() }
}

/// Returns the place as a transform.
pub(crate) fn translate(x: f64, y: f64) -> String {
    format!("translate({} {})", px(x), px(y))
}

/// Returns the outline of a role. Fill and stroke come from the style sheet.
pub(crate) fn outline(role: Role, radius: f64) -> Html {
    let r = radius;
    match role {
        Role::Peer | Role::Follower => html! { <circle class="shape" r={px(r)} /> },
        Role::Candidate => html! { <circle class="shape shape-dashed" r={px(r)} /> },
        Role::Leader => html! { <circle class="shape shape-thick" r={px(r)} /> },
        Role::Client => html! {
            <rect class="shape" x={px(-0.92 * r)} y={px(-0.65 * r)} width={px(1.84 * r)}
                height={px(1.3 * r)} rx={px(0.28 * r)} />
        },
        Role::Coordinator => polygon(&[
            (1.08 * r, 0.0),
            (0.54 * r, 0.94 * r),
            (-0.54 * r, 0.94 * r),
            (-1.08 * r, 0.0),
            (-0.54 * r, -0.94 * r),
            (0.54 * r, -0.94 * r),
        ]),
        Role::Storage => cylinder(0.86 * r, 0.98 * r, 0.24 * r),
        Role::Queue => polygon(&[
            (-1.1 * r, -0.78 * r),
            (1.1 * r, -0.78 * r),
            (0.74 * r, 0.82 * r),
            (-0.74 * r, 0.82 * r),
        ]),
        Role::Gateway => shield(r),
    }
}

/// Returns a crown that stands on the origin.
pub(crate) fn crown(size: f64) -> Html {
    let d = format!(
        "M{0} 0l{1} {2} {3} {3} {4} {5} {4} {6} {3} -{3} {1} {7}z",
        px(-size),
        px(size / 6.0),
        px(-size),
        px(size / 2.0),
        px(size / 3.0),
        px(-size * 0.75),
        px(size * 0.75),
        px(size)
    );
    html! { <path class="crown" {d} /> }
}

/// Returns a snail around the origin: a shell that winds up, a foot and two horns.
pub(crate) fn snail(size: f64) -> Html {
    let at = |x: f64, y: f64| format!("{} {}", px(x * size), px(y * size));
    let arc = |radius: f64, x: f64, y: f64| {
        let radius = px(radius * size);
        format!("A{radius} {radius} 0 1 1 {}", at(x, y))
    };
    let shell = format!("M{}{}{}", at(0.1, 0.1), arc(0.28, -0.45, 0.0), arc(0.55, 0.5, 0.3));
    let foot = format!("M{}L{}L{}L{}", at(-1.0, 0.62), at(0.7, 0.62), at(1.0, 0.2), at(1.0, -0.2));
    let horn = format!("M{}L{}", at(1.0, 0.2), at(1.35, -0.1));
    html! {<>
        <circle r={px(size * 1.45)} />
        <path d={format!("{shell}{foot}{horn}")} />
    </>}
}

/// Returns a tray around the origin that is full to the brim.
pub(crate) fn full_inbox(size: f64) -> Html {
    let (half, top, floor) = (px(size * 0.9), px(size * -0.7), px(size * 0.8));
    let line = |y: f64| format!("M{0} {1}H{2}", px(size * -0.5), px(size * y), px(size * 0.5));
    let tray = format!("M-{half} {top}V{floor}H{half}V{top}");
    html! {<>
        <circle r={px(size * 1.45)} />
        <path d={format!("{tray}{}{}{}", line(-0.55), line(-0.1), line(0.35))} />
    </>}
}

/// Returns diagonal lines that fill a circle.
pub(crate) fn hatching(radius: f64) -> Html {
    let mut d = String::new();
    let step = (radius / 4.0).max(4.0);
    let mut offset = step / 2.0 - (radius / step).floor() * step;
    while offset < radius {
        // A chord at a distance from the middle, turned by an eighth.
        let half = (radius * radius - offset * offset).max(0.0).sqrt();
        let turned = |along: f64| {
            let across = std::f64::consts::FRAC_1_SQRT_2;
            (px((along + offset) * across), px((offset - along) * across))
        };
        let ((x1, y1), (x2, y2)) = (turned(-half), turned(half));
        // Writing to a string cannot fail.
        let _ = write!(d, "M{x1} {y1}L{x2} {y2}");
        offset += step;
    }
    html! { <path class="hatching" {d} /> }
}

fn polygon(corners: &[(f64, f64)]) -> Html {
    let points: Vec<String> =
        corners.iter().map(|&(x, y)| format!("{},{}", px(x), px(y))).collect();
    html! { <polygon class="shape" points={points.join(" ")} /> }
}

fn cylinder(half_width: f64, half_height: f64, rim: f64) -> Html {
    let (x, top, bottom) = (half_width, rim - half_height, half_height - rim);
    let arc = format!("A{} {} 0 0", px(x), px(rim));
    let body = format!("M{0} {1}V{2}{arc} 0 {3} {2}V{1}", px(-x), px(top), px(bottom), px(x));
    html! {<>
        <path class="shape" d={format!("{body}{arc} 0 {} {}Z", px(-x), px(top))} />
        <path class="shape-line" d={format!("M{0} {1}{arc} 0 {2} {1}", px(-x), px(top), px(x))} />
    </>}
}

fn shield(r: f64) -> Html {
    let d = format!(
        "M0 {top}L{side} {shoulder}V{waist}Q{side} {low} 0 {tip}\
         Q-{side} {low} -{side} {waist}V{shoulder}Z",
        top = px(-1.05 * r),
        side = px(0.9 * r),
        shoulder = px(-0.74 * r),
        waist = px(0.15 * r),
        low = px(0.78 * r),
        tip = px(1.1 * r),
    );
    html! { <path class="shape" {d} /> }
}
