//! The only thing the page and the engine worker say to each other, as postcard bytes.
//!
//! The page sends [`Command`]s, the engine answers with [`Update`]s. Every command that can take
//! long is done in slices and reported as it goes; every failure is one sentence. The engine owns
//! the run; the page holds the last [`Frame`] and interpolates between `sent_at_us` and `due_at_us`.

use faultline_core::scenario::{Preset, Primitive, Unit};
use faultline_core::sim::{
    Action, BeatView, CommandView, Costs, Fate, MetricView, NodeId, TextLine,
};
use faultline_core::view::{Check, Role, Scene};
use serde::{Deserialize, Serialize};

/// What the page asks of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Opens a link's fragment, such as `#/s/g-counter?seed=42`. `fresh_seed` is used if the link
    /// names none. Answered by `Opened`, `Timeline` and `Frame`, or `Failed`.
    Open {
        /// The fragment.
        link: String,
        /// Drawn by the page from the browser's source of randomness.
        fresh_seed: u64,
    },
    /// Sets a knob or switch and replays the same actions up to the same time.
    Set {
        /// Names the knob or switch.
        key: String,
        /// A number, or `on` and `off`.
        value: String,
    },
    /// Turns all safeguards off or on and replays the same actions up to the same time.
    Flip(Preset),
    /// Replays the same actions with another seed, from the start.
    Reseed(u64),
    /// Plays on to this time at most. Stops early at a bet or at the first violation when
    /// `pauses` is set. Answered by `Frame`; the page sends the next one after that.
    Advance {
        /// True time to reach.
        to_us: u64,
        /// Whether to stop where the viewer should look.
        pauses: bool,
    },
    /// Does the next event or action.
    Step,
    /// Undoes the last event or action.
    StepBack,
    /// Goes to the next event that recorded a fact, met a mark or broke something.
    NextInteresting,
    /// Goes to the one before.
    PreviousInteresting,
    /// Goes to the end of this instant.
    Seek {
        /// True time.
        at_us: u64,
    },
    /// Goes to just after the event with this number.
    SeekEvent {
        /// Events are numbered from 0.
        event: u32,
    },
    /// Plays on until the predicate holds, within a limit; cancellable.
    RunUntil(Until),
    /// Does something to the world now. In the past, this forks: the old future becomes a lane.
    Act(Action),
    /// Takes an action out of the run.
    RemoveAction {
        /// Index into the run's actions.
        index: u32,
    },
    /// Replaces the run's actions by those of this script and goes to the start.
    RunScript {
        /// Index into the scenario's scripts.
        script: u16,
    },
    /// Takes out all actions and goes to the start.
    ClearActions,
    /// Undoes the last change of actions, knobs or switches.
    Undo,
    /// Does the last undone change again.
    Redo,
    /// Goes to where this beat comes up, flipping the preset if the beat asks for the other one.
    GoToBeat {
        /// Index into the lesson.
        beat: u16,
    },
    /// Goes back to an abandoned future.
    OpenLane {
        /// Index into `Timeline::lanes`.
        lane: u16,
    },
    /// Asks for the text around the cursor; answered by `Log`.
    Log {
        /// How many events before and after the cursor.
        events: u32,
    },
    /// Asks why the event with this number happened; answered by `Why`.
    Why {
        /// Events are numbered from 0.
        event: u32,
    },
    /// Asks which of these actions would do nothing now, and why; answered by `Offers`.
    Offer {
        /// Names the question in the answer.
        request: u32,
        /// What might be done.
        actions: Vec<Action>,
    },
    /// Asks for the link to the run at the cursor; answered by `Shared`.
    Share {
        /// Whether it must carry a digest: within an instant, the rest of it is run for that, and
        /// what runs may panic or hang. Else it carries one only where nothing has to run.
        checked: bool,
    },
    /// Stops what is under way.
    Cancel,
}

/// A predicate to run until.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Until {
    /// An invariant breaks or a goal is missed.
    Violation,
    /// The check with this index is reached or broken.
    Check(u16),
    /// An alert fires.
    Alert,
    /// A lesson beat comes up.
    Beat,
}

