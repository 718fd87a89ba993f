//! The Sender: takes messages, and delivers each until it hears DELIVERED.

use std::collections::{BTreeSet, VecDeque};

use super::message::{Fact, Key, Message, Msg, RECEIVER, Timer, app};
use super::node::{Disk, Node};
use super::outbox::Outbox;
use super::receiver::tell;
use super::settings::Settings;
use crate::mechanism::mount::{Due, Mount, Turn};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How long the Sender waits for DELIVERED before it sends a message again.
const RETRY_US: u64 = 150_000;
/// How often it writes its index down.
const FLUSH_US: u64 = 200_000;
/// So many messages wait to be delivered at most; beyond that none is taken, so that what waits can be
/// delivered in good time.
const ROOM: u32 = 128;

/// The node.
#[derive(Clone, Debug, Hash)]
pub(super) struct Sender {
    settings: Settings,
    /// Only so many places of the log are under way at one time.
    window: u64,
    pub(super) outbox: Mount<Outbox>,
    /// Messages of which their apps are to be told, with their places, oldest first.
    waiting: VecDeque<(u64, Key)>,
    /// Places that have been sent and not been answered.
    under_way: BTreeSet<u64>,
}

impl Sender {
    pub(super) fn new(settings: Settings, window: u64) -> Self {
        let (waiting, under_way) = (VecDeque::new(), BTreeSet::new());
        Self { settings, window, outbox: Mount::default(), waiting, under_way }
    }

    /// Lists what is under way.
    pub(super) fn under_way(&self) -> impl Iterator<Item = u64> + '_ {
        self.under_way.iter().copied()
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        self.under_way.clear();
        self.waiting.clear();
        let opened = Outbox::open(self.settings, cx.disk_mut());
        if let Ok(it) = &opened {
            cx.record(Fact::ReadsOutbox(it.last(), it.pending(), it.unlisted()));
        }
        cx.set_timer(FLUSH_US, Timer::Flush);
        let turn = self.outbox.mount(opened);
        self.look(turn, cx);
    }

    /// Does what is to be done after the store has done something.
    fn look(&mut self, turn: Turn, cx: &mut Cx<'_, Node>) {
        tell(turn, self.outbox.refusal(), cx);
        if turn.doubts {
            self.waiting.clear();
        }
        let Some(outbox) = self.outbox.serving() else { return };
        let promised = outbox.promised();
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
        match self.outbox.store()?.read(cx.disk(), place) {
            Ok(message) => {
                cx.send(RECEIVER, Msg::Deliver(place, message?));
                cx.set_timer(RETRY_US, Timer::Unheard(place));
                message
            }
            Err(error) => {
                let turn = self.outbox.mount(Err(error));
                self.look(turn, cx);
                None
            }
        }
    }

    /// Lets the store do something, and looks what came of it.
    fn with(&mut self, cx: &mut Cx<'_, Node>, act: impl FnOnce(&mut Outbox, &mut Disk)) {
        if let Some(((), turn)) = self.outbox.with(cx.disk_mut(), act) {
            self.look(turn, cx);
        }
    }

    fn take(&mut self, message: &Message, cx: &mut Cx<'_, Node>) {
        // Whoever is not told that it is taken asks again.
        if self.outbox.serving().is_none_or(|it| it.pending() >= ROOM) {
            return;
        }
        let taken = self.outbox.with(cx.disk_mut(), |it, disk| it.take(disk, message));
        let Some((taken, turn)) = taken else { return };
        if let Ok(place) = taken {
            cx.record(Fact::Takes(place, *message));
            self.waiting.push_back((place, message.key));
        }
        self.look(turn, cx);
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
            Timer::Again if self.outbox.come_back() == Due::Mount => self.open(cx),
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
