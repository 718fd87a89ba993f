//! Judging transactions: which isolation did a database give them?
//!
//! A history of transactions whose writes can be told apart gives away who read and overwrote whom.
//! Those dependencies make a graph (Adya 1999), and what went wrong is a cycle in it, named by its
//! edges; how to infer the graph from what clients saw is Elle's idea (Kingsbury and Alvaro 2020).

mod anomaly;
mod cycles;
mod graph;
mod inference;
mod keys;

pub use anomaly::{Anomaly, AnomalyKind, Isolation};
pub use graph::{Dependency, DependencyKind};
pub use inference::{DuplicateWrite, Precedence, TransactionHistory, anomalies};
pub use keys::MicroOperation;
