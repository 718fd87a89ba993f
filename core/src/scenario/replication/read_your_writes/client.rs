//! A client: one operation at a time, asked of the region where it is, with a token in its pocket.

use super::Config;
use super::message::{Entry, Fact, Mode, Msg, Reply, Request, Timer};
use super::node::{Disk, Node};
use crate::mechanism::geo::{SessionToken, by_distance};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// Least and most time between two operations.
const THINK_US: (u64, u64) = (60_000, 140_000);
/// How long it waits before it asks another region: longer than a region lets it wait.
const PATIENCE_US: u64 = 700_000;
/// How long after a refusal it asks again.
const REFUSED_US: u64 = 100_000;
/// How often it tries to send what is in its pocket.
const DRAIN_US: u64 = 250_000;
/// How long it asks a region far away before it tries the nearest again.
const ASTRAY_US: u64 = 1_000_000;
/// A client that is not strict asks so often before it gives a write up, or puts it into its pocket.
const TRIES: u32 = 2;
/// Identities of operations of one life.
const IDS: u64 = 1_000_000;

/// What a client keeps on its disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Pocket {
    /// How often it has started anew.
    lives: u64,
    /// The number of its last write.
    number: u64,
    /// What it has written and read.
    token: SessionToken,
    /// Writes to be sent, oldest first.
    pub(super) queue: Vec<u64>,
    /// The last write that ever waited here: it stays known when it is sent.
    last_queued: u64,
    /// In which region it is, and whether it has ever said so.
    at: Option<u8>,
}

/// What a client waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Open {
    Read(u16),
    Write(u64),
}

/// A client.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    config: Config,
    /// Which record is its own.
    record: u16,
    pub(super) mode: Mode,
    /// In which region it is, and which it asks.
    pub(super) at: u8,
    pub(super) asks: u8,
    /// Since when it asks another region than that where it is.
    astray_us: u64,
    /// What it has written and read.
    pub(super) token: SessionToken,
    /// The operation that is under way, its identity, and how often it was asked for in vain.
    open: Option<Open>,
    id: u64,
    tries: u32,
    /// What the viewer wants next.
    wanted: Option<Msg>,
    /// What it will have been told when its disk has it.
    told: Option<(SyncId, Fact)>,
    /// The last value that it saw of its own record, and whether that was marked as old.
    pub(super) seen: Option<(u64, bool)>,
}

impl Client {
    pub(super) fn new(config: Config, record: u16) -> Self {
        let at = u8::try_from(config.home_of(record).0).unwrap_or_default();
        Self {
            config,
            record,
            mode: config.mode_of(record),
            at,
            asks: at,
            astray_us: 0,
            token: SessionToken::default(),
            open: None,
            id: 0,
            tries: 0,
            wanted: None,
            told: None,
            seen: None,
        }
    }

    /// Returns how many regions there are.
    pub(super) fn regions(&self) -> u16 {
        self.config.regions
    }

