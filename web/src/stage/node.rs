//! A node on the stage: the shape of its role, its epoch or value, and what is wrong with it.

use std::rc::Rc;

use faultline_core::sim::{Costs, NodeId};
use faultline_core::view::{LoadScene, NodeScene, NodeView, Role, Status};
use yew::{Html, Properties, classes, component, html};

use super::fit::{LEAST_NAME, LEAST_TEXT, fitting, room_for_words, shortened, widest};
use super::geometry::{Point, real};
use super::hue::hue_class;
use super::inside::Inside;
use super::knowledge::known_role;
use super::layout::{LABEL_LINES, Layout, Spot};
use super::placing::Obstacle;
use super::rings::{crown_place, letters_of, ring_letters};
use super::shapes::{crown, full_inbox, hatching, outline, px, snail, translate};
use super::words::{clock_badge, node_in_words, role_name, wrap};
use crate::epoch::epoch_in_words;

/// At most this many timers have a ring.
pub(crate) const MOST_RINGS: usize = 3;

/// A line of a label, in heights of its letters.
pub(crate) const LINE: f64 = 1.22;
/// The size of what is in a cell, as a share of a label's.
const CELL_TEXT: f64 = 0.88;

/// A radius below which there is no room for words inside a node.
const ROOM_FOR_WORDS: f64 = 23.0;

/// Returns the radius of a node's timer ring, the innermost first.
pub(crate) fn ring_radius(radius: f64, ring: usize) -> f64 {
    radius + (radius * 0.23).clamp(3.0, 12.0) + real(ring) * 4.0
}

/// Returns how far a node reaches with its timer rings.
pub(crate) fn reach(radius: f64, rings: usize) -> f64 {
    if rings == 0 { radius + 2.0 } else { ring_radius(radius, rings - 1) + 2.0 }
}

/// Properties of [`NodeShape`]: all that its picture depends on, so that it is drawn anew only when
/// the picture changes.
#[derive(Clone, PartialEq, Properties)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own")]
pub(crate) struct NodeShapeProps {
    pub(crate) spot: Spot,
    pub(crate) label_text: f64,
    pub(crate) node: Face,
    pub(crate) is_selected: bool,
    pub(crate) is_broken: bool,
    /// Whether it is on the side that is being cut off.
    pub(crate) is_marked: bool,
    /// Whether it does not look alike in two runs.
    pub(crate) differs: bool,
    /// Whether two runs first part in it, at this moment.
    pub(crate) parts: bool,
}

/// What a node's picture shows of the node.
#[derive(Clone, PartialEq)]
pub(crate) struct Face {
    node: NodeScene,
    /// What it holds, as far as there is room for that below its words.
    inside: Option<Inside>,
    /// Whether it is seen by somebody who knows only of its existence.
    is_unknown: bool,
    /// Whether the last step changed it.
    has_changed: bool,
    /// The letters of its timer rings, the innermost first.
    rings: Rc<[char]>,
}

impl Face {
    /// Takes what somebody sees who has only heard from the node: that was then, as `heard` says.
    pub(crate) fn unknown(node: &NodeScene, heard: String) -> Self {
        let role = known_role(node.view.role);
        let view = NodeView { role, label: heard, ..NodeView::default() };
        let plain = NodeScene {
            view,
            status: Status::Up,
            clock_error_us: 0,
            load: LoadScene::default(),
            slowness_us: 0,
            timers: Vec::new(),
            ..node.clone()
        };
        Self { is_unknown: true, ..Self::of(&plain) }
    }

    /// Says whether the last step changed the node.
    pub(crate) fn marked(self, has_changed: bool) -> Self {
        Self { has_changed, ..self }
    }

