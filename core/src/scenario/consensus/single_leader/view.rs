//! What is shown: a server's inside, and panels judged from outside.

use super::judge::{History, clients, servers, up};
use super::node::{Disk, Node};
use super::server::Server;
use crate::mechanism::raft::Raft;
use crate::sim::{NodeId, Process, World};
use crate::view::{Datum, NodeView, Panel, Role, Widget};

impl Server {
    pub(super) fn view(&self, disk: &Disk) -> NodeView {
        let mut view = self.raft.view(&disk.0);
        if view.role == Role::Follower {
            let leader = self.raft.leader().map(|id| format!("follows S{}", id.0 + 1));
            view.label = leader.unwrap_or_else(|| "knows no leader".into());
        }
        if self.is_elected() {
            let vote = disk.0.get().vote.map(|id| format!("S{}", id.0 + 1));
            let vote = vote.unwrap_or_else(|| "nobody".into());
            view.widgets.insert(0, Widget::field("voted for", vote));
        } else {
            let until = format!("{} ms", self.lease.until_wall_us / 1_000);
            view.widgets.push(Widget::field("lease ends, wall clock", until));
        }
        view
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widget| Panel { title: title.into(), widgets: vec![widget] };
    let (setup, names) = (world.setup(), world.names());
    let logs = up(world).map(|(id, server)| (&names[id], &server.raft, &world.disk(id).0));
    vec![
        panel("Who leads when", history.raft.lanes.widget("servers", world, servers(setup))),
        panel("Who is served when", history.lanes.widget("clients", world, clients(setup))),
        panel("Who follows whom", allegiance(world, history)),
        panel("Logs", Raft::logs(&logs.collect::<Vec<_>>())),
    ]
}

fn allegiance(world: &World<Node>, history: &History) -> Widget {
    let is_voting = world.setup().is_on("majority");
    let row = |(id, server): (NodeId, &Server)| {
        let term = world.disk(id).0.get().term;
        let vote = history.raft.votes.get(id).map(|(granted, to, term)| {
            let (answer, to) = (if *granted { "yes" } else { "no" }, &world.names()[*to]);
            Datum::new(format!("{answer} to {to}")).in_epoch(*term)
        });
        let leader = server.raft.leader().map_or("nobody", |id| &world.names()[id]);
        let writes = if server.raft.is_leader() { "accepts" } else { "refuses" };
        let cells = [Datum::new(term.to_string()).in_epoch(term), Datum::new(leader)];
        let vote = is_voting.then(|| vote.unwrap_or_default());
        let cells = cells.into_iter().chain(vote).chain([Datum::new(writes)]);
        (world.names()[id].to_owned(), cells.collect())
    };
    let columns = ["term", "follows"].into_iter().chain(is_voting.then_some("last vote"));
    let columns = columns.chain(["writes"]).map(String::from).collect();
    Widget::Matrix { label: "servers".into(), columns, rows: up(world).map(row).collect() }
}
