//! A scenario and setup, as the page is told of them once.

use faultline_core::scenario::{Preset, Primitive};
use faultline_core::sim::{BeatView, CommandView, MetricView, NodeId};
use faultline_core::view::{Layout, PuzzleView, Role};
use serde::{Deserialize, Serialize};

use super::Reproduced;

/// All that the page needs to know of a scenario and setup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The scenario's card.
    pub card: Card,
    /// The seed.
    pub seed: u64,
    /// The preset, if the switches amount to one.
    pub preset: Option<Preset>,
    /// Knobs with their values.
    pub knobs: Vec<KnobView>,
    /// Safeguards with their states.
    pub switches: Vec<SwitchView>,
    /// What the viewer can ask.
    pub commands: Vec<CommandView>,
    /// The lesson.
    pub lesson: Vec<BeatView>,
    /// What the viewer is asked to bring about.
    pub puzzles: Vec<PuzzleView>,
    /// The terms of art that the scenario's texts use, each with its sentence.
    pub glossary: Vec<(String, String)>,
    /// What is charted.
    pub metrics: Vec<MetricView>,
    /// How long the default script and its aftermath take.
    pub horizon_us: u64,
    /// What the row calls its epochs: "term", "ballot".
    pub epoch_word: String,
    /// Live actions are stamped with a multiple of this.
    pub grain_us: u64,
    /// How the nodes are best arranged.
    pub layout: Layout,
    /// Where they stand, if that matters to the network.
    pub zones: Vec<ZoneView>,
    /// Runs that show which safeguard keeps which promise.
    pub guards: Vec<Guard>,
    /// Whether its engine runs outside a world as well, on real files.
    pub on_disk: bool,
    /// Kernel and row revision.
    pub revision: String,
    /// Whether the link gave the run it was made from.
    pub reproduced: Reproduced,
}

/// A run that breaks a promise without a safeguard, with all others on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// The safeguard's key.
    pub switch: String,
    /// The promise, by its name.
    pub check: String,
    /// The link to the run.
    pub link: String,
}

/// A region, data centre or rack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneView {
    /// As shown.
    pub name: String,
    /// Who stands there, in order of identity.
    pub nodes: Vec<NodeId>,
}

/// A scenario's texts, as the page shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Part of the link.
    pub slug: String,
    /// As shown.
    pub title: String,
    /// The family's name.
    pub family: String,
    /// Catalogue numbers.
    pub seeds: Vec<String>,
    /// What it answers.
    pub question: String,
    /// What the system promises.
    pub promise: String,
    /// Why that is not obvious.
    pub constraint: String,
    /// How strong the promise is.
    pub guarantee: String,
    /// The obvious design.
    pub naive: String,
    /// The design that holds.
    pub hardened: String,
    /// What breaks the naive design.
    pub breaks: String,
    /// What the hardened design survives.
    pub survives: String,
    /// Functional and numeric requirements, and what is out of scope.
    pub requirements: Vec<String>,
    /// Each worry, faced or excluded.
    pub faced: Vec<(String, String)>,
    /// What gives out first.
    pub saturates_first: String,
    /// What people get wrong.
    pub pitfalls: Vec<String>,
    /// What it is made of.
    pub primitives: Vec<Primitive>,
    /// Literature.
    pub sources: Vec<String>,
    /// Modelled, simplified, omitted.
    pub fidelity: [Vec<String>; 3],
    /// Boxes of the block diagram: name, part played, layer.
    pub boxes: Vec<(String, Role, u8)>,
    /// Arrows of the block diagram: from, to, what flows.
    pub arrows: Vec<(u8, u8, String)>,
    /// Scripts: label and what happens.
    pub scripts: Vec<(String, String)>,
}

/// A knob with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnobView {
    /// Names it in commands and links.
    pub key: String,
    /// As shown.
    pub label: String,
    /// What stands behind the number.
    pub unit: String,
    /// What it chooses from, the first being the smallest value; nothing if it is a number.
    pub choices: Vec<String>,
    /// Smallest value.
    pub min: u64,
    /// Largest value.
    pub max: u64,
    /// Present value.
    pub value: u64,
}

/// A safeguard with its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchView {
    /// Names it in commands and links.
    pub key: String,
    /// As shown.
    pub label: String,
    /// What it does when on.
    pub help: String,
    /// Whether it is on.
    pub is_on: bool,
}
