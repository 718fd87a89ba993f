//! The Receiver: lets each message take effect, and says DELIVERED when no crash undoes that.

use std::collections::BTreeMap;

use super::book::{Book, Received};
use super::message::{Fact, Message, Msg, SENDER, Timer};
use super::node::{Disk, Node};
use super::settings::{Id, Settings};
use crate::mechanism::mount::{AGAIN_US, Due, Mount, Turn};
use crate::mechanism::wal::LogError;
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// The node.
#[derive(Clone, Debug, Hash)]
pub(super) struct Receiver {
    pub(super) settings: Settings,
    pub(super) book: Mount<Book>,
    /// From which place of the Sender's log each message came that waits for the disk.
    waiting: BTreeMap<Id, u64>,
}

impl Receiver {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, book: Mount::default(), waiting: BTreeMap::new() }
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        self.waiting.clear();
        let opened = Book::open(self.settings, cx.disk_mut());
        if let Ok(book) = &opened {
            cx.record(Fact::ReadsBook(book.last()));
        }
        let turn = self.book.mount(opened);
        self.look(turn, cx);
    }

    /// Does what is to be done after the store has done something.
    fn look(&mut self, turn: Turn, cx: &mut Cx<'_, Node>) {
        tell(turn, self.book.refusal(), cx);
        let Some(book) = self.book.store_mut() else { return };
        while let Some(id) = book.next_delivered() {
            if let Some(place) = self.waiting.remove(&id) {
                cx.send(SENDER, Msg::Delivered(place));
            }
        }
    }

    /// Lets the store do something, and looks what came of it.
    fn with<T>(
        &mut self,
        cx: &mut Cx<'_, Node>,
        act: impl FnOnce(&mut Book, &mut Disk) -> T,
    ) -> Option<T> {
        let (done, turn) = self.book.with(cx.disk_mut(), act)?;
        self.look(turn, cx);
        Some(done)
    }

    /// Who hears nothing sends again, so what cannot be done now is left.
    fn receive(&mut self, place: u64, message: &Message, cx: &mut Cx<'_, Node>) {
        if self.book.serving().is_none() {
            return;
        }
        let id = self.settings.id(place, message);
        let received = self.book.with(cx.disk_mut(), |it, disk| it.receive(disk, id, message));
        let Some((received, turn)) = received else { return };
        match received {
            Ok(Received::Applied(at)) => {
                cx.record(Fact::Applies(at, *message));
                self.waiting.insert(id, place);
            }
            Ok(Received::Waits) => _ = self.waiting.insert(id, place),
            Ok(Received::Known) => {
                cx.record(Fact::Knows(message.key));
                cx.send(SENDER, Msg::Delivered(place));
            }
            Err(_) => {}
        }
        self.look(turn, cx);
    }
}

/// Says what has come of what a store did, and comes back if that may help.
pub(super) fn tell(turn: Turn, refusal: Option<&LogError>, cx: &mut Cx<'_, Node>) {
    if let Some(error) = refusal.filter(|_| turn.refuses) {
        cx.record(Fact::Refuses(error.clone()));
    }
    if turn.doubts {
        cx.record(Fact::Doubts);
    }
    if turn.serves {
        cx.record(Fact::Serves);
    }
    if turn.wakes {
        cx.set_timer(AGAIN_US, Timer::Again);
    }
}

impl Kind<Node> for Receiver {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.open(cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        if let Msg::Deliver(place, message) = msg {
            self.receive(place, &message, cx);
        }
    }

    fn on_timer(&mut self, _: Timer, cx: &mut Cx<'_, Node>) {
        if self.book.come_back() == Due::Mount {
            self.open(cx);
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        // A mark for which there is no room is missing: its message will come again.
        _ = self.with(cx, |it, disk| it.synced(disk, sync));
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, _| it.sync_failed(sync));
    }

    fn view(&self, disk: &Disk) -> NodeView {
        self.show(disk)
    }
}
