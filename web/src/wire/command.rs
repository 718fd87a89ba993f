//! What the page asks of the engine.

use faultline_core::scenario::Preset;
use faultline_core::sim::{Action, NodeId, Step, TextKind, TimedAction};
use serde::{Deserialize, Serialize};

use super::{ActionName, Against, Kept, Measure, Side, Since, Without};

/// What the page asks of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Opens a link's fragment, such as `#/s/g-counter?seed=42`. `default_seed` is used if the link
    /// names none. Answered by `Opened`, `Timeline` and `Frame`, or `Unopened`.
    Open {
        /// Names the question in the answer; one that is asked later has a higher number.
        request: u32,
        /// The fragment.
        link: String,
        /// Every page has the same, so that a first visit sees what the lesson tells of.
        default_seed: u64,
        /// What the page has kept of it, if it was open before.
        kept: Kept,
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
    /// Plays on until the predicate comes true, within a limit; cancellable. If it holds already, the
    /// cursor stays and the frame says so.
    RunUntil {
        /// What is to be so.
        until: Until,
        /// Whether it may hold already: then until it comes true once more.
        again: bool,
    },
    /// Does something to the world now, in this order and as one change. In the past, this forks: the old
    /// future becomes a lane.
    Act(Vec<Action>),
    /// Does to a text that a node keeps what was done to it on the page, like `Act`; frames that know of it
    /// say so by its number.
    Type(Typed),
    /// Takes an action out of the run.
    RemoveAction(ActionName),
    /// Takes an action out of the run and keeps it in `Timeline::muted`.
    MuteAction(ActionName),
    /// Puts a muted action back into the run, or forgets it.
    Unmute {
        /// Which one.
        muted: TimedAction,
        /// Whether it is put back.
        is_back: bool,
    },
    /// Puts an action into the run at a time of its own; the cursor stays.
    AddAction {
        /// True time, rounded up to the scenario's grain.
        at_us: u64,
        /// What is done.
        action: Action,
    },
    /// Replaces an action, its time or both; the cursor stays.
    EditAction {
        /// Which one.
        was: ActionName,
        /// True time, rounded up to the scenario's grain.
        at_us: u64,
        /// What is done instead.
        action: Action,
    },
    /// Replaces the run's actions by those of this script.
    RunScript {
        /// Index into the scenario's scripts.
        script: u16,
        /// Where to go then, in true time.
        at_us: u64,
    },
    /// Takes out all actions, the muted ones too, and goes to the start.
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
        /// Names it: `LaneView::link`.
        lane: String,
    },
    /// Gives an abandoned future a name of the viewer's own.
    RenameLane {
        /// Names it: `LaneView::link`.
        lane: String,
        /// Shortened if it is long; an empty one changes nothing.
        name: String,
    },
    /// Forgets an abandoned future.
    RemoveLane {
        /// Names it: `LaneView::link`.
        lane: String,
    },
    /// Asks for the text around the cursor; answered by `Log`.
    Log {
        /// How many events before and after the cursor.
        events: u32,
    },
    /// Asks what led to this step, or why a promise broke in it; answered by `Why`.
    Why {
        /// An event, an action, or that time passed.
        step: Step,
    },
    /// Asks for the events and messages around the cursor; answered by `SpaceTime`.
    Trace {
        /// At most so many events.
        events: u32,
    },
    /// Asks for the event with this number in words; answered by `Told`.
    Tell {
        /// Events are numbered from 0.
        event: u32,
    },
    /// Searches all that is known of the run; answered by `Found` as it goes. An empty query ends it.
    Find {
        /// As typed.
        query: String,
    },
    /// Makes the run anew so that this does not happen; the old future becomes a lane.
    Without(Without),
    /// Asks what is inside a node at the cursor; answered by `Inside`.
    LookInto {
        /// Which node.
        node: NodeId,
    },
    /// Asks what has changed up to the cursor; answered by `Changes`.
    Changes {
        /// Since this moment; without one: by the last step.
        since: Option<Since>,
    },
    /// Asks which of these actions would do nothing now, and why; answered by `Offers`.
    Offer {
        /// Names the question in the answer.
        request: u32,
        /// What might be done.
        actions: Vec<Action>,
    },
    /// Asks which operations lie in a bar of a histogram, as of the cursor; answered by `Operations`.
    ListOperations {
        /// Of which histogram.
        measure: Measure,
        /// The least value in the bar.
        from: u64,
        /// The least value above it.
        to: u64,
    },
    /// Asks what clients asked and were told; answered by `History`.
    History {
        /// Whether it is to be judged, which may take long.
        judge: bool,
    },
    /// Asks what the safeguards cost under the run's schedule, up to the end of the story; answered by
    /// `Price`.
    Price,
    /// Asks for the link to the run at the cursor; answered by `Shared`.
    Share,
    /// Puts another run beside this one, or ends that. Answered by `Compared`, again whenever more
    /// is known, and every `Frame` is followed by the `Other` one at the same time.
    Compare(Option<Against>),
    /// Of two runs: what is inside a node, what has changed, what can be done and which operations lie
    /// in a bar is asked of this one from now on. Answered by `Shown`.
    Show(Side),
    /// Has frames say what this node has heard from the others, or no longer. Answered by `Frame`.
    Watch(Option<NodeId>),
    /// Opens another run of the same scenario as a fork: the present one becomes a lane, and the cursor
    /// goes to where the link stands.
    Adopt {
        /// The run.
        link: String,
        /// What it is called beside others.
        name: String,
    },
    /// Stops what is under way.
    Cancel,
}

