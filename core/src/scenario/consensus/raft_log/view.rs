//! What is shown: a server's inside, and panels judged from outside.

use super::judge::{self, History, servers};
use super::node::{Node, register};
use super::server::Server;
use crate::mechanism::raft::{Raft, StableFile};
use crate::mechanism::writer::Write;
use crate::sim::{NodeId, World};
use crate::view::{NodeView, Panel, Widget};

impl Server {
    pub(super) fn view(&self, disk: &StableFile<Write>) -> NodeView {
        let name = |id: NodeId| format!("S{}", id.0 + 1);
        let members = self.raft.members().iter().map(|id| name(*id).into());
        self.raft.view_as_server(disk).with([
            Widget::chips("members", members),
            Widget::field("log on disk, bytes", disk.len_bytes()),
        ])
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    vec![
        Panel::new("Logs", [logs(world, history)]),
        Panel::new("State machines", [machines(world)]),
        history.raft.lanes.panel("Who leads when", world, servers(world.setup())),
    ]
}

/// The logs as in Figures 6 to 8; what another server has applied otherwise is marked.
fn logs(world: &World<Node>, history: &History) -> Widget {
    let row = |id: NodeId| {
        let commit = world.process(id).and_then(Node::server).map(|server| server.raft.commit());
        (&world.names()[id], commit, &world.disk(id).0)
    };
    let rows: Vec<_> = servers(world.setup()).map(row).collect();
    Raft::logs_and_disks(&rows, |index, digest| history.contradicts(index, digest))
}

/// What each server has come to by applying its log.
fn machines(world: &World<Node>) -> Widget {
    let clients = world.setup().count("clients");
    let columns = (0..clients).map(register).chain(["applied", "members"].map(String::from));
    let rows = judge::up(world).map(|(id, server)| {
        let values = (0..clients).map(|client| server.value(client).into());
        let members = server.raft.members().len().into();
        (&world.names()[id], values.chain([server.raft.applied().into(), members]))
    });
    Widget::matrix("servers", columns, rows)
}
