//! What is shown: who leads when, what the stores were shown, and what elections cost.

use super::judge::{History, Taken, leading};
use super::node::{Disk, Node};
use super::server::Election;
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
        let (epoch, writes) = (disk.1.1.get().fence.epoch(), disk.1.1.get().writes);
        let (epoch, widgets) =
            ((epoch > 0).then_some(epoch), vec![Widget::field("writes on disk", writes)]);
        return NodeView { role: Role::Storage, epoch, widgets, ..NodeView::default() };
    };
    let (is_asking, promise) = match &server.election {
        // Its log stays blank, and is not what this is about.
        Election::Raft(raft) => return NodeView { widgets: Vec::new(), ..raft.view(&disk.0) },
        Election::Bully(bully) => (*bully.stage() != Stage::Follows, bully.promise()),
        Election::Lease(lease) => (lease.is_asking(), lease.promise()),
    };
    let (role, label) = match (server.reign, is_asking) {
        (Some(_), _) => (Role::Leader, "leads"),
        (None, true) => (Role::Candidate, "elects"),
        (None, false) => (Role::Follower, "follows"),
    };
    let widgets = vec![Widget::field("latest epoch known", promise.epoch)];
    NodeView { role, label: label.into(), epoch: server.reign, widgets, ..NodeView::default() }
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

/// Tells what each rule took: in the last election, and in any.
fn table(world: &World<Node>, it: &History) -> Table {
    let numbers = ["changes", "messages", "most", "ms", "most ms"];
    let columns = [Column::text("rule"), Column::text("leads")];
    let columns = columns.into_iter().chain(numbers.map(Column::number));
    let mut table = Table::new(
        "Messages and ms until a leader stayed: last election, and most of any",
        columns,
    );
    for style in Style::ALL {
        let (group, leading) = (it.of(style), leading(world, style));
        let leaders = world.names().list(leading.iter().map(|(id, _)| *id));
        let tone = if leading.len() > 1 { Tone::Bad } else { Tone::Neutral };
        let (last, worst) = (group.elections.last(), group.elections.worst());
        let (took, longest) = (last.took_us / 1_000, worst.took_us / 1_000);
        let numbers = [group.changes, last.messages, worst.messages, took, longest];
        let cells = [style.title().into(), Datum::new(leaders).toned(tone)].into_iter();
        table.rows.push(Record::new(cells.chain(numbers.map(Datum::from))));
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
