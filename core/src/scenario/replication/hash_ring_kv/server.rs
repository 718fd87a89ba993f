//! A server: keeps copies of its own keys, and of others' for as long as they need it.

use super::message::{Fact, Msg, Say, Timer};
use super::node::{Disk, Node};
use super::plan::{Config, distinct};
use crate::mechanism::partition::{Common, Custody};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::NodeView;

/// How often a server offers what it keeps for others.
const OFFER_US: u64 = 200_000;
/// How often it compares trees with the next one.
const COMPARE_US: u64 = 150_000;

/// What a server has on its disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Store {
    /// Which ring it goes by; 0 before it has ever said so.
    pub(super) ring: u8,
    /// The number of the newest write of each key that it has.
    pub(super) copies: SmallMap<u16, u64>,
    /// What of this it keeps for others.
    pub(super) custody: Custody,
    /// Who has handed over all that it had of this server's keys.
    pub(super) complete: Vec<NodeId>,
}

/// A server.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) config: Config,
    /// Who has noted that it has all.
    noted: Vec<NodeId>,
    /// With whom it compares next.
    next: u16,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        Self { config, noted: Vec::new(), next: 0 }
    }

    fn say(cx: &mut Cx<'_, Node>, to: NodeId, say: Say) {
        let ring = cx.disk().0.get().ring;
        // What is not on disk yet could be gone again after it was told.
        cx.send_after_sync(to, Msg { ring, say });
    }

    fn owns(&self, key: u16, cx: &Cx<'_, Node>) -> bool {
        self.config.owners(key, cx.disk().0.get().ring).contains(&cx.me())
    }

    /// Returns those who left a key that is this server's since then, and have not handed it over.
    pub(super) fn awaits(&self, me: NodeId, key: u16, store: &Store) -> Vec<NodeId> {
        let mut left = self.config.leavers(key, store.ring);
        let is_new = self.config.newcomers(key, store.ring).contains(&me);
        left.retain(|id| is_new && !store.complete.contains(id));
        left
    }

    /// Returns true if this server may speak for a key as one of its own replicas.
    pub(super) fn serves(&self, me: NodeId, key: u16, store: &Store) -> bool {
        let is_own = self.config.owners(key, store.ring).contains(&me);
        is_own && (!self.config.waits || self.awaits(me, key, store).is_empty())
    }

    /// Returns true if it may not answer for a key yet, which somebody is still to hand over.
    fn is_to_wait(&self, key: u16, cx: &Cx<'_, Node>) -> bool {
        self.config.waits && !self.awaits(cx.me(), key, cx.disk().0.get()).is_empty()
    }

    fn speaks_as_own(&self, key: u16, cx: &Cx<'_, Node>) -> bool {
        !self.config.hints || self.serves(cx.me(), key, cx.disk().0.get())
    }

    /// Takes over a newer version; true if it is one.
    fn store(&self, key: u16, number: u64, cx: &mut Cx<'_, Node>) -> bool {
        let has = cx.disk().0.get().copies.get(key).copied().unwrap_or_default();
        if number <= has {
            return false;
        }
        let is_own = self.owns(key, cx);
        let store = cx.disk_mut().0.get_mut();
        store.copies.insert(key, number);
        if store.custody.has(key) || (self.config.hints && !is_own) {
            store.custody.take(key);
            cx.record(Fact::Keeps { key, number });
        }
        cx.sync();
        true
    }

    /// Goes by a newer ring: what is no longer its own is kept until those whose it is have it, and what it
    /// kept for others may be its own now.
    fn adopt(&self, ring: u8, cx: &mut Cx<'_, Node>) {
        if ring <= cx.disk().0.get().ring {
            return;
        }
        let me = cx.me();
        let store = cx.disk_mut().0.get_mut();
        store.ring = ring;
        let is_own = |key: &u16| self.config.owners(*key, ring).contains(&me);
        let own: Vec<u16> = store.custody.keys().filter(is_own).collect();
        for key in own {
            store.custody.release(key);
        }
        let is_lost = |key: &u16| self.config.leavers(*key, ring).contains(&me);
        let lost: Vec<u16> = store.copies.iter().map(|it| it.0).filter(is_lost).collect();
        for &key in &lost {
            if self.config.keeps {
                store.custody.take(key);
            } else {
                store.copies.remove(key);
            }
        }
        cx.sync();
        cx.record(Fact::Adopts { ring, lost: lost.len() as u64 });
        self.offer(cx);
    }

    /// Offers what is kept for others, asks for what is to come, and tells heirs who have got all.
    fn offer(&self, cx: &mut Cx<'_, Node>) {
        let (me, store) = (cx.me(), cx.disk().0.get().clone());
        if store.ring == 0 {
            return;
        }
        for key in store.custody.keys() {
            let owners = self.config.owners(key, store.ring);
            let number = store.copies.get(key).copied().unwrap_or_default();
            for owner in store.custody.waits_for(key, &owners) {
                Self::say(cx, owner, Say::Offer { key, number });
            }
        }
        let awaited = (0..self.config.keys).flat_map(|key| self.awaits(me, key, &store));
        for id in distinct(awaited) {
            Self::say(cx, id, Say::News);
        }
        for heir in self.config.heirs(me, store.ring) {
            self.say_complete(heir, cx);
        }
    }

    /// Says to an heir that it has got all that was here of its keys, if that is so.
    fn say_complete(&self, heir: NodeId, cx: &mut Cx<'_, Node>) {
        let store = cx.disk().0.get();
        let lacks = |key| {
            let owners = self.config.owners(key, store.ring);
            store.custody.waits_for(key, &owners).any(|id| id == heir)
        };
        if !self.noted.contains(&heir) && !store.custody.keys().any(lacks) {
            Self::say(cx, heir, Say::Complete);
        }
    }

    /// Hears that a node has a key that is kept here.
    fn took(&self, from: NodeId, (key, number): (u16, u64), cx: &mut Cx<'_, Node>) {
        let store = cx.disk().0.get();
        if store.copies.get(key) != Some(&number) || !store.custody.has(key) {
            return;
        }
        let owners = self.config.owners(key, store.ring);
        let store = cx.disk_mut().0.get_mut();
        let is_over = store.custody.confirm(key, from, &owners);
        if is_over {
            store.custody.release(key);
            store.copies.remove(key);
            cx.record(Fact::LetsGo { key });
        }
        cx.sync();
        if self.config.heirs(cx.me(), cx.disk().0.get().ring).contains(&from) {
            self.say_complete(from, cx);
        }
    }

    /// Returns the keys that are both this server's and another one's, with what is here of each.
    fn common(&self, other: NodeId, cx: &Cx<'_, Node>) -> Common<u64> {
        let common = self.config.common((cx.me(), other), cx.disk().0.get());
        Common::of(common.into_iter().map(|(key, number)| (key, self.config.place(key), number)))
    }

    fn compare(&mut self, cx: &mut Cx<'_, Node>) {
        let members = self.config.members(cx.disk().0.get().ring);
        self.next = (self.next + 1) % members;
        let other = NodeId(self.next);
        if other != cx.me() && self.config.trees && cx.me().0 < members {
            Self::say(cx, other, Say::Compare(self.common(other, cx).root()));
        }
    }

    fn compared(&self, from: NodeId, nodes: &[(u16, u64)], cx: &mut Cx<'_, Node>) {
        let common = self.common(from, cx);
        let difference = common.compare(nodes);
        if !difference.deeper.is_empty() {
            Self::say(cx, from, Say::Compare(difference.deeper));
        }
        if !difference.leaves.is_empty() {
            let (leaves, wants) = (difference.leaves, true);
            let items = common.in_leaves(&leaves);
            Self::say(cx, from, Say::Items { leaves, items, wants });
        }
    }

    fn take_items(
        &self,
        from: NodeId,
        (leaves, items, wants): (Vec<u16>, &[(u16, u64)], bool),
        cx: &mut Cx<'_, Node>,
    ) {
        let is_newer = |mine, theirs| mine > theirs;
        let answer = self.common(from, cx).lacked_by(items, &leaves, is_newer);
        for &(key, number) in items {
            if self.owns(key, cx) && self.store(key, number, cx) {
                cx.record(Fact::Repairs { key, number });
            }
        }
        if wants && !answer.is_empty() {
            Self::say(cx, from, Say::Items { leaves, items: answer, wants: false });
        }
    }
}

