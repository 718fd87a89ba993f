//! A run as text: the fragment of a link, readable and editable by hand.
//!
//! `#/s/<slug>?seed=42&preset=hardened&nodes=5&fencing=off&a=<actions>&at=12.5s&d=<digest>&r=<revision>`
//!
//! Knobs that have their usual value are left out, and so is the naive preset. Actions are postcard
//! bytes in base64url, with times as differences on the scenario's grain. `&step=3` says that of what
//! happens at that time three events and actions lie before the cursor, else all. `&vs=hardened` asks to see
//! the run beside the same schedule in that preset; `&puzzle=1` names the puzzle that it is set up for, which
//! is nothing to the run. Any text gives a run or one sentence.

use std::fmt;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::run::Target;
use crate::scenario::{Preset, Scenario, Setup, SetupError, find};
use crate::sim::{Action, TimedAction};

/// A link holds at most this many actions.
const ACTION_LIMIT: usize = 10_000;
/// The latest time in a link: a day.
const TIME_LIMIT_US: u64 = 24 * 3_600 * 1_000_000;

/// Why a text is no link to a run. Each is one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// It does not begin as links to runs do.
    NoRun,
    /// The scenario, a knob or a switch does not exist or has no such value.
    Setup(SetupError),
    /// A part is not of the form `name=value`.
    NoValue(String),
    /// A number, time or digest cannot be read.
    Malformed {
        /// The part's name.
        key: String,
        /// What was given.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// The list of actions is damaged.
    DamagedActions,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRun => f.write_str("This link does not name a scenario."),
            Self::Setup(error) => error.fmt(f),
            Self::NoValue(part) => {
                write!(f, "The link's part “{}” has no value.", shortened(part))
            }
            Self::Malformed { key, value, expected } => {
                write!(f, "The link's “{key}” must be {expected}, not “{}”.", shortened(value))
            }
            Self::DamagedActions => f.write_str(
                "The link's list of actions is damaged; it may have been cut off when it was copied.",
            ),
        }
    }
}

impl std::error::Error for LinkError {}

impl From<SetupError> for LinkError {
    fn from(error: SetupError) -> Self {
        Self::Setup(error)
    }
}

/// What a link says.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Scenario, knobs, switches and seed.
    pub setup: Setup,
    /// What is done to the world; `None` if the link leaves that to the default script.
    pub actions: Option<Vec<TimedAction>>,
    /// Where the cursor was.
    pub at_us: Option<u64>,
    /// How many steps into that instant, if not at its end.
    pub steps: Option<u32>,
    /// The digest there.
    pub digest: Option<u64>,
    /// The kernel and row revision that made it.
    pub revision: Option<String>,
    /// The preset that it is to be compared with, under the same schedule.
    pub versus: Option<Preset>,
}

/// Writes a run as a fragment, from `#` on.
pub fn format(
    setup: &Setup,
    actions: &[TimedAction],
    at_us: Option<u64>,
    digest: Option<u64>,
) -> String {
    let scenario = setup.scenario();
    let mut link = format!("#/s/{}?seed={}", scenario.slug, setup.seed);
    for (knob, value) in scenario.knobs.iter().zip(setup.knobs()) {
        if *value != knob.default {
            _ = write!(link, "&{}={}", knob.key, knob.text(*value));
        }
    }
    match setup.preset() {
        Some(Preset::Naive) => {}
        Some(Preset::Hardened) => link.push_str("&preset=hardened"),
        None => {
            for (switch, is_on) in scenario.switches.iter().zip(setup.switches()) {
                _ = write!(link, "&{}={}", switch.key, if *is_on { "on" } else { "off" });
            }
        }
    }
    _ = write!(link, "&a={}", encode_actions(actions, scenario.grain_us));
    if let Some(at_us) = at_us {
        _ = write!(link, "&at={}", format_time(at_us));
    }
    if let Some(digest) = digest {
        _ = write!(link, "&d={digest:016x}");
    }
    _ = write!(link, "&r={}", scenario.revision_text());
    link
}

/// Adds to a fragment that its run is to be compared with the same schedule in this preset.
pub fn with_versus(mut link: String, preset: Preset) -> String {
    _ = write!(link, "&vs={}", preset.key());
    link
}

/// Adds to a fragment that its cursor stands so many events and actions into its instant, not at the
/// end of it.
pub fn with_steps(mut link: String, steps: u32) -> String {
    _ = write!(link, "&step={steps}");
    link
}

impl Opened {
    /// Returns where the cursor was; the beginning if the link does not say.
    pub fn place(&self) -> Target {
        let at_us = self.at_us.unwrap_or_default();
        self.steps.map_or(Target::Time(at_us), |steps| Target::Within { at_us, steps })
    }
}

