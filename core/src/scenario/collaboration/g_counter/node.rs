//! A node that counts clicks together with others: the algorithm, and what each safeguard adds to it.

use std::collections::VecDeque;

use super::message::{Click, Fact, Msg, Timer, signed, slot_text};
use crate::mechanism::crdt::PnCounter;
use crate::sim::{Boot, Cell, Cx, NodeId, Process, SyncId};
use crate::view::{Datum, NodeView, Role, Widget};

/// How many visitors come to a node each time it starts.
const VISITORS: u32 = 12;
/// Least and most time between two visitors.
const VISIT_US: (u64, u64) = (100_000, 200_000);

/// How nodes tell each other of clicks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sharing {
    /// Each click is sent as a delta until it is answered, and added by whoever receives it.
    Deltas,
    /// What is known is sent, and merged: one slot per node, which its owner's decrements lower.
    OneVector,
    /// What is known is sent, and merged: two slots per node, which only grow.
    TwoVectors,
}

/// How a node counts.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Config {
    /// How nodes tell each other of clicks.
    pub(super) sharing: Sharing,
    /// The own slot is on disk before a click is acknowledged and told.
    pub(super) is_durable: bool,
    /// What is known is told for ever, not just once after each click.
    pub(super) repeats: bool,
    /// Time between two rounds of gossip or retries.
    pub(super) round_us: u64,
    /// Share of visitors who count down, in a hundred.
    pub(super) down_percent: u8,
}

/// A delta on its way to a peer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Delta {
    number: u32,
    peer: NodeId,
    by: i64,
}

/// A node and its visitors.
#[derive(Clone, Debug, Hash)]
pub(super) struct Node {
    pub(super) me: NodeId,
    pub(super) config: Config,
    /// Its own clicks and, if slots are shared, what it knows of everybody else's.
    pub(super) known: PnCounter,
    /// The sum of all deltas that have arrived.
    pub(super) received: i64,
    /// How many visitors are still to come.
    pub(super) visitors_left: u32,
    /// Clicks that wait for a sync, oldest first.
    pub(super) unsynced: VecDeque<(SyncId, Click)>,
    /// How many clicks it was asked to count since it started.
    clicks: u64,
    /// Deltas that have not been answered, in the order in which they were first sent.
    pub(super) unanswered: Vec<Delta>,
    next_delta: u32,
    /// Deltas before this one were sent before the last round.
    retry_before: u32,
    /// Which peer hears the next gossip, counted from this node.
    next_peer: u16,
}

impl Node {
    /// Makes a node that has counted nothing.
    pub(super) fn new(me: NodeId, config: Config) -> Self {
        Self {
            me,
            config,
            known: PnCounter::default(),
            received: 0,
            visitors_left: VISITORS,
            unsynced: VecDeque::new(),
            clicks: 0,
            unanswered: Vec::new(),
            next_delta: 0,
            retry_before: 0,
            next_peer: 0,
        }
    }

    /// Returns the total that this node shows.
    pub(super) fn value(&self) -> i64 {
        self.known.value() + self.received
    }

    /// Returns true if this node and `other` show the same for the same reason, and this node waits
    /// for no answer.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        match self.config.sharing {
            Sharing::Deltas => self.unanswered.is_empty() && self.value() == other.value(),
            Sharing::OneVector | Sharing::TwoVectors => self.known == other.known,
        }
    }

    /// Returns what it knows, or would know from its disk.
    fn restored(&self, own: &PnCounter) -> PnCounter {
        let mut known = self.known.clone();
        known.merge(own);
        known
    }

    fn click(&mut self, by: i64, cx: &mut Cx<'_, Self>) {
        self.clicks += 1;
        let click = Click { number: self.clicks, by };
        cx.record(Fact::Clicked(click));
        if self.config.is_durable {
            self.config.sharing.count(cx.disk_mut().get_mut(), self.me, by);
            self.unsynced.push_back((cx.sync(), click));
        } else {
            self.acknowledge(click, cx);
        }
    }

    /// From here on others may hear of the click, so it must never be unlearned.
    fn acknowledge(&mut self, click: Click, cx: &mut Cx<'_, Self>) {
        let by = click.by;
        self.config.sharing.count(&mut self.known, self.me, by);
        cx.record(Fact::Acknowledged(click));
        let me = self.me;
        let peers = NodeId::first(cx.node_count()).filter(|&id| id != me);
        if self.config.sharing == Sharing::Deltas {
            for peer in peers {
                self.unanswered.push(Delta { number: self.next_delta, peer, by });
                cx.send(peer, Msg::Delta(self.next_delta, by));
            }
            self.next_delta += 1;
        } else if !self.config.repeats {
            peers.for_each(|peer| cx.send(peer, Msg::Known(self.known.clone())));
        }
    }

    /// Sends again what was not answered in a whole round. The receiver cannot tell it from a new
    /// delta.
    fn retry(&mut self, cx: &mut Cx<'_, Self>) {
        for &Delta { number, peer, by } in &self.unanswered {
            if number < self.retry_before {
                cx.send(peer, Msg::Delta(number, by));
            }
        }
        self.retry_before = self.next_delta;
    }

    /// Tells one peer all that is known; the next peer in the next round. Peers in turn hear from
    /// this node within a bound, where random peers hear from it only in all likelihood.
    fn gossip(&mut self, cx: &mut Cx<'_, Self>) {
        let peer = (self.me.0 + 1 + self.next_peer) % cx.node_count();
        self.next_peer = (self.next_peer + 1) % (cx.node_count() - 1);
        cx.send(NodeId(peer), Msg::Known(self.known.clone()));
    }
}

