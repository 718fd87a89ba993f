//! What is shown: who leads when, what the stores were shown, and what elections cost.

use super::judge::{History, Taken, leading};
use super::node::{Disk, Node};
use super::server::{Election, Server};
use super::{Style, members};
use crate::mechanism::bully::{Stage, messages_of_election};
use crate::sim::{Process as _, World};
use crate::view::{
    Column, Datum, NodeView, Panel, Plane, Quantity, Record, Role, Table, Tone, Widget,
};

/// The sizes of groups for which the cost of an election is compared.
const SIZES: std::ops::RangeInclusive<u16> = 3..=9;

/// Shows one node.
pub(super) fn node(node: &Node, disk: &Disk) -> NodeView {
    let Node::Server(server) = node else {
        let volume = disk.1.1.get();
        let epoch = Some(volume.fence.epoch()).filter(|epoch| *epoch > 0);
        let widgets = vec![Widget::field("writes on disk", volume.writes)];
        return NodeView { role: Role::Storage, epoch, widgets, ..NodeView::default() };
    };
    let (role, label) = part(server);
    let (epoch, promised) = match &server.election {
        Election::Raft(raft) => return NodeView { role, label, ..raft.view(&disk.0) },
        Election::Bully(bully) => (server.reign, bully.promise()),
        Election::Lease(lease) => (server.reign, lease.promise()),
    };
    let widgets = vec![Widget::field("latest epoch known", promised.epoch)];
    NodeView { role, label, epoch, widgets, ..NodeView::default() }
}

/// Returns the part that a server plays, and what it is at.
fn part(server: &Server) -> (Role, String) {
    let is_asking = match &server.election {
        Election::Bully(bully) => *bully.stage() != Stage::Follows,
        Election::Lease(lease) => lease.is_asking(),
        Election::Raft(raft) => raft.leader().is_none(),
    };
    match (server.reign, is_asking) {
        (Some(_), _) => (Role::Leader, "leads".into()),
        (None, true) => (Role::Candidate, "elects".into()),
        (None, false) => (Role::Follower, "follows".into()),
    }
}

pub(super) fn panels(world: &World<Node>, it: &History) -> Vec<Panel> {
    let panel = |title: &str, widgets| Panel { title: title.into(), widgets };
    let lanes = Style::ALL.map(|style| {
        let led = members(world.setup(), style).filter(|id| it.leaders.get(*id).is_some());
        it.lanes.widget(style.title(), world, led)
    });
    let taken = Style::ALL.map(|style| {
        let cell = |taken: &Taken| {
            let (epoch, by) = taken.reign;
            let tone = if taken.is_late { Tone::Bad } else { Tone::Neutral };
            Datum::new(&world.names()[by]).in_epoch(epoch).toned(tone)
        };
        Widget::cells(style.title(), it.of(style).taken.iter().map(cell))
    });
    vec![
        panel("Who leads when", lanes.into()),
        panel("Whose writes each store took last", taken.into()),
        panel("The three side by side", vec![Widget::Table(table(world, it))]),
        panel("Messages of an election", vec![Widget::Plane(plane(world, it))]),
    ]
}

fn table(world: &World<Node>, it: &History) -> Table {
    let numbers = ["changes", "messages", "at most", "until stable", "at longest"];
    let columns = [Column::text("rule"), Column::text("leads")];
    let columns = columns.into_iter().chain(numbers.map(Column::number));
    let mut table = Table::new("Elections so far: the last, and the most of any", columns);
    for style in Style::ALL {
        let (group, leading) = (it.of(style), leading(world, style));
        let (last, worst) = (group.elections.last(), group.elections.worst());
        let ms = |us: u64| Datum::new(format!("{} ms", us / 1_000));
        let tone = if leading.len() > 1 { Tone::Bad } else { Tone::Neutral };
        let who = if leading.is_empty() { "nobody".into() } else {
            world.names().list(leading.iter().map(|(id, _)| *id))
        };
        let (changes, messages) = (group.changes.into(), last.messages.into());
        let times = [ms(last.took_us), ms(worst.took_us)];
        let [took, longest] = times;
        let most = worst.messages.into();
        let cells = [style.title().into(), Datum::new(who).toned(tone), changes, messages, most];
        table.rows.push(Record::new(cells.into_iter().chain([took, longest])));
    }
    table
}

/// Shows what an election costs by the size of the group: bully's at worst and at best as its members play
/// them, and the elections of this run.
fn plane(world: &World<Node>, it: &History) -> Plane {
    let is_safe = world.setup().is_on("majority");
    let bully = |rank: fn(u16) -> u16| {
        let cost = move |n: u16| messages_of_election(n, rank(n), is_safe).1.cast_signed();
        SIZES.map(move |n| (i64::from(n), cost(n))).collect::<Vec<_>>()
    };
    let (n, messages) = (Quantity::new("servers", ""), Quantity::new("messages", ""));
    let plane = Plane::new("By the size of the group", n, messages)
        .with_curve("bully, lowest notices", bully(|_| 0), Tone::Warn)
        .with_curve("bully, next notices", bully(|n| n - 2), Tone::Neutral);
    Style::ALL.into_iter().fold(plane, |plane, style| {
        let count = members(world.setup(), style).count();
        let n = i64::try_from(count).unwrap_or_default();
        let over = it.of(style).elections.over.iter();
        let points: Vec<(i64, i64)> = over.map(|cost| (n, cost.messages.cast_signed())).collect();
        plane.with_points(format!("{}, here", style.title()), points, Tone::Good)
    })
}
