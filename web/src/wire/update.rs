//! What the engine says to the page.

use std::collections::BTreeMap;

use faultline_core::sim::{Answered, Costs, EventKind, NodeId, TextLine};
use faultline_core::view::{Check, Grade, NodeInside, Scene};
use faultline_core::why::Story;
use serde::{Deserialize, Serialize};

use super::{
    Changes, Compared, Figures, Found, HistoryView, Listed, Opened, Price, Side, SpaceTime,
    Timeline, Told, Until,
};

/// What the engine says to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Update {
    /// The first message: which build the engine is.
    Hello {
        /// Must equal the page's own.
        build: String,
    },
    /// A link was opened: all that was said of another run is over.
    Opened {
        /// The question's name: another one may have been asked since.
        request: u32,
        /// Scenario and setup.
        opened: Box<Opened>,
    },
    /// The run was changed as a whole.
    Remade(Box<Opened>),
    /// The run's extent, marks, actions and charts changed.
    Timeline(Box<Timeline>),
    /// The cursor moved.
    Frame(Box<Frame>),
    /// The text around the cursor.
    Log(Vec<TextLine>),
    /// What led to an event.
    Why(Why),
    /// The events and messages around the cursor.
    SpaceTime(Box<SpaceTime>),
    /// An event in words.
    Told(Told),
    /// What a search has found so far.
    Found(Box<Found>),
    /// What is inside a node.
    Inside(Option<Box<NodeInside>>),
    /// What has changed.
    Changes(Changes),
    /// For each action of the question: why it would do nothing, if so.
    Offers {
        /// The question's name.
        request: u32,
        /// One an action.
        reasons: Vec<Option<String>>,
    },
    /// The link to the run at the cursor.
    Shared {
        /// The fragment, from `#` on. It may lack a digest.
        link: String,
    },
    /// How this run and the other one differ; nothing if there is no other one any more.
    Compared(Option<Box<Compared>>),
    /// The other run's world, where this one's cursor is.
    Other(Box<Frame>),
    /// The other run's extent, marks, actions and charts: nothing of it is known ahead of the cursor.
    OtherTimeline(Box<Timeline>),
    /// From here on this run of two is the one that nodes, changes and operations are told of.
    Shown(Side),
    /// The other run's text around the cursor.
    OtherLog(Vec<TextLine>),
    /// The operations in a bar of a histogram.
    Operations(Listed),
    /// What clients asked and were told.
    History(Box<HistoryView>),
    /// What the safeguards cost.
    Price(Box<Price>),
    /// The history is being heard or judged.
    HistoryGoesOn {
        /// True time heard so far.
        heard_us: u64,
        /// Calls tried for a verdict so far.
        calls: u64,
    },
    /// A long command goes on.
    Progress {
        /// True time reached.
        at_us: u64,
        /// Events handled so far.
        events: u32,
    },
    /// Something worth knowing, in a sentence.
    Note(String),
    /// The command could not be done, in a sentence; nothing was lost.
    Failed(String),
    /// A link could not be opened, in a sentence: the run before it is still there.
    Unopened {
        /// The question's name.
        request: u32,
        /// Why.
        sentence: String,
    },
}

/// What led to a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// It, and all that led to it.
    pub story: Story,
    /// The events told of that cannot be left out of the run, each with the reason.
    pub fixed: BTreeMap<u32, String>,
}

/// Whether a link with a digest gave the run it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reproduced {
    /// The link carries no digest, or the run was not opened from a link.
    NotAsked,
    /// Same digest at the same time.
    ToTheBit,
    /// Made by another revision: the sentence says which.
    OtherRevision(String),
    /// Same revision, another digest: the sentence says so.
    Differs(String),
}

/// Why playing stopped before the time asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// The check with this index broke.
    Violation(u16),
    /// The beat with this index came up.
    Beat(u16),
    /// What was run until came true: the sentence says what and when.
    Reached(String),
    /// What was to be run until is so already: the sentence says what. With it what to ask for again,
    /// if it can come true once more.
    Already(String, Option<Until>),
    /// It did not come true within the limit: the sentence says how far it looked.
    NotReached(String),
    /// Nothing is left to happen.
    End,
}

/// The world at the cursor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Events handled.
    pub event: u32,
    /// Actions applied.
    pub actions: u32,
    /// When the next event or action is due.
    pub next_at_us: Option<u64>,
    /// Everything on the stage.
    pub scene: Scene,
    /// The verdicts.
    pub checks: Vec<Check>,
    /// When each beat came up.
    pub beats: Vec<Option<u64>>,
    /// The right answer of each beat's bet, once shown.
    pub answers: Vec<Option<Answered>>,
    /// How far the run has come with each puzzle.
    pub grades: Vec<Grade>,
    /// What the run has cost.
    pub costs: Costs,
    /// What else is counted and measured.
    pub figures: Figures,
    /// The digest of everything so far.
    pub digest: u64,
    /// What kind of event the last step was; nothing if it was an action, or at the beginning.
    pub last: Option<EventKind>,
    /// What has just happened, in words: the last event or action and its effects.
    pub caption: Vec<TextLine>,
    /// The most urgent reason the run stopped, if it stopped early.
    pub stop: Option<Stop>,
    /// What the node that is watched has heard from the others, if one is.
    pub heard: Option<Heard>,
    /// The number of the last text typed that it knows of.
    pub typed_up_to: u32,
}

/// What a node has heard from the others: all that it can know of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Who has heard it.
    pub node: NodeId,
    /// When it last took in a message of each node, by identity; `None` if never.
    pub last_us: Vec<Option<u64>>,
    /// Since when it remembers, if it has been restarted.
    pub since_us: Option<u64>,
}
