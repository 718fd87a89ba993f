//! State in shapes: what a node or panel shows of itself, charts over virtual time, and the block
//! diagram of a scenario. Nothing here knows what it shows; a scenario says what a thing is, and
//! these decide how that looks.

mod cells;
mod changes;
mod chart;
mod chart_table;
mod datum;
mod diagram;
mod lanes;
mod plot;
mod scale;
mod series;
mod widget;

pub(crate) use chart::part_of;
pub use chart::{Chart, ChartProps};
pub use diagram::{BlockDiagram, BlockDiagramProps};
pub(crate) use scale::rounded_up;
pub use series::Series;
pub use widget::{PanelView, PanelViewProps, WidgetView, WidgetViewProps};
