//! A client that is its own coordinator: it writes to all replicas, reads from a quorum, and repairs what
//! it finds.

use std::collections::VecDeque;

use super::config::{Config, Strategy, key_text};
use super::message::{Deed, Fact, Msg, Timer};
use super::node::{Disk, Node};
use crate::mechanism::quorum::{Phase, Tag, Version};
use crate::mechanism::repair::{Answer, Comparison};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::{NodeView, Role};

/// Least and most time between two operations.
const THINK_US: (u64, u64) = (40_000, 90_000);
/// After so long everybody is asked anew.
const AGAIN_US: u64 = 80_000;
/// So long a client waits with its next operation for answers that its last read does not need.
const LATE_US: u64 = 60_000;
/// Answers to a question that is older than this count for nothing: a client that was frozen must not
/// repair anything by them. The least grace of a tombstone is longer.
const LIFE_US: u64 = 200_000;

/// What a client keeps on its disk, so that no number is used twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Counts {
    /// Operations begun.
    operations: u64,
    /// The last write of each of its keys.
    numbers: SmallMap<u16, u64>,
}

/// An operation.
#[derive(Clone, Debug, Hash)]
struct Open {
    id: u64,
    key: u16,
    /// What is written; none for a read.
    version: Option<Version>,
    /// The present attempt, and when it began.
    round: u64,
    since_us: u64,
    /// Whom it asks.
    asked: Vec<NodeId>,
    /// Whether a read asks everybody for all that they hold, rather than all but one for a digest.
    in_full: bool,
    /// What readers are told, or who has stored what is written.
    comparison: Comparison,
    /// The client knows the outcome.
    is_told: bool,
    /// Nothing more is expected.
    is_over: bool,
}

/// The same thing done to the same key of each table, one after the other.
#[derive(Copy, Clone, Debug, Hash)]
struct Turn {
    deed: Deed,
    index: u16,
    /// Whether a read asks all replicas.
    asks_all: bool,
    table: Strategy,
}

/// A client.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    config: Config,
    /// Which client it is, from 0.
    index: u16,
    round: u64,
    open: Option<Open>,
    /// What is left of the present turn.
    turn: Option<Turn>,
    /// What the viewer wants, and of which kind of key.
    wanted: VecDeque<(Deed, bool)>,
    /// What it was told to delete is left alone until it is told to write it.
    spared: Vec<u16>,
    /// How many hot keys it has read.
    reads: u16,
}