    /// Takes what the picture shows, and leaves what only the inspector shows.
    pub(crate) fn of(node: &NodeScene) -> Self {
        // Of a crashed node this is what its disk would give back.
        let inside = Inside::of(&node.view);
        let NodeView { role, epoch, pips, .. } = node.view;
        let (label, value) = (node.view.label.clone(), node.view.value.clone());
        let value_means = node.view.value_means.clone();
        let rings = letters_of(node).into();
        let node = NodeScene {
            id: node.id,
            name: node.name.clone(),
            status: node.status,
            view: NodeView { role, label, epoch, value, value_means, pips, ..NodeView::default() },
            timers: Vec::new(),
            // No finer than it is shown.
            clock_error_us: node.clock_error_us / 1_000 * 1_000,
            drift_ppm: 0,
            // A full inbox is as long as it can be: it does not change from frame to frame.
            load: if node.load.is_full() { full(&node.load) } else { LoadScene::default() },
            slowness_us: node.slowness_us,
            has_fallible_disk: false,
            costs: Costs::default(),
            state_digest: 0,
        };
        Self { node, inside, is_unknown: false, has_changed: false, rings }
    }
}

/// Returns of a full inbox's load what the picture shows.
fn full(load: &LoadScene) -> LoadScene {
    LoadScene { inbox: load.inbox, inbox_limit: load.inbox_limit, ..LoadScene::default() }
}

/// Draws a node. Its shape is a button; what pressing it does is the stage's business.
///
/// The button's name says everything in full. The words of the drawing, which are shortened and
/// broken into lines, stand beside the button and not in it: a button is called by what is written on
/// it, word for word.
#[component]
pub(crate) fn NodeShape(props: &NodeShapeProps) -> Html {
    let Spot { at, radius, .. } = props.spot;
    let node = &props.node.node;
    let class = classes!(
        "stage-node",
        node.view.epoch.map(hue_class),
        (node.status == Status::Down).then_some("is-down"),
        (node.status == Status::Paused).then_some("is-paused"),
        props.is_selected.then_some("is-selected"),
        props.is_broken.then_some("is-broken"),
        props.is_marked.then_some("is-marked"),
        props.node.is_unknown.then_some("is-unknown"),
    );
    let around = px(reach(radius, MOST_RINGS) + 1.0);
    html! {
        <g {class} transform={translate(at.x, at.y)}>
            <g class="node-button" data-node={node.id.0.to_string()} tabindex="0" role="button"
                aria-label={in_words(&props.node, props.is_broken)}
                aria-pressed={(props.is_selected || props.is_marked).to_string()}>
                if props.is_broken {
                    <circle class="halo" r={px(ring_radius(radius, 0) + radius * 0.24)}
                        stroke-width={px((radius * 0.3).max(5.0))} />
                }
                <circle class="focus-ring" r={around.clone()} />
                if props.is_selected || props.is_marked {
                    <circle class="selected-ring" r={around} />
                }
                { outline(node.view.role, radius) }
            </g>
            <g class="node-words" aria-hidden="true">
                { troubles(node, radius) }
                { burdens(node, radius) }
                { inside(node, &props.spot) }
                if props.node.has_changed { { change_bar(node.view.role, radius) } }
                { signs(props) }
                { label(props) }
            </g>
        </g>
    }
}

/// Returns all that the picture says.
fn in_words(face: &Face, is_broken: bool) -> String {
    let words = node_in_words(&face.node, is_broken);
    match &face.inside {
        Some(inside) => format!("{words}, {}", inside.in_words()),
        None => words,
    }
}

/// Returns the bar of a node that the last step changed, right below its shape.
fn change_bar(role: Role, radius: f64) -> Html {
    let below = if role == Role::Client { radius * 0.65 } else { radius };
    let (half, y) = (px(radius * 0.5), px(below + 3.5));
    html! { <path class="change-bar" d={format!("M-{half} {y}H{half}")} /> }
}