/// What the engine says to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Update {
    /// The first message: which build the engine is.
    Hello {
        /// Must equal the page's own.
        build: String,
    },
    /// A run was opened or changed as a whole.
    Opened(Box<Opened>),
    /// The run's extent, marks, actions and charts changed.
    Timeline(Box<Timeline>),
    /// The cursor moved.
    Frame(Box<Frame>),
    /// The text around the cursor.
    Log(Vec<TextLine>),
    /// What led to an event.
    Why(Why),
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
}

/// What led to an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The chain of direct causes, latest first.
    pub chain: Vec<TextLine>,
    /// What had been done to the system by then and had changed something, in order of time.
    pub done: Vec<TextLine>,
    /// The latest of all that happened before it in Lamport's sense, in order of time.
    pub past: Vec<TextLine>,
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
    /// What is charted.
    pub metrics: Vec<MetricView>,
    /// How long the default script and its aftermath take.
    pub horizon_us: u64,
    /// Live actions are stamped with a multiple of this.
    pub grain_us: u64,
    /// Kernel and row revision.
    pub revision: String,
    /// Whether the link gave the run it was made from.
    pub reproduced: Reproduced,
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
    /// What it counts.
    pub unit: Unit,
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

/// The run as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// True time up to which the run is known.
    pub known_us: u64,
    /// Events known so far.
    pub events: u32,
    /// Actions, in order.
    pub actions: Vec<ActionView>,
    /// Whether these actions are others than the first script's, which the lesson tells of.
    pub leaves_script: bool,
    /// Marks, in order of time.
    pub marks: Vec<MarkView>,
    /// For each metric: (true time, value), in order.
    pub series: Vec<Vec<(u64, i64)>>,
    /// The latest operations of clients that have ended, in order of time.
    pub operations: Vec<OperationView>,
    /// Abandoned futures, named by the change that left them.
    pub lanes: Vec<String>,
    /// Whether there is something to undo, and to redo.
    pub undo: (bool, bool),
    /// Messages and events for the space-time diagram: the latest ones, bounded.
    pub spacetime: SpaceTime,
}

/// An action of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionView {
    /// When.
    pub at_us: u64,
    /// In words.
    pub sentence: String,
    /// How often it changed or blocked something, as far as the run is known; `None` if the run
    /// has not reached it.
    pub bites: Option<u32>,
}

/// An operation of a client that has ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationView {
    /// When it ended.
    pub at_us: u64,
    /// How long it took.
    pub took_us: u64,
    /// Messages one after the other on the way to its answer: two are a round trip.
    pub hops: u32,
}

/// A mark on the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkView {
    /// When.
    pub at_us: u64,
    /// The event after which it stands.
    pub event: u32,
    /// Its kind; decides the glyph.
    pub kind: MarkGlyph,
    /// In words.
    pub text: String,
}

/// How a mark is drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkGlyph {
    /// Red tick.
    Fault,
    /// Filled diamond.
    Violation,
    /// Ring: a goal was reached.
    Goal,
    /// Bell.
    Alert,
    /// Dot.
    Beat,
    /// Band of this epoch's hue from here on.
    Epoch(u64),
}

/// The lines of the space-time diagram.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpaceTime {
    /// Messages: (from, sent at, to, ended at, fate).
    pub messages: Vec<(NodeId, u64, NodeId, u64, Fate)>,
    /// Events that recorded a fact: (node, at, event number).
    pub events: Vec<(NodeId, u64, u32)>,
    /// How many messages were left out at the front.
    pub left_out: u32,
}

/// Why playing stopped before the time asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// The check with this index broke.
    Violation(u16),
    /// The beat with this index asks for a prediction.
    Bet(u16),
    /// What was run until came true.
    Reached,
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
    pub answers: Vec<Option<u8>>,
    /// What the run has cost.
    pub costs: Costs,
    /// The digest of everything so far.
    pub digest: u64,
    /// What has just happened, in words: the last event or action and its effects.
    pub caption: Vec<TextLine>,
    /// The most urgent reason the run stopped, if it stopped early.
    pub stop: Option<Stop>,
}
