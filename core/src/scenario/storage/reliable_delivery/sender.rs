//! The Sender: takes messages, and delivers each until it hears DELIVERED.

use std::collections::{BTreeSet, VecDeque};

use super::message::{Fact, Key, Message, Msg, RECEIVER, Timer, app};
use super::node::{Disk, Node};
use super::outbox::Outbox;
use super::settings::Settings;
use crate::mechanism::wal::{LogError, State};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How long the Sender waits for DELIVERED before it sends a message again.
const RETRY_US: u64 = 150_000;
/// How often it writes its index down.
const FLUSH_US: u64 = 200_000;
/// So many messages wait to be delivered at most; beyond that none is taken, so that what waits can be
/// delivered in good time.
const ROOM: u32 = 128;
/// How long a node waits before it opens its files again.
pub(super) const AGAIN_US: u64 = 60_000;

/// The node.
#[derive(Clone, Debug, Hash)]
pub(super) struct Sender {
    settings: Settings,
    /// Only so many places of the log are under way at one time.
    window: u64,
    /// Its store, or why it does not go on; none before the first start.
    pub(super) outbox: Option<Result<Outbox, LogError>>,
    /// Messages of which their apps are to be told, with their places, oldest first.
    waiting: VecDeque<(u64, Key)>,
    /// Places that have been sent and not been answered.
    under_way: BTreeSet<u64>,
}

impl Sender {
    pub(super) fn new(settings: Settings, window: u64) -> Self {
        let (waiting, under_way) = (VecDeque::new(), BTreeSet::new());
        Self { settings, window, outbox: None, waiting, under_way }
    }

    /// Returns its store, if it was opened.
    pub(super) fn outbox(&self) -> Option<&Outbox> {
        self.outbox.as_ref()?.as_ref().ok()
    }

    /// Lists what is under way.
    pub(super) fn under_way(&self) -> impl Iterator<Item = u64> + '_ {
        self.under_way.iter().copied()
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        self.under_way.clear();
        let opened = Outbox::open(self.settings, cx.disk_mut());
        if let Ok(it) = &opened {
            cx.record(Fact::ReadsOutbox(it.last(), it.pending(), it.unlisted()));
        }
        cx.set_timer(FLUSH_US, Timer::Flush);
        self.keep(opened, cx);
        self.look(State::Opening, cx);
    }

    fn keep(&mut self, outbox: Result<Outbox, LogError>, cx: &mut Cx<'_, Node>) {
        if let Err(error) = &outbox {
            cx.record(Fact::Refuses(error.clone()));
        }
        self.outbox = Some(outbox);
    }

    /// Does what is to be done after the store has done something.
    fn look(&mut self, before: State, cx: &mut Cx<'_, Node>) {
        let Some(Ok(outbox)) = &mut self.outbox else { return };
        outbox.sync(cx.disk_mut());
        let (state, promised) = (outbox.state(), outbox.promised());
        if state == State::InDoubt && before != State::InDoubt {
            cx.record(Fact::Doubts);
            self.waiting.clear();
            cx.set_timer(AGAIN_US, Timer::Again);
        }
        if state != State::Open {
            return;
        }
        if before == State::Opening {
            cx.record(Fact::Serves);
        }
        while let Some((_, (of, number))) = self.waiting.pop_front_if(|it| it.0 <= promised) {
            cx.send(app(of), Msg::Taken(number));
        }
        let due = outbox.due(self.window).filter(|place| !self.under_way.contains(place));
        for place in due.collect::<Vec<_>>() {
            self.under_way.insert(place);
            self.send(place, cx);
        }
    }

    /// Reads a message and sends it.
    fn send(&mut self, place: u64, cx: &mut Cx<'_, Node>) -> Option<Message> {
        match self.outbox()?.read(cx.disk(), place) {
            Ok(message) => {
                cx.send(RECEIVER, Msg::Deliver(place, message?));
                cx.set_timer(RETRY_US, Timer::Unheard(place));
                message
            }
            Err(error) => {
                self.keep(Err(error), cx);
                None
            }
        }
    }

    /// Lets the store do something, and looks what came of it.
    fn with(&mut self, cx: &mut Cx<'_, Node>, act: impl FnOnce(&mut Outbox, &mut Disk)) {
        let Some(Ok(outbox)) = &mut self.outbox else { return };
        let before = outbox.state();
        act(outbox, cx.disk_mut());
        self.look(before, cx);
    }

    fn take(&mut self, message: &Message, cx: &mut Cx<'_, Node>) {
        let Some(Ok(outbox)) = &mut self.outbox else { return };
        let before = outbox.state();
        // Whoever is not told that it is taken asks again.
        if before == State::Open
            && outbox.pending() < ROOM
            && let Ok(place) = outbox.take(cx.disk_mut(), message)
        {
            cx.record(Fact::Takes(place, *message));
            self.waiting.push_back((place, message.key));
        }
        self.look(before, cx);
    }

    fn delivered(&mut self, place: u64, cx: &mut Cx<'_, Node>) {
        if self.under_way.remove(&place) {
            cx.cancel_timer(Timer::Unheard(place));
            self.with(cx, |it, _| it.delivered(place));
        }
    }

    fn retry(&mut self, place: u64, cx: &mut Cx<'_, Node>) {
        if self.under_way.contains(&place)
            && let Some(message) = self.send(place, cx)
        {
            cx.record(Fact::SendsAgain(place, message.key));
        }
    }
}

impl Kind<Node> for Sender {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.open(cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::HandOver(message) => self.take(&message, cx),
            Msg::Delivered(place) => self.delivered(place, cx),
            Msg::Taken(_) | Msg::Deliver(..) | Msg::HandOverNow => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Unheard(place) => self.retry(place, cx),
            Timer::Flush => {
                cx.set_timer(FLUSH_US, Timer::Flush);
                self.with(cx, |it, disk| it.flush(disk));
            }
            // The cache cannot be believed after a failed sync: all is read anew.
            Timer::Again if self.outbox().is_some_and(|it| it.state() == State::InDoubt) => {
                self.open(cx);
            }
            Timer::Again | Timer::Next | Timer::Late => {}
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
