//! What a viewer can turn: a number, or one of a few things.

use std::ops::RangeInclusive;

/// What a knob's number counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Things.
    Count,
    /// Milliseconds.
    Milliseconds,
    /// In a hundred.
    Percent,
    /// Times a second.
    PerSecond,
    /// Nothing: it says which of these is chosen, the first being the knob's smallest value.
    Choice(&'static [Choice]),
}

impl Unit {
    /// Returns what stands behind the number.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Count | Self::Choice(_) => "",
            Self::Milliseconds => " ms",
            Self::Percent => " %",
            Self::PerSecond => " a second",
        }
    }
}

/// One of the things that a knob can choose.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// Names it in links.
    pub key: &'static str,
    /// As shown.
    pub label: &'static str,
}

/// A number that the viewer can turn, or a choice.
#[derive(Clone, Debug)]
pub struct Knob {
    /// Names it in links and for [`super::Setup::knob`].
    pub key: &'static str,
    /// As shown.
    pub label: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Its smallest value.
    pub min: u64,
    /// Its usual value.
    pub default: u64,
    /// Its largest value.
    pub max: u64,
}

impl Knob {
    /// Makes a number of things: its usual value, and all that it can be.
    pub const fn count(
        key: &'static str,
        label: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Self {
        let (min, max) = (*range.start(), *range.end());
        Self { key, label, unit: Unit::Count, min, default, max }
    }

    /// Makes a time in milliseconds.
    pub const fn milliseconds(
        key: &'static str,
        label: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Self {
        Self { unit: Unit::Milliseconds, ..Self::count(key, label, default, range) }
    }

    /// Makes a share in a hundred.
    pub const fn percent(
        key: &'static str,
        label: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Self {
        Self { unit: Unit::Percent, ..Self::count(key, label, default, range) }
    }

    /// Makes a choice among several, whose values are counted from `first`.
    pub const fn one_of(
        key: &'static str,
        label: &'static str,
        default: u64,
        first: u64,
        choices: &'static [Choice],
    ) -> Self {
        let max = first + choices.len() as u64 - 1;
        Self { key, label, unit: Unit::Choice(choices), min: first, default, max }
    }

    /// Returns what it chooses from; nothing if it is a number.
    pub const fn choices(&self) -> &'static [Choice] {
        match self.unit {
            Unit::Choice(choices) => choices,
            Unit::Count | Unit::Milliseconds | Unit::Percent | Unit::PerSecond => &[],
        }
    }

    /// Returns what it chooses at this value, if it chooses.
    fn choice(&self, value: u64) -> Option<&'static Choice> {
        self.choices().get(usize::try_from(value.checked_sub(self.min)?).ok()?)
    }

    /// Returns a value as links have it.
    pub fn text(&self, value: u64) -> String {
        self.choice(value).map_or_else(|| value.to_string(), |choice| choice.key.to_owned())
    }

    /// Returns a value as shown: "150 ms".
    pub fn words(&self, value: u64) -> String {
        let number = || format!("{value}{}", self.unit.suffix());
        self.choice(value).map_or_else(number, |choice| choice.label.to_owned())
    }

    /// Reads a value; a choice is named, or given by its number.
    pub fn read(&self, text: &str) -> Option<u64> {
        let place = self.choices().iter().position(|choice| choice.key == text);
        let named = place.and_then(|place| Some(self.min + u64::try_from(place).ok()?));
        named.or_else(|| text.parse().ok()).filter(|value| (self.min..=self.max).contains(value))
    }

    /// Returns what would do as a value, for a sentence.
    pub fn expected(&self) -> String {
        match self.choices() {
            [] => format!("a whole number from {} to {}", self.min, self.max),
            choices => {
                let keys: Vec<&str> = choices.iter().map(|choice| choice.key).collect();
                format!("one of {}", keys.join(", "))
            }
        }
    }
}