    /// Returns where its own record has its home.
    pub(super) fn home(&self) -> NodeId {
        self.config.home_of(self.record)
    }

    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Think);
    }

    /// Begins the next operation.
    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        if self.asks != self.at && cx.now_us().saturating_sub(self.astray_us) > ASTRAY_US {
            self.asks = self.at;
        }
        let is_write = match self.wanted.take() {
            Some(wanted) => wanted == Msg::WriteNow,
            None if cx.chance(self.config.writes_percent) => true,
            None => {
                let own = cx.choose(3) > 0;
                let any = cx.choose(self.config.clients.into());
                let other = u16::try_from(any).unwrap_or_default();
                return self.read(if own { self.record } else { other }, cx);
            }
        };
        if is_write { self.write(cx) } else { self.read(self.record, cx) }
    }

    fn read(&mut self, record: u16, cx: &mut Cx<'_, Node>) {
        self.id += 1;
        self.open = Some(Open::Read(record));
        cx.record(Fact::Reads { id: self.id, record, mode: self.mode });
        self.ask(cx);
    }

    fn write(&mut self, cx: &mut Cx<'_, Node>) {
        self.id += 1;
        let pocket = cx.disk_mut().1.get_mut();
        pocket.number += 1;
        let (number, is_first) = (pocket.number, pocket.queue.is_empty());
        self.open = Some(Open::Write(number));
        let entry = self.entry(number);
        cx.record(Fact::Writes { id: self.id, entry, mode: self.mode });
        // What waits in the pocket goes first.
        if is_first { self.ask(cx) } else { self.give_up(number, cx) }
    }

    fn entry(&self, number: u64) -> Entry {
        Entry { record: self.record, number }
    }

    /// Asks for what is under way; a number that was given to a write is on disk before it is used.
    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let request = match self.open {
            None => return,
            Some(Open::Read(record)) => {
                let (id, token, mode) = (self.id, self.token.clone(), self.mode);
                Request::Read { id, record, token, mode }
            }
            Some(Open::Write(number)) => {
                Request::Write { entries: vec![self.entry(number)], mode: self.mode }
            }
        };
        cx.send_after_sync(NodeId(self.asks.into()), Msg::Ask(request));
        cx.set_timer(PATIENCE_US, Timer::Again);
    }

    /// Asks another region, the nearest first.
    fn ask_elsewhere(&mut self, cx: &mut Cx<'_, Node>) {
        let regions = u8::try_from(self.config.regions).unwrap_or_default();
        let nearest = by_distance(self.at, regions);
        let place = nearest.iter().position(|it| *it == self.asks).unwrap_or_default();
        self.asks = nearest[(place + 1) % nearest.len()];
        self.astray_us = cx.now_us();
        cx.record(Fact::FailsOver(NodeId(self.asks.into())));
        self.ask(cx);
    }

    /// Nobody answered, or nobody could.
    fn ask_again(&mut self, cx: &mut Cx<'_, Node>) {
        self.tries += 1;
        match self.open {
            Some(Open::Write(number)) if self.mode != Mode::Strict && self.tries >= TRIES => {
                self.give_up(number, cx);
            }
            _ => self.ask_elsewhere(cx),
        }
    }

    /// Does without its write's being stored now.
    fn give_up(&mut self, number: u64, cx: &mut Cx<'_, Node>) {
        let (id, entry) = (self.id, self.entry(number));
        if self.mode == Mode::Queue {
            let pocket = cx.disk_mut().1.get_mut();
            let is_first = pocket.queue.is_empty();
            pocket.queue.push(number);
            pocket.last_queued = number;
            // The timer of what waits already stands: who writes often would put it off for ever.
            if is_first {
                cx.set_timer(DRAIN_US, Timer::Drain);
            }
            self.finish(Fact::Queues { id, entry }, cx);
        } else {
            self.finish(Fact::GivesUp { id, entry }, cx);
        }
    }

    /// The operation is over. What it has seen is on disk before it counts as told.
    fn finish(&mut self, fact: Fact, cx: &mut Cx<'_, Node>) {
        self.open = None;
        self.tries = 0;
        cx.cancel_timer(Timer::Again);
        if self.config.keeps_token {
            cx.disk_mut().1.get_mut().token = self.token.clone();
        }
        if self.config.keeps_token || matches!(fact, Fact::Queues { .. }) {
            self.told = Some((cx.sync(), fact));
        } else {
            self.tell(fact, cx);
        }
    }

    fn tell(&mut self, fact: Fact, cx: &mut Cx<'_, Node>) {
        if let Fact::Sees { record, number, label, .. } = fact
            && record == self.record
        {
            self.seen = Some((number, label.is_some()));
        }
        cx.record(fact);
        Self::think(cx);
    }

    fn hear(&mut self, reply: Reply, cx: &mut Cx<'_, Node>) {
        match (reply, self.open) {
            (Reply::Value { id, number, position, label }, Some(Open::Read(record)))
                if id == self.id =>
            {
                if self.config.raises_by_reads {
                    self.token.raise(self.config.home_of(record), position);
                }
                // What is or was in its own pocket can be newer than what the region has.
                let queued = cx.disk().1.get().last_queued;
                let number = if record == self.record { number.max(queued) } else { number };
                self.finish(Fact::Sees { id, record, number, label }, cx);
            }
            (Reply::Written { entry, position }, open) => {
                let is_open = open == Some(Open::Write(entry.number));
                let is_queued = cx.disk().1.get().queue.contains(&entry.number);
                if is_open || is_queued {
                    self.token.raise(self.config.home_of(self.record), position);
                }
                if is_open {
                    self.finish(Fact::Stored { id: self.id, entry }, cx);
                } else if is_queued {
                    cx.disk_mut().1.get_mut().queue.retain(|number| *number > entry.number);
                    cx.record(Fact::Drains(entry));
                    self.drain(cx);
                }
            }
            (Reply::Behind { id, .. }, Some(Open::Read(_))) if id == self.id => {
                cx.set_timer(REFUSED_US, Timer::Again);
            }
            (Reply::ReadOnly(entry), Some(Open::Write(number))) if entry.number == number => {
                self.give_up(number, cx);
            }
            (Reply::Value { .. } | Reply::Behind { .. } | Reply::ReadOnly(_), _) => {}
        }
    }

    /// Sends what is in its pocket.
    fn drain(&mut self, cx: &mut Cx<'_, Node>) {
        let queue = cx.disk().1.get().queue.iter();
        let entries: Vec<_> = queue.map(|number| self.entry(*number)).collect();
        if !entries.is_empty() {
            let request = Request::Write { entries, mode: self.mode };
            cx.send_after_sync(NodeId(self.asks.into()), Msg::Ask(request));
            cx.set_timer(DRAIN_US, Timer::Drain);
        }
    }

    fn travel(&mut self, to: u8, cx: &mut Cx<'_, Node>) {
        if u16::from(to) < self.config.regions && to != self.at {
            (self.at, self.asks) = (to, to);
            cx.disk_mut().1.get_mut().at = Some(to);
            cx.move_to(to);
            cx.record(Fact::Travels(NodeId(to.into())));
            self.ask(cx);
        }
        self.plan(cx);
    }

    fn plan(&self, cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(self.config.travel_us, 2 * self.config.travel_us);
        cx.set_timer(after_us, Timer::Travel);
    }
}

