//! Links and what blocks them.

use std::collections::BTreeSet;

use faultline_core::order::set_of;
use faultline_core::sim::NodeId;
use faultline_core::view::{CutScene, HoldScene, NodeScene, Role, Scene};
use yew::{Html, classes, html};

use super::cuts::Cuts;
use super::geometry::{Point, real};
use super::layout::{LETTER_WIDTH, Layout, Spot};
use super::motion::{HELD_SHARE, Way};
use super::node::{id_at, reach};
use super::placing::{Obstacle, Room, labels, obstacles};
use super::shapes::{px, translate};
use super::words::{link_in_words, since_in_words};
use crate::selection::Selection;

/// On a stage with more nodes, only links in use are drawn.
const MOST_LINKED: usize = 12;
/// More marks of cuts than this are faint, and have no time beside them: they would hide the stage.
const MOST_DATED: usize = 4;
/// More marks of cuts, or holds, than this are not drawn: they would hide each other.
const MOST_BARBS: usize = 150;
/// No more single cuts than this are looked through for them.
const MOST_CUTS: usize = 600;
/// Two nodes that are closer than this have a bar between them for what is cut.
const LEAST_FREE: f64 = 30.0;
/// The size of the words beside a mark, as a share of a label's.
const DATE_SIZE: f64 = 0.88;

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
        let Some(way) = layout.link(one, other) else { return Html::default() };
        let is_near = selected.is_some_and(|selected| selected.touches(one, other));
        let is_selected = selected == Some(Selection::link(one, other));
        let is_severed = cuts.is_some_and(|cuts| cuts.severed.contains(&(one, other)));
        let class = classes!(
            "stage-link",
            is_selected.then_some("is-selected"),
            is_severed.then_some("is-severed"),
        );
        let line = html! { <path d={path_of(&way)} /> };
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

/// The mark of a direction that is blocked within a side, or of both.
pub(crate) struct Mark {
    path: String,
    is_open: bool,
    /// When it was cut and where that is written, if there are few marks and there is room.
    pub(crate) since: Option<(String, Obstacle)>,
}

/// Returns the marks of directions that are blocked within a side: where nothing gets through either
/// way, a bar across the middle of the link, or before the client whose link it is; else an arrow with a single barb that ends at a bar
/// before the receiver. Between clients nothing would go anyway. When it was
/// cut is said where that lies on nothing and on none of the other `words`.
pub(crate) fn marks(
    nodes: &[NodeScene],
    cuts: &Cuts,
    layout: &Layout,
    words: impl Iterator<Item = Obstacle>,
) -> Vec<Mark> {
    if cuts.single.is_empty() {
        return Vec::new();
    }
    let spot = |id: NodeId| layout.spots.get(id.index()).filter(|spot| !spot.is_hidden);
    let asks = |id: NodeId| nodes.get(id.index()).is_some_and(is_client);
    let is_both = |cut: &CutScene| {
        let is_back = |it: &CutScene| (it.from, it.to, it.blocks) == (cut.to, cut.from, cut.blocks);
        cuts.single.iter().any(is_back)
    };
    // One of both directions stands for both.
    let shown = cuts.single.iter().take(MOST_CUTS).filter_map(|cut| {
        let (ends, is_both) = (spot(cut.from).zip(spot(cut.to))?, is_both(cut));
        let is_meant = (!is_both || cut.from < cut.to) && !(asks(cut.from) && asks(cut.to));
        is_meant.then_some((cut, ends, is_both))
    });
    let shown: Vec<_> = shown.take(MOST_BARBS).collect();
    let mut room =
        Room::beside(obstacles(&labels(nodes, layout), layout).into_iter().chain(words).collect());
    let is_dated = shown.len() <= MOST_DATED;
    let mark = |(cut, (from, to), is_both): (&CutScene, (&Spot, &Spot), bool)| {
        let (path, at) = match (is_both, asks(cut.from), asks(cut.to)) {
            (false, ..) => barb((cut.from, from), (cut.to, to), layout),
            (true, false, false) => gate(cut.from, cut.to, layout),
            // No line stands between these: it is the client's end that is seen.
            (true, true, _) => stub(from, to),
            (true, false, true) => stub(to, from),
        };
        let text = since_in_words(cut.since_us, cut.period_us);
        let size = layout.label_text * DATE_SIZE;
        let half = (real(text.chars().count()) * size * LETTER_WIDTH / 2.0, size * 0.6);
        let since = (is_dated && room.take((at, half))).then_some((text, (at, half)));
        Mark { path, is_open: !cut.blocks, since }
    };
    shown.into_iter().map(mark).collect()
}

