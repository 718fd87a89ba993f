//! Clients that write to a log that several servers keep, and the receipts that they hold.
//!
//! A [`Writer`] asks for one write at a time, again and again until somebody acknowledges it: it waits
//! longer each time, goes where it is told that the leader is, and otherwise looks around. A write is
//! named by client and number, so that a retry is recognised as the same write. [`Receipts`] folds what
//! the writers were told into what can be judged: whether two receipts contradict each other, how long
//! somebody waits.
//!
//! The servers are the host's. They hear [`Message::Write`] and answer with [`Message::Acknowledged`]
//! or [`Message::Refused`].

mod client;
mod message;
mod receipts;

pub use client::Writer;
pub use message::{Fact, Message, Receipt, Timer, Write};
pub use receipts::{LONG_WAIT_US, Receipts, as_append, nobody_waits};
