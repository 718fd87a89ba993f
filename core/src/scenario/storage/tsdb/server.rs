//! The node that has the store: it takes readings, promises what is safe, and answers block by block.

use std::collections::VecDeque;
use std::rc::Rc;

use super::message::{FIRST, Fact, Msg, Refused, Timer};
use super::node::{Disk, Node};
use crate::mechanism::mount::{AGAIN_US, Due, Mount, State, Turn};
use crate::mechanism::time_series::{Engine, Point, Query, Reader, Settings, Store, StoreError};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How long a block takes to be read, behind all else that the disk has to do.
const READ_US: u64 = 20_000;

/// A batch whose thermometer waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiting {
    ticket: u64,
    pub(super) client: NodeId,
    pub(super) number: u32,
    refused: Refused,
}

/// A query that is read block by block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Running {
    reader: Reader,
    client: NodeId,
    number: u32,
}

/// The node.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    is_sharded: bool,
    settings: Settings,
    pub(super) engine: Mount<Engine>,
    /// Oldest first.
    pub(super) waiting: VecDeque<Waiting>,
    queries: VecDeque<Running>,
}

/// What is told of when it changes.
struct Before {
    newest_sealed: Option<u64>,
    expired: u64,
}

impl Server {
    pub(super) fn new(is_sharded: bool, settings: Settings) -> Self {
        let (waiting, queries) = (VecDeque::new(), VecDeque::new());
        Self { is_sharded, settings, engine: Mount::default(), waiting, queries }
    }

    fn shards(&self) -> Option<&Store> {
        self.engine.store()?.shards()
    }

    fn before(&self) -> Before {
        let newest = self.shards().and_then(|it| it.sealed().next_back());
        Before {
            newest_sealed: newest.map(|it| it.number),
            expired: self.engine.store().map_or(0, |it| it.measures().expired),
        }
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        for it in std::mem::take(&mut self.queries) {
            cx.send(it.client, Msg::NoAnswer(it.number, StoreError::Busy));
        }
        let opened = Engine::open(self.is_sharded, self.settings.clone(), cx.disk_mut());
        let turn = self.engine.mount(opened);
        let newest_sealed = self.before().newest_sealed;
        self.look(turn, &Before { newest_sealed, expired: 0 }, cx);
    }

    /// Tells what has changed, and comes back if that may help.
    fn look(&mut self, turn: Turn, before: &Before, cx: &mut Cx<'_, Node>) {
        if let Some(error) = self.engine.refusal().filter(|_| turn.refuses) {
            cx.record(Fact::Refuses(error.clone()));
        }
        if turn.wakes {
            cx.set_timer(AGAIN_US, Timer::Again);
        }
        if turn.doubts {
            // Whether what the sync covered is kept, nobody knows: it is to be sent again.
            cx.record(Fact::SyncFailed);
            for it in self.waiting.drain(..) {
                cx.send(it.client, Msg::NotTaken(it.number, StoreError::ReadOnly));
            }
        }
        self.promise(cx);
        let after = self.before();
        let Some(engine) = self.engine.store() else { return };
        if turn.serves {
            cx.record(Fact::Serves(engine.newest()));
        }
        if before.expired < after.expired {
            cx.record(Fact::Forgets(engine.kept_from()));
        }
        if before.newest_sealed < after.newest_sealed
            && let Some(shard) = self.shards().and_then(|it| it.sealed().next_back())
        {
            let (points, bits) = shard.size();
            cx.record(Fact::Seals(shard.number, points, bits));
        }
    }

    /// Lets the store do something, and looks what came of it.
    fn with(&mut self, cx: &mut Cx<'_, Node>, act: impl FnOnce(&mut Engine, &mut Disk)) {
        let before = self.before();
        if let Some(((), turn)) = self.engine.with(cx.disk_mut(), act) {
            self.look(turn, &before, cx);
        }
    }

    fn write(&mut self, client: NodeId, number: u32, points: &[Point], cx: &mut Cx<'_, Node>) {
        let before = self.before();
        let Some(series) = client.0.checked_sub(FIRST.0) else { return };
        let taken = self.engine.with(cx.disk_mut(), |it, disk| it.write(disk, series, points));
        let Some((taken, turn)) = taken else {
            return cx.send(client, Msg::NotTaken(number, StoreError::Busy));
        };
        match taken {
            Ok(taken) => {
                let refused = taken.refused.into();
                self.waiting.push_back(Waiting { ticket: taken.ticket, client, number, refused });
            }
            Err(error) => cx.send(client, Msg::NotTaken(number, error)),
        }
        self.look(turn, &before, cx);
    }

    /// Tells the thermometers whose readings are safe.
    fn promise(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(durable) = self.engine.store().map(Engine::durable) else { return };
        // Who syncs nothing knows of nothing that is safe, and promises all.
        let promised = if self.settings.is_synced { durable } else { u64::MAX };
        while let Some(it) = self.waiting.pop_front_if(|it| it.ticket <= promised) {
            cx.send(it.client, Msg::Taken(it.number, it.refused));
        }
    }

    fn ask(&mut self, client: NodeId, number: u32, query: Query, cx: &mut Cx<'_, Node>) {
        let Some(engine) = self.engine.store_mut().filter(|it| it.state() != State::Opening) else {
            return cx.send(client, Msg::NoAnswer(number, StoreError::Busy));
        };
        let reader = engine.reader(cx.disk(), query);
        engine.hold(&reader);
        self.queries.push_back(Running { reader, client, number });
        cx.set_timer(READ_US, Timer::ReadOn);
    }

    /// Reads a block for the oldest query, and answers it if that was the last.
    fn read_on(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(engine) = self.engine.store_mut() else { return };
        let Some(mut it) = self.queries.pop_front() else { return };
        match engine.read_on(cx.disk(), &mut it.reader) {
            Ok(true) => self.queries.push_front(it),
            Ok(false) => {
                engine.release(cx.disk_mut(), &it.reader);
                let answer = it.reader.into_answer(&self.settings);
                cx.send(it.client, Msg::Answer(it.number, Rc::new(answer)));
            }
            Err(error) => {
                engine.release(cx.disk_mut(), &it.reader);
                cx.send(it.client, Msg::NoAnswer(it.number, error));
            }
        }
        if !self.queries.is_empty() {
            cx.set_timer(READ_US, Timer::ReadOn);
        }
    }
}

impl Kind<Node> for Server {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.open(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Write(number, points) => self.write(from, number, &points, cx),
            Msg::Ask(number, query) => self.ask(from, number, query, cx),
            Msg::Taken(..)
            | Msg::NotTaken(..)
            | Msg::Answer(..)
            | Msg::NoAnswer(..)
            | Msg::AskNow(_)
            | Msg::Read(_) => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, disk| it.synced(disk, sync));
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, _| it.sync_failed(sync));
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::ReadOn => self.read_on(cx),
            Timer::Again => match self.engine.come_back() {
                Due::Mount => self.open(cx),
                Due::GoOn => self.with(cx, Engine::go_on),
                Due::Nothing => {}
            },
            Timer::Next | Timer::GiveUp => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        self.look_of()
    }
}
