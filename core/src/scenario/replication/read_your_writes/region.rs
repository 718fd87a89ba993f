//! A region: its own log, a copy of everybody's, and what it tells a client who has seen more.

use super::config::{Behind, Config};
use super::message::{Entry, Fact, Mode, Msg, Reply, Request, Timer};
use super::node::{Disk, Node};
use crate::mechanism::clock::VersionVector;
use crate::mechanism::geo::{Outbox, Shipment};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::NodeView;

/// A region lets a client wait for at most so long.
const WAIT_US: u64 = 400_000;
/// What was shipped and is not confirmed for so long is shipped again: longer than there and back.
const RESEND_US: u64 = 600_000;
/// Who is not heard for so many rounds and so much more is taken for out of reach.
const SILENT_ROUNDS: u64 = 3;
const SILENT_US: u64 = 300_000;

/// What is on a region's disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Store {
    /// The writes of the records whose home this is.
    pub(super) log: Vec<Entry>,
    /// Of each record the last write that is here, and where it stands in its home's log.
    pub(super) records: SmallMap<u16, (u64, u64)>,
    /// How much of each region's log is here.
    pub(super) vector: VersionVector,
}

impl Store {
    fn apply(&mut self, home: NodeId, (position, entry): (u64, Entry)) {
        self.records.insert(entry.record, (entry.number, position));
        self.vector.contain(home, position);
    }
}

/// A region.
#[derive(Clone, Debug, Hash)]
pub(super) struct Region {
    pub(super) config: Config,
    outbox: Outbox,
    /// When each other region was last heard.
    heard_us: SmallMap<NodeId, u64>,
    /// The reads that wait, by client.
    waiting: SmallMap<NodeId, Request>,
}

