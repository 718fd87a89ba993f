//! Faultline's page and its engine worker. Two binaries, one wire; neither names a mechanism.

pub mod wire;