/// Returns the crown of a leader, the mark of a node involved in what broke, and of one that is not
/// the same in two runs.
fn signs(props: &NodeShapeProps) -> Html {
    let radius = props.spot.radius;
    let (crown_at, half) = crown_place(props.node.rings.len(), radius);
    html! {<>
        if props.node.node.view.role == Role::Leader {
            <g transform={translate(crown_at.x, crown_at.y + half.1)}>{ crown(half.0) }</g>
        }
        { ring_letters(&props.node.rings, radius) }
        if props.is_broken {
            <g transform={corner(radius)}>
                <path class="broken-mark" d="M0-7l7 7-7 7-7-7z" />
            </g>
        }
        if props.differs || props.parts {
            <g class={classes!("difference-mark", props.parts.then_some("parts"))}
                transform={beside(radius, if props.parts { " scale(1.4)" } else { "" })}>
                <rect x="-8" y="-8" width="16" height="16" rx="4" />
                <text y="4.5" font-size="13">{ "≠" }</text>
            </g>
        }
    </>}
}

/// Returns the right of a node, close to its shape: what is further away may be somebody else's.
fn beside(radius: f64, scale: &str) -> String {
    translate(radius + 9.0, 0.0) + scale
}

/// Returns the room that the mark of a node takes that is not the same in two runs.
pub(crate) fn difference_mark(spot: &Spot) -> Obstacle {
    (spot.at + Point::new(spot.radius + 9.0, 0.0), (9.0, 9.0))
}

/// Returns the upper right, beyond the timer rings; their letters are at the upper left.
fn corner(radius: f64) -> String {
    let away = (reach(radius, MOST_RINGS) + 3.0) * std::f64::consts::FRAC_1_SQRT_2;
    translate(away, -away)
}

/// Returns the name and below it the epoch, or the value that matters most.
fn inside(node: &NodeScene, spot: &Spot) -> Html {
    let radius = spot.radius;
    let is_client = node.view.role == Role::Client;
    let (name_size, below_size) = if is_client {
        ((radius * 0.5).max(9.0), (radius * 0.41).max(9.0))
    } else {
        ((radius * 0.5).max(9.0), (radius * 0.34).max(9.0))
    };
    let room = room_for_words(node.view.role) * radius;
    let below = match (node.view.epoch, &node.view.value) {
        (Some(epoch), _) => {
            let words = Some(epoch_in_words(epoch)).filter(|it| widest(it, room) >= LEAST_TEXT);
            Some(words.unwrap_or_else(|| epoch.to_string()))
        }
        (None, value) => value.clone(),
    };
    // A value is what one looks for first; an epoch goes with the name.
    let is_value = node.view.epoch.is_none() && !is_client;
    let (name_size, below_size) = if is_value && below.is_some() {
        ((radius * 0.37).max(9.0), (radius * 0.62).max(10.0))
    } else {
        (name_size, below_size)
    };
    // A name that has no room anywhere is small, and said in full where it is pressed.
    let name_size = name_size.min(widest(&node.name, room)).max(LEAST_NAME);
    let below_size = below.as_ref().map_or(below_size, |below| fitting(below, below_size, room));
    let gap = radius * 0.06;
    let place = place_of_name(node, spot);
    let (name_y, below_y) = match (&below, node.view.pips) {
        (Some(_), None) if place != NamePlace::Within => (0.0, below_size * 0.35),
        (None, None) => (name_size * 0.35, 0.0),
        (None, Some(_)) => (gap, 0.0),
        (Some(_), None) => (-gap, below_size * 0.86 + gap),
        (Some(_), Some(_)) => (-radius * 0.16, below_size * 0.86 - radius * 0.06),
    };
    html! {<>
        if place == NamePlace::Within {
            <text class={if is_value && below.is_some() { "node-name is-minor" } else { "node-name" }}
                y={px(name_y)} font-size={px(name_size)}>{ shortened(&node.name, room) }</text>
        }
        if let Some(below) = below {
            <text class={if is_value { "node-value" } else { "node-epoch" }} y={px(below_y)}
                font-size={px(below_size)}>{ below }</text>
        }
        { pips(node, radius) }
    </>}
}

