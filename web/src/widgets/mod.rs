//! State in shapes: what a node or panel shows of itself, charts over virtual time, and the block
//! diagram of a scenario. Nothing here knows what it shows; a scenario says what a thing is, and
//! these decide how that looks.
//!
//! One file draws one case of [`faultline_core::view::Widget`]; `words` says each in words. Every
//! list is bounded and says what it leaves out.

mod axis;
mod bits;
mod cells;
mod changes;
mod chart;
mod chart_table;
mod datum;
mod diagram;
mod document;
mod frame;
mod graph;
mod graph_layout;
mod histogram;
mod land;
mod lanes;
mod log_matrix;
mod map;
mod plane;
mod plot;
mod ring;
mod scale;
mod sectors;
mod series;
mod sparkline;
mod table;
mod tree;
mod widget;
mod windows;
mod words;

pub(crate) use chart::part_of;
pub use chart::{Chart, ChartProps};
pub(crate) use datum::{datum_in_words, tone_class, tone_letter};
pub use diagram::{BlockDiagramProps, block_diagram};
pub(crate) use scale::rounded_up;
pub(crate) use sectors::{SectorsView, letters};
pub use series::Series;
pub use widget::{
    PanelView, PanelViewProps, WidgetList, WidgetListProps, WidgetView, WidgetViewProps,
};
pub(crate) use words::widget_in_words;