impl Region {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            outbox: Outbox::default(),
            heard_us: SmallMap::default(),
            waiting: SmallMap::default(),
        }
    }

    fn others(&self, cx: &Cx<'_, Node>) -> impl Iterator<Item = NodeId> + use<> {
        let me = cx.me();
        NodeId::first(self.config.regions).filter(move |id| *id != me)
    }

    /// Returns true if a region has not been heard for so long that it is taken for out of reach.
    fn is_silent(&self, region: NodeId, cx: &Cx<'_, Node>) -> bool {
        let limit_us = SILENT_ROUNDS * self.config.ship_us + SILENT_US;
        let heard_us = self.heard_us.get(region).copied().unwrap_or_default();
        region != cx.me() && cx.now_us().saturating_sub(heard_us) > limit_us
    }

    /// Returns how many entries this copy lacks that the reader has seen.
    fn missing(&self, request: &Request, cx: &Cx<'_, Node>) -> u64 {
        let Request::Read { record, token, .. } = request else { return 0 };
        if !self.config.has_tokens {
            return 0;
        }
        token.missing(self.config.home_of(*record), &cx.disk().0.get().vector)
    }

    fn read(&mut self, client: NodeId, request: Request, cx: &mut Cx<'_, Node>) {
        let missing = self.missing(&request, cx);
        if missing == 0 {
            return self.answer(client, &request, cx);
        }
        let Request::Read { record, mode, .. } = request else { return };
        let home = self.config.home_of(record);
        let is_hopeless = mode != Mode::Strict && self.is_silent(home, cx);
        if is_hopeless || self.config.behind == Behind::Refuse {
            return self.answer(client, &request, cx);
        }
        cx.record(Fact::LetsWait { client, missing });
        if self.config.behind == Behind::Forward && home != cx.me() {
            cx.send(home, Msg::Forward(client, request.clone()));
        }
        self.waiting.insert(client, request);
        cx.set_timer(WAIT_US, Timer::GiveUp(client));
    }

    /// Answers with what is here, and says of it what is to be said.
    fn answer(&mut self, client: NodeId, request: &Request, cx: &mut Cx<'_, Node>) {
        let Request::Read { id, record, mode, .. } = *request else { return };
        self.waiting.remove(client);
        cx.cancel_timer(Timer::GiveUp(client));
        let missing = self.missing(request, cx);
        let reply = if missing > 0 && mode == Mode::Strict {
            Reply::Behind { id, missing }
        } else {
            let is_old = missing > 0 || self.is_silent(self.config.home_of(record), cx);
            let says_so = is_old && mode != Mode::Strict && self.config.labels;
            let (number, position) =
                cx.disk().0.get().records.get(record).copied().unwrap_or_default();
            Reply::Value { id, number, position, label: says_so.then_some(missing) }
        };
        // What is not on disk yet could be gone again after it was seen.
        cx.send_after_sync(client, Msg::Reply(reply));
    }

    /// Answers for the record's home, through the region that the client asked.
    fn answer_through(
        &mut self,
        (via, client): (NodeId, NodeId),
        request: &Request,
        cx: &mut Cx<'_, Node>,
    ) {
        let reply = match *request {
            Request::Read { id, record, .. } => {
                let records = &cx.disk().0.get().records;
                let (number, position) = records.get(record).copied().unwrap_or_default();
                Some(Reply::Value { id, number, position, label: None })
            }
            Request::Write { ref entries, .. } => self.append(entries, cx),
        };
        if let Some(reply) = reply {
            cx.send_after_sync(via, Msg::Back(client, reply));
        }
    }

    fn write(
        &mut self,
        client: NodeId,
        (entries, mode): (Vec<Entry>, Mode),
        cx: &mut Cx<'_, Node>,
    ) {
        let Some(&last) = entries.last() else { return };
        let home = self.config.home_of(last.record);
        if home == cx.me() {
            if let Some(reply) = self.append(&entries, cx) {
                cx.send_after_sync(client, Msg::Reply(reply));
            }
        } else if mode != Mode::Strict && self.is_silent(home, cx) {
            cx.send(client, Msg::Reply(Reply::ReadOnly(last)));
        } else {
            cx.send(home, Msg::Forward(client, Request::Write { entries, mode }));
        }
    }

    /// Puts writes at the end of the log, without those that are there; nothing to say if later ones are.
    fn append(&self, entries: &[Entry], cx: &mut Cx<'_, Node>) -> Option<Reply> {
        for entry in entries {
            self.append_one(*entry, cx);
        }
        let entry = *entries.last()?;
        let (number, position) = cx.disk().0.get().records.get(entry.record).copied()?;
        (number == entry.number).then_some(Reply::Written { entry, position })
    }

    fn append_one(&self, entry: Entry, cx: &mut Cx<'_, Node>) {
        let (last, _) = cx.disk().0.get().records.get(entry.record).copied().unwrap_or_default();
        if self.config.counts_once && entry.number <= last {
            return;
        }
        let me = cx.me();
        let store = cx.disk_mut().0.get_mut();
        store.log.push(entry);
        let position = store.log.len() as u64;
        store.apply(me, (position, entry));
        cx.record(Fact::Appends(entry, position));
    }

    /// Takes over what follows on what is here.
    fn take_over(&mut self, from: NodeId, shipment: &Shipment<Entry>, cx: &mut Cx<'_, Node>) {
        let have = cx.disk().0.get().vector.updates(from);
        if self.config.leaves_no_gap && shipment.leaves_gap(have) {
            cx.record(Fact::FindsGap(from, have));
        } else if shipment.through() > have {
            let store = cx.disk_mut().0.get_mut();
            for (position, entry) in shipment.news(have) {
                store.apply(from, (position, *entry));
            }
            cx.record(Fact::TakesOver(from, shipment.through()));
        } else if shipment.entries.is_empty() && shipment.through() == have {
            return;
        }
        let have = cx.disk().0.get().vector.updates(from);
        cx.send_after_sync(from, Msg::Kept(have));
        let satisfied: Vec<_> = {
            let is_met = |it: &(NodeId, &Request)| self.missing(it.1, cx) == 0;
            let met = self.waiting.iter().filter(is_met);
            met.map(|(client, request)| (client, request.clone())).collect()
        };
        for (client, request) in satisfied {
            self.answer(client, &request, cx);
        }
    }

    /// Passes on what the record's home says.
    fn pass_on(&mut self, client: NodeId, reply: Reply, cx: &mut Cx<'_, Node>) {
        if let Reply::Value { id, .. } = reply {
            let waits = |it: &Request| matches!(it, Request::Read { id: of, .. } if *of == id);
            if !self.waiting.get(client).is_some_and(waits) {
                return;
            }
            self.waiting.remove(client);
            cx.cancel_timer(Timer::GiveUp(client));
        }
        cx.send(client, Msg::Reply(reply));
    }
}

impl Kind<Node> for Region {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        for other in self.others(cx) {
            self.heard_us.insert(other, cx.now_us());
        }
        cx.set_timer(self.config.ship_us, Timer::Ship);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Ask(request @ Request::Read { .. }) => self.read(from, request, cx),
            Msg::Ask(Request::Write { entries, mode }) => self.write(from, (entries, mode), cx),
            Msg::Forward(client, request) => self.answer_through((from, client), &request, cx),
            Msg::Back(client, reply) => self.pass_on(client, reply, cx),
            Msg::Ship(shipment) => {
                self.heard_us.insert(from, cx.now_us());
                self.take_over(from, &shipment, cx);
            }
            Msg::Kept(through) => self.outbox.confirm(from, through, cx.now_us()),
            Msg::Reply(_) | Msg::Travel(_) | Msg::WriteNow | Msg::ReadNow => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Ship => {
                cx.set_timer(self.config.ship_us, Timer::Ship);
                let now_us = cx.now_us();
                for other in self.others(cx) {
                    let log = &cx.disk().0.get().log;
                    let shipment = self.outbox.ship(other, log, (now_us, RESEND_US));
                    cx.send_after_sync(other, Msg::Ship(shipment));
                }
            }
            Timer::GiveUp(client) => {
                if let Some(request) = self.waiting.get(client).cloned() {
                    self.answer(client, &request, cx);
                }
            }
            Timer::Think | Timer::Again | Timer::Travel | Timer::Drain => {}
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        self.show(disk.0.get(), self.waiting.len())
    }
}
