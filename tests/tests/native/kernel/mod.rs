//! The kernel's laws, each with the smallest process that could break it.

mod disks;
mod embedding;
mod naming;
mod network;
mod order;
mod puppet;
mod queueing;
mod scale;
mod time;
