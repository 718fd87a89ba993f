//! The store against a map, and against every crash.

mod crashes;
mod harness;
mod workload;
