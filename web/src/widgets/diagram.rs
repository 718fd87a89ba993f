//! A scenario's block diagram: who there is, layer by layer, and what flows between them.

use faultline_core::view::Role;
use yew::{Html, html};

use crate::stage::{Point, outline, px, real, role_name, translate, wrap};

/// The radius of a box's shape.
const RADIUS: f64 = 25.0;
/// Between two boxes of a layer.
const ROW: f64 = 104.0;
/// How wide a letter of a label is, at most.
const LETTER: f64 = 6.6;
/// A name has at most this many letters a line.
const NAME_LETTERS: usize = 16;

/// Properties of [`block_diagram`].
pub struct BlockDiagramProps {
    /// Name, part played, and layer, counted from the left.
    pub boxes: Vec<(String, Role, u8)>,
    /// From which box to which, and what flows.
    pub arrows: Vec<(u8, u8, String)>,
}

/// Draws boxes in layers from left to right, with arrows between them.
pub fn block_diagram(props: &BlockDiagramProps) -> Html {
    if props.boxes.is_empty() {
        return Html::default();
    }
    let plan = Plan::new(props);
    let (width, height) = (px(plan.width), px(plan.height));
    // Smaller than this, its words could not be read; then it scrolls.
    let least = px(plan.width * 0.72);
    html! {
        <div class="diagram">
            <div class="widget-scroll" tabindex="0" role="group" aria-label="Block diagram">
                <svg aria-hidden="true" style={format!("max-width:{width}px;min-width:{least}px")}
                    viewBox={format!("0 0 {width} {height}")}>
                    { for props.arrows.iter().map(|arrow| plan.arrow(arrow, &props.arrows)) }
                    { for props.boxes.iter().zip(&plan.places).map(|(one, at)| block(one, *at)) }
                </svg>
            </div>
            <ul class="visually-hidden">
                { for in_words(props).into_iter().map(|line| html! { <li>{ line }</li> }) }
            </ul>
        </div>
    }
}

/// Where the boxes stand.
struct Plan {
    places: Vec<Point>,
    width: f64,
    height: f64,
}

impl Plan {
    fn new(props: &BlockDiagramProps) -> Self {
        let layers =
            props.boxes.iter().map(|&(_, _, layer)| usize::from(layer)).max().unwrap_or(0) + 1;
        let in_layer = |layer: usize| {
            props.boxes.iter().filter(move |(_, _, of)| usize::from(*of) == layer).count()
        };
        let most = (0..layers).map(in_layer).max().unwrap_or(1);
        let longest =
            props.arrows.iter().map(|(_, _, what)| what.chars().count()).max().unwrap_or(0);
        let column = (real(longest) * LETTER + RADIUS * 2.0 + 36.0).max(128.0);
        // What stands above a box, or beside an arrow within a layer, is centred there.
        let layer = |index: u8| props.boxes.get(usize::from(index)).map(|&(_, _, layer)| layer);
        let upright = props.arrows.iter().filter(|(from, to, _)| layer(*from) == layer(*to));
        let widest = upright.map(|(_, _, what)| what.chars().count()).max().unwrap_or(0);
        let margin = (real(widest) * LETTER / 2.0 + 4.0).max(64.0);
        let height = real(most) * ROW + 14.0;
        let mut rows_taken = vec![0; layers];
        let place = |(_, _, layer): &(String, Role, u8)| {
            let layer = usize::from(*layer);
            let row = real(rows_taken[layer]) - (real(in_layer(layer)) - 1.0) / 2.0;
            rows_taken[layer] += 1;
            Point::new(margin + real(layer) * column, height / 2.0 - 14.0 + row * ROW)
        };
        let places = props.boxes.iter().map(place).collect();
        Self { places, width: margin * 2.0 + real(layers - 1) * column, height }
    }

