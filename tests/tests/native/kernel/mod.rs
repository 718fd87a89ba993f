//! The kernel's laws, each with the smallest process that could break it.

mod by_hand;
mod capacity;
mod causes;
mod disks;
mod embedding;
mod files;
mod links;
mod naming;
mod network;
mod order;
pub(crate) mod puppet;
mod queueing;
mod scale;
mod time;
mod turns;
