//! The simulated disk of files: against a reference that is written another way, rule by rule,
//! fault by fault, and under a small write-ahead log.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crashes;
mod faults;
mod reference;
mod tools;
mod versus;
mod wal;
mod wal_tests;