impl Command {
    /// Goes to where a step of the run has been done at this time. An event has a place of its own;
    /// what is done to the system belongs to an instant.
    pub fn to(step: Step, at_us: u64) -> Self {
        match step {
            Step::Event(event) => Self::SeekEvent { event },
            Step::Action { .. } | Step::Time { .. } => Self::Seek { at_us },
        }
    }

    /// Returns true if it asks about the run as it is, and changes nothing.
    pub fn is_question(&self) -> bool {
        matches!(
            self,
            Self::Log { .. }
                | Self::Why { .. }
                | Self::Trace { .. }
                | Self::Tell { .. }
                | Self::LookInto { .. }
                | Self::Changes { .. }
                | Self::Offer { .. }
                | Self::ListOperations { .. }
                | Self::History { .. }
                | Self::Price
                | Self::Share
        )
    }

    /// Returns true if it has nothing to do with where the cursor is: what is under way goes on beside
    /// it, and so does the film. All others are answered by a `Frame`.
    pub fn leaves_the_cursor(&self) -> bool {
        self.is_question()
            || matches!(
                self,
                Self::Find { .. }
                    | Self::Watch(_)
                    | Self::Show(_)
                    | Self::Compare(_)
                    | Self::RenameLane { .. }
                    | Self::RemoveLane { .. }
                    | Self::Unmute { is_back: false, .. }
            )
    }
}

/// What was typed in a text that a node keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// Names it in frames; one that is typed later has a higher number.
    pub request: u32,
    /// Index into the scenario's commands: the one that edits the text.
    pub command: u16,
    /// Who keeps the text.
    pub node: NodeId,
    /// The text as it was on the page before. Others may have changed it since.
    pub seen: String,
    /// The text as it was then made.
    pub wanted: String,
}

/// A predicate to run until.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Until {
    /// An invariant breaks or a goal is missed.
    Violation,
    /// The check with this index is reached or broken.
    Check(u16),
    /// An alert fires.
    Alert,
    /// A lesson beat comes up.
    Beat,
    /// A metric comes to lie beyond a bound, having lain on the other side of it.
    Metric {
        /// Index into the scenario's metrics.
        metric: u16,
        /// On which side of the value.
        bound: Bound,
        /// In the metric's unit.
        value: i64,
    },
    /// Something happens whose line in the log has all of these words.
    Words {
        /// In any order, in capitals or not.
        words: String,
        /// Lines of this kind alone, if given.
        kind: Option<TextKind>,
    },
}

/// A side of a value, the value itself included.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// There or above.
    AtLeast,
    /// There or below.
    AtMost,
}

impl Bound {
    /// Returns true if `reading` lies on this side of `value`.
    pub const fn holds(self, reading: i64, value: i64) -> bool {
        match self {
            Self::AtLeast => reading >= value,
            Self::AtMost => reading <= value,
        }
    }
}
