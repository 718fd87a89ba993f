//! Two runs side by side.

use faultline_core::scenario::Preset;
use faultline_core::sim::{Step, TextLine};
use serde::{Deserialize, Serialize};

/// What the open run is put beside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Against {
    /// The same schedule with all safeguards off or on.
    Preset(Preset),
    /// A run of the same scenario under its own schedule, such as an abandoned future.
    Run {
        /// What it is called.
        name: String,
        /// The link to it.
        link: String,
    },
}

/// One of two runs side by side.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The open run: everything that is not of the comparison speaks of it.
    #[default]
    This,
    /// The run beside it.
    Other,
}

impl Side {
    /// Both, from left to right: what comes in pairs stands in this order.
    pub const BOTH: [Self; 2] = [Self::This, Self::Other];

    /// Returns its place in a pair.
    pub const fn index(self) -> usize {
        match self {
            Self::This => 0,
            Self::Other => 1,
        }
    }

    /// Returns the letter that it goes by on screen.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::This => "A",
            Self::Other => "B",
        }
    }
}

/// How two runs differ, as far as they have been looked through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What would have to be asked for to have this comparison again.
    pub against: Option<Against>,
    /// What each is called: "Naive", or what the fork was named by.
    pub names: [String; 2],
    /// What sets the schedules or the safeguards apart.
    pub schedule: Schedule,
    /// What happens otherwise at time zero, where runs part that are made of something else.
    pub start: Option<FirstDifference>,
    /// Where they part after that, if they do.
    pub first: Option<FirstDifference>,
    /// What broke, was reached, missed or rang in one alone or at another time, by time: bounded.
    pub outcomes: Vec<Outcome>,
    /// How many outcomes were left out.
    pub left_out: u32,
    /// True time up to which both have been looked through.
    pub looked_us: u64,
    /// Whether that is as far as they are to be looked through.
    pub is_over: bool,
    /// Whether the viewer put an end to the looking.
    pub is_stopped: bool,
}

/// What is not the same in what decides two runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Safeguards, by label, and the one run in which each is on.
    pub switches: Vec<(String, Side)>,
    /// What is done in one run only: when, and what in words. Bounded.
    pub actions: Vec<(Side, u64, String)>,
    /// How many such actions were left out.
    pub left_out: u32,
    /// Other settings that differ, in words.
    pub knobs: Vec<String>,
}

impl Schedule {
    /// Returns true if both runs are made of the same.
    pub fn is_same(&self) -> bool {
        self.switches.is_empty() && self.actions.is_empty() && self.knobs.is_empty()
    }
}

/// The first step of two runs that is not the same in both: an event or an action with all that came
/// of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstDifference {
    /// True time.
    pub at_us: u64,
    /// The step in the open run; that time passes, if nothing happens in it then.
    pub step: Step,
    /// What the logs say of the step, bounded; of a run in which nothing happens then, nothing. The
    /// first line is what happened, and what both runs say after it is left out.
    pub lines: [Vec<TextLine>; 2],
    /// Whether the first line is the same in both: what happened, not what came of it.
    pub begins_alike: bool,
}

/// Something judged that did not come out alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// In words.
    pub text: String,
    /// Whether it is bad news where it happens.
    pub is_bad: bool,
    /// Whether it is an alert: bad news, and no broken promise.
    pub is_alert: bool,
    /// When, in each run in which it happens.
    pub at_us: [Option<u64>; 2],
}

impl Outcome {
    /// Returns when it first makes a difference.
    pub fn first_us(&self) -> u64 {
        self.at_us.iter().flatten().min().copied().unwrap_or_default()
    }
}
