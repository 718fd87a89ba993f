//! A node of this world: a client, an instance of Redis, the ticket office, or the revision counter.

use super::client::Client;
use super::instance::Instance;
use super::message::{Fact, Msg, Timer};
use super::office::{Book, Counter, Office};
use crate::mechanism::revisions::Store;
use crate::sim::{Boot, Cell, Cx, NodeId, Process, SyncId};
use crate::view::NodeView;

/// How the lock works.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub(super) struct Config {
    /// How many clients there are; office, counter and instances come after them.
    pub(super) clients: u16,
    /// How many instances there are.
    pub(super) instances: u16,
    /// A key's time to live.
    pub(super) ttl_us: u64,
    /// How often a primary tells its replica what it holds.
    pub(super) lag_us: u64,
    /// Safeguard: key and time to live are set by one command.
    pub(super) is_atomic: bool,
    /// Safeguard: a client deletes only its own key.
    pub(super) compares: bool,
    /// Safeguard: a majority of independent instances; otherwise a primary with a replica.
    pub(super) has_majority: bool,
    /// Safeguard: an instance that comes up again is silent for a time to live.
    pub(super) is_silent: bool,
    /// Safeguard: clients take a number, and the office refuses old ones.
    pub(super) is_fenced: bool,
}

impl Config {
    /// Returns the ticket office.
    pub(super) fn office(self) -> NodeId {
        NodeId(self.clients)
    }

    /// Returns the revision counter.
    pub(super) fn counter(self) -> NodeId {
        NodeId(self.clients + 1)
    }

    /// Returns an instance by its place.
    pub(super) fn instance(self, nth: u16) -> NodeId {
        NodeId(self.clients + 2 + nth)
    }

    /// Lists the instances, in order.
    pub(super) fn instances(self) -> impl Iterator<Item = NodeId> {
        (0..self.instances).map(move |nth| self.instance(nth))
    }

    /// Returns how many keys make a lock.
    pub(super) fn needed(self) -> u32 {
        if self.has_majority { u32::from(self.instances) / 2 + 1 } else { 1 }
    }
}

/// What survives a crash: the counter's store, and the office's book. Instances keep nothing, as Redis does
/// unless it syncs every command.
pub(super) type Disk = (Cell<Store>, Cell<Book>);

/// One node.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// Sells tickets.
    Client(Box<Client>),
    /// Is where tickets are written down.
    Office(Office),
    /// Gives numbers out, each higher than the one before.
    Counter(Counter),
    /// Holds the key.
    Instance(Instance),
}

impl Node {
    /// Returns the client that this is, if it is one.
    pub(super) fn client(&self) -> Option<&Client> {
        if let Self::Client(client) = self { Some(client) } else { None }
    }

    /// Returns the instance that this is, if it is one.
    pub(super) fn instance(&self) -> Option<&Instance> {
        if let Self::Instance(instance) = self { Some(instance) } else { None }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Client(_) => Client::on_start(boot, cx),
            Self::Instance(instance) => instance.on_start(boot, cx),
            Self::Office(_) | Self::Counter(_) => {}
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Client(client) => client.on_message(from, &msg, cx),
            Self::Instance(instance) => instance.on_message(from, &msg, cx),
            Self::Office(office) => office.on_message(from, &msg, cx),
            Self::Counter(_) => Counter::on_message(from, &msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Client(client) => client.on_timer(timer, cx),
            Self::Instance(instance) => instance.on_timer(timer, cx),
            Self::Office(_) | Self::Counter(_) => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        if let Self::Office(office) = self {
            office.on_synced(sync, cx);
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        match self {
            Self::Client(client) => client.view(),
            Self::Instance(instance) => instance.view(),
            Self::Office(_) => Office::view(disk.1.get()),
            Self::Counter(_) => Counter::view(disk.0.get()),
        }
    }
}
