//! The node that has the store: it takes readings, promises what is safe, and answers block by block.

use std::collections::VecDeque;
use std::rc::Rc;

use super::message::{FIRST, Fact, Msg, Refused, Timer};
use super::node::{Disk, Node};
use crate::mechanism::time_series::{
    Engine, Point, Query, Reader, Settings, State, Store, StoreError,
};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How long it waits before it opens its files again, or tries again what had no room.
const AGAIN_US: u64 = 60_000;
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
    /// The store, or why it does not open; none before the first start.
    pub(super) engine: Option<Result<Engine, StoreError>>,
    /// Oldest first.
    pub(super) waiting: VecDeque<Waiting>,
    queries: VecDeque<Running>,
}

/// What is told of when it changes.
struct Before {
    state: State,
    newest_sealed: Option<u64>,
    expired: u64,
}

impl Server {
    pub(super) fn new(is_sharded: bool, settings: Settings) -> Self {
        let (waiting, queries) = (VecDeque::new(), VecDeque::new());
        Self { is_sharded, settings, engine: None, waiting, queries }
    }

    /// Returns the store, if it is open.
    pub(super) fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()?.as_ref().ok()
    }

    fn shards(&self) -> Option<&Store> {
        self.engine()?.shards()
    }

    fn before(&self) -> Before {
        let newest = self.shards().and_then(|it| it.sealed().next_back());
        Before {
            state: self.engine().map_or(State::Opening, Engine::state),
            newest_sealed: newest.map(|it| it.number),
            expired: self.engine().map_or(0, |it| it.measures().expired),
        }
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        for it in std::mem::take(&mut self.queries) {
            cx.send(it.client, Msg::NoAnswer(it.number, StoreError::Busy));
        }
        let before = Before { state: State::Opening, newest_sealed: None, expired: 0 };
        let opened = Engine::open(self.is_sharded, self.settings.clone(), cx.disk_mut());
        if let Err(error) = &opened {
            cx.record(Fact::Refuses(error.clone()));
        }
        self.engine = Some(opened);
        let sealed = self.before().newest_sealed;
        self.look(&Before { newest_sealed: sealed, ..before }, cx);
    }

    /// Tells what has changed, and comes back if it has to wait for room.
    fn look(&self, before: &Before, cx: &mut Cx<'_, Node>) {
        let after = self.before();
        let Some(engine) = self.engine() else { return };
        if before.state == State::Opening && after.state == State::Open {
            cx.record(Fact::Serves(engine.newest()));
        }
        if before.expired < after.expired {
            cx.record(Fact::Forgets(engine.kept_from()));
        }
        let Some(store) = engine.shards() else { return };
        if before.newest_sealed < after.newest_sealed
            && let Some(shard) = store.sealed().next_back()
        {
            let (points, bits) = shard.size();
            cx.record(Fact::Seals(shard.number, points, bits));
        }
        if store.stalled().is_some() {
            cx.set_timer(AGAIN_US, Timer::Again);
        }
    }

    fn write(&mut self, client: NodeId, number: u32, points: &[Point], cx: &mut Cx<'_, Node>) {
        let before = self.before();
        let Some(series) = client.0.checked_sub(FIRST.0) else { return };
        let Some(Ok(engine)) = &mut self.engine else {
            return cx.send(client, Msg::NotTaken(number, StoreError::Busy));
        };
        match engine.write(cx.disk_mut(), series, points) {
            Ok(taken) => {
                let refused = taken.refused.into();
                self.waiting.push_back(Waiting { ticket: taken.ticket, client, number, refused });
                self.promise(cx);
            }
            Err(error) => cx.send(client, Msg::NotTaken(number, error)),
        }
        self.look(&before, cx);
    }

    /// Tells the thermometers whose readings are safe.
    fn promise(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(durable) = self.engine().map(Engine::durable) else { return };
        // Who syncs nothing knows of nothing that is safe, and promises all.
        let promised = if self.settings.is_synced { durable } else { u64::MAX };
        while let Some(it) = self.waiting.pop_front_if(|it| it.ticket <= promised) {
            cx.send(it.client, Msg::Taken(it.number, it.refused));
        }
    }

    fn ask(&mut self, client: NodeId, number: u32, query: Query, cx: &mut Cx<'_, Node>) {
        let engine = self.engine.as_mut().and_then(|it| it.as_mut().ok());
        let Some(engine) = engine.filter(|it| it.state() != State::Opening) else {
            return cx.send(client, Msg::NoAnswer(number, StoreError::Busy));
        };
        let reader = engine.reader(cx.disk(), query);
        engine.hold(&reader);
        self.queries.push_back(Running { reader, client, number });
        cx.set_timer(READ_US, Timer::ReadOn);
    }

    /// Reads a block for the oldest query, and answers it if that was the last.
    fn read_on(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(Ok(engine)) = &mut self.engine else { return };
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
        let before = self.before();
        let Some(Ok(engine)) = &mut self.engine else { return };
        engine.synced(cx.disk_mut(), sync);
        self.promise(cx);
        self.look(&before, cx);
    }

    /// Whether what the sync covered is kept, nobody knows: it is to be sent again.
    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some(Ok(engine)) = &mut self.engine else { return };
        engine.sync_failed(sync);
        if engine.state() == State::ReadOnly {
            cx.record(Fact::SyncFailed);
            for it in self.waiting.drain(..) {
                cx.send(it.client, Msg::NotTaken(it.number, StoreError::ReadOnly));
            }
            cx.set_timer(AGAIN_US, Timer::Again);
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match (timer, &mut self.engine) {
            (Timer::ReadOn, _) => self.read_on(cx),
            // The cache cannot be believed after a failed sync: all is read and written anew.
            (Timer::Again, Some(Ok(engine))) if engine.state() == State::ReadOnly => self.open(cx),
            (Timer::Again, Some(Ok(engine))) => {
                engine.go_on(cx.disk_mut());
                let before = self.before();
                self.look(&before, cx);
            }
            (Timer::Next | Timer::GiveUp | Timer::Again, _) => {}
        }
    }
    fn view(&self, _: &Disk) -> NodeView {
        self.look_of()
    }
}
