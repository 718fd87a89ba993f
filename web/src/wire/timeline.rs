//! A run over time, as far as it is known.

use faultline_core::sim::Action;
use serde::{Deserialize, Serialize};

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
}

/// An abandoned future.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneView {
    /// The change that left it, or what the viewer calls it.
    pub name: String,
    /// The link to it, with the cursor where it was left.
    pub link: String,
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