impl Client {
    pub(super) fn new(config: Config, index: u16) -> Self {
        let (open, turn, wanted, spared) = (None, None, VecDeque::new(), Vec::new());
        Self { config, index, round: 0, open, turn, wanted, spared, reads: 0 }
    }

    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Think);
    }

    /// Lists which keys of a table it writes: one client writes each key.
    fn own(&self, is_hot: bool) -> impl Iterator<Item = u16> + use<> {
        let Config { clients, keys, hot, .. } = self.config;
        let me = self.index;
        let indexes = if is_hot { 0..hot } else { hot..keys };
        indexes.filter(move |index| index % clients.max(1) == me)
    }

    /// Decides what to do next: what the viewer wants, what was never written, or something with a hot
    /// key.
    fn next_turn(&mut self, cx: &mut Cx<'_, Node>) -> Turn {
        let turn = |deed, index, asks_all| Turn { deed, index, asks_all, table: Strategy::ALL[0] };
        if let Some((deed, is_hot)) = self.wanted.pop_front() {
            let index = self.own(is_hot).next().unwrap_or_default();
            match deed {
                Deed::Write => self.spared.retain(|it| *it != index),
                Deed::Delete => self.spared.push(index),
                Deed::Read => {}
            }
            return turn(deed, index, true);
        }
        let numbers = &cx.disk().1.get().numbers;
        let is_new = |index: &u16| numbers.get(Strategy::Trees.key(*index)).is_none();
        if let Some(index) = self.own(true).chain(self.own(false)).find(is_new) {
            return turn(Deed::Write, index, true);
        }
        let may_write: Vec<u16> =
            self.own(true).filter(|index| !self.spared.contains(index)).collect();
        if cx.chance(self.config.writes_percent) && !may_write.is_empty() {
            let place = usize::try_from(cx.choose(may_write.len() as u64)).unwrap_or_default();
            let is_delete = cx.chance(self.config.deletes_percent);
            return turn(
                if is_delete { Deed::Delete } else { Deed::Write },
                may_write[place],
                true,
            );
        }
        let (index, nth) = (self.reads % self.config.hot, self.reads / self.config.hot);
        self.reads = self.reads.wrapping_add(1);
        turn(Deed::Read, index, nth % self.config.all_every == 0)
    }

    /// Begins the next operation, unless answers to the last one are still worth waiting for.
    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        if self.is_repairing(cx) {
            return Self::think(cx);
        }
        self.repair(cx);
        let turn = self.turn.take().unwrap_or_else(|| self.next_turn(cx));
        self.turn = turn.table.next().map(|table| Turn { table, ..turn });
        let (key, writer) = (turn.table.key(turn.index), cx.me());
        let counts = cx.disk_mut().1.get_mut();
        counts.operations += 1;
        let id = counts.operations;
        let version = (turn.deed != Deed::Read).then(|| {
            let number = counts.numbers.get_or_insert(key, 0);
            *number += 1;
            let value = if turn.deed == Deed::Delete { 0 } else { *number };
            Version { tag: Tag { number: *number, writer }, value }
        });
        cx.record(match version {
            Some(version) => Fact::Writes { id, key, version },
            None => Fact::Reads { id, key },
        });
        let asked = self.choose(turn.asks_all, cx);
        let (round, since_us, comparison) = (0, 0, Comparison::default());
        let (in_full, is_told, is_over) = (false, false, false);
        self.open = Some(Open {
            id,
            key,
            version,
            round,
            since_us,
            asked,
            in_full,
            comparison,
            is_told,
            is_over,
        });
        self.ask(cx);
    }

    /// Returns whom to ask: all, or as many as a read needs.
    fn choose(&self, asks_all: bool, cx: &mut Cx<'_, Node>) -> Vec<NodeId> {
        let quorums = self.config.quorums;
        let all: Vec<NodeId> = quorums.ids().collect();
        if asks_all {
            return all;
        }
        let first = usize::try_from(cx.choose(all.len() as u64)).unwrap_or_default();
        let needed = quorums.needed(Phase::Query).into();
        all.iter().cycle().skip(first).take(needed).copied().collect()
    }

    /// Asks in a new round; all but those who have stored already what is written.
    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(open) = &mut self.open else { return };
        self.round += 1;
        // A round of an earlier life must not be taken for this one.
        open.round = open.id << 16 | self.round & 0xffff;
        (open.since_us, open.comparison) = (cx.now_us(), Comparison::default());
        let (key, round) = (open.key, open.round);
        let in_full = usize::try_from(cx.choose(open.asked.len() as u64)).unwrap_or_default();
        for (place, &node) in open.asked.iter().enumerate() {
            let msg = match open.version {
                Some(version) => Msg::Put { round, key, version },
                None => Msg::Get { round, key, in_full: open.in_full || place == in_full },
            };
            cx.send_after_sync(node, msg);
        }
        if !open.is_told {
            cx.set_timer(AGAIN_US, Timer::Again);
        }
    }

    fn stored(&mut self, from: NodeId, round: u64, cx: &mut Cx<'_, Node>) {
        let quorums = self.config.quorums;
        let Some(open) = self.open.as_mut().filter(|it| it.round == round) else { return };
        let Some(version) = open.version else { return };
        open.comparison.hear(from, Answer::Data(version));
        if !open.is_told && quorums.are_enough(Phase::Store, open.comparison.heard()) {
            let fact = Fact::Wrote { id: open.id, key: open.key, version };
            self.tell(fact, cx);
        }
    }

    fn answered(&mut self, from: NodeId, (round, answer): (u64, Answer), cx: &mut Cx<'_, Node>) {
        let (quorums, order) = (self.config.quorums, self.config.order);
        let is_it = |it: &&mut Open| it.round == round && it.version.is_none() && !it.is_over;
        let Some(open) = self.open.as_mut().filter(is_it) else { return };
        if cx.now_us() - open.since_us > LIFE_US {
            return;
        }
        open.comparison.hear(from, answer);
        if open.comparison.differs() && !open.in_full {
            // A digest says that there is something else, and not what.
            open.in_full = true;
            return self.ask(cx);
        }
        let is_enough = quorums.are_enough(Phase::Query, open.comparison.heard());
        let newest = || open.comparison.newest(order);
        let found = if open.in_full { Some(newest()) } else { open.comparison.agreed() };
        let is_last = open.comparison.heard() == open.asked.len();
        if let Some(version) = found.filter(|_| is_enough && !open.is_told) {
            let fact = Fact::Saw { id: open.id, key: open.key, version };
            self.tell(fact, cx);
        }
        if is_last {
            self.repair(cx);
        }
    }

    /// Is told the outcome. Whoever has not answered yet may do so while the client thinks.
    fn tell(&mut self, fact: Fact, cx: &mut Cx<'_, Node>) {
        self.open.iter_mut().for_each(|open| open.is_told = true);
        cx.record(fact);
        cx.cancel_timer(Timer::Again);
        Self::think(cx);
    }

    /// Returns true if a read has met a difference and not all have answered that it asked.
    fn is_repairing(&self, cx: &Cx<'_, Node>) -> bool {
        let Some(open) = &self.open else { return false };
        open.in_full && !open.is_over && cx.now_us() - open.since_us < LATE_US
    }

    /// Ends a read: sends the newest to those that had something else, of those that have answered.
    fn repair(&mut self, cx: &mut Cx<'_, Node>) {
        let (quorums, order) = (self.config.quorums, self.config.order);
        let Some(open) = self.open.as_mut().filter(|it| it.version.is_none() && !it.is_over) else {
            return;
        };
        open.is_over = true;
        let (key, comparison) = (open.key, &open.comparison);
        if comparison.heard() == usize::from(quorums.replicas) {
            cx.record(Fact::HeardAll { key });
        }
        if !open.in_full || !comparison.differs() || cx.now_us() - open.since_us > LIFE_US {
            return;
        }
        cx.record(Fact::Differs { key, held: comparison.held().collect() });
        if Strategy::of(key) == Strategy::Reads {
            let (version, nodes) = (comparison.newest(order), comparison.stale(order));
            for &node in &nodes {
                cx.send(node, Msg::Repair { key, version });
            }
            cx.record(Fact::Repairs { key, version, nodes });
        }
    }

    fn doing(&self) -> String {
        match &self.open {
            Some(Open { key, version: Some(version), is_told: false, .. }) => {
                let what = if version.is_tombstone() { "deletes" } else { "writes" };
                format!("{what} {}", key_text(*key))
            }
            Some(Open { key, is_told: false, .. }) => format!("reads {}", key_text(*key)),
            Some(_) | None => "thinks".into(),
        }
    }
}

impl Kind<Node> for Client {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::IsBack);
        }
        Self::think(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Stored { round } => self.stored(from, round, cx),
            Msg::Says { round, answer } => self.answered(from, (round, answer), cx),
            Msg::Ask { deed, is_hot } => self.wanted.push_back((deed, is_hot)),
            Msg::Put { .. }
            | Msg::Get { .. }
            | Msg::Repair { .. }
            | Msg::Compare(_)
            | Msg::Items { .. }
            | Msg::Offer { .. }
            | Msg::Has { .. } => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Think => self.begin(cx),
            Timer::Again => {
                let all = self.config.quorums.ids().collect();
                if let Some(open) = self.open.as_mut().filter(|it| !it.is_told) {
                    (open.asked, open.in_full) = (all, true);
                    self.ask(cx);
                }
            }
            Timer::Compare | Timer::Age => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        NodeView::new(Role::Client, self.doing())
    }
}
