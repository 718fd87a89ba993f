//! What is shown: a server's inside, and panels judged from outside.

use super::judge::{History, clients, servers, up};
use super::node::{Disk, Node};
use super::server::Server;
use crate::mechanism::raft::Raft;
use crate::sim::{NodeId, World};
use crate::view::{Datum, NodeView, Panel, Role, Widget, instant};

impl Server {
    pub(super) fn view(&self, disk: &Disk) -> NodeView {
        let view = self.raft.view_as_server(&disk.0);
        if self.is_elected() {
            return view;
        }
        let until_us = self.lease.until_wall_us;
        let until = view.role == Role::Leader && until_us > 0;
        let until = if until { format!(" until {}", instant(until_us)) } else { String::new() };
        NodeView { label: view.label.clone() + &until, ..view }
            .with([Widget::field("lease ends, wall clock", Datum::ms(until_us))])
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let (setup, names) = (world.setup(), world.names());
    let logs = up(world).map(|(id, server)| (&names[id], &server.raft, &world.disk(id).0));
    let is_served = history.lanes.widget("clients", world, clients(setup));
    vec![
        history.raft.lanes.panel("Who leads when", world, servers(setup)),
        Panel::new("Who is served when", [is_served]),
        Panel::new("Who follows whom", [allegiance(world, history)]),
        Panel::new("Logs", [Raft::logs(&logs.collect::<Vec<_>>())]),
    ]
}

fn allegiance(world: &World<Node>, history: &History) -> Widget {
    let (names, is_voting) = (world.names(), world.setup().is_on("majority"));
    let row = |(id, server): (NodeId, &Server)| {
        let term = world.disk(id).0.get().term;
        let vote = history.raft.votes.get(id).map(|(granted, to, term)| {
            let answer = if *granted { "yes" } else { "no" };
            Datum::new(format!("{answer} to {}", &names[*to])).in_epoch(*term)
        });
        let leader = server.raft.leader().map_or("nobody", |id| &names[id]);
        let writes = if server.raft.is_leader() { "accepts" } else { "refuses" };
        let vote = is_voting.then(|| vote.unwrap_or_default());
        let cells = [Datum::of_epoch(term), leader.into()].into_iter();
        (&names[id], cells.chain(vote).chain([writes.into()]))
    };
    let vote = is_voting.then_some("last vote");
    let columns = ["term", "follows"].into_iter().chain(vote).chain(["writes"]);
    Widget::matrix("servers", columns, up(world).map(row))
}
