//! Links and what blocks them.

use std::collections::BTreeSet;
use std::rc::Rc;

use faultline_core::order::set_of;
use faultline_core::sim::NodeId;
use faultline_core::view::{CutScene, HoldScene, NodeScene, Role, Scene};
use yew::{Html, Properties, classes, component, html};

use super::contour::Region;
use super::cuts::Cuts;
use super::geometry::{Point, real};
use super::layout::{Layout, Spot};
use super::motion::{HELD_SHARE, Way};
use super::node::{id_at, reach};
use super::shapes::{px, translate};
use super::words::{link_in_words, since_in_words};
use crate::selection::Selection;

/// On a stage with more nodes, only links in use are drawn.
const MOST_LINKED: usize = 12;
/// A label with this much room around it has enough.
const ROOM_ENOUGH: f64 = 16.0;
/// More single cuts than this have no time beside them: it would hide the stage.
const MOST_DATED: usize = 4;
/// More single cuts, or holds, than this are not drawn: they would hide each other.
const MOST_BARBS: usize = 150;

/// Lists the pairs of nodes between which a line stands: all that are not clients if they are few,
/// and all of what is selected. Other links show while they are in use.
pub(crate) fn pairs(nodes: &[NodeScene], selected: Option<Selection>) -> Vec<(NodeId, NodeId)> {
    let has_few = nodes.iter().filter(|node| !is_client(node)).count() <= MOST_LINKED;
    if !has_few && selected.is_none() {
        return Vec::new();
    }
    let mut pairs = Vec::new();
    for (index, one) in nodes.iter().enumerate() {
        for (other_index, other) in nodes.iter().enumerate().skip(index + 1) {
            let (from, to) = (id_at(index), id_at(other_index));
            let stands = has_few && !is_client(one) && !is_client(other);
            let is_meant = || match selected {
                Some(Selection::Message(_)) | None => false,
                Some(selected) => selected.touches(from, to),
            };
            if stands || (is_meant() && !(is_client(one) && is_client(other))) {
                pairs.push((from, to));
            }
        }
    }
    pairs
}

fn is_client(node: &NodeScene) -> bool {
    node.view.role == Role::Client
}

/// Lists the pairs of nodes with a message on its way between them.
pub(crate) fn in_use(scene: &Scene) -> BTreeSet<(NodeId, NodeId)> {
    let fallen = scene.fallen.iter().filter(|fallen| fallen.at_us > scene.now_us);
    let on_way = scene.messages.iter().chain(fallen.map(|fallen| &fallen.message));
    let names = on_way.map(|message| message.name);
    set_of(names.map(|name| (name.from.min(name.to), name.from.max(name.to))))
}

/// Returns the lines between nodes, dashed where nothing gets through either way. Those of the
/// selection are buttons; were all of them, a keyboard would need dozens of strokes to get past.
pub(crate) fn links(
    scene: &Scene,
    layout: &Layout,
    cuts: Option<&Cuts>,
    selected: Option<Selection>,
) -> Html {
    let line = |(one, other): (NodeId, NodeId)| {
        let (Some(from), Some(to)) =
            (layout.spots.get(one.index()), layout.spots.get(other.index()))
        else {
            return Html::default();
        };
        let is_near = selected.is_some_and(|selected| selected.touches(one, other));
        let is_selected = selected == Some(Selection::link(one, other));
        let is_severed = cuts.is_some_and(|cuts| cuts.severed.contains(&(one, other)));
        let class = classes!(
            "stage-link",
            is_selected.then_some("is-selected"),
            is_severed.then_some("is-severed"),
        );
        let ends = [from.at.x, from.at.y, to.at.x, to.at.y].map(px);
        let [x1, y1, x2, y2] = ends;
        let line = html! { <line {x1} {y1} {x2} {y2} /> };
        let key = format!("{}-{}", one.0, other.0);
        if is_near {
            html! {
                <g {class} {key} data-link={format!("{}-{}", one.0, other.0)} tabindex="0"
                    role="button" aria-label={link_in_words(scene, one, other)}
                    aria-pressed={is_selected.to_string()}>{ line }</g>
            }
        } else {
            html! { <g {class} {key} aria-hidden="true">{ line }</g> }
        }
    };
    html! { <g class="stage-links">{ for pairs(&scene.nodes, selected).into_iter().map(line) }</g> }
}

