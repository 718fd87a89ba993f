//! The node that has the store: it asks its disk, and answers when it may.

use std::collections::VecDeque;

use super::message::{Ask, Fact, Key, Msg, Reply, Seen, Timer, value_of, write_of};
use super::node::{Disk, Node};
use crate::mechanism::lsm::{Sequence, Settings, State, Store, StoreError};
use crate::mechanism::writer::Write;
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How long it waits before it opens its files again, or tries again what had no room.
const AGAIN_US: u64 = 60_000;

/// How it answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// How the store behaves.
    pub(super) settings: Settings,
    /// Safeguard: only what a crash cannot undo is promised, and told to readers.
    pub(super) promises_durable: bool,
}

/// A write whose client waits.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiting {
    pub(super) sequence: Sequence,
    pub(super) write: Write,
    client: NodeId,
    number: u32,
}

/// The node.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    config: Config,
    /// The store, or why it does not open; none before the first start.
    pub(super) store: Option<Result<Store, StoreError>>,
    /// Oldest first.
    pub(super) waiting: VecDeque<Waiting>,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        Self { config, store: None, waiting: VecDeque::new() }
    }

    /// Returns the store, if it is open.
    pub(super) fn store(&self) -> Option<&Store> {
        self.store.as_ref()?.as_ref().ok()
    }

    /// Returns up to which write it answers for.
    pub(super) fn promised(&self, store: &Store) -> Sequence {
        if self.config.promises_durable { store.durable() } else { store.last() }
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        let opened = Store::open(self.config.settings.clone(), cx.disk_mut());
        if let Err(error) = &opened {
            cx.record(Fact::Refuses(error.clone()));
        }
        self.store = Some(opened);
        self.look(State::Opening, cx);
    }

    /// Says that it serves, if it has just begun to, and comes back if it has to wait for room.
    fn look(&mut self, before: State, cx: &mut Cx<'_, Node>) {
        let Some(store) = self.store() else { return };
        let (state, last) = (store.state(), store.last());
        if store.stalled().is_some() {
            cx.set_timer(AGAIN_US, Timer::Again);
        }
        if before == State::Opening && state == State::Open {
            cx.record(Fact::Serves(last));
        }
    }

    fn put(
        &mut self,
        client: NodeId,
        number: u32,
        (key, write): (Key, Write),
        cx: &mut Cx<'_, Node>,
    ) {
        let Some(Ok(store)) = &mut self.store else {
            return cx.send(client, Msg::Reply(number, Reply::Refused(StoreError::Busy)));
        };
        let asked = format!("asked by C{}", client.0).into_bytes();
        let last = store.last();
        let known = store.get(cx.disk(), &asked, last).ok().flatten();
        let known = known.and_then(|it| Some(u32::from_le_bytes(*it.first_chunk()?)));
        if known.is_some_and(|known| number <= known) {
            // A copy of a question, or a late one, that its client no longer waits for.
            return;
        }
        // In one record with the write: a crash leaves both or neither.
        let asked = (asked, Some(number.to_le_bytes().to_vec()));
        let written = (key.text().into_bytes(), Some(value_of(write)));
        match store.write(cx.disk_mut(), vec![asked, written]) {
            Ok(sequence) => {
                cx.record(Fact::Takes(sequence, key, write));
                self.waiting.push_back(Waiting { sequence, write, client, number });
                self.answer(cx);
            }
            Err(error) => cx.send(client, Msg::Reply(number, Reply::Refused(error))),
        }
    }

    fn get(&mut self, key: Key, cx: &Cx<'_, Node>) -> Result<Reply, StoreError> {
        let promises_durable = self.config.promises_durable;
        let Some(Ok(store)) = &mut self.store else { return Err(StoreError::Busy) };
        // Who reads what a crash can undo has been told what may never have been.
        let at = if promises_durable { store.durable() } else { store.last() };
        let value = store.get(cx.disk(), key.text().as_bytes(), at)?;
        Ok(Reply::Found(match value.as_deref().map(write_of) {
            None => Seen::Nothing,
            Some(Some(write)) => Seen::Left(write),
            Some(None) => Seen::Garbage,
        }))
    }

    /// Tells the clients whose writes are safe.
    fn answer(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(promised) = self.store().map(|store| self.promised(store)) else { return };
        while let Some(it) = self.waiting.pop_front_if(|it| it.sequence <= promised) {
            cx.send(it.client, Msg::Reply(it.number, Reply::Done));
        }
    }
}

impl Kind<Node> for Server {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.open(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        let Msg::Ask(number, ask) = msg else { return };
        match ask {
            Ask::Put(key, write) => self.put(from, number, (key, write), cx),
            Ask::Get(key) => {
                let reply = self.get(key, cx).unwrap_or_else(Reply::Refused);
                cx.send(from, Msg::Reply(number, reply));
            }
        }
    }

    fn on_timer(&mut self, _: Timer, cx: &mut Cx<'_, Node>) {
        match &mut self.store {
            Some(Ok(store)) if store.state() != State::ReadOnly => {
                let before = store.state();
                store.go_on(cx.disk_mut());
                self.look(before, cx);
            }
            // The cache cannot be believed after a failed sync: all is read and written anew.
            Some(Ok(_)) => self.open(cx),
            Some(Err(_)) | None => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some(Ok(store)) = &mut self.store else { return };
        let before = store.state();
        store.synced(cx.disk_mut(), sync);
        self.answer(cx);
        self.look(before, cx);
    }

    /// Whether what the sync covered is kept, nobody knows: that is what the clients are told.
    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some(Ok(store)) = &mut self.store else { return };
        store.sync_failed(sync);
        let doubt = (store.durable() + 1, store.last());
        if store.state() == State::ReadOnly {
            cx.record(Fact::SyncFailed { doubt });
            for it in self.waiting.drain(..) {
                cx.send(it.client, Msg::Reply(it.number, Reply::Unknown));
            }
            cx.set_timer(AGAIN_US, Timer::Again);
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        self.show()
    }
}
