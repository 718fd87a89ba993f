//! A server of the home region: Raft's log, when a write is acknowledged, and what leaves the region.

use super::config::Config;
use super::message::{Fact, Msg, Timer};
use super::node::{Disk, Node};
use crate::mechanism::geo::Outbox;
use crate::mechanism::raft::{Index, NotLeader, Raft, Stable as _, StableFile, Waiting};
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::{Message, Receipt, Write};
use crate::sim::{Boot, Cx, Kind, NodeId, Process, SyncId};
use crate::view::NodeView;

/// What was shipped and is not confirmed for so long is shipped again: longer than there and back.
const RESEND_US: u64 = 600_000;

/// A server.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) raft: Raft<Write, StableFile<Write>>,
    config: Config,
    /// Of each client the last write that is committed, and where it stands: a retry is recognised.
    made: SmallMap<u16, (u32, Index)>,
    /// Writes in the log whose clients wait.
    waiting: Waiting<Write>,
    /// The backlog: how far each copy has confirmed the log, as far as this leader has heard.
    pub(super) outbox: Outbox,
    was_leader: bool,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        Self {
            raft: Raft::new(config.group()),
            config,
            made: SmallMap::default(),
            waiting: Waiting::default(),
            outbox: Outbox::default(),
            was_leader: false,
        }
    }

    /// Takes a client's write into the log, unless it is there already.
    fn on_write(&mut self, client: NodeId, write: Write, cx: &mut Cx<'_, Node>) {
        if !self.raft.is_leader() {
            return refuse(client, write, self.raft.leader(), cx);
        }
        let made = self.made.get(write.client).copied();
        let index = match made {
            Some((number, index)) if number == write.number => Some(index),
            // A copy that comes so late that its client has long gone on.
            Some((number, _)) if number > write.number => return,
            Some(_) | None => self.raft.place_of(&write, &cx.disk().0),
        };
        match index.map_or_else(|| cx.lift(|cx| self.raft.propose(write, cx)), Ok) {
            Ok(index) => self.waiting.insert(write, index),
            Err(NotLeader { hint }) => refuse(client, write, hint, cx),
        }
    }

    /// Returns up to where a leader may acknowledge.
    fn safe(&self, cx: &Cx<'_, Node>) -> Index {
        if !self.config.waits_for_quorum {
            return cx.disk().0.get().log.last().index;
        }
        let committed = self.raft.applied();
        if self.config.is_asynchronous {
            return committed;
        }
        let confirmed = self.config.remotes().map(|id| self.outbox.confirmed(id));
        confirmed.fold(committed, Index::min)
    }

    /// Takes note of what is committed, and answers who need wait no longer.
    fn settle(&mut self, cx: &mut Cx<'_, Node>) {
        if self.raft.is_leader() != self.was_leader {
            self.was_leader = self.raft.is_leader();
            // A new leader does not know what the one before has shipped: the copies will tell.
            self.outbox = Outbox::default();
        }
        for applied in self.raft.take_committed(&cx.disk().0) {
            let Write { client, number } = applied.command;
            if self.made.get(client).is_none_or(|(made, _)| *made < number) {
                self.made.insert(client, (number, applied.index));
            }
        }
        if !self.config.is_asynchronous {
            self.ship(cx);
        }
        let safe = self.safe(cx);
        for (write, outcome) in self.waiting.settle(&self.raft, safe) {
            let client = self.config.client(write.client);
            match outcome {
                Ok(index) => acknowledge(client, write, index, cx),
                Err(NotLeader { hint }) => refuse(client, write, hint, cx),
            }
        }
    }

    /// Sends each copy what it has not been sent yet, and again what it does not confirm.
    fn ship(&mut self, cx: &mut Cx<'_, Node>) {
        if !self.raft.is_leader() {
            return;
        }
        let log = cx.disk().0.get().log.clone();
        let last = log.last().index;
        let through = if self.config.ships_committed { self.raft.commit() } else { last };
        for to in self.config.remotes() {
            let behind = |after: Index| {
                let count = usize::try_from(through.saturating_sub(after)).unwrap_or(usize::MAX);
                log.from(after + 1).take(count).cloned()
            };
            let shipment = self.outbox.ship_from(to, behind, (cx.now_us(), RESEND_US));
            if !shipment.entries.is_empty() {
                cx.send(to, Msg::Ship(shipment));
            }
        }
    }
}

impl Kind<Node> for Server {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        cx.disk_mut().0.wait_for_syncs(self.config.waits_for_disk);
        if boot == Boot::Recovered {
            cx.record(Fact::Recovers);
        }
        cx.lift(|cx| self.raft.start(boot, cx));
        cx.set_timer(self.config.ship_us, Timer::Ship);
        self.settle(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Raft(message) => cx.lift(|cx| self.raft.on_message(from, message, cx)),
            Msg::Writer(Message::Write(write)) => self.on_write(from, write, cx),
            Msg::Kept { through } => {
                if through > self.outbox.confirmed(from) && self.raft.is_leader() {
                    cx.record(Fact::Hears { of: from, through });
                    self.outbox.confirm(from, through, cx.now_us());
                }
            }
            Msg::Writer(_) | Msg::Ship(_) => {}
        }
        self.settle(cx);
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Raft(timer) => {
                cx.lift(|cx| self.raft.on_timer(timer, cx));
                self.settle(cx);
            }
            Timer::Ship => {
                cx.set_timer(self.config.ship_us, Timer::Ship);
                self.ship(cx);
            }
            Timer::Writer(_) => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        cx.lift(|cx| self.raft.on_synced(sync, cx));
        self.settle(cx);
    }

    fn view(&self, disk: &Disk) -> NodeView {
        self.show(&disk.0)
    }
}

/// Tells a client that this server does not lead, and who does, as far as it knows.
fn refuse(client: NodeId, write: Write, leader: Option<NodeId>, cx: &mut Cx<'_, Node>) {
    let term = cx.disk().0.get().term;
    cx.send(client, Msg::Writer(Message::Refused { write, leader, term }));
}

fn acknowledge(client: NodeId, write: Write, index: Index, cx: &mut Cx<'_, Node>) {
    let state = cx.disk().0.get();
    let (term, led_in) = (state.log.term_at(index).unwrap_or_default(), state.term);
    let receipt = Receipt { write, index, term, by: cx.me(), led_in };
    cx.send(client, Msg::Writer(Message::Acknowledged(receipt)));
}
