//! Pieces of state in shapes that the screen can draw.
//!
//! A row of the catalogue fills one of these with its own names and numbers and needs no picture of
//! its own. Everything is whole numbers and text: what is shown is a function of the world, to the
//! bit, like the world itself. The screen says each piece in words as well.

mod datum;
mod document;
mod plane;
mod rows;
mod shapes;
mod times;

use serde::{Deserialize, Serialize};

use crate::sim::{NodeId, Process, World};

pub use datum::{Datum, Tone, instant};
pub use document::{Caret, Document, TextRun, TextState};
pub use plane::{Curve, Plane, PlaneMark, Quantity};
pub use rows::{
    BitMark, Bits, Column, ColumnKind, LogMatrix, LogRow, Pointer, Record, Sector, SectorState,
    Sectors, Table,
};
pub use shapes::{
    Area, Branch, Edge, Graph, Map, MapLink, MapPlace, Position, Ring, RingArc, RingKey, Token,
    Tree,
};
pub use times::{Bucket, Histogram, Series, Span, Window, WindowEvent, WindowRow, Windows};

/// So many records of the end of a log are shown.
const LOG_END: u64 = 6;

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
    /// Cells in a row, such as a log or a queue.
    Cells {
        /// What the row is.
        label: String,
        /// In order.
        cells: Vec<Datum>,
    },
    /// Small values without an order, such as the members of a set.
    Chips {
        /// What the values are.
        label: String,
        /// The values.
        chips: Vec<Datum>,
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
    /// Records with typed columns.
    Table(Table),
    /// Copies of a log, one row a node and one column an index.
    LogMatrix(LogMatrix),
    /// Stretches of true time, one lane a row.
    Lanes {
        /// What the lanes show.
        label: String,
        /// A heading and its spans, in order of time.
        rows: Vec<(String, Vec<Span>)>,
    },
    /// A number over time.
    Series(Series),
    /// One quantity against another.
    Plane(Plane),
    /// Windows of a stream over event time.
    Windows(Windows),
    /// How often each value came up.
    Histogram(Histogram),
    /// A ring of hashes with its owners.
    Ring(Ring),
    /// A tree.
    Tree(Tree),
    /// Nodes and directed edges.
    Graph(Graph),
    /// Places by longitude and latitude.
    Map(Map),
    /// An array of bits or small numbers.
    Bits(Bits),
    /// Sectors of a disk.
    Sectors(Sectors),
    /// Text that several people write.
    Document(Document),
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

    /// Makes the end of a log of so many records as a row of cells. Up to `durable` no crash undoes
    /// them, and up to `promised` somebody relies on them: what is relied on and not durable is worth a look.
    pub fn log_end(label: impl Into<String>, last: u64, durable: u64, promised: u64) -> Self {
        let cell = |number: u64| {
            let is_rash = number <= promised && number > durable;
            Datum::from(number).durable_if(number <= durable).toned(Tone::Warn.when(is_rash))
        };
        Self::cells(label, (last.saturating_sub(LOG_END) + 1..=last).map(cell))
    }

    /// Makes a set of small values.
    pub fn chips(label: impl Into<String>, chips: impl IntoIterator<Item = Datum>) -> Self {
        Self::Chips { label: label.into(), chips: chips.into_iter().collect() }
    }

    /// Makes a part of a whole with nothing special about it.
    pub fn gauge(label: impl Into<String>, value: u64, max: u64) -> Self {
        Self::Gauge { label: label.into(), value, max, tone: Tone::Neutral }
    }

    /// Makes a grid: the heads of its columns, and of each row the head and its cells.
    pub fn matrix<C: IntoIterator<Item = Datum>>(
        label: impl Into<String>,
        columns: impl IntoIterator<Item = impl Into<String>>,
        rows: impl IntoIterator<Item = (impl Into<String>, C)>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        let row = |(head, cells): (_, C)| (Into::into(head), cells.into_iter().collect());
        Self::Matrix { label: label.into(), columns, rows: rows.into_iter().map(row).collect() }
    }

    /// Makes a table whose columns hold words first, and then numbers.
    pub fn table<'a>(
        label: impl Into<String>,
        (words, numbers): (impl IntoIterator<Item = &'a str>, impl IntoIterator<Item = &'a str>),
        records: impl IntoIterator<Item = impl Into<Record>>,
    ) -> Self {
        let words = words.into_iter().map(Column::text);
        let columns = words.chain(numbers.into_iter().map(Column::number));
        Self::Table(Table::new(label, columns).with(records))
    }

    /// Makes a grid of what each node that runs (a row) has of each node (a column).
    pub fn of_each<P: Process>(
        label: impl Into<String>,
        world: &World<P>,
        cell: impl Fn(NodeId, &P, NodeId) -> Datum,
    ) -> Self {
        let cell = &cell;
        let row = |id: NodeId| {
            let process = world.process(id)?;
            Some((&world.names()[id], world.ids().map(move |of| cell(id, process, of))))
        };
        let columns = world.ids().map(|id| &world.names()[id]);
        Self::matrix(label, columns, world.ids().filter_map(row))
    }

    /// Makes a grid with a row for each of these nodes that runs.
    pub fn of_nodes<'a, P: Process, C: IntoIterator<Item = Datum>>(
        label: impl Into<String>,
        world: &'a World<P>,
        nodes: impl IntoIterator<Item = NodeId>,
        columns: impl IntoIterator<Item = impl Into<String>>,
        cells: impl Fn(NodeId, &'a P) -> Option<C>,
    ) -> Self {
        let row = |id: NodeId| Some((&world.names()[id], cells(id, world.process(id)?)?));
        Self::matrix(label, columns, nodes.into_iter().filter_map(row))
    }

    /// Returns what the piece is called; prose has no name.
    pub fn label(&self) -> &str {
        match self {
            Self::Field { label, .. }
            | Self::Gauge { label, .. }
            | Self::Cells { label, .. }
            | Self::Chips { label, .. }
            | Self::Matrix { label, .. }
            | Self::Lanes { label, .. } => label,
            Self::Table(table) => &table.label,
            Self::LogMatrix(logs) => &logs.label,
            Self::Series(series) => &series.label,
            Self::Plane(plane) => &plane.label,
            Self::Windows(windows) => &windows.label,
            Self::Histogram(histogram) => &histogram.label,
            Self::Ring(ring) => &ring.label,
            Self::Tree(tree) => &tree.label,
            Self::Graph(graph) => &graph.label,
            Self::Map(map) => &map.label,
            Self::Bits(bits) => &bits.label,
            Self::Sectors(sectors) => &sectors.label,
            Self::Document(document) => &document.label,
            Self::Text(_) => "",
        }
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

impl Panel {
    /// Makes a panel.
    pub fn new(title: impl Into<String>, widgets: impl IntoIterator<Item = Widget>) -> Self {
        Self { title: title.into(), widgets: widgets.into_iter().collect() }
    }
}
