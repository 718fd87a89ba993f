//! A watcher: a program with the client library. It lists, watches, and answers from its cache.

use super::message::{Answer, Call, FLAG, Fact, KEYS, LIMIT, Msg, value_in, value_shown};
use super::node::{Node, Timer};
use super::route::{ANSWER_US, PAUSE_US, Route};
use crate::mechanism::revisions::{Compacted, Heard, Informer, Key, Rules};
use crate::sim::{Cx, NodeId};
use crate::view::{NodeView, Role, Widget};

/// Least and most time without a word after which a watcher leaves its server.
const SILENCE_US: (u64, u64) = (150_000, 200_000);

/// A watcher.
#[derive(Clone, Debug, Hash)]
pub(super) struct Watcher {
    pub(super) informer: Informer,
    /// Where it watches.
    home: Route,
    /// Where it reads: at the leader if reads are confirmed, else at home.
    leader: Route,
    confirms_reads: bool,
    /// The read that waits for an answer.
    read: Option<u32>,
    /// What it is told next is for the cache: whether that read is, or the one after it.
    list: Option<u32>,
    needs_list: bool,
}

impl Watcher {
    pub(super) fn new(servers: u16, home: NodeId, rules: Rules, confirms_reads: bool) -> Self {
        Self {
            informer: Informer::new(rules),
            home: Route::new(servers, home),
            leader: Route::new(servers, NodeId(0)),
            confirms_reads,
            read: None,
            list: None,
            needs_list: false,
        }
    }

    /// Returns the server at which it watches.
    pub(super) fn home(&self) -> NodeId {
        self.home.server
    }

    /// Lists everything, for the cache.
    pub(super) fn list(&mut self, cx: &mut Cx<'_, Node>) {
        cx.cancel_timer(Timer::Silence);
        self.needs_list = true;
        self.begin_read(cx);
    }

    fn begin_read(&mut self, cx: &mut Cx<'_, Node>) {
        if self.read.is_some() {
            return;
        }
        let number = next_number(cx);
        self.read = Some(number);
        // A read that began before the cache needed a list may be too old for it.
        self.list = std::mem::take(&mut self.needs_list).then_some(number);
        cx.record(Fact::Asks { number, call: Call::Read });
        self.ask(cx);
    }

    fn reading_at(&mut self) -> &mut Route {
        if self.confirms_reads { &mut self.leader } else { &mut self.home }
    }

    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(number) = self.read else { return };
        let route = self.reading_at();
        route.is_waiting = true;
        cx.send_after_sync(route.server, Msg::Read { number });
        let after_us = cx.jitter_us(ANSWER_US.0, ANSWER_US.1);
        cx.set_timer(after_us, Timer::Retry);
    }

    fn watch(&mut self, cx: &mut Cx<'_, Node>) {
        let number = next_number(cx);
        let after = self.informer.begin_watch(number);
        cx.send_after_sync(self.home.server, Msg::Watch { number, after });
        Self::await_word(cx);
    }

    fn await_word(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(SILENCE_US.0, SILENCE_US.1);
        cx.set_timer(after_us, Timer::Silence);
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Listed { number, revision, items, term } if self.read == Some(number) => {
                self.reading_at().led(from, term);
                self.read = None;
                cx.cancel_timer(Timer::Retry);
                let answer = Answer { revision, is_done: true, limit: value_in(&items, LIMIT) };
                cx.record(Fact::IsTold { number, call: Call::Read, answer });
                if self.list.take() == Some(number) {
                    self.informer.on_list(revision, &items);
                    cx.record(Fact::Lists { revision });
                    self.watch(cx);
                } else if self.needs_list {
                    self.begin_read(cx);
                }
            }
            Msg::NotLeader { number, leader, term } => {
                let is_asked = self.read == Some(number);
                let route = self.reading_at();
                if is_asked && route.is_waiting && from == route.server {
                    route.refused(leader, term);
                    cx.record(Fact::AsksElsewhere { server: from });
                    let after_us = cx.jitter_us(PAUSE_US.0, PAUSE_US.1);
                    cx.set_timer(after_us, Timer::Retry);
                }
            }
            Msg::Batch(batch) => {
                let heard = self.informer.on_batch(&batch);
                self.heed(heard, (from, batch.watch), cx);
            }
            Msg::Compacted { watch, at } => {
                let heard = self.informer.on_compacted(watch, Compacted { at });
                if heard != Heard::Stranger {
                    cx.record(Fact::IsCompacted { at });
                }
                self.heed(heard, (from, watch), cx);
            }
            Msg::ReadNow => self.begin_read(cx),
            Msg::Raft(_)
            | Msg::Ask(..)
            | Msg::Done { .. }
            | Msg::Read { .. }
            | Msg::Listed { .. }
            | Msg::Watch { .. }
            | Msg::Cancel { .. }
            | Msg::SetFlag(_)
            | Msg::CompactNow => {}
        }
    }

    /// Does what follows from a word of a server about a watch.
    fn heed(&mut self, heard: Heard, (from, watch): (NodeId, u32), cx: &mut Cx<'_, Node>) {
        match heard {
            Heard::Sees(events) => {
                if !events.is_empty() {
                    cx.record(Fact::Sees(events));
                }
                Self::await_word(cx);
            }
            Heard::Gap => self.watch(cx),
            Heard::Stranger => cx.send(from, Msg::Cancel { watch }),
            Heard::NeedsList => self.list(cx),
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Retry => {
                let route = self.reading_at();
                if route.is_waiting {
                    cx.record(Fact::AsksElsewhere { server: route.server });
                    route.try_next();
                }
                self.ask(cx);
            }
            Timer::Silence => {
                self.home.try_next();
                cx.record(Fact::Moves { to: self.home.server });
                self.watch(cx);
            }
            Timer::Raft(_) | Timer::Tick | Timer::Think => {}
        }
    }

    pub(super) fn view(&self) -> NodeView {
        let (home, cache) = (self.home().0 + 1, &self.informer);
        let shown = |key: Key| value_shown(cache.items(), key);
        NodeView::new(Role::Client, format!("at S{home}, rev {}", cache.cursor()))
            .showing(shown(FLAG))
            .with(KEYS.map(|(key, name)| Widget::field(name, shown(key))))
    }
}

/// Returns a number that this watcher has never used, not even before a crash.
fn next_number(cx: &mut Cx<'_, Node>) -> u32 {
    let number = cx.disk_mut().1.get_mut();
    *number += 1;
    *number
}
