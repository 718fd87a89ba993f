//! What the screen may know: plain data in the screen's own terms, free of any mechanism's types.
//!
//! A scenario says what a thing *is* (a role, an epoch, a widget); the screen decides how that looks.
//! Nothing here names a pixel, a colour or an element.

mod check;
mod history;
mod hunt;
mod inside;
mod layout;
mod puzzle;
mod scene;
mod widget;

pub use check::{Check, CheckKind, Verdict};
pub use history::HistoryVerdict;
pub use hunt::{Cure, Future, Incurable, Measure, Strategy, Surveyed, Tally};
pub use inside::{NodeInside, WaitingScene};
pub use layout::{Layout, Place};
pub use puzzle::{FaultUse, Grade, PuzzleView};
pub use scene::{
    CutScene, FallenScene, HoldScene, LoadScene, MessageScene, NodeScene, NodeView, Role, Scene,
    Status, TimerScene,
};
pub use widget::{
    Area, BitMark, Bits, Branch, Bucket, Caret, Column, ColumnKind, Curve, Datum, Document, Edge,
    Graph, Histogram, LogMatrix, LogRow, Map, MapLink, MapPlace, Panel, Plane, PlaneMark, Pointer,
    Position, Quantity, Record, Ring, RingArc, RingKey, Sector, SectorState, Sectors, Series, Span,
    Table, TextRun, TextState, Token, Tone, Tree, Widget, Window, WindowEvent, WindowRow, Windows,
    instant,
};
