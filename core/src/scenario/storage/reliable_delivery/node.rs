//! A node: the Sender, the Receiver, or an app.

use super::app::App;
use super::message::{Fact, Msg, Timer};
use super::receiver::Receiver;
use super::sender::Sender;
use crate::sim::{Files, kinds};

/// What survives a crash.
pub(super) type Disk = Files;

kinds! {
    /// One node.
    Node in "message" {
        /// Takes messages and delivers them.
        Sender(Sender),
        /// Lets them take effect.
        Receiver(Receiver),
        /// Hands them over.
        App(App),
    }
}
