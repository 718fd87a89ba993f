//! The seam between a run and whoever drives it: search, shrink, tests and the screen.

use serde::{Deserialize, Serialize};

use super::{Action, Input, InputValue, InputView, Journal, Names, NodeId, Step, Testimony, Zones};
use crate::scenario::Preset;
use crate::view::{Check, NodeInside, PuzzleView, Scene};

/// What a run has cost so far.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Costs {
    /// Messages sent.
    pub messages: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// Messages delivered.
    pub delivered: u64,
    /// Messages that did not make it.
    pub fallen: u64,
    /// Disk syncs completed.
    pub syncs: u64,
    /// Bytes written to disks of files; what is not in files is not counted.
    pub written_bytes: u64,
    /// Events handled.
    pub events: u64,
    /// Clients' operations that have ended.
    pub operations: u64,
}

/// What a command is called, and what it takes: enough to put an action into words.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct CommandLabel {
    /// As shown on its button.
    pub label: &'static str,
    /// What it takes with it.
    pub input: Input,
    /// From so many nodes, the first ones, its input chooses; 0 if it does not choose among nodes.
    pub among: u16,
}

impl CommandLabel {
    /// Returns the command in words, with what was given or, if that means a node, is usual.
    pub(super) fn words(&self, value: Option<&InputValue>, names: &Names) -> String {
        let words = match (value, self.input) {
            (Some(value), input) => input.words(value, self.among, names),
            (None, input @ Input::Node { .. }) => input.words(&input.usual(), self.among, names),
            (None, _) => String::new(),
        };
        format!("{} {words}", self.label).trim_end().to_owned()
    }
}

/// A command as the screen offers it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CommandView {
    /// As shown on its button.
    pub label: String,
    /// The nodes that can be asked.
    pub nodes: Vec<NodeId>,
    /// What it takes with it.
    pub input: InputView,
}

/// A lesson beat as the screen offers it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BeatView {
    /// A few words for the list.
    pub title: String,
    /// At most 140 characters.
    pub say: String,
    /// The preset in which it is seen.
    pub preset: Preset,
    /// What the viewer is asked to predict, and the options.
    pub bet: Option<(String, Vec<String>)>,
}

/// What the run said to a bet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Answered {
    /// The index of the right option.
    pub option: u8,
    /// Since when it is known, in true time.
    pub at_us: u64,
    /// What of the run shows it, in a sentence without its full stop.
    pub because: String,
}

impl BeatView {
    /// Makes a beat's view; the bet is a question and its options.
    pub(super) fn new(
        title: &str,
        say: &str,
        preset: Preset,
        bet: Option<(&str, &[&str])>,
    ) -> Self {
        let owned = |(question, options): (&str, &[&str])| {
            (question.to_owned(), options.iter().map(|&option| option.to_owned()).collect())
        };
        Self { title: title.to_owned(), say: say.to_owned(), preset, bet: bet.map(owned) }
    }
}

/// A metric as the screen offers it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MetricView {
    /// As shown.
    pub label: String,
    /// As shown.
    pub unit: String,
}

impl MetricView {
    /// Makes a metric's view.
    pub(super) fn new(label: &str, unit: &str) -> Self {
        Self { label: label.to_owned(), unit: unit.to_owned() }
    }
}

/// A world and the judgement on it, driven without knowing its types.
pub trait Simulation {
    /// Returns true time.
    fn now_us(&self) -> u64;
    /// Returns how many events have been handled.
    fn events(&self) -> u32;
    /// Returns when the next event is due; `None` when nothing is left to happen.
    fn next_at_us(&self) -> Option<u64>;
    /// Handles the next event; false when nothing is left to happen.
    fn step(&mut self, journal: &mut Journal) -> bool;
    /// Moves time on to `at_us` without an event; no event may be due before.
    fn advance(&mut self, at_us: u64, journal: &mut Journal);
    /// Applies the action with this index in the run's list; returns whether it changed anything.
    fn act(&mut self, index: u32, action: &Action, journal: &mut Journal) -> bool;
    /// Says why `action` would change nothing now, if so.
    fn why_not(&self, action: &Action) -> Option<String>;
    /// Returns the last event or action; that no time has passed, at the beginning.
    fn last_step(&self) -> Step;
    /// Returns how often the action with this index has changed or blocked something.
    fn bites(&self, index: u32) -> u32;
    /// Returns everything on the stage.
    fn scene(&self) -> Scene;
    /// Looks into one node; `None` if there is no such node.
    fn inside(&self, node: NodeId) -> Option<NodeInside>;
    /// Returns the verdicts alone, for those who do not look.
    fn checks(&self) -> Vec<Check>;
    /// Returns true if an invariant broke or a goal was missed. Cheap.
    fn is_violated(&self) -> bool;
    /// Returns when each lesson beat came up, in order; those that have not are `None`.
    fn beats(&self) -> &[Option<u64>];
    /// Returns the right answer to the bet of this beat, once the run has shown it.
    fn answer(&self, beat: usize) -> Option<&Answered>;
    /// Returns what the row calls its epochs: "term", "ballot", "view".
    fn epoch_word(&self) -> &'static str;
    /// Returns the nodes' names.
    fn names(&self) -> &Names;
    /// Returns where the nodes stand, if that matters to the network.
    fn zones(&self) -> Option<&Zones>;
    /// Returns what the viewer can ask.
    fn commands(&self) -> Vec<CommandView>;
    /// Returns the commands' labels and what they take.
    fn command_labels(&self) -> Vec<CommandLabel>;
    /// Returns the lesson's beats, in order.
    fn lesson(&self) -> Vec<BeatView>;
    /// Returns the puzzles, in order.
    fn puzzles(&self) -> Vec<PuzzleView>;
    /// Returns when this puzzle's goal first came true, by whatever means.
    fn puzzle_reached_us(&self, puzzle: usize) -> Option<u64>;
    /// Returns what is charted, by index.
    fn metrics(&self) -> Vec<MetricView>;
    /// Reads what is charted now, by index.
    fn readings(&self) -> Vec<i64>;
    /// From now on keeps what clients ask and are told. A copy of the run does not.
    fn attend(&mut self);
    /// Returns what clients have asked and been told since [`Self::attend`].
    fn testimony(&self) -> Option<&Testimony>;
    /// Returns the longest bound of a goal: after this long a calm the goals have been judged.
    fn longest_goal_us(&self) -> u64;
    /// Returns what the run has cost.
    fn costs(&self) -> Costs;
    /// Returns what each node has cost, by identity.
    fn node_costs(&self) -> &[Costs];
    /// Returns the digest of everything that has happened.
    fn digest(&self) -> u64;
    /// Lists what can be made to happen next by an action that is not a fault, in a fixed order:
    /// deliveries, timers and syncs. Meant for a world that is [taken by hand](Action::TakeByHand).
    fn possible_actions(&self) -> Vec<Action>;
    /// In a world taken by hand: returns among how many options the last handler, or the disk in the
    /// last crash, has chosen, one number a choice. See [`Action::Choose`].
    fn options(&self) -> &[u64];
    /// Returns a digest of all that has an influence on what happens next and on judgement, whenever
    /// and in whichever order it came about.
    fn fingerprint(&self) -> u64;
    /// Returns the highest epoch that a fact has named.
    fn highest_epoch(&self) -> u64;
    /// Copies the run, to go back to later.
    fn fork(&self) -> Box<dyn Simulation>;
}