/// Where a node's name stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamePlace {
    /// Within its shape.
    Within,
    /// Below it: within it could not be read.
    Below,
    /// Above it: there is no room below.
    Above,
}

/// Returns where a node's name stands.
pub(crate) fn place_of_name(node: &NodeScene, spot: &Spot) -> NamePlace {
    let (room, letters) = (room_for_words(node.view.role) * spot.radius, node.name.chars().count());
    // Nothing else stands on its head, so that a name does not come and go.
    let is_bare = node.view.role == Role::Storage && letters_of(node).len() <= 1;
    match () {
        () if widest(&node.name, room) >= LEAST_TEXT => NamePlace::Within,
        () if letters <= spot.label_letters => NamePlace::Below,
        () if is_bare && letters <= spot.letters_above => NamePlace::Above,
        () => NamePlace::Within,
    }
}

/// Returns a row of pips: filled ones gained, hollow ones still needed.
fn pips(node: &NodeScene, radius: f64) -> Html {
    const MOST: u32 = 9;
    let Some((gained, needed)) = node.view.pips else { return Html::default() };
    let (count, is_client) = (needed.max(gained), node.view.role == Role::Client);
    if count > MOST || radius < ROOM_FOR_WORDS {
        if node.view.value.is_some() || node.view.epoch.is_some() {
            // There is room for one of both; this one is said under it, or in words.
            return Html::default();
        }
        return html! {
            <text class="node-epoch" y={px(radius * if is_client { 0.5 } else { 0.78 })} font-size="9">
                { format!("{gained}/{needed}") }
            </text>
        };
    }
    let (pip, pitch) = (radius * 0.075, radius * 0.22);
    let row = (0..count).map(|index| {
        let x = (f64::from(index) - f64::from(count - 1) / 2.0) * pitch;
        let class = if index < gained { "pip is-gained" } else { "pip" };
        html! { <circle {class} cx={px(x)} cy={px(radius * 0.66)} r={px(pip)} /> }
    });
    html! {<>{ for row }</>}
}

fn troubles(node: &NodeScene, radius: f64) -> Html {
    let r = radius;
    match node.status {
        Status::Up => Html::default(),
        Status::Down => html! {<>
            { hatching(if node.view.role == Role::Client { r * 0.65 } else { r }) }
            <path class="strike" d={format!("M{0} {1}L{1} {0}", px(-0.86 * r), px(0.86 * r))} />
        </>},
        Status::Paused => {
            let (size, bar, tall) = (r * 0.27, px(r * 0.09), px(r * 0.26));
            let bars = format!("M-{bar} {0}v{tall}M{bar} {0}v{tall}", px(r * -0.13));
            html! {
                <g class="pause-badge" transform={translate(r * 0.68, r * 0.68)}>
                    <circle r={px(size)} />
                    <path d={bars} />
                </g>
            }
        }
    }
}

/// Returns the signs of a node that is slow or has no room, in its lower and its upper left.
fn burdens(node: &NodeScene, radius: f64) -> Html {
    let size = (radius * 0.3).max(7.0);
    html! {<>
        if node.slowness_us > 0 {
            <g class="slow-badge" transform={translate(radius * -0.78, radius * 0.68)}>
                { snail(size) }
            </g>
        }
        if node.load.is_full() {
            <g class="inbox-badge" transform={translate(-radius, radius * -0.1)}>
                { full_inbox(size) }
            </g>
        }
    </>}
}