/// Reads a fragment; `fresh_seed` is used if it names none.
///
/// # Errors
/// The text may not be a link, or name something that does not exist, or be damaged.
pub fn parse(fragment: &str, fresh_seed: u64) -> Result<Opened, LinkError> {
    let rest = fragment.trim().trim_start_matches('#').strip_prefix("/s/");
    let (slug, query) = match rest {
        None | Some("") => return Err(LinkError::NoRun),
        Some(rest) => rest.split_once('?').unwrap_or((rest, "")),
    };
    let scenario: &'static Scenario =
        find(slug).ok_or_else(|| SetupError::NoScenario(shortened(slug)))?;
    let mut opened = Opened {
        setup: Setup::new(scenario, Preset::Naive, fresh_seed),
        actions: None,
        at_us: None,
        steps: None,
        digest: None,
        revision: None,
        versus: None,
    };
    let parts: Vec<_> = query.split('&').filter(|part| !part.is_empty()).map(split).collect();
    // The preset comes first, whatever its place: single switches refine it.
    for part in &parts {
        if let Ok(("preset", value)) = part {
            opened.setup.apply(read_preset("preset", value)?);
        }
    }
    for part in parts {
        let (key, value) = part?;
        read_part(&mut opened, key, value)?;
    }
    Ok(opened)
}

fn split(part: &str) -> Result<(&str, &str), LinkError> {
    part.split_once('=').ok_or_else(|| LinkError::NoValue(part.into()))
}

fn read_part(opened: &mut Opened, key: &str, value: &str) -> Result<(), LinkError> {
    match key {
        // The preset is read before; which puzzle it answers, the page reads.
        "preset" | "puzzle" => {}
        "seed" => {
            let seed = value.parse();
            opened.setup.seed =
                seed.map_err(|_| malformed(key, value, "a whole number below 2⁶⁴"))?;
        }
        "a" => {
            let grain_us = opened.setup.scenario().grain_us;
            opened.actions =
                Some(decode_actions(value, grain_us).ok_or(LinkError::DamagedActions)?);
        }
        "at" => {
            let at_us = parse_time(value).filter(|&at_us| at_us <= TIME_LIMIT_US);
            opened.at_us =
                Some(at_us.ok_or_else(|| malformed(key, value, "a time such as 12.5s"))?);
        }
        "step" => {
            let steps = value.parse();
            opened.steps = Some(steps.map_err(|_| malformed(key, value, "a whole number"))?);
        }
        "d" => {
            let digest = u64::from_str_radix(value, 16);
            opened.digest =
                Some(digest.map_err(|_| malformed(key, value, "sixteen hexadecimal digits"))?);
        }
        "r" => opened.revision = Some(shortened(value)),
        "vs" => opened.versus = Some(read_preset(key, value)?),
        _ => opened.setup.set(key, value).map_err(quotable)?,
    }
    Ok(())
}

fn read_preset(key: &str, value: &str) -> Result<Preset, LinkError> {
    let preset = Preset::ALL.into_iter().find(|preset| preset.key() == value);
    preset.ok_or_else(|| malformed(key, value, "naive or hardened"))
}

fn malformed(key: &str, value: &str, expected: &'static str) -> LinkError {
    LinkError::Malformed { key: key.into(), value: value.into(), expected }
}

/// Makes sure that what the sentence quotes can be read.
fn quotable(error: SetupError) -> SetupError {
    match error {
        SetupError::NoScenario(slug) => SetupError::NoScenario(shortened(&slug)),
        SetupError::NoKnob(key) => SetupError::NoKnob(shortened(&key)),
        SetupError::BadValue { key, value, expected } => {
            SetupError::BadValue { key, value: shortened(&value), expected }
        }
    }
}

/// Cuts what a sentence quotes to a length that can be read.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().count() > 40 {
        short.push('…');
    }
    short
}

fn encode_actions(actions: &[TimedAction], grain_us: u64) -> String {
    let mut last = 0;
    let steps: Vec<(u64, &Action)> = actions
        .iter()
        .map(|timed| {
            let at = timed.at_us / grain_us.max(1);
            let step = at.saturating_sub(last);
            last = at;
            (step, &timed.action)
        })
        .collect();
    URL_SAFE_NO_PAD.encode(postcard::to_allocvec(&steps).unwrap_or_default())
}

fn decode_actions(text: &str, grain_us: u64) -> Option<Vec<TimedAction>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    let (steps, rest) = postcard::take_from_bytes::<Vec<(u64, Action)>>(&bytes).ok()?;
    if !rest.is_empty() || steps.len() > ACTION_LIMIT {
        return None;
    }
    let mut at_us = 0_u64;
    let timed = |(step, action): (u64, Action)| {
        at_us = at_us.checked_add(step.checked_mul(grain_us.max(1))?)?;
        (at_us <= TIME_LIMIT_US).then_some(TimedAction { at_us, action })
    };
    steps.into_iter().map(timed).collect()
}

/// Writes a time in seconds, without trailing zeros: `12.5s`.
pub fn format_time(us: u64) -> String {
    let (seconds, fraction) = (us / 1_000_000, us % 1_000_000);
    let fraction = format!("{fraction:06}");
    match fraction.trim_end_matches('0') {
        "" => format!("{seconds}s"),
        fraction => format!("{seconds}.{fraction}s"),
    }
}

/// Reads a time such as `12.5s`, `350ms` or `2` (seconds), to the microsecond.
pub fn parse_time(text: &str) -> Option<u64> {
    let (number, unit_us) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1_000),
        (None, Some(number)) => (number, 1_000_000),
        (None, None) => (text, 1_000_000),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    whole.checked_mul(unit_us)?.checked_add(fraction * unit_us / scale)
}
