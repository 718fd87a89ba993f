//! What holds for the whole stage and stands at no node or link: what the network does to every
//! message, who is in which epoch where nodes disagree, and through whose eyes it is seen.

use std::collections::BTreeMap;

use faultline_core::sim::NodeId;
use faultline_core::view::{NodeScene, Scene, Status};
use yew::{Html, Properties, component, html};

use super::hue::hue_class;
use super::words::{few_names, name_of};
use crate::epoch::epoch_word;
use crate::format::counted;
use crate::shared::Shared;
use crate::wire::Frame;

/// Of more epochs than this, the highest are told.
const MOST_EPOCHS: usize = 4;

/// Properties of [`Notes`].
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct NotesProps {
    /// The world on the stage.
    pub(crate) frame: Shared<Frame>,
    /// Whether nodes stand in groups, which say their epochs themselves.
    pub(crate) is_crowd: bool,
}

/// Lists the notes.
#[component]
pub(crate) fn Notes(props: &NotesProps) -> Html {
    let scene = &props.frame.scene;
    if let Some(heard) = &props.frame.heard {
        let name = name_of(&scene.nodes, heard.node);
        return html! {
            <div class="stage-notes">
                <p>{ format!("You see what {name} knows. Banner, diagram and panels still tell all.") }</p>
            </div>
        };
    }
    let weather = weather(scene);
    let epochs = if props.is_crowd { Vec::new() } else { epochs(&scene.nodes) };
    html! {
        <div class="stage-notes">
            if !weather.is_empty() { <p>{ weather }</p> }
            if epochs.len() > 1 { { beliefs(scene, &epochs) } }
        </div>
    }
}

/// Says what the network does to every message, if it does anything.
fn weather(scene: &Scene) -> String {
    let share = |percent: u8, what: &str| (percent > 0).then(|| format!("{percent} % {what}"));
    let parts = [
        share(scene.loss_percent, "of messages lost"),
        share(scene.duplicate_percent, "of messages doubled"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Returns the epochs that running nodes are in, the highest first, with who is in each.
fn epochs(nodes: &[NodeScene]) -> Vec<(u64, Vec<NodeId>)> {
    let mut epochs: BTreeMap<u64, Vec<NodeId>> = BTreeMap::new();
    for node in nodes.iter().filter(|node| node.status != Status::Down) {
        if let Some(epoch) = node.view.epoch {
            epochs.entry(epoch).or_default().push(node.id);
        }
    }
    epochs.into_iter().rev().collect()
}

fn beliefs(scene: &Scene, epochs: &[(u64, Vec<NodeId>)]) -> Html {
    let more = epochs.len().saturating_sub(MOST_EPOCHS);
    let word = epoch_word();
    let line = |(epoch, ids): &(u64, Vec<NodeId>)| {
        html! {
            <li>
                <b class={hue_class(*epoch)}><span class="word">{ &word }{ " " }</span>{ epoch }</b>
                { " " }{ few_names(&scene.nodes, ids) }
            </li>
        }
    };
    html! {
        <ul aria-label={format!("Nodes are in different {word}s")}>
            { for epochs.iter().take(MOST_EPOCHS).map(line) }
            if more > 0 { <li>{ format!("and {} more", counted(more as u64, &word)) }</li> }
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use faultline_core::view::Role;

    use super::*;
    use crate::stage::samples::{in_epoch, node, scene};

    #[test]
    fn nodes_are_listed_by_epoch_and_a_crashed_one_believes_nothing() {
        let member = |id, epoch| in_epoch(node(id, &format!("S{id}"), Role::Follower), epoch);
        let mut nodes = vec![member(0, 2), member(1, 3), member(2, 2), member(3, 1)];
        nodes[3].status = Status::Down;
        nodes.push(node(4, "C1", Role::Client));
        let told: Vec<_> = epochs(&nodes);
        assert_eq!(told, [(3, vec![NodeId(1)]), (2, vec![NodeId(0), NodeId(2)])]);
        assert_eq!(few_names(&nodes, &told[1].1), "S0, S2");
    }

    #[test]
    fn the_weather_is_told_if_there_is_any() {
        let still = scene(Vec::new());
        assert_eq!(weather(&still), "");
        let rough = Scene { loss_percent: 5, duplicate_percent: 10, ..still };
        assert_eq!(weather(&rough), "5 % of messages lost · 10 % of messages doubled");
    }
}