/// Returns the words under a node: what it does, how wrong its clock is, and what it holds.
fn label(props: &NodeShapeProps) -> Html {
    let (spot, node) = (&props.spot, &props.node.node);
    let lines = label_of(node, spot);
    let top = Layout::label_top(spot) - spot.at.y;
    let line_height = props.label_text * LINE;
    let free_line = real(lines.len());
    let place = place_of_name(node, spot);
    let named = usize::from(place == NamePlace::Below);
    let inside = props.node.inside.as_ref().filter(|_| lines.len() < spot.label_lines);
    let line = |(index, text): (usize, String)| {
        let y = top + props.label_text + real(index) * line_height;
        let size = px(props.label_text);
        let class = classes!("node-label", (index < named).then_some("is-name"));
        html! { <text {class} y={px(y)} font-size={size}>{ text }</text> }
    };
    html! {<>
        if place == NamePlace::Above {
            <text class="node-label is-name" font-size={px(props.label_text)}
                y={px(Layout::name_above(spot) - spot.at.y - props.label_text * 0.25)}>{ &node.name }</text>
        }
        { for lines.into_iter().enumerate().map(line) }
        if let Some(inside) = inside {
            { inside.drawn(spot.label_letters, props.label_text * CELL_TEXT,
                top + (free_line + 0.6) * line_height) }
        }
    </>}
}

/// Returns how many lines of words there are below a node, with what it holds, and how many letters
/// the longest takes.
pub(crate) fn words_of(node: &NodeScene, spot: &Spot) -> (usize, usize) {
    let lines = label_of(node, spot);
    let letters = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let has_room = lines.len() < spot.label_lines;
    let inside = Inside::of(&node.view).filter(|_| has_room && spot.label_letters > 0);
    let inside = inside.map_or(0, |inside| inside.letters(spot.label_letters));
    (lines.len() + usize::from(inside > 0), letters.max(inside))
}

/// Returns the lines of a node's label, none if there is no room for letters.
fn label_of(node: &NodeScene, spot: &Spot) -> Vec<String> {
    if spot.label_letters == 0 {
        return Vec::new();
    }
    let state = match node.status {
        Status::Down => "crashed",
        Status::Paused => "paused",
        Status::Up if !node.view.label.is_empty() => node.view.label.as_str(),
        Status::Up if matches!(node.view.role, Role::Peer | Role::Client) => "",
        Status::Up => role_name(node.view.role),
    };
    // A line that would lie on other words is left out, and the end of what is said cut off.
    let is_below = place_of_name(node, spot) == NamePlace::Below;
    let name = is_below.then(|| node.name.clone());
    let named = usize::from(name.is_some());
    let lines = spot.label_lines.clamp(1, LABEL_LINES + named) - named;
    let clock = clock_badge(node.clock_error_us);
    let said = label_lines(state, clock, (spot.label_letters, lines));
    name.into_iter().chain(said.into_iter().take(lines)).collect()
}

/// Puts state and clock on one line if they fit, and else gives the clock a line of its own.
fn label_lines(state: &str, clock: Option<String>, (letters, most): (usize, usize)) -> Vec<String> {
    let Some(clock) = clock else { return wrap(state, letters, most) };
    let together = if state.is_empty() { clock.clone() } else { format!("{state} · {clock}") };
    if together.chars().count() <= letters {
        return vec![together];
    }
    let mut lines = wrap(state, letters, most.saturating_sub(1));
    lines.extend(wrap(&clock, letters, 1));
    lines
}

/// Returns the identities in order, for a scene in which they are dense.
pub(crate) fn id_at(index: usize) -> NodeId {
    NodeId(u16::try_from(index).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shares_the_line_only_if_there_is_room() {
        let clock = || Some("clock +180 ms".to_owned());
        assert_eq!(label_lines("leader", clock(), (30, 2)), ["leader · clock +180 ms"]);
        assert_eq!(label_lines("leader", clock(), (15, 2)), ["leader", "clock +180 ms"]);
        assert_eq!(label_lines("", clock(), (15, 2)), ["clock +180 ms"]);
        assert_eq!(label_lines("x=7 acknowledged", None, (12, 2)), ["x=7", "acknowledged"]);
    }

    #[test]
    fn rings_grow_outwards() {
        assert!(ring_radius(34.0, 0) > 34.0);
        assert!(ring_radius(34.0, 1) > ring_radius(34.0, 0));
        assert!(reach(34.0, 3) > reach(34.0, 1) && reach(34.0, 1) > reach(34.0, 0));
    }
}
