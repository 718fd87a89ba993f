//! The Receiver: lets each message take effect, and says DELIVERED when no crash undoes that.

use std::collections::BTreeMap;

use super::book::{Book, Received};
use super::message::{Fact, Message, Msg, SENDER, Timer};
use super::node::{Disk, Node};
use super::sender::AGAIN_US;
use super::settings::{Id, Settings};
use crate::mechanism::wal::{LogError, State};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// The node.
#[derive(Clone, Debug, Hash)]
pub(super) struct Receiver {
    pub(super) settings: Settings,
    /// Its store, or why it does not go on; none before the first start.
    pub(super) book: Option<Result<Book, LogError>>,
    /// From which place of the Sender's log each message came that waits for the disk.
    waiting: BTreeMap<Id, u64>,
}

impl Receiver {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, book: None, waiting: BTreeMap::new() }
    }

    /// Returns its store, if it was opened.
    pub(super) fn book(&self) -> Option<&Book> {
        self.book.as_ref()?.as_ref().ok()
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        self.waiting.clear();
        let opened = Book::open(self.settings, cx.disk_mut());
        cx.record(match &opened {
            Ok(book) => Fact::ReadsBook(book.last()),
            Err(error) => Fact::Refuses(error.clone()),
        });
        self.book = Some(opened);
        self.look(State::Opening, cx);
    }

    /// Does what is to be done after the store has done something.
    fn look(&mut self, before: State, cx: &mut Cx<'_, Node>) {
        let Some(Ok(book)) = &mut self.book else { return };
        book.sync(cx.disk_mut());
        let state = book.state();
        if state == State::Open && before == State::Opening {
            cx.record(Fact::Serves);
        }
        if state == State::InDoubt && before != State::InDoubt {
            cx.record(Fact::Doubts);
            cx.set_timer(AGAIN_US, Timer::Again);
        }
        while let Some(id) = book.next_delivered() {
            if let Some(place) = self.waiting.remove(&id) {
                cx.send(SENDER, Msg::Delivered(place));
            }
        }
    }

    /// Who hears nothing sends again, so what cannot be done now is left.
    fn receive(&mut self, place: u64, message: &Message, cx: &mut Cx<'_, Node>) {
        let Some(Ok(book)) = &mut self.book else { return };
        if book.state() != State::Open {
            return;
        }
        let id = self.settings.id(place, message);
        match book.receive(cx.disk_mut(), id, message) {
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
        self.look(State::Open, cx);
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
        // The cache cannot be believed after a failed sync: all is read anew.
        if self.book().is_some_and(|it| it.state() == State::InDoubt) {
            self.open(cx);
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some(Ok(book)) = &mut self.book else { return };
        let before = book.state();
        // A mark for which there is no room is missing: its message will come again.
        _ = book.synced(cx.disk_mut(), sync);
        self.look(before, cx);
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some(Ok(book)) = &mut self.book else { return };
        let before = book.state();
        book.sync_failed(sync);
        self.look(before, cx);
    }

    fn view(&self, disk: &Disk) -> NodeView {
        self.show(disk)
    }
}
