//! The node that has the store: it asks its disk, and answers when it may.

use std::collections::VecDeque;

use super::message::{Ask, Fact, Key, Msg, Reply, Seen, Timer, value_of, write_of};
use super::node::{Disk, Node};
use crate::mechanism::lsm::{Sequence, Settings, Store, StoreError};
use crate::mechanism::mount::{AGAIN_US, Due, Mount, State, Turn};
use crate::mechanism::writer::Write;
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

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
    pub(super) store: Mount<Store>,
    /// Oldest first.
    pub(super) waiting: VecDeque<Waiting>,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        Self { config, store: Mount::default(), waiting: VecDeque::new() }
    }

    /// Returns up to which write it answers for.
    pub(super) fn promised(&self, store: &Store) -> Sequence {
        if self.config.promises_durable { store.durable() } else { store.last() }
    }

    /// Returns the store when it has read its disk and made that durable.
    pub(super) fn open_store(&self) -> Option<&Store> {
        self.store.store().filter(|store| store.state() != State::Opening)
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        let opened = Store::open(self.config.settings.clone(), cx.disk_mut());
        let turn = self.store.mount(opened);
        self.look(turn, cx);
    }

    /// Says what has come of what the store did, and comes back if that may help.
    fn look(&mut self, turn: Turn, cx: &mut Cx<'_, Node>) {
        if let Some(error) = self.store.refusal().filter(|_| turn.refuses) {
            cx.record(Fact::Refuses(error.clone()));
        }
        if turn.wakes {
            cx.set_timer(AGAIN_US, Timer::Again);
        }
        let Some(store) = self.store.store() else { return };
        let (last, promised) = (store.last(), self.promised(store));
        if turn.serves {
            cx.record(Fact::Serves(last));
        }
        if turn.doubts {
            // Whether what the sync covered is kept, nobody knows: that is what the clients are told.
            cx.record(Fact::SyncFailed { doubt: (store.durable() + 1, last) });
            for it in self.waiting.drain(..) {
                cx.send(it.client, Msg::Reply(it.number, Reply::Unknown));
            }
        }
        while let Some(it) = self.waiting.pop_front_if(|it| it.sequence <= promised) {
            cx.send(it.client, Msg::Reply(it.number, Reply::Done));
        }
    }

    /// Lets the store do something, and looks what came of it.
    fn with(&mut self, cx: &mut Cx<'_, Node>, act: impl FnOnce(&mut Store, &mut Disk)) {
        if let Some(((), turn)) = self.store.with(cx.disk_mut(), act) {
            self.look(turn, cx);
        }
    }

    fn put(
        &mut self,
        client: NodeId,
        number: u32,
        (key, write): (Key, Write),
        cx: &mut Cx<'_, Node>,
    ) {
        let Some(store) = self.store.store_mut() else {
            return cx.send(client, Msg::Reply(number, Reply::Refused(StoreError::Busy)));
        };
        let asked = format!("asked by C{}", client.0).into_bytes();
        let last = store.last();
        // Who cannot read what was asked before cannot tell a copy of a question from a new one.
        let known = match store.get(cx.disk(), &asked, last) {
            Ok(known) => known,
            Err(error) => return cx.send(client, Msg::Reply(number, Reply::Refused(error))),
        };
        let known = known.and_then(|it| Some(u32::from_le_bytes(*it.first_chunk()?)));
        if known.is_some_and(|known| number <= known) {
            // A copy of a question, or a late one, that its client no longer waits for.
            return;
        }
        // In one record with the write: a crash leaves both or neither.
        let asked = (asked, Some(number.to_le_bytes().to_vec()));
        let written = (key.text().into_bytes(), Some(value_of(write)));
        let taken = self.store.with(cx.disk_mut(), |it, disk| it.write(disk, vec![asked, written]));
        let Some((taken, turn)) = taken else { return };
        match taken {
            Ok(sequence) => {
                cx.record(Fact::Takes(sequence, key, write));
                self.waiting.push_back(Waiting { sequence, write, client, number });
            }
            Err(error) => cx.send(client, Msg::Reply(number, Reply::Refused(error))),
        }
        self.look(turn, cx);
    }

    fn get(&mut self, key: Key, cx: &Cx<'_, Node>) -> Result<Reply, StoreError> {
        let promises_durable = self.config.promises_durable;
        let Some(store) = self.store.store_mut() else { return Err(StoreError::Busy) };
        // Who reads what a crash can undo has been told what may never have been.
        let at = if promises_durable { store.durable() } else { store.last() };
        let value = store.get(cx.disk(), key.text().as_bytes(), at)?;
        Ok(Reply::Found(match value.as_deref().map(write_of) {
            None => Seen::Nothing,
            Some(Some(write)) => Seen::Left(write),
            Some(None) => Seen::Garbage,
        }))
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
        match self.store.come_back() {
            Due::Mount => self.open(cx),
            Due::GoOn => self.with(cx, |it, disk| it.go_on(disk)),
            Due::Nothing => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, disk| it.synced(disk, sync));
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, _| it.sync_failed(sync));
    }

    fn view(&self, _: &Disk) -> NodeView {
        self.show()
    }
}