/// Properties of [`Partition`].
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct PartitionProps {
    pub(crate) cuts: Rc<Cuts>,
    pub(crate) layout: Rc<Layout>,
    /// For each side: who is on it.
    pub(crate) names: Vec<String>,
}

/// Draws a split network: all sides but the largest as tinted regions, each in one piece and with a
/// dashed line around it, which say who is cut off.
#[component]
pub(crate) fn Partition(props: &PartitionProps) -> Html {
    let places = |side: &Vec<NodeId>| -> Vec<Point> {
        let spots = side.iter().filter_map(|id| props.layout.spots.get(id.index()));
        let mut places: Vec<Point> = spots.map(|spot| spot.at).collect();
        // Members of a group that is drawn as one are all at one place.
        places.dedup();
        places
    };
    let sides: Vec<Vec<Point>> = props.cuts.sides.iter().map(places).collect();
    if sides.len() < 2 {
        return Html::default();
    }
    let largest = props.layout.spots.iter().map(|spot| spot.radius).fold(0.0, f64::max);
    let clear = reach(largest, 1) + 8.0;
    let since = since_in_words(props.cuts.since_us, props.cuts.period_us);
    let class = classes!("stage-partition", (!props.cuts.blocks).then_some("is-open"));
    let mut taken = Vec::new();
    let mut side = |index: usize| {
        let mut others = sides.clone();
        let side = others.remove(index);
        let region = Region::around(&side, &others, clear, props.layout.area);
        let name = props.names.get(index).map_or("", String::as_str);
        let text = format!("{name} cut off {since}");
        let label = label_place(&region, &props.layout, text.chars().count(), &taken);
        taken.extend(label);
        html! {<>
            <path class="region" d={region.fill_path()} />
            <path class="region-border" d={region.border_path()} />
            if let Some(at) = label {
                <text class="region-since" x={px(at.x)} y={px(at.y - 6.0)}
                    font-size={px(props.layout.label_text * 0.96)}>{ text }</text>
            }
        </>}
    };
    html! { <g {class} aria-hidden="true">{ for (1..sides.len()).map(&mut side) }</g> }
}

/// Returns where on the line around a side there is most room for its label, beside those that have
/// their places.
fn label_place(region: &Region, layout: &Layout, letters: usize, taken: &[Point]) -> Option<Point> {
    let half = real(letters) * layout.label_text * 0.29;
    let room = |at: &Point| {
        let from_nodes = layout.spots.iter().map(|spot| {
            // Labels hang below nodes, so a place below a node is closer than it looks.
            let middle = spot.at + Point::new(0.0, spot.radius * 0.6);
            middle.distance(*at) - spot.radius - half
        });
        from_nodes.fold(layout.area.width, f64::min)
    };
    let fits = |at: &Point| at.x > half + 8.0 && at.x < layout.area.width - half - 8.0;
    // In the upper corners are the buttons.
    let is_uncovered = |at: &Point| {
        at.y > 60.0 || (at.x - half > 108.0 && at.x + half < layout.area.width - 200.0)
    };
    let is_high_enough = |at: &Point| at.y > 24.0 && at.y < layout.area.height - 80.0;
    let is_taken = |at: &Point| {
        let meets = |other: &Point| {
            (other.y - at.y).abs() < layout.line_height() && (other.x - at.x).abs() < half * 2.2
        };
        taken.iter().any(meets)
    };
    let border = region.border().into_iter().flatten();
    border
        .filter(|at| fits(at) && is_uncovered(at) && is_high_enough(at) && !is_taken(at))
        // Anywhere with room enough; of those places, the rightmost is the quietest.
        .max_by(|one, other| {
            let enough = |at: &Point| room(at).min(ROOM_ENOUGH);
            enough(one).total_cmp(&enough(other)).then(one.x.total_cmp(&other.x))
        })
}

