//! Every scenario, by family. To add one: write its file, and name it twice in its family's `mod.rs`.

mod collaboration;
mod consensus;
mod diagnostics;
mod glossary;
mod list;
mod meta;
mod setup;

pub use glossary::{find_word, glossary_of};
pub use list::{all, find};
pub use meta::{
    Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Switch,
    Unit,
};
pub use setup::{Preset, Setup, SetupError};
