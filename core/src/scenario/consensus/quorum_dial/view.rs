//! What is shown: who holds what, which replicas an operation has heard, and who was told what.

use super::judge::History;
use super::node::{Disk, Node, User};
use super::{clients, closed_form_permille, quorums, stage};
use crate::mechanism::quorum::Returned;
use crate::sim::{NodeId, Process, World};
use crate::view::{Datum, NodeView, Panel, Tone, Widget};

/// So many of the last seats are shown.
const SEATS: usize = 8;

/// Shows one node.
pub(super) fn node(node: &Node, disk: &Disk) -> NodeView {
    let mut view = match node {
        Node::Replica(replica, _) => replica.view(&disk.0.0),
        Node::StandIn(stand_in) => stand_in.view(&disk.0.0),
        Node::Client(user) => user.register.view(&disk.1.0),
    };
    if node.user().is_none() {
        let version = disk.0.0.get();
        let durable = version == disk.0.0.durable();
        let value = Datum::new(version.value.to_string()).in_epoch(version.tag.number);
        view.widgets.push(Widget::field("register", Datum { durable, ..value }));
    }
    let last = disk.0.1.get().iter().last();
    if let Some((seat, vote)) = last {
        let owner = vote.accepted.map_or("free".into(), |(_, client)| format!("C{client}"));
        view.widgets.push(Widget::field(format!("seat {seat}"), owner));
        view.widgets.push(Widget::field("ballot promised", vote.promised.number));
    }
    if let Some(read) = node.user().and_then(|user| user.register.last_read()) {
        view.widgets.push(Widget::field("last read", read.version.value));
    }
    view
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widgets| Panel { title: title.into(), widgets };
    vec![
        panel("Which replicas overlapped", vec![overlap(world)]),
        panel("Stale reads", staleness(world, history)),
        panel("Whose seat is it", vec![seats(world, history)]),
    ]
}

/// The last write and the last read, with whom they heard: where they share nobody, the read is blind.
fn overlap(world: &World<Node>) -> Widget {
    let users = || clients(world.setup()).filter_map(|id| Some((id, world.process(id)?.user()?)));
    let last = |of: fn(&User) -> Option<&Returned>| {
        let all = users().filter_map(move |(id, user)| Some((of(user)?, id)));
        all.max_by_key(|(returned, _)| returned.at_us)
    };
    let write = last(|user| user.register.last_write());
    let read = last(|user| user.register.last_read());
    let has = |id, list: Option<&Vec<NodeId>>| list.is_some_and(|list| list.contains(&id));
    let stored = write.map(|(it, _)| &it.stored);
    let asked = read.map(|(it, _)| &it.queried);
    let holds = |id: NodeId| {
        let version = world.disk(id).0.0.get();
        Datum::new(version.value.to_string()).in_epoch(version.tag.number)
    };
    let mark = |is: bool, id| match (is, has(id, stored) && has(id, asked)) {
        (true, true) => Datum::new("both").toned(Tone::Good),
        (true, false) => "yes".into(),
        (false, _) => Datum::new("–").toned(Tone::Muted),
    };
    let ids = || stage(world.setup());
    let named = |what: &str, it: Option<(&Returned, NodeId)>| match it {
        Some((it, id)) => format!("{what} {}, {}", it.version.value, &world.names()[id]),
        None => format!("{what}: none yet"),
    };
    let rows = vec![
        ("holds".into(), ids().map(holds).collect()),
        (named("last write", write), ids().map(|id| mark(has(id, stored), id)).collect()),
        (named("last read", read), ids().map(|id| mark(has(id, asked), id)).collect()),
    ];
    let columns = ids().map(|id| world.names()[id].to_owned()).collect();
    let quorums = quorums(world.setup());
    let label = format!("N {}, R {}, W {}", quorums.replicas, quorums.read, quorums.write);
    Widget::Matrix { label, columns, rows }
}

fn staleness(world: &World<Node>, history: &History) -> Vec<Widget> {
    let (missed, counted) = history.answers.missed_of();
    let formula = closed_form_permille(quorums(world.setup()));
    let percent = |permille: u64| format!("{}.{} %", permille / 10, permille % 10);
    let found = (1_000 * missed).checked_div(counted).map_or("none yet".into(), percent);
    vec![
        Widget::field("reads after a write", counted),
        Widget::field("of these missed it", format!("{missed}, {found}")),
        Widget::field("C(N−W, R) / C(N, R)", percent(formula)),
    ]
}

fn seats(world: &World<Node>, history: &History) -> Widget {
    let ids = || clients(world.setup());
    let row = |(seat, told): (u32, &crate::mechanism::small_map::SmallMap<NodeId, u64>)| {
        let first = told.values().next();
        let cell = |id: NodeId| match told.get(id) {
            Some(owner) => {
                let tone = if Some(owner) == first { Tone::Good } else { Tone::Bad };
                Datum::new(format!("C{owner}")).toned(tone)
            }
            None => Datum::new("–").toned(Tone::Muted),
        };
        (format!("seat {seat}"), ids().map(cell).collect())
    };
    let columns = ids().map(|id| format!("{} was told", &world.names()[id])).collect();
    let rows = history.seats.iter().skip(history.seats.len().saturating_sub(SEATS));
    let rows = rows.map(row).collect();
    Widget::Matrix { label: "whose each seat is".into(), columns, rows }
}
