//! How the store looks: its series, its shards, the bits of a block, its sectors.

use super::judge::{self, History};
use super::message::{STORE, count, reading, thermometer};
use super::node::Node;
use super::server::Server;
use crate::mechanism::time_series::gorilla::Decoder;
use crate::mechanism::time_series::{Engine, SealedShard, Store, What};
use crate::sim::{Files, World};
use crate::view::{Bits, Datum, NodeView, Panel, Record, Role, Series, Tone, Widget};

/// So many bits of a block, and so many sectors of each file, are shown.
const SHOWN: (u64, u32) = (256, 12);

impl Server {
    pub(super) fn look_of(&self) -> NodeView {
        let name = |it: &super::server::Waiting| {
            Datum::new(format!("T{} {}", it.client.0 - 1, it.number)).uncommitted()
        };
        let points = self.engine.store().map(|it| it.size().0);
        NodeView::new(Role::Storage, self.engine.label("serves"))
            .showing_if(points)
            .meaning("readings that it has")
            .with_first(Widget::cells("shards and their readings", self.cells()))
            .with([Widget::cells("batches that wait for the disk", self.waiting.iter().map(name))])
    }
}

impl Server {
    /// The newest shards: young ones in dashes, and sealed ones.
    fn cells(&self) -> Vec<Datum> {
        let Some(store) = self.engine.store().and_then(Engine::shards) else { return Vec::new() };
        let cell = |number: u64, points: u64| Datum::new(format!("{number}: {points}"));
        let sealed = store.sealed().map(|it| cell(it.number, it.size().0).durable());
        let young = store
            .young()
            .map(|(number, it)| cell(number, it.len()).uncommitted().durable_if(it.is_durable()));
        sealed.chain(young).collect()
    }
}

pub(super) fn panels(world: &World<Node>, it: &History) -> Vec<Panel> {
    let curves = judge::series(world).filter_map(|series| curve(world, series));
    let mut panels = vec![Panel::new("What is there", curves)];
    let engine = judge::engine(world);
    if let Some(store) = engine.and_then(Engine::shards) {
        panels.push(Panel::new("Shards", [shards(store)]));
        let newest = store.sealed().next_back();
        let bits = newest.and_then(|shard| block(world.disk(STORE), shard));
        panels.push(Panel::new("A sealed block", bits));
    }
    panels.push(Panel::new("What it costs", costs(engine, it)));
    panels.push(Panel::new("On the disk", world.disk(STORE).picture(SHOWN.1).widgets()));
    panels
}

/// The readings of a series that the store has, in ten-thousandths of a degree: sixteenths are exact.
fn curve(world: &World<Node>, series: u16) -> Option<Widget> {
    let points = judge::all_of(world, series, What::Points)?.points;
    let read = points.into_iter().filter(|it| it.value().is_finite());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is too great is shown as the greatest"
    )]
    let scaled = |value: f64| libm::round(value * 1e4) as i64;
    let points = read.map(|it| (it.at.saturating_mul(1_000), scaled(it.value())));
    let series = Series::new(thermometer(series), "°C", points);
    Some(Widget::Series(Series { decimals: 4, ..series }))
}

fn shards(store: &Store) -> Widget {
    let from = |number: u64| Datum::new(format!("from {} ms", store.settings().start_of(number)));
    let young = store.young().map(|(number, it)| {
        let state = Datum::new("young").uncommitted();
        let bytes = Datum::new(it.log_bytes().to_string()).durable_if(it.is_durable());
        let each = each(it.len(), it.log_bytes() * 8);
        Record::from([from(number), state, Datum::from(it.len()), bytes, each, Datum::none()])
    });
    let sealed = store.sealed().map(|it| {
        let (points, bits) = it.size();
        let (in_file, in_block) = (each(points, it.bytes * 8), each(points, bits));
        let bytes = Datum::from(it.bytes).durable();
        Record::from([from(it.number), "sealed".into(), points.into(), bytes, in_file, in_block])
    });
    let doomed = store.doomed().map(|number| {
        let state = Datum::new("held by a query").toned(Tone::Warn);
        let none = Datum::none;
        Record::from([from(number), state, none(), none(), none(), none()])
    });
    let columns = (["shard", "state"], ["readings", "bytes", "each", "in block"]);
    Widget::table(
        "by time: bytes of the file, of each reading, and in its block alone",
        columns,
        doomed.chain(sealed).chain(young),
    )
}

/// The first bits of a block, with what begins where.
fn block(disk: &Files, shard: &SealedShard) -> Option<Widget> {
    let block = shard.blocks.first()?;
    let bytes = shard.read_block(disk, block, true).ok()?;
    let shown = block.bits.min(SHOWN.0);
    let bit = |at: u64| {
        usize::try_from(at / 8)
            .ok()
            .and_then(|byte| bytes.get(byte))
            .is_some_and(|it| it >> (7 - at % 8) & 1 == 1)
    };
    let label = format!("shard {}, {}: its first bits", shard.number, thermometer(block.series));
    let mut bits = Bits::bitmap(label, (0..shown).map(bit));
    bits.width = Some(32);
    let mut mark = |at: u64, text: String| {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        bits.marks.push(crate::view::BitMark { at, text, tone: Tone::Neutral });
    };
    mark(0, "when the block begins".into());
    let mut decoder = Decoder::new(&bytes, block.points)?;
    while decoder.at_bit() < shown {
        let at = decoder.at_bit();
        let Some(point) = decoder.next() else { break };
        mark(at, format!("{} ms, {}", point.at, reading(point.bits)));
    }
    Some(Widget::Bits(bits))
}

/// How many bytes each of these readings takes, if there are any.
fn each(points: u64, bits: u64) -> Datum {
    let hundredths = (bits * 100 / 8).checked_div(points);
    hundredths.map_or(Datum::none(), |it| Datum::new(format!("{}.{:02}", it / 100, it % 100)))
}

fn costs(engine: Option<&Engine>, it: &History) -> Vec<Widget> {
    let (points, bytes) = engine.map_or((0, 0), Engine::size);
    let mut costs = vec![Widget::field("bytes a reading, all files", each(points, bytes * 8))];
    if let Some(store) = engine.and_then(Engine::shards) {
        let sizes = store.sealed().map(SealedShard::size);
        let (points, bits) = sizes.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        costs.push(Widget::field("bytes a reading, in sealed blocks alone", each(points, bits)));
    }
    let measures = engine.map(Engine::measures).unwrap_or_default();
    let late = "readings taken a rollup or more late, since it opened";
    costs.push(Widget::field(late, measures.after_close));
    costs.push(Widget::field("readings that came too late", Datum::count(it.late, Tone::Warn)));
    if let Some(got) = it.got {
        let what = if got.query.what == What::Points { "points" } else { "rollups" };
        let blocks = count(got.blocks as usize, "block");
        let answer = format!("{} {what} out of {blocks}", got.found);
        costs.push(Widget::field("the last answer", answer));
    }
    costs
}
