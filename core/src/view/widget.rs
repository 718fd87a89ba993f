//! Pieces of state in shapes that the screen can draw.

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

    /// Gives the cell a tone.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// Gives the cell an epoch.
    #[must_use]
    pub fn in_epoch(self, epoch: u64) -> Self {
        Self { epoch: Some(epoch), ..self }
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

impl From<i64> for Datum {
    fn from(number: i64) -> Self {
        Self::new(number.to_string())
    }
}

/// A stretch of true time on a lane.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// When it begins.
    pub from_us: u64,
    /// When it ends; open if it still goes on.
    pub to_us: Option<u64>,
    /// What it is.
    pub text: String,
    /// The epoch it belongs to.
    pub epoch: Option<u64>,
    /// How good or bad it is.
    pub tone: Tone,
}

/// A piece of state in a shape that the screen can draw.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Widget {
    /// A name and a value.
    Field {
        /// What it is.
        label: String,
        /// Its value.
        value: Datum,
    },
    /// A part of a whole.
    Gauge {
        /// What it is.
        label: String,
        /// How much there is.
        value: u64,
        /// How much there can be.
        max: u64,
        /// How good or bad that is.
        tone: Tone,
    },
    /// Cells in a row, such as a log.
    Cells {
        /// What the row is.
        label: String,
        /// In order.
        cells: Vec<Datum>,
    },
    /// A grid with headings, such as a vector a node.
    Matrix {
        /// What the grid is.
        label: String,
        /// One heading a column.
        columns: Vec<String>,
        /// A heading and one cell a column.
        rows: Vec<(String, Vec<Datum>)>,
    },
    /// Stretches of true time, one lane a row.
    Lanes {
        /// What the lanes show.
        label: String,
        /// A heading and its spans, in order of time.
        rows: Vec<(String, Vec<Span>)>,
    },
    /// Prose.
    Text(String),
}

impl Widget {
    /// Makes a field.
    pub fn field(label: impl Into<String>, value: impl Into<Datum>) -> Self {
        Self::Field { label: label.into(), value: value.into() }
    }

    /// Makes a row of cells.
    pub fn cells(label: impl Into<String>, cells: impl IntoIterator<Item = Datum>) -> Self {
        Self::Cells { label: label.into(), cells: cells.into_iter().collect() }
    }
}

/// A panel that shows the mechanism itself, judged from outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Panel {
    /// As shown.
    pub title: String,
    /// Its contents.
    pub widgets: Vec<Widget>,
}
