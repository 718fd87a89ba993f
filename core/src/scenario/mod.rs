//! Every scenario, by family. To add one: write its file, and name it twice in its family's `mod.rs`.

mod collaboration;
mod consensus;
mod diagnostics;
mod glossary;
mod knob;
mod list;
mod meta;
mod replication;
mod setup;
mod storage;

pub use glossary::{glossary_of, place_of_word};
pub use knob::{Choice, Knob, Unit};
pub use list::{all, find};
pub use meta::{
    Diagram, DiskFaultKind, Family, Faults, Fidelity, Primitive, Scenario, Script, Switch, at,
};
pub use setup::{Preset, Setup, SetupError};