impl Sharing {
    /// Counts a click in the slots of its owner.
    fn count(self, counter: &mut PnCounter, owner: NodeId, by: i64) {
        if self == Self::OneVector && by < 0 {
            let lowered = counter.increments.slot(owner).saturating_sub(by.unsigned_abs());
            counter.increments.overwrite(owner, lowered);
        } else {
            counter.count(owner, by);
        }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    /// The own slots, and nothing else: whatever others have acknowledged is on their disks.
    type Disk = Cell<PnCounter>;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        if boot == Boot::Recovered {
            self.known.merge(cx.disk().get());
            cx.record(Fact::CameBack(self.known.slot(self.me)));
            if self.config.sharing == Sharing::Deltas {
                // No late answer to a delta from before the crash may pass for one to a new delta.
                self.next_delta = u32::try_from(cx.nonce(1 << 31)).unwrap_or(0);
            }
        }
        self.next_peer = u16::try_from(cx.choose(u64::from(cx.node_count()) - 1)).unwrap_or(0);
        let first_round_us = cx.jitter_us(0, self.config.round_us);
        cx.set_timer(first_round_us, Timer::Round);
        let first_visit_us = cx.jitter_us(0, VISIT_US.1);
        cx.set_timer(first_visit_us, Timer::Visitor);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match msg {
            Msg::Click(by) => self.click(by, cx),
            Msg::Delta(number, by) => {
                self.received += by;
                cx.record(Fact::Added { from, number });
                cx.send(from, Msg::Added(number));
            }
            Msg::Added(number) => {
                self.unanswered.retain(|it| (it.number, it.peer) != (number, from));
            }
            Msg::Known(told) => {
                let is_news = told.ahead_of(&self.known).is_some();
                self.known.merge(&told);
                if is_news {
                    cx.record(Fact::Learns { from, told });
                }
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match timer {
            Timer::Visitor => {
                let goes_down = cx.chance(self.config.down_percent);
                self.click(if goes_down { -1 } else { 1 }, cx);
                self.visitors_left -= 1;
                if self.visitors_left > 0 {
                    let next_visit_us = cx.jitter_us(VISIT_US.0, VISIT_US.1);
                    cx.set_timer(next_visit_us, Timer::Visitor);
                }
            }
            Timer::Round => {
                if self.config.sharing == Sharing::Deltas {
                    self.retry(cx);
                } else if self.config.repeats {
                    self.gossip(cx);
                }
                cx.set_timer(self.config.round_us, Timer::Round);
            }
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        while let Some((_, click)) = self.unsynced.pop_front_if(|(of, _)| *of <= sync) {
            self.acknowledge(click, cx);
        }
    }

    fn view(&self, disk: &Cell<PnCounter>) -> NodeView {
        let known = self.restored(disk.durable());
        let own = known.slot(self.me);
        let shown = known.value() + self.received;
        let is_durable = own == disk.durable().slot(self.me) && own != (0, 0);
        let answers = (self.config.sharing == Sharing::Deltas)
            .then(|| Widget::field("Answers awaited", self.unanswered.len()));
        let waiting = self.unsynced.iter().map(|(_, click)| signed(click.by).into());
        NodeView::new(Role::Peer, format!("own {}", slot_text(own)))
            .showing(shown)
            .meaning("clicks counted")
            .with([
                Widget::field("Own clicks", Datum::new(slot_text(own)).durable_if(is_durable)),
                Widget::field("Clicks of others", shown - PnCounter::net(own)),
                Widget::cells("Waiting for the disk", waiting),
            ])
            .with(answers)
    }
}
