//! Promises that every row and the kernel keep, checked on this machine.
//!
//! One program for all of them, since linking is what takes long. What must hold in a browser too is
//! in `digests.rs`.
#![cfg(not(target_arch = "wasm32"))]

mod actors;
mod any_action;
mod campaign;
mod card;
mod claims;
mod commands;
mod completeness;
mod data;
mod exploration;
mod explorer;
mod export;
mod faults;
mod golden;
mod histories;
mod hunting;
mod kept;
mod kernel;
mod lesson;
mod lesson_as_told;
mod lesson_of_single_leader;
mod links;
mod operations;
mod oracles;
mod puzzles;
mod raft;
mod registered;
mod replay;
mod shrinking;
mod sides;
mod tidy;
mod totality;
mod traces;
mod walks;
