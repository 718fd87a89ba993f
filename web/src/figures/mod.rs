//! Figures in front of the viewer: how long operations took, what they cost, and the history of what
//! clients asked and were told. The engine counts; these draw. Charts over time are widgets.

mod costs;
mod histogram;
mod history;
mod lanes;
mod marks;
mod price;
mod verdict;

pub(crate) use costs::cost_strip;
pub(crate) use histogram::{LatenciesProps, latencies};
pub(crate) use history::HistoryPanel;
pub(crate) use lanes::focus_nth;
pub(crate) use marks::{MarkLinesProps, axis_us, mark_lines, mark_near};
pub(crate) use price::{price_in_words, price_table};
