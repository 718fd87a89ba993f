//! Raft alone, without clients: what its paper says of it, and every order of a small group.

mod elections;
mod every_message;
mod every_order;
mod figure_8;
mod group;
mod members;
