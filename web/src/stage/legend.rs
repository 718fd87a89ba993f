//! What the signs on the stage mean: only of those that are on it now.

use std::rc::Rc;

use faultline_core::sim::{MessageKind, NodeId};
use faultline_core::view::{Layout, Role, Scene, Status};
use yew::{Html, Properties, component, html};

use super::changed::use_changed;
use super::geometry::micros;
use super::ghosts::is_near;
use super::ground::Ground;
use super::inside::Inside;
use super::layout::MOST_SINGLE;
use super::node::MOST_RINGS;
use super::painter::Pace;
use super::rings::letters;
use super::shapes::{crown, outline};
use super::words::{name_of, role_name};
use crate::epoch::epoch_word;
use crate::route::SIGNS;
use crate::shared::Shared;
use crate::wire::Frame;

/// What the legend explains.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct LegendProps {
    /// The world on the stage.
    pub(crate) frame: Shared<Frame>,
    /// Who is involved in what broke.
    pub(crate) halo: Rc<[NodeId]>,
    /// How fast the film runs.
    pub(crate) pace: Pace,
    /// What decides where nodes stand.
    pub(crate) ground: Rc<Ground>,
}

/// A sign, and what it means.
type Entry = (Html, String);

/// Lists the signs.
#[component]
pub(crate) fn Legend(props: &LegendProps) -> Html {
    let scene = &props.frame.scene;
    let changed = use_changed(&props.frame, props.pace);
    let entries = match &props.frame.heard {
        Some(heard) => known(scene, heard.node),
        None => everything(props, &changed),
    };
    let line = |(sign, meaning): Entry| html! { <><dt>{ sign }</dt><dd>{ meaning }</dd></> };
    html! {
        <div class="legend" role="group" aria-label="What the signs mean" tabindex="0">
            <dl>{ for entries.into_iter().map(line) }</dl>
            <p><a href={SIGNS} target="_blank">{ "All signs" }</a></p>
        </div>
    }
}

/// Returns the signs of a stage on which everything is to be seen.
fn everything(props: &LegendProps, changed: &[bool]) -> Vec<Entry> {
    let scene = &props.frame.scene;
    if scene.nodes.len() > MOST_SINGLE {
        return on_stage(&[
            (true, "◯", "disk: a group of nodes; press it to look closer"),
            (true, "▒", "the greyer a group, the more of the messages are its own"),
            (true, "━", "the wider a line, the more messages are on their way there"),
            (!props.halo.is_empty(), "◎", "red halo: a member is involved in what broke"),
            (scene.nodes.iter().any(|it| it.status == Status::Down), "▨", "hatched: some crashed"),
        ]);
    }
    let pulses = [(props.pace == Pace::Fast, "➝", "pulse: messages go there, too fast to follow")];
    let bars = [(changed.contains(&true), "━", "bar under a node: the last step changed it")];
    roles(scene)
        .into_iter()
        .chain(numbers(scene))
        .chain(rings(scene))
        .chain(on_stage(&bars))
        .chain(states(scene, &props.halo))
        .chain(places(&props.ground))
        .chain(on_stage(&pulses))
        .chain(messages(scene))
        .collect()
}

/// What lies behind the nodes.
fn places(ground: &Ground) -> Vec<Entry> {
    let is_map = matches!(ground.layout, Layout::Map(_));
    let has_zones = ground.layout == Layout::Zones && !ground.zones.is_empty();
    on_stage(&[
        (has_zones, "▢", "field with a name: the nodes in it stand near each other"),
        (ground.layout == Layout::Layers, "▢", "field with a name: the nodes in it play one part"),
        (is_map, "┼", "fine lines: degrees of longitude and latitude"),
    ])
}

/// Returns the signs of a stage that shows what one node knows.
fn known(scene: &Scene, node: NodeId) -> Vec<Entry> {
    let name = name_of(&scene.nodes, node);
    let grey = format!("grey: all that {name} knows of it is when it last heard from it");
    let hidden =
        format!("Messages on their way, cuts and what broke are hidden: {name} cannot see them");
    vec![(word("◌"), grey), (word("⊘"), hidden)]
}

fn roles(scene: &Scene) -> Vec<Entry> {
    let mut seen: Vec<Role> = Vec::new();
    for role in scene.nodes.iter().map(|node| node.view.role) {
        if !seen.contains(&role) {
            seen.push(role);
        }
    }
    let sign = |role: Role| {
        let top = (role == Role::Leader)
            .then(|| html! { <g transform="translate(0 -6)">{ crown(5.0) }</g> });
        html! {
            <svg class="legend-sign" width="26" height="26" viewBox="-13 -13 26 26"
                aria-hidden="true">{ outline(role, 8.5) }{ top }</svg>
        }
    };
    seen.into_iter().map(|role| (sign(role), role_name(role).to_owned())).collect()
}

