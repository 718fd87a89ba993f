//! A node: the scheduler, the bank, a worker or a client.

use super::bank::Bank;
use super::client::Client;
use super::message::{Fact, Msg, Timer};
use super::scheduler::Scheduler;
use super::worker::Worker;
use crate::sim::{Files, kinds};

/// What survives a crash.
pub(super) type Disk = Files;

kinds! {
    /// One node.
    Node in "attempt" {
        /// Says whose turn it is.
        Scheduler(Scheduler),
        /// Pays.
        Bank(Bank),
        /// Has bills paid.
        Worker(Worker),
        /// Sends bills.
        Client(Client),
    }
}
