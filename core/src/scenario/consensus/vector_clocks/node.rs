//! A replica of the note: four clocks stamp each of its events, and one rule says which versions stay.

use std::collections::VecDeque;

use super::message::{
    Fact, Msg, Stamps, Timer, Version, WriteId, hybrid_text, name_of, vector_text,
};
use crate::mechanism::clock::{HybridClock, LamportClock, VectorClock, VersionVector};
use crate::order::sort_by_key;
use crate::sim::{Boot, Cell, Cx, NodeId, Process, SyncId};
use crate::view::{Datum, NodeView, Role, Widget, instant};

/// Which of two versions stays.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Rule {
    /// The one with the later wall clock: last write wins.
    WallClock,
    /// The one with the larger hybrid stamp. It has seen the other, or neither has.
    HybridClock,
    /// The one that contains the other, by their version vectors; both if neither does.
    VersionVector,
}

impl Rule {
    /// Returns what it decides by, of a version.
    fn stamp_text(self, version: &Version, ids: impl Iterator<Item = NodeId>) -> String {
        match self {
            Self::WallClock => instant(version.wall_us),
            Self::HybridClock => hybrid_text(version.hybrid),
            Self::VersionVector => vector_text(|id| version.contains.updates(id), ids),
        }
    }

    /// Adds a version to those that stay, which are in the order of their names.
    fn add(self, kept: &mut Vec<Version>, version: Version) {
        let wins = |new: &Version, old: &Version| match self {
            Self::WallClock => (new.wall_us, new.id) >= (old.wall_us, old.id),
            Self::HybridClock => (new.hybrid, new.id) >= (old.hybrid, old.id),
            Self::VersionVector => old.contains <= new.contains,
        };
        if kept.iter().any(|old| wins(old, &version)) {
            return;
        }
        kept.retain(|old| !wins(&version, old));
        kept.push(version);
        sort_by_key(kept, |it| it.id);
    }
}

/// How a replica works.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Config {
    /// Which of two versions stays.
    pub(super) rule: Rule,
    /// Clocks and copy are on disk before anybody hears of an event.
    pub(super) is_durable: bool,
    /// Time between two writes of an editor, more or less.
    pub(super) edit_us: u64,
    /// Time between two rounds of gossip.
    pub(super) gossip_us: u64,
}

/// What a replica must not forget.
#[derive(Clone, Debug, Hash)]
pub(super) struct Kept {
    lamport: LamportClock,
    vector: VectorClock,
    hybrid: HybridClock,
    /// The note: one version, or several of which none contains another.
    pub(super) versions: Vec<Version>,
    /// How many writes were made here.
    writes: u64,
}

impl Kept {
    /// Returns the names of the versions, or how many there are.
    fn shown(&self) -> String {
        let names: Vec<String> = self.versions.iter().map(|it| it.id.short()).collect();
        if names.len() > 2 { format!("{}×", names.len()) } else { names.join("|") }
    }
}

/// A replica and its editor.
#[derive(Clone, Debug, Hash)]
pub(super) struct Node {
    me: NodeId,
    config: Config,
    pub(super) kept: Kept,
    /// The stamps of its last event.
    pub(super) stamps: Option<Stamps>,
    /// Writes that wait for a sync, oldest first.
    unsynced: VecDeque<(SyncId, WriteId)>,
    /// Which of the others is told next, counted from this one.
    next_peer: u16,
}

impl Node {
    /// Makes a replica of an empty note, one of `nodes`.
    pub(super) fn new(me: NodeId, nodes: u16, config: Config) -> Self {
        let kept = Kept {
            lamport: LamportClock::default(),
            vector: VectorClock::new(nodes),
            hybrid: HybridClock::default(),
            versions: Vec::new(),
            writes: 0,
        };
        Self { me, config, kept, stamps: None, unsynced: VecDeque::new(), next_peer: 0 }
    }

    /// Lists the writes whose versions it shows, by name.
    pub(super) fn shown(&self) -> impl Iterator<Item = WriteId> {
        self.kept.versions.iter().map(|it| it.id)
    }

    /// Stamps this event, which received a message with these stamps or none.
    fn stamp(&mut self, sent: Option<&Stamps>, cx: &mut Cx<'_, Self>) -> Stamps {
        let (me, wall_us) = (self.me, cx.wall_us());
        let Kept { lamport, vector, hybrid, .. } = &mut self.kept;
        let (lamport, hybrid) = if let Some(sent) = sent {
            vector.receive(me, &sent.vector);
            (lamport.receive(sent.lamport), hybrid.receive(wall_us, sent.hybrid))
        } else {
            vector.tick(me);
            (lamport.tick(), hybrid.tick(wall_us))
        };
        let stamps = Stamps { lamport, vector: vector.clone(), hybrid, wall_us };
        self.stamps = Some(stamps.clone());
        cx.record(Fact::Stamped(stamps.clone()));
        stamps
    }

