//! A node of this world: a server of one of the groups, or the store of one.

use super::message::{Fact, Msg, Timer};
use super::server::Server;
use super::store::{Store, Volume};
use crate::mechanism::fencing::Promise;
use crate::mechanism::raft::{self, Raft};
use crate::mechanism::writer::Write;
use crate::sim::{Boot, Cell, Cx, NodeId, Process, SyncId, embed};
use crate::view::NodeView;

/// A server or a store.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// May lead its group.
    Server(Box<Server>),
    /// Is written by whoever leads.
    Store(Store),
}

impl Node {
    /// Returns the server that this is, if it is one.
    pub(super) fn server(&self) -> Option<&Server> {
        if let Self::Server(server) = self { Some(server) } else { None }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        if let Self::Server(server) = self {
            server.on_start(boot, cx);
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_message(from, msg, cx),
            Self::Store(store) => store.on_message(from, &msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        if let Self::Server(server) = self {
            server.on_timer(timer, cx);
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_synced(sync, cx),
            Self::Store(store) => store.on_synced(sync, cx),
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        super::view::node(self, disk)
    }
}

/// What survives a crash: Raft's term, vote and log; a promise; and what a store holds.
pub(super) type Disk = (raft::Disk<Write>, (Cell<Promise>, Cell<Volume>));

embed!(Raft<Write> as Raft in Node, |disk| &mut disk.0);
