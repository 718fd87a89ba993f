//! One value with what the screen has to know of it.

use serde::{Deserialize, Serialize};

/// How good or bad something is.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Neutral,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong, broken or lost.
    Bad,
    /// Of the past, or unknown.
    Muted,
}

impl Tone {
    /// Returns this tone if something is so, and else that of nothing special.
    #[must_use]
    pub fn when(self, is_so: bool) -> Self {
        if is_so { self } else { Self::Neutral }
    }
}

/// Returns a moment of the run in words, to the millisecond: "1.502 s".
pub fn instant(us: u64) -> String {
    format!("{}.{:03} s", us / 1_000_000, us / 1_000 % 1_000)
}

/// One cell of a row or matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Datum {
    /// What it says.
    pub text: String,
    /// The term, epoch, ballot or version it belongs to; decides its hue, so also its number.
    pub epoch: Option<u64>,
    /// Committed, or decided: solid instead of dashed.
    pub committed: bool,
    /// Survives a crash: carries a lock.
    pub durable: bool,
    /// How good or bad it is.
    pub tone: Tone,
}

impl Datum {
    /// Makes a plain cell.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), committed: true, ..Self::default() }
    }

    /// Makes a cell of a time: "20 ms".
    pub fn ms(us: u64) -> Self {
        Self::new(format!("{} ms", us / 1_000))
    }

    /// Makes a cell for what there is not: a dash, and muted.
    pub fn none() -> Self {
        Self::new("–").toned(Tone::Muted)
    }

    /// Makes a cell for an epoch itself.
    pub fn of_epoch(epoch: u64) -> Self {
        Self::from(epoch).in_epoch(epoch)
    }

    /// Makes a cell for a count that has this tone unless it is 0.
    pub fn count(count: u64, tone: Tone) -> Self {
        Self::from(count).toned(tone.when(count > 0))
    }

    /// Makes a cell that says whether something good is so.
    pub fn yes_or_no(is_so: bool) -> Self {
        if is_so { Self::new("yes").toned(Tone::Good) } else { Self::new("no").toned(Tone::Bad) }
    }

    /// Gives the cell a tone.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// Says whether the cell is as it should be; else it is worth a look.
    #[must_use]
    pub fn good_if(self, is_good: bool) -> Self {
        self.toned(if is_good { Tone::Good } else { Tone::Warn })
    }

    /// Gives the cell an epoch.
    #[must_use]
    pub fn in_epoch(self, epoch: u64) -> Self {
        Self { epoch: Some(epoch), ..self }
    }

    /// Says that the cell survives a crash.
    #[must_use]
    pub fn durable(self) -> Self {
        self.durable_if(true)
    }

    /// Says whether the cell survives a crash.
    #[must_use]
    pub fn durable_if(self, durable: bool) -> Self {
        Self { durable, ..self }
    }

    /// Says that the cell is not committed, decided or final yet.
    #[must_use]
    pub fn uncommitted(self) -> Self {
        Self { committed: false, ..self }
    }
}

impl From<String> for Datum {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<u16> for Datum {
    fn from(number: u16) -> Self {
        Self::new(number.to_string())
    }
}

impl From<u32> for Datum {
    fn from(number: u32) -> Self {
        Self::new(number.to_string())
    }
}

impl From<u64> for Datum {
    fn from(number: u64) -> Self {
        Self::new(number.to_string())
    }
}

impl From<usize> for Datum {
    fn from(number: usize) -> Self {
        Self::new(number.to_string())
    }
}

impl From<i64> for Datum {
    fn from(number: i64) -> Self {
        Self::new(number.to_string())
    }
}