/// Returns the marks of directions that are blocked within a side: an arrow with a single barb that
/// ends at a bar before the receiver.
pub(crate) fn barbs(cuts: &Cuts, layout: &Layout) -> Html {
    let is_shown = |cut: &&CutScene| {
        let is_hidden = |id: NodeId| layout.spots.get(id.index()).is_none_or(|it| it.is_hidden);
        !is_hidden(cut.from) && !is_hidden(cut.to)
    };
    let is_dated = cuts.single.len() <= MOST_DATED;
    let barb = |cut: &CutScene| {
        let (Some(from), Some(to)) =
            (layout.spots.get(cut.from.index()), layout.spots.get(cut.to.index()))
        else {
            return Html::default();
        };
        barb(cut, from, to, is_dated.then_some(layout.label_text))
    };
    let shown = cuts.single.iter().filter(is_shown).take(MOST_BARBS);
    html! { <g class="stage-barbs" aria-hidden="true">{ for shown.map(barb) }</g> }
}

/// Returns the marks of held directions: a brake of two bars before the receiver, at which what has
/// come that far waits.
pub(crate) fn brakes(holds: &[HoldScene], layout: &Layout) -> Html {
    let brake = |hold: &HoldScene| {
        let from = layout.spots.get(hold.from.index())?;
        let to = layout.spots.get(hold.to.index())?;
        let way = Way::new(from, to, false);
        let ahead = (way.to - way.from).unit();
        let half = ahead.turned() * (to.radius * 0.3).clamp(6.0, 12.0);
        let bar = |away: f64| {
            let at = way.at(HELD_SHARE) + ahead * away;
            let (one, other) = (at + half, at - half);
            format!("M{} {}L{} {}", px(one.x), px(one.y), px(other.x), px(other.y))
        };
        Some(html! { <path d={format!("{}{}", bar(4.0), bar(9.0))} /> })
    };
    html! { <g class="stage-brakes" aria-hidden="true">{ for holds.iter().take(MOST_BARBS).filter_map(brake) }</g> }
}

fn barb(cut: &CutScene, from: &Spot, to: &Spot, dated: Option<f64>) -> Html {
    let ahead = (to.at - from.at).unit();
    let aside = ahead.turned();
    let free = from.at.distance(to.at) - reach(from.radius, 1) - reach(to.radius, 1);
    let length = (free * 0.4).clamp(8.0, 54.0);
    let lane = to.at + aside * (to.radius * 0.18).min(6.0);
    // Who comes from below ends before the receiver's label.
    let label = if ahead.y < -0.55 && to.label_letters > 0 { to.radius * 0.8 } else { 0.0 };
    let bar = lane - ahead * (reach(to.radius, 1) + 10.0 + label);
    let tail = bar - ahead * length;
    let half = aside * (to.radius * 0.34).clamp(5.0, 13.0);
    let (one, other) = (bar + half, bar - half);
    // The single barb, on the outer side of the lane.
    let tip = bar - ahead * 3.0;
    let barb = tip - ahead * 9.0 + aside * 7.0;
    let d = format!(
        "M{} {}L{} {}L{} {}M{} {}L{} {}",
        px(tail.x),
        px(tail.y),
        px(tip.x),
        px(tip.y),
        px(barb.x),
        px(barb.y),
        px(one.x),
        px(one.y),
        px(other.x),
        px(other.y),
    );
    let text_at = bar - ahead * (length * 0.5) + aside * 16.0;
    html! {
        <g class={classes!("stage-barb", (!cut.blocks).then_some("is-open"))}>
            <path {d} />
            if let Some(size) = dated {
                <text transform={translate(text_at.x, text_at.y + 4.0)} font-size={px(size * 0.88)}>
                    { since_in_words(cut.since_us, cut.period_us) }
                </text>
            }
        </g>
    }
}