    /// Draws an arrow with its label. Arrows both ways between two boxes keep to the right.
    fn arrow(&self, (from, to, what): &(u8, u8, String), all: &[(u8, u8, String)]) -> Html {
        let place = |index: u8| self.places.get(usize::from(index)).copied();
        let (Some(start), Some(end)) = (place(*from), place(*to)) else { return Html::default() };
        if from == to {
            return self_arrow(start, what);
        }
        let goes_back = all.iter().any(|(other, back, _)| (other, back) == (to, from));
        let ahead = (end - start).unit();
        let aside = ahead.turned() * if goes_back { 8.0 } else { 0.0 };
        let (from, to) =
            (start + ahead * (RADIUS + 6.0) + aside, end - ahead * (RADIUS + 8.0) + aside);
        // Past a box on the way, in a bow above it.
        let is_blocked = self
            .places
            .iter()
            .any(|&at| at != start && at != end && at.distance_to_stretch(from, to) < RADIUS + 4.0);
        let bend = if is_blocked { Point::new(0.0, -ROW * 0.72) } else { Point::default() };
        let middle = from.towards(to, 0.5) + bend;
        let control = from.towards(to, 0.5) + bend * 2.0;
        let heading = (to - control).unit();
        let above = if goes_back && aside.y > 0.0 { 15.0 } else { -6.0 };
        html! {
            <g class="diagram-arrow">
                <path d={format!("M{} {}Q{} {} {} {}", px(from.x), px(from.y), px(control.x),
                    px(control.y), px(to.x), px(to.y))} />
                <path class="tip" d={tip(to, heading)} />
                <text x={px(middle.x)} y={px(middle.y + above)}>{ what }</text>
            </g>
        }
    }
}

/// Draws an arrow from a box to others of its kind: a loop above it.
fn self_arrow(at: Point, what: &str) -> Html {
    let (left, right) = (at + Point::new(-9.0, -RADIUS - 3.0), at + Point::new(9.0, -RADIUS - 5.0));
    let d = format!("M{0} {1}c-10 -22 28 -22 {2} -2", px(left.x), px(left.y), px(right.x - left.x));
    html! {
        <g class="diagram-arrow">
            <path {d} />
            <path class="tip" d={tip(right, Point::new(-0.4, 1.0).unit())} />
            <text x={px(at.x)} y={px(at.y - RADIUS - 22.0)}>{ what }</text>
        </g>
    }
}

fn tip(at: Point, heading: Point) -> String {
    let (base, side) = (at - heading * 8.0, heading.turned() * 4.0);
    let (one, other) = (base + side, base - side);
    format!(
        "M{} {}L{} {}L{} {}Z",
        px(at.x),
        px(at.y),
        px(one.x),
        px(one.y),
        px(other.x),
        px(other.y)
    )
}

fn block((name, role, _): &(String, Role, u8), at: Point) -> Html {
    let line = |(index, line): (usize, String)| {
        html! { <text y={px(RADIUS + 19.0 + real(index) * 14.0)}>{ line }</text> }
    };
    html! {
        <g class="diagram-box" transform={translate(at.x, at.y)}>
            { outline(*role, RADIUS) }
            { for wrap(name, NAME_LETTERS, 2).into_iter().enumerate().map(line) }
        </g>
    }
}

fn in_words(props: &BlockDiagramProps) -> Vec<String> {
    let name =
        |index: u8| props.boxes.get(usize::from(index)).map_or("nothing", |(name, _, _)| name);
    let boxes = props.boxes.iter().map(|(name, role, _)| format!("{name}: {}", role_name(*role)));
    let arrows = props
        .arrows
        .iter()
        .map(|(from, to, what)| format!("{} to {}: {what}", name(*from), name(*to)));
    boxes.chain(arrows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn props() -> BlockDiagramProps {
        let block = |name: &str, role, layer| (name.to_owned(), role, layer);
        BlockDiagramProps {
            boxes: vec![
                block("Clients", Role::Client, 0),
                block("Leader", Role::Leader, 1),
                block("Follower", Role::Follower, 2),
                block("Follower", Role::Follower, 2),
            ],
            arrows: vec![(0, 1, "write".into()), (1, 9, "nowhere".into())],
        }
    }

    #[test]
    fn layers_stand_from_left_to_right_and_boxes_below_each_other() {
        let plan = Plan::new(&props());
        let [clients, leader, one, other] = plan.places[..] else { panic!("four boxes") };
        assert!(clients.x < leader.x && leader.x < one.x);
        assert!((one.x - other.x).abs() < 1e-9 && one.y + 2.0 * RADIUS < other.y);
        assert!((leader.y - f64::midpoint(one.y, other.y)).abs() < 1e-9);
        assert!(plan.places.iter().all(|at| at.x < plan.width && at.y < plan.height));
    }

    #[test]
    fn the_words_say_all_boxes_and_arrows() {
        let words = in_words(&props());
        assert_eq!(words[0], "Clients: client");
        assert_eq!(words[4], "Clients to Leader: write");
        assert_eq!(words[5], "Leader to nothing: nowhere");
    }
}
