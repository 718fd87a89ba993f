//! A run over time, as far as it is known.

use faultline_core::sim::{Action, TimedAction};
use serde::{Deserialize, Serialize};

use super::Against;

/// The run as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// True time up to which the run is known.
    pub known_us: u64,
    /// Events known so far.
    pub events: u32,
    /// Actions, in order.
    pub actions: Vec<ActionView>,
    /// Actions that were taken out of the run and can be put back, by time.
    pub muted: Vec<ActionView>,
    /// Which of the scenario's scripts these actions are, if they are one.
    pub script: Option<u16>,
    /// Marks, in order of time.
    pub marks: Vec<MarkView>,
    /// How many marks were left out, evenly over the run, because there are too many of their kind.
    pub marks_left_out: u32,
    /// For each metric: (true time, value), in order.
    pub series: Vec<Vec<(u64, i64)>>,
    /// For each metric: how many readings there are; `series` holds fewer if that is too many.
    pub readings: Vec<u32>,
    /// What this future is called beside the lanes.
    pub name: String,
    /// Abandoned futures, the oldest first.
    pub lanes: Vec<LaneView>,
    /// Whether there is something to undo, and to redo.
    pub undo: (bool, bool),
}

impl Timeline {
    /// Returns true if these actions are others than the first script's, which the lesson tells of.
    pub fn leaves_script(&self) -> bool {
        self.script != Some(0)
    }

    /// Returns the script other than the lesson's that these actions are.
    pub fn other_script(&self) -> Option<u16> {
        self.script.filter(|script| *script > 0)
    }
}

/// An action of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionView {
    /// When.
    pub at_us: u64,
    /// What is done.
    pub action: Action,
    /// In words.
    pub sentence: String,
    /// How often it changed or blocked something, as far as the run is known; `None` if the run
    /// has not reached it.
    pub bites: Option<u32>,
    /// Whether it found nothing to do. A cut that nothing has met yet is there all the same.
    pub is_vain: bool,
}

impl ActionView {
    /// Names the action, which stands at this place of the list.
    pub fn named(&self, index: u32) -> ActionName {
        ActionName { index, timed: self.timed() }
    }

    /// Returns what is done and when.
    pub fn timed(&self) -> TimedAction {
        TimedAction { at_us: self.at_us, action: self.action.clone() }
    }
}

/// An action of the run, named by what it is: the list may have changed since it was shown, and
/// another action must not be meant by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionName {
    /// Where it was in the list: tells it from another one that is the same.
    pub index: u32,
    /// What is done and when.
    pub timed: TimedAction,
}

impl ActionName {
    /// Returns where the action is in a list: where it was, or else where it has moved to.
    pub fn place_in<T>(&self, list: &[T]) -> Option<usize>
    where
        TimedAction: PartialEq<T>,
    {
        let place = self.index as usize;
        let is_there = list.get(place).is_some_and(|it| self.timed == *it);
        if is_there { Some(place) } else { list.iter().position(|it| self.timed == *it) }
    }
}

impl PartialEq<ActionView> for TimedAction {
    fn eq(&self, view: &ActionView) -> bool {
        (self.at_us, &self.action) == (view.at_us, &view.action)
    }
}

/// What a page keeps of a run, so that it is not lost with the engine or with a reload: all of it
/// that is not in the link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What the present future is called; empty if it has no name yet.
    pub name: String,
    /// Abandoned futures, the oldest first.
    pub lanes: Vec<LaneView>,
    /// Actions that were taken out of the run and can be put back.
    pub muted: Vec<TimedAction>,
    /// What the run is put beside, if it is.
    pub against: Option<Against>,
}

/// An abandoned future.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneView {
    /// The change that left it, or what the viewer calls it.
    pub name: String,
    /// The link to it, with the cursor where it was left: names it, as no two lanes are one run.
    pub link: String,
    /// Actions that were taken out of it and can be put back.
    pub muted: Vec<TimedAction>,
    /// Where it parts from the present future; 0 if knobs, switches or seed differ.
    pub from_us: u64,
    /// Where the cursor was when it was left.
    pub at_us: u64,
    /// How far it was known.
    pub known_us: u64,
    /// The most telling of its marks, in order of time.
    pub marks: Vec<MarkView>,
    /// How many of its marks were left out.
    pub marks_left_out: u32,
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

impl MarkView {
    /// Returns true if somebody did that to the run.
    pub fn is_done(&self) -> bool {
        matches!(self.kind, MarkGlyph::Fault | MarkGlyph::Asked)
    }
}

/// How a mark is drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkGlyph {
    /// Red tick.
    Fault,
    /// Quiet tick: a node was asked for something that the row offers.
    Asked,
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