fn numbers(scene: &Scene) -> Vec<Entry> {
    let views = || scene.nodes.iter().map(|node| &node.view);
    let mut entries = Vec::new();
    if let Some(epoch) = views().filter_map(|view| view.epoch).max() {
        let meaning = format!("number and colour: the {} the node is in", epoch_word());
        entries.push((html! { <b>{ epoch }</b> }, meaning));
    }
    let mut told: Vec<&str> = Vec::new();
    for view in views().filter(|view| view.epoch.is_none()) {
        let Some(value) = view.value.as_ref().filter(|_| !told.contains(&&*view.value_means))
        else {
            continue;
        };
        told.push(&view.value_means);
        let means = if view.value_means.is_empty() { "its value" } else { &view.value_means };
        let meaning = format!("inside a {}: {means}", role_name(view.role));
        entries.push((html! { <b>{ value }</b> }, meaning));
    }
    if views().any(|view| Inside::of(view).is_some()) {
        let meaning = "cells below a node: some of what it holds; dashed: not decided yet";
        entries.push((word("▤▤"), meaning.into()));
    }
    if views().filter_map(Inside::of).any(|inside| inside.may_hide_some()) {
        entries.push((word("+3"), "beside cells: so many more that are not drawn".into()));
    }
    if views().any(|view| view.pips.is_some()) {
        entries.push((word("●○"), "gained, and still needed".into()));
    }
    entries
}

/// The rings around nodes, by the timers they stand for.
fn rings(scene: &Scene) -> Vec<Entry> {
    let mut rings: Vec<(&str, Option<char>)> = Vec::new();
    for node in scene.nodes.iter().filter(|node| node.status != Status::Down) {
        let drawn = node.timers.iter().take(MOST_RINGS);
        let labels: Vec<&str> = drawn.map(|timer| timer.label.as_str()).collect();
        for (letter, &label) in letters(&labels).into_iter().zip(&labels) {
            // A ring alone bears no letter.
            let letter = (labels.len() > 1).then_some(letter);
            match rings.iter_mut().find(|(known, _)| *known == label) {
                Some((_, known)) => *known = known.or(letter),
                None => rings.push((label, letter)),
            }
        }
    }
    let entry = |(label, letter): (&str, Option<char>)| {
        let sign = letter.map_or_else(|| "◔".to_owned(), |letter| format!("◔ {letter}"));
        (word(&sign), format!("ring that empties: time left until “{label}”"))
    };
    rings.into_iter().map(entry).collect()
}

fn states(scene: &Scene, halo: &[NodeId]) -> Vec<Entry> {
    let has = |status: Status| scene.nodes.iter().any(|node| node.status == status);
    let signs = [
        (has(Status::Down), "▨", "hatched: crashed"),
        (has(Status::Paused), "❚❚", "paused"),
        (
            scene.nodes.iter().any(|node| node.slowness_us > 0),
            "@_",
            "snail: slow, all takes longer",
        ),
        (scene.nodes.iter().any(|node| node.load.is_full()), "▤", "tray: its inbox is full"),
        (!halo.is_empty(), "◎", "red halo: involved in what broke"),
        (!scene.cuts.is_empty(), "┄", "dashed line or bar: the network is cut there"),
        (
            has(Status::Paused) && scene.nodes.iter().any(|node| !node.timers.is_empty()),
            "◌",
            "broken ring: a clock that stands still",
        ),
        (!scene.holds.is_empty(), "‖", "brake: held there, nothing arrives, nothing is lost"),
    ];
    on_stage(&signs)
}

fn messages(scene: &Scene) -> Vec<Entry> {
    let fallen = scene.fallen.iter().filter(|fallen| is_near(fallen, micros(scene.now_us)));
    let has_fallen = fallen.clone().next().is_some();
    let fallen = fallen.map(|fallen| &fallen.message);
    let known = || scene.messages.iter().chain(fallen.clone());
    let has = |kind: MessageKind| known().any(|message| message.kind == kind);
    let signs = [
        (has(MessageKind::Request), "▬", "filled pill: a request"),
        (has(MessageKind::Reply), "▭", "hollow pill: a reply"),
        (has(MessageKind::Gossip), "◆", "diamond: gossip, state passed on"),
        (has(MessageKind::Heartbeat), "•", "dot: a heartbeat, “I am here”"),
        (known().any(|message| message.is_error), "!", "red outline: an error"),
        (
            known().any(|it| it.is_twin),
            "×2",
            "second copy; the dots lead back to where it came from",
        ),
        (known().any(|message| message.is_delayed), "◷", "a message that was delayed"),
        (
            has_fallen,
            "× +2",
            "pale, with a cross: did not arrive; +2: so did two before it, there and then",
        ),
    ];
    on_stage(&signs)
}

fn on_stage(signs: &[(bool, &str, &str)]) -> Vec<Entry> {
    let shown = signs.iter().filter(|(is_shown, ..)| *is_shown);
    shown.map(|(_, sign, meaning)| (word(sign), (*meaning).to_owned())).collect()
}

fn word(sign: &str) -> Html {
    html! { <span>{ sign }</span> }
}