    /// Writes, having read all that is shown, and tells everybody.
    fn write(&mut self, cx: &mut Cx<'_, Self>) {
        let Stamps { hybrid, wall_us, .. } = self.stamp(None, cx);
        self.kept.writes += 1;
        let id = WriteId { by: self.me, number: self.kept.writes };
        let mut contains = VersionVector::default();
        self.kept.versions.iter().for_each(|read| contains.merge(&read.contains));
        contains.update(self.me);
        cx.record(Fact::Wrote(id, self.shown().collect()));
        let version = Version { id, contains, hybrid, wall_us };
        self.config.rule.add(&mut self.kept.versions, version);
        if self.config.is_durable {
            self.save(cx);
            self.unsynced.push_back((cx.sync(), id));
        } else {
            cx.record(Fact::Acknowledged(id));
        }
        let me = self.me;
        NodeId::first(cx.node_count()).filter(|&id| id != me).for_each(|id| self.tell(id, cx));
    }

    /// Tells another replica all that is shown, with the stamps of this event.
    fn tell(&self, to: NodeId, cx: &mut Cx<'_, Self>) {
        let Some(stamps) = self.stamps.clone() else { return };
        let copy = Msg::Copy(stamps, self.kept.versions.clone());
        if self.config.is_durable {
            cx.send_after_sync(to, copy);
        } else {
            cx.send(to, copy);
        }
    }

    /// Puts everything on disk. Without it, a clock that restarts gives its old stamps to new events.
    fn save(&self, cx: &mut Cx<'_, Self>) {
        if self.config.is_durable {
            *cx.disk_mut().get_mut() = Some(self.kept.clone());
            cx.sync();
        }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Cell<Option<Kept>>;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        if boot == Boot::Recovered {
            if let Some(kept) = cx.disk().get() {
                self.kept = kept.clone();
            }
            cx.record(Fact::CameBack(self.kept.vector.known(self.me)));
        }
        self.stamp(None, cx);
        self.save(cx);
        let first_edit_us = cx.jitter_us(0, self.config.edit_us);
        cx.set_timer(first_edit_us, Timer::Edit);
        let first_round_us = cx.jitter_us(0, self.config.gossip_us);
        cx.set_timer(first_round_us, Timer::Gossip);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match msg {
            Msg::Write => self.write(cx),
            Msg::Pick(number) => cx.record(Fact::Picked(WriteId { by: self.me, number })),
            Msg::Copy(stamps, versions) => {
                self.stamp(Some(&stamps), cx);
                for version in versions {
                    self.config.rule.add(&mut self.kept.versions, version);
                }
                self.save(cx);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match timer {
            Timer::Edit => {
                self.write(cx);
                let pause_us = cx.jitter_us(self.config.edit_us / 2, self.config.edit_us * 3 / 2);
                cx.set_timer(pause_us, Timer::Edit);
            }
            Timer::Gossip => {
                self.stamp(None, cx);
                self.save(cx);
                let peer = (self.me.0 + 1 + self.next_peer) % cx.node_count();
                self.next_peer = (self.next_peer + 1) % (cx.node_count() - 1);
                self.tell(NodeId(peer), cx);
                cx.set_timer(self.config.gossip_us, Timer::Gossip);
            }
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        while let Some((_, id)) = self.unsynced.pop_front_if(|(of, _)| *of <= sync) {
            cx.record(Fact::Acknowledged(id));
        }
    }

    fn view(&self, disk: &Cell<Option<Kept>>) -> NodeView {
        let kept = disk.durable().as_ref().filter(|_| self.stamps.is_none()).unwrap_or(&self.kept);
        let ids = || NodeId::first(u16::try_from(kept.vector.nodes()).unwrap_or(u16::MAX));
        let stamps = kept.versions.iter().map(|it| self.config.rule.stamp_text(it, ids()));
        let cell = |it: &Version, id| Datum::from(it.contains.updates(id));
        let rows =
            kept.versions.iter().map(|it| (it.id.short(), ids().map(move |id| cell(it, id))));
        let columns = ids().map(|id| name_of(id).to_string());
        let clocks = self.stamps.iter().flat_map(|stamps| {
            [
                Widget::field("Lamport", stamps.lamport),
                Widget::cells("Vector", ids().map(|id| stamps.vector.known(id).into())),
                Widget::field("Hybrid", hybrid_text(stamps.hybrid)),
                Widget::field("Wall clock", instant(stamps.wall_us)),
            ]
        });
        NodeView::new(Role::Peer, stamps.collect::<Vec<_>>().join(" "))
            .showing(kept.shown())
            .meaning("the versions it holds")
            .with([Widget::matrix("Writes of each that a version contains", columns, rows)])
            .with(clocks)
    }
}