impl Kind<Node> for Client {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            let pocket = cx.disk_mut().1.get_mut();
            pocket.lives += 1;
            self.id = pocket.lives * IDS;
            self.token = pocket.token.clone();
            self.at = pocket.at.unwrap_or(self.at);
            self.asks = self.at;
            cx.move_to(self.at);
            cx.record(Fact::IsBack);
            self.drain(cx);
        }
        Self::think(cx);
        self.plan(cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Reply(reply) => self.hear(reply, cx),
            Msg::Travel(to) => self.travel(to, cx),
            Msg::WriteNow | Msg::ReadNow => {
                self.wanted = Some(msg);
                if self.open.is_none() && self.told.is_none() {
                    cx.cancel_timer(Timer::Think);
                    self.begin(cx);
                }
            }
            Msg::Ask(_) | Msg::Forward(..) | Msg::Back(..) | Msg::Ship(_) | Msg::Kept(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Think => self.begin(cx),
            Timer::Again => self.ask_again(cx),
            Timer::Drain => self.drain(cx),
            Timer::Travel => {
                let others = u64::from(self.config.regions) - 1;
                let further = 1 + cx.choose(others);
                let to = (u64::from(self.at) + further) % (others + 1);
                self.travel(u8::try_from(to).unwrap_or_default(), cx);
            }
            Timer::Ship | Timer::GiveUp(_) => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        if let Some((_, fact)) = self.told.take_if(|(awaited, _)| *awaited == sync) {
            self.tell(fact, cx);
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        self.show(&disk.1.get().queue)
    }
}
