//! All that decides a run besides the actions: scenario, knobs, switches and seed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Scenario, find};
use crate::sim::Simulation;

/// Which safeguards are on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Preset {
    /// All safeguards off: the obvious design, which breaks.
    Naive,
    /// All safeguards on: the design that holds.
    Hardened,
}

impl Preset {
    /// Both, in the order in which they are taught.
    pub const ALL: [Self; 2] = [Self::Naive, Self::Hardened];

    /// Returns the name as in links and file names.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Hardened => "hardened",
        }
    }
}

/// Why a setup cannot be made. Each is one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// There is no scenario of this name.
    NoScenario(String),
    /// The scenario has no knob or switch of this name.
    NoKnob(String),
    /// A value is not of the right kind or out of range.
    BadValue {
        /// The knob or switch.
        key: String,
        /// What was given.
        value: String,
        /// What would do.
        expected: String,
    },
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScenario(slug) => write!(f, "There is no scenario called “{slug}”."),
            Self::NoKnob(key) => write!(f, "This scenario has no knob or switch called “{key}”."),
            Self::BadValue { key, value, expected } => {
                write!(f, "“{key}” must be {expected}, not “{value}”.")
            }
        }
    }
}

impl std::error::Error for SetupError {}

/// Scenario, knobs, switches and seed. With the actions, this is the whole run.
#[derive(Clone)]
pub struct Setup {
    scenario: &'static Scenario,
    /// Decides every random draw.
    pub seed: u64,
    /// Values by the scenario's list of knobs.
    knobs: Vec<u64>,
    /// States by the scenario's list of switches.
    switches: Vec<bool>,
}

impl Setup {
    /// Returns the setup with every knob at its usual value.
    pub fn new(scenario: &'static Scenario, preset: Preset, seed: u64) -> Self {
        Self {
            scenario,
            seed,
            knobs: scenario.knobs.iter().map(|knob| knob.default).collect(),
            switches: vec![preset == Preset::Hardened; scenario.switches.len()],
        }
    }

    /// Returns the setup of the scenario called `slug`.
    ///
    /// # Errors
    /// There may be no such scenario.
    pub fn of(slug: &str, preset: Preset, seed: u64) -> Result<Self, SetupError> {
        let scenario = find(slug).ok_or_else(|| SetupError::NoScenario(slug.into()))?;
        Ok(Self::new(scenario, preset, seed))
    }

    /// Returns the scenario.
    pub fn scenario(&self) -> &'static Scenario {
        self.scenario
    }

    /// Returns the value of the knob called `key`; 0 if there is none, which a test rules out.
    pub fn knob(&self, key: &str) -> u64 {
        let place = self.scenario.knobs.iter().position(|knob| knob.key == key);
        debug_assert!(place.is_some(), "{} has no knob {key}", self.scenario.slug);
        place.and_then(|place| self.knobs.get(place)).copied().unwrap_or_default()
    }

    /// Returns the value of a knob that counts nodes, as nodes are counted.
    pub fn count(&self, key: &str) -> u16 {
        u16::try_from(self.knob(key)).unwrap_or(u16::MAX)
    }

    /// Returns true if the safeguard called `key` is on.
    pub fn is_on(&self, key: &str) -> bool {
        let place = self.scenario.switches.iter().position(|switch| switch.key == key);
        debug_assert!(place.is_some(), "{} has no switch {key}", self.scenario.slug);
        place.and_then(|place| self.switches.get(place)).copied().unwrap_or_default()
    }

    /// Lists knob values in the scenario's order.
    pub fn knobs(&self) -> &[u64] {
        &self.knobs
    }

    /// Lists switch states in the scenario's order.
    pub fn switches(&self) -> &[bool] {
        &self.switches
    }

    /// Returns the preset that this setup's switches amount to, if it is one.
    pub fn preset(&self) -> Option<Preset> {
        if self.switches.iter().all(|on| !on) {
            Some(Preset::Naive)
        } else {
            self.switches.iter().all(|on| *on).then_some(Preset::Hardened)
        }
    }

    /// Turns every switch off or on.
    pub fn apply(&mut self, preset: Preset) {
        self.switches.fill(preset == Preset::Hardened);
    }

    /// Sets the knob or switch called `key` from text: a number, the name of a choice, or `on` and
    /// `off`.
    ///
    /// # Errors
    /// The name may be unknown, the value malformed or out of range; nothing is changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SetupError> {
        let bad = |expected: String| SetupError::BadValue {
            key: key.into(),
            value: value.into(),
            expected,
        };
        if let Some(place) = self.scenario.switches.iter().position(|s| s.key == key) {
            self.switches[place] = match value {
                "on" | "true" | "1" => true,
                "off" | "false" | "0" => false,
                _ => return Err(bad("on or off".into())),
            };
            return Ok(());
        }
        let place = self.scenario.knobs.iter().position(|knob| knob.key == key);
        let place = place.ok_or_else(|| SetupError::NoKnob(key.into()))?;
        let knob = &self.scenario.knobs[place];
        self.knobs[place] = knob.read(value).ok_or_else(|| bad(knob.expected()))?;
        Ok(())
    }

    /// Returns this setup with what a script needs set: the same, if it needs nothing or there is none.
    #[must_use]
    pub fn for_script(mut self, index: usize) -> Self {
        for (key, value) in self.scenario.scripts.get(index).map_or(&[][..], |it| it.settings) {
            let set = self.set(key, value);
            debug_assert!(set.is_ok(), "{}: {set:?}", self.scenario.slug);
        }
        self
    }

    /// Builds the world.
    pub fn build(&self) -> Box<dyn Simulation> {
        (self.scenario.build)(self)
    }
}

impl PartialEq for Setup {
    fn eq(&self, other: &Self) -> bool {
        self.scenario.slug == other.scenario.slug
            && self.seed == other.seed
            && self.knobs == other.knobs
            && self.switches == other.switches
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("scenario", &self.scenario.slug)
            .field("seed", &self.seed)
            .field("knobs", &self.knobs)
            .field("switches", &self.switches)
            .finish()
    }
}