impl Kind<Node> for Server {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        if cx.disk().0.get().ring == 0 && cx.me().0 < self.config.members(1) {
            cx.disk_mut().0.get_mut().ring = 1;
            cx.sync();
        }
        self.next = cx.me().0;
        let spread_us = cx.jitter_us(0, COMPARE_US);
        cx.set_timer(spread_us, Timer::Compare);
        cx.set_timer(OFFER_US, Timer::Offer);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        if msg.say == Say::Join {
            return self.adopt(2, cx);
        }
        self.adopt(msg.ring, cx);
        // Whoever goes by an older ring would take what is said here for another's word.
        if msg.ring < cx.disk().0.get().ring {
            return Self::say(cx, from, Say::News);
        }
        match msg.say {
            Say::Put { round, key, number } => {
                self.store(key, number, cx);
                let is_own = self.speaks_as_own(key, cx);
                Self::say(cx, from, Say::Stored { round, is_own });
            }
            // What was not handed over may be newer than what is here, or all there is.
            Say::Get { key, .. } if self.is_to_wait(key, cx) => {
                Self::say(cx, from, Say::NotYet);
            }
            Say::Get { round, key } => {
                let number = cx.disk().0.get().copies.get(key).copied().unwrap_or_default();
                let is_own = self.speaks_as_own(key, cx);
                Self::say(cx, from, Say::Holds { round, number, is_own });
            }
            Say::Offer { key, number } => {
                self.store(key, number, cx);
                Self::say(cx, from, Say::Took { key, number });
            }
            Say::Took { key, number } => self.took(from, (key, number), cx),
            Say::Complete => {
                let store = cx.disk_mut().0.get_mut();
                if !store.complete.contains(&from) {
                    store.complete.push(from);
                    cx.record(Fact::HasAllOf(from));
                }
                Self::say(cx, from, Say::Noted);
            }
            Say::Noted => {
                if !self.noted.contains(&from) {
                    self.noted.push(from);
                }
            }
            Say::Compare(nodes) => self.compared(from, &nodes, cx),
            Say::Items { leaves, items, wants } => {
                self.take_items(from, (leaves, &items, wants), cx);
            }
            Say::News
            | Say::NotYet
            | Say::Stored { .. }
            | Say::Holds { .. }
            | Say::Join
            | Say::WriteNow
            | Say::ReadNow => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Offer => {
                cx.set_timer(OFFER_US, Timer::Offer);
                self.offer(cx);
            }
            Timer::Compare => {
                cx.set_timer(COMPARE_US, Timer::Compare);
                self.compare(cx);
            }
            Timer::Think | Timer::StandIns | Timer::Again => {}
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        Self::show(disk.0.get())
    }
}
