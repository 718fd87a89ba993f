//! A replica: keeps a copy of every key, remembers what was deleted, and compares with the others.

use super::config::{Config, Strategy, TICK_US};
use super::message::{Fact, How, Msg, Timer};
use super::node::{Disk, Node};
use crate::mechanism::partition::{Common, place_of};
use crate::mechanism::quorum::Version;
use crate::mechanism::repair::{Answer, Collect, Graves};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::NodeView;

/// What a replica has on its disk: of each key the newest version that it has heard of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Copies(pub(super) SmallMap<u16, Version>);

impl Copies {
    /// Returns what is here of a key.
    pub(super) fn of(&self, key: u16) -> Version {
        self.0.get(key).copied().unwrap_or_default()
    }
}

/// A replica.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    config: Config,
    graves: Graves,
    /// With whom it compares next.
    next: u16,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        Self { config, graves: Graves::default(), next: 0 }
    }

    fn others(&self, me: NodeId) -> Vec<NodeId> {
        self.config.quorums.ids().filter(|id| *id != me).collect()
    }

    /// Takes over what is newer.
    fn store(&mut self, (key, version): (u16, Version), how: How, cx: &mut Cx<'_, Node>) {
        let held = cx.disk().0.get().of(key);
        if !self.config.order.is_newer(version, held) {
            return;
        }
        let copies = &mut cx.disk_mut().0.get_mut().0;
        self.graves.release(key);
        if !version.is_tombstone() {
            copies.insert(key, version);
        } else if self.config.tombstones {
            copies.insert(key, version);
            self.graves.take(key);
        } else {
            // Without the safeguard: nobody will know that there was anything.
            copies.remove(key);
        }
        cx.sync();
        cx.record(Fact::Takes { key, version, held, how });
    }

    /// Returns what a key counts as: a tombstone that all have has done its work.
    fn shown(&self, key: u16, cx: &Cx<'_, Node>) -> Version {
        let held = cx.disk().0.get().of(key);
        if self.graves.is_settled(key) { Version::default() } else { held }
    }

    /// Returns the table that is compared, as the other one sees it.
    fn common(&self, cx: &Cx<'_, Node>) -> Common<Version> {
        let keys = cx.disk().0.get().0.iter().map(|(key, _)| key);
        let compared = keys.filter(|key| Strategy::of(*key) == Strategy::Trees);
        let item = |key: u16| (key, place_of("key", key.into()), self.shown(key, cx));
        Common::of(compared.map(item).filter(|(.., version)| !version.is_nothing()))
    }

    /// Compares trees with the next replica, and asks it for what it has of its tombstones.
    fn compare(&mut self, cx: &mut Cx<'_, Node>) {
        let others = self.others(cx.me());
        self.next = self.next.wrapping_add(1);
        let Some(&other) = others.get(usize::from(self.next) % others.len().max(1)) else { return };
        // What is not on disk yet could be gone again after it was told.
        cx.send_after_sync(other, Msg::Compare(self.common(cx).root()));
        if self.config.collect == Collect::AfterRepair {
            let open = self.graves.not_confirmed_by(other);
            let is_compared = |key: &u16| Strategy::of(*key) == Strategy::Trees;
            for key in open.filter(is_compared) {
                let version = cx.disk().0.get().of(key);
                cx.send_after_sync(other, Msg::Offer { key, version });
            }
        }
    }

    fn compared(&self, from: NodeId, nodes: &[(u16, u64)], cx: &mut Cx<'_, Node>) {
        let common = self.common(cx);
        let difference = common.compare(nodes);
        if !difference.deeper.is_empty() {
            cx.send_after_sync(from, Msg::Compare(difference.deeper));
        }
        if !difference.leaves.is_empty() {
            let items = common.in_leaves(&difference.leaves);
            let items = Msg::Items { leaves: difference.leaves, items, wants: true };
            cx.send_after_sync(from, items);
        }
    }

    fn take_items(
        &mut self,
        from: NodeId,
        (leaves, items, wants): (Vec<u16>, &[(u16, Version)], bool),
        cx: &mut Cx<'_, Node>,
    ) {
        let order = self.config.order;
        let is_newer = |mine, theirs| order.is_newer(mine, theirs);
        let answer = self.common(cx).lacked_by(items, &leaves, is_newer);
        for &item in items {
            self.store(item, How::Tree, cx);
        }
        if wants && !answer.is_empty() {
            cx.send_after_sync(from, Msg::Items { leaves, items: answer, wants: false });
        }
    }

    /// Hears that another replica has a tombstone on its disk, or that all have it. Who is the first to
    /// know that tells the others: else one would collect it while another still asks for it.
    fn confirmed(&mut self, by: NodeId, (key, by_all): (u16, bool), cx: &mut Cx<'_, Node>) {
        let others = self.others(cx.me());
        let is_last = !by_all && self.graves.confirm(key, by, &others);
        if is_last {
            let version = cx.disk().0.get().of(key);
            for other in others {
                cx.send_after_sync(other, Msg::Has { key, version, by_all: true });
            }
        }
        if is_last || by_all && self.graves.settle(key) {
            cx.record(Fact::Settles { key });
        }
    }

    fn grow_older(&mut self, cx: &mut Cx<'_, Node>) {
        for key in self.graves.tick(self.config.collect, self.config.grace_ticks) {
            let version = cx.disk().0.get().of(key);
            self.graves.release(key);
            cx.disk_mut().0.get_mut().0.remove(key);
            cx.sync();
            cx.record(Fact::Collects { key, version });
        }
    }
}

impl Kind<Node> for Server {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        for (key, version) in cx.disk().0.get().0.iter() {
            if version.is_tombstone() {
                self.graves.take(key);
            }
        }
        self.next = cx.me().0;
        let spread_us = cx.jitter_us(0, self.config.interval_us);
        cx.set_timer(spread_us, Timer::Compare);
        cx.set_timer(TICK_US, Timer::Age);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Put { round, key, version } => {
                self.store((key, version), How::Write, cx);
                cx.send_after_sync(from, Msg::Stored { round });
            }
            Msg::Get { round, key, in_full } => {
                let answer = Answer::of(self.shown(key, cx), in_full);
                cx.send_after_sync(from, Msg::Says { round, answer });
            }
            Msg::Repair { key, version } => self.store((key, version), How::ReadRepair, cx),
            Msg::Compare(nodes) => self.compared(from, &nodes, cx),
            Msg::Items { leaves, items, wants } => {
                self.take_items(from, (leaves, &items, wants), cx);
            }
            Msg::Offer { key, version } => {
                self.store((key, version), How::Tree, cx);
                if cx.disk().0.get().of(key) == version {
                    let by_all = self.graves.is_settled(key);
                    cx.send_after_sync(from, Msg::Has { key, version, by_all });
                }
            }
            Msg::Has { key, version, by_all } => {
                if cx.disk().0.get().of(key) == version {
                    self.confirmed(from, (key, by_all), cx);
                }
            }
            Msg::Stored { .. } | Msg::Says { .. } | Msg::Ask { .. } => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Compare => {
                cx.set_timer(self.config.interval_us, Timer::Compare);
                self.compare(cx);
            }
            Timer::Age => {
                cx.set_timer(TICK_US, Timer::Age);
                self.grow_older(cx);
            }
            Timer::Think | Timer::Again => {}
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        Self::show(disk.0.get())
    }
}
