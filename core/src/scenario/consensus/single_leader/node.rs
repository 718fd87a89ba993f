//! A node of this world: a server or a client.

use super::client::Client;
use super::message::{Disk, Fact, Msg, Timer};
use super::server::Server;
use crate::sim::{Boot, Cx, NodeId, Process, SyncId};
use crate::view::NodeView;

/// A server or a client.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// Keeps the log.
    Server(Server),
    /// Writes to it.
    Client(Client),
}

impl Node {
    /// Returns the server that this is, if it is one.
    pub(super) fn server(&self) -> Option<&Server> {
        match self {
            Self::Server(server) => Some(server),
            Self::Client(_) => None,
        }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_start(boot, cx),
            Self::Client(client) => client.on_start(cx),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_message(from, msg, cx),
            Self::Client(client) => client.on_message(from, &msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_timer(timer, cx),
            Self::Client(client) => client.on_timer(timer, cx),
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_synced(sync, cx),
            Self::Client(_) => {}
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        match self {
            Self::Server(server) => server.view(disk),
            Self::Client(client) => client.view(),
        }
    }
}
