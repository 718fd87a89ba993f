//! What is shown: tokens beside vectors, and what each choice cost.

use super::client::Client;
use super::got;
use super::judge::{self, History};
use super::message::Mode;
use super::node::Node;
use super::region::{Region, Store};
use super::{clients, regions};
use crate::mechanism::geo::REGIONS;
use crate::sim::{NodeId, World};
use crate::view::{Datum, NodeView, Panel, Plane, Quantity, Role, Tone, Widget};

/// Returns a region's letter, as vectors have it.
fn letter(region: NodeId) -> &'static str {
    REGIONS.get(region.index()).and_then(|it| it.name.get(..1)).unwrap_or_default()
}

/// Returns an entry a region, `first` before all others: where there is little room the last ones are left out.
fn entries(regions: u16, first: NodeId, of: impl Fn(NodeId) -> u64) -> Vec<Datum> {
    let others = NodeId::first(regions).filter(|id| *id != first);
    let ids = [first].into_iter().chain(others);
    ids.map(|id| Datum::new(format!("{} {}", letter(id), of(id)))).collect()
}

impl Region {
    pub(super) fn show(&self, store: &Store, waiting: usize) -> NodeView {
        let vector = entries(self.config.regions, NodeId(0), |id| store.vector.updates(id));
        let label = if waiting > 0 { "lets clients wait" } else { "a copy" };
        NodeView::new(Role::Storage, label)
            .showing(store.log.len())
            .meaning("writes of those at home here")
            .with_first(Widget::chips("has so much of each log", vector))
            .with([Widget::field("clients that wait", waiting as u64)])
    }
}

impl Client {
    pub(super) fn show(&self, queue: &[u64]) -> NodeView {
        let token = entries(self.regions(), self.home(), |id| self.token.needs(id));
        let asks = REGIONS.get(usize::from(self.asks)).map_or("", |it| it.name);
        let label = match queue.len() {
            0 => format!("{}, asks {asks}", self.mode.name()),
            count => format!("{}: {count} to send", self.mode.name()),
        };
        let place = REGIONS.get(usize::from(self.at)).map(|it| it.place).unwrap_or_default();
        let queue = queue.iter().map(|number| Datum::new(format!("v{number}")).uncommitted());
        NodeView::new(Role::Client, label)
            .showing_if(self.seen.map(|(number, _)| format!("v{number}")))
            .meaning("its own record, as it was last told")
            .standing_at(place)
            .with_first(Widget::chips("token: has seen so much", token))
            .with([Widget::chips("writes in its pocket", queue)])
    }
}

pub(super) fn panels(world: &World<Node>, it: &History) -> Vec<Panel> {
    vec![
        Panel::new("Token beside vector", [tokens(world), vectors(world)]),
        Panel::new(
            "What clients get",
            [it.lanes.widget("by client", world, clients(world.setup()))],
        ),
        Panel::new("What each choice costs", price(world, it)),
    ]
}

/// Each client's token; an entry that the region it asks does not have is bad.
fn tokens(world: &World<Node>) -> Widget {
    let heads = regions(world.setup()).map(|id| world.names()[id].to_owned());
    let ids = clients(world.setup());
    Widget::of_nodes(
        "a client has seen so much of each region's log",
        world,
        ids,
        heads,
        |_, it| {
            let client = it.client()?;
            let asked = world.disk(NodeId(client.asks.into())).0.get();
            let entry = |home| {
                let lacks = client.token.missing(home, &asked.vector) > 0;
                Datum::from(client.token.needs(home)).toned(Tone::Bad.when(lacks))
            };
            Some(regions(world.setup()).map(entry))
        },
    )
}

/// Each region's vector; an entry that lags far is worth a look.
fn vectors(world: &World<Node>) -> Widget {
    let names = || regions(world.setup()).map(|id| world.names()[id].to_owned());
    let row = |at: NodeId| {
        let entry = move |of| {
            let (has, lag) = (world.disk(at).0.get().vector.updates(of), judge::lag(world, at, of));
            let text = if lag == 0 { has.to_string() } else { format!("{has} (−{lag})") };
            Datum::new(text).toned(Tone::Warn.when(lag > judge::FAR_BEHIND))
        };
        (world.names()[at].to_owned(), regions(world.setup()).map(entry))
    };
    Widget::matrix("a region has so much", names(), regions(world.setup()).map(row))
}

/// Waiting against staleness, by what clients chose.
fn price(world: &World<Node>, it: &History) -> Vec<Widget> {
    let waited = Quantity::new("time waited beyond 0.5 s", "%");
    let plane = Plane::new("waiting against staleness", waited, Quantity::new("old answers", "%"));
    let point = |mode: Mode| {
        let old = got::by_now(world, it, mode).old_percent()?;
        let waited = got::overdue_percent(world, it, &[mode])?;
        Some((mode, (waited.cast_signed(), old.cast_signed())))
    };
    let plane = Mode::ALL.into_iter().filter_map(point).fold(plane, |plane, (mode, (x, y))| {
        plane.with_mark(mode.name(), Some(x), Some(y)).with_points(
            mode.name(),
            [(x, y)],
            Tone::Neutral,
        )
    });
    let percent =
        |share: Option<u64>| Datum::new(share.map_or("–".into(), |share| format!("{share} %")));
    let row = |mode: Mode| {
        let got = got::by_now(world, it, mode);
        [
            Datum::new(mode.name()),
            percent(got.available_percent()),
            percent(got::overdue_percent(world, it, &[mode])),
            Datum::ms(got.longest_us),
            Datum::count(got.marked + got.doubted, Tone::Warn),
            Datum::count(got.marked + got.unmarked, Tone::Warn),
            Datum::count(got.unmarked, Tone::Bad),
            Datum::count(got.given_up, Tone::Warn),
            Datum::count(got.queued, Tone::Warn),
        ]
    };
    let heads = [
        "done in 0.5 s",
        "waited beyond",
        "longest",
        "marked as maybe old",
        "really old",
        "unmarked",
        "given up",
        "queued",
    ];
    vec![Widget::Plane(plane), Widget::table("by choice", (["choice"], heads), Mode::ALL.map(row))]
}