/// Draws the marks of cuts; if they are many, faintly.
pub(crate) fn barbs(marks: &[Mark], layout: &Layout) -> Html {
    let size = layout.label_text * DATE_SIZE;
    let draw = |mark: &Mark| {
        html! {
            <g class={classes!("stage-barb", mark.is_open.then_some("is-open"))}>
                <path d={mark.path.clone()} />
                if let Some((text, (at, _))) = &mark.since {
                    <text transform={translate(at.x, at.y + size * 0.35)} font-size={px(size)}>
                        { text }
                    </text>
                }
            </g>
        }
    };
    let class = classes!("stage-barbs", (marks.len() > MOST_DATED).then_some("are-many"));
    html! { <g {class} aria-hidden="true">{ for marks.iter().map(draw) }</g> }
}

/// Returns the marks of held directions: a brake of two bars before the receiver, at which what has
/// come that far waits.
pub(crate) fn brakes(holds: &[HoldScene], layout: &Layout) -> Html {
    let brake = |hold: &HoldScene| {
        let to = layout.spots.get(hold.to.index())?;
        let way = layout.way(hold.from, hold.to, false)?;
        let ahead = way.ahead(HELD_SHARE);
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

/// Returns a bar across a link, as near to its middle as no other node is there, and where words about
/// it go.
fn gate(from: NodeId, to: NodeId, layout: &Layout) -> (String, Point) {
    const SHARES: [f64; 7] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];
    let Some(way) = layout.link(from, to) else { return <(String, Point)>::default() };
    let is_free = |share: &f64| {
        let mut shown = layout.spots.iter().filter(|spot| !spot.is_hidden);
        shown.all(|spot| spot.at.distance(way.at(*share)) >= reach(spot.radius, 1) + 4.0)
    };
    let share = SHARES.into_iter().find(is_free).unwrap_or(0.5);
    let (middle, aside) = (way.at(share), way.ahead(share).turned());
    (line(&[middle + aside * 8.0, middle - aside * 8.0]), middle + aside * 16.0)
}

/// Returns a short way out of a client that ends at a bar, and where words about it go.
fn stub(client: &Spot, to: &Spot) -> (String, Point) {
    let ahead = (to.at - client.at).unit();
    let start = client.at + ahead * (reach(client.radius, 1) + 3.0);
    let (bar, aside) = (start + ahead * 16.0, ahead.turned() * 6.0);
    let path = format!("{}{}", line(&[start, bar]), line(&[bar + aside, bar - aside]));
    (path, bar + ahead * 30.0)
}

/// Returns a way as SVG path data.
fn path_of(way: &Way) -> String {
    let [from, to] = [way.from, way.to].map(|at| format!("{} {}", px(at.x), px(at.y)));
    match way.control() {
        Some(by) => format!("M{from}Q{} {} {to}", px(by.x), px(by.y)),
        None => format!("M{from}L{to}"),
    }
}

/// Returns a line through points as SVG path data.
fn line(points: &[Point]) -> String {
    let places: Vec<String> =
        points.iter().map(|at| format!("{} {}", px(at.x), px(at.y))).collect();
    format!("M{}", places.join("L"))
}

/// Returns an arrow with a single barb that ends at a bar, and where words about it go.
fn barb(
    (sender, from): (NodeId, &Spot),
    (receiver, to): (NodeId, &Spot),
    layout: &Layout,
) -> (String, Point) {
    let ahead = (to.at - from.at).unit();
    let aside = ahead.turned();
    let free = from.at.distance(to.at) - reach(from.radius, 1) - reach(to.radius, 1);
    if free < LEAST_FREE {
        // There is no room for an arrow between the two.
        return gate(sender, receiver, layout);
    }
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
    let d = format!("{}{}", line(&[tail, tip, barb]), line(&[one, other]));
    (d, bar - ahead * (length * 0.5) + aside * 16.0)
}
