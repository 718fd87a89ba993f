//! What is shown: a server's inside, and panels judged from outside.

use super::judge::{self, History, servers};
use super::node::{Node, register};
use super::server::Server;
use crate::mechanism::raft::{Journal, Raft};
use crate::mechanism::writer::Write;
use crate::sim::{NodeId, Process, World};
use crate::view::{Datum, NodeView, Panel, Role, Widget};

impl Server {
    pub(super) fn view(&self, disk: &Journal<Write>) -> NodeView {
        let mut view = self.raft.view(disk);
        let name = |id: NodeId| format!("S{}", id.0 + 1);
        if view.role == Role::Follower {
            let leader = self.raft.leader().map(|id| format!("follows {}", name(id)));
            view.label = leader.unwrap_or_else(|| "knows no leader".into());
        }
        let vote = self.raft.vote(disk).map_or_else(|| "nobody".into(), name);
        view.widgets.insert(0, Widget::field("voted for", vote));
        let members = self.raft.members().iter().map(|id| name(*id).into());
        view.widgets.push(Widget::chips("members", members));
        view.widgets.push(Widget::field("log on disk, bytes", disk.len_bytes().to_string()));
        view
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widget| Panel { title: title.into(), widgets: vec![widget] };
    let lanes = history.raft.lanes.widget("servers", world, servers(world.setup()));
    vec![
        panel("Logs", logs(world, history)),
        panel("State machines", machines(world)),
        panel("Who leads when", lanes),
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
    let clients = u16::try_from(world.setup().knob("clients")).unwrap_or(u16::MAX);
    let columns = (0..clients).map(register).chain(["applied", "members"].map(String::from));
    let row = |(id, server): (NodeId, &Server)| {
        let values = (0..clients).map(|client| Datum::new(server.value(client).to_string()));
        let members = server.raft.members().len();
        let rest = [server.raft.applied().to_string(), members.to_string()].map(Datum::new);
        (world.names()[id].to_owned(), values.chain(rest).collect())
    };
    let rows = judge::up(world).map(row).collect();
    Widget::Matrix { label: "servers".into(), columns: columns.collect(), rows }
}
