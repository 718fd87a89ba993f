//! A replica: takes entries from nurses and from other replicas, and asks nobody's leave.

use std::collections::VecDeque;

use super::message::{Ask, Fact, Msg, Note, Timer};
use super::node::{Chart, Config, Disk, EVERYBODY, Entry, FILE, Node};
use super::view;
use crate::mechanism::causal_log::{CausalLog, Dot, Early};
use crate::mechanism::clock::VersionVector;
use crate::mechanism::logged_state::LoggedState;
use crate::mechanism::mount::{AGAIN_US, Due, Mount, Turn};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Files, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// What is said when nothing of it can be undone.
#[derive(Clone, Debug, Hash)]
struct Answer {
    /// Up to this record it tells of the log.
    sequence: u64,
    to: NodeId,
    msg: Msg,
}

/// An entry as its writer hands it in, with what she has read.
type Request = (Dot, Note, VersionVector);

/// A replica.
#[derive(Clone, Debug, Hash)]
pub(super) struct Replica {
    pub(super) config: Config,
    pub(super) kept: Mount<LoggedState<Chart>>,
    /// Oldest first.
    answers: VecDeque<Answer>,
    /// What came before its past.
    early: Early<Note>,
    /// By nurse: an entry of one who has read more than is here.
    held: SmallMap<NodeId, Request>,
    /// With whom it compares next.
    next: u16,
}

impl Replica {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            kept: Mount::default(),
            answers: VecDeque::new(),
            early: Early::default(),
            held: SmallMap::default(),
            next: 0,
        }
    }

    /// Returns the log while it takes entries.
    fn chart(&self) -> Option<&Chart> {
        Some(self.kept.serving()?.content())
    }

    /// Says how its log stands.
    pub(super) fn standing(&self, chart: &Chart) -> String {
        match (self.config.has_dots, chart.unsettled().count()) {
            (false, _) => format!("next place {}", chart.next_dot(EVERYBODY).number),
            (true, 0) => "all settled".into(),
            (true, count) => format!("{count} flagged"),
        }
    }

    /// Lists the entries that wait for others.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Dot> + '_ {
        self.early.iter().map(|entry| entry.id).chain(self.held.values().map(|it| it.0))
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        self.answers.clear();
        let (empty, settings) = (CausalLog::new(self.config.rules), self.config.settings());
        let opened = LoggedState::open_onto(empty, settings, FILE, &mut cx.disk_mut().0);
        let turn = self.kept.mount(opened);
        self.look(turn, cx);
    }

    /// Does what is to be done after something was done to the log, and says what may be said by now.
    fn look(&mut self, turn: Turn, cx: &mut Cx<'_, Node>) {
        if let Some(error) = self.kept.refusal().filter(|_| turn.refuses) {
            cx.record(Fact::Refuses(error.clone()));
        }
        if turn.doubts {
            self.answers.clear();
            cx.record(Fact::Doubts);
        }
        if turn.wakes {
            cx.set_timer(AGAIN_US, Timer::Reopen);
        }
        let Some(kept) = self.kept.store() else { return };
        if turn.serves {
            cx.record(Fact::Serves(kept.content().lines().len() as u64));
        }
        let durable = kept.durable();
        while let Some(it) = self.answers.pop_front_if(|it| it.sequence <= durable) {
            cx.send(it.to, it.msg);
        }
    }

    fn with(
        &mut self,
        cx: &mut Cx<'_, Node>,
        act: impl FnOnce(&mut LoggedState<Chart>, &mut Files),
    ) {
        if let Some(((), turn)) = self.kept.with(&mut cx.disk_mut().0, act) {
            self.look(turn, cx);
        }
    }

    /// Says what tells of the log as it is now, as soon as no crash can undo that.
    fn say(&mut self, to: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        let Some(kept) = self.kept.serving() else { return };
        self.answers.push_back(Answer { sequence: kept.last(), to, msg });
        self.with(cx, |_, _| {});
    }

    /// Puts an entry into the log; true if it is in.
    fn note(&mut self, entry: &Entry, cx: &mut Cx<'_, Node>) -> bool {
        let Some(chart) = self.chart() else { return false };
        let overwritten = chart.get(entry.dot).map(|it| it.id).filter(|id| *id != entry.id);
        let is_copy = self.config.rules.folds && chart.has(entry.id) && overwritten.is_none();
        let noted = self.kept.with(&mut cx.disk_mut().0, |it, disk| it.note(disk, entry));
        let Some((noted, turn)) = noted else { return false };
        self.look(turn, cx);
        if noted.is_err() {
            return false;
        }
        if let Some(old) = overwritten {
            cx.record(Fact::Overwrites { old, new: entry.id });
        }
        if is_copy {
            cx.record(Fact::Folds(entry.id));
        }
        true
    }

    /// Answers a nurse who had read so much.
    fn answer(&mut self, to: NodeId, ask: Ask, context: &VersionVector, cx: &mut Cx<'_, Node>) {
        let Some(chart) = self.chart() else { return };
        let place = match ask {
            Ask::Visit(_) => None,
            Ask::Entry(id) => {
                let mut slots = self.config.slots(chart).into_iter();
                slots.position(|slot| slot.is_some_and(|line| line.id == id))
            }
        };
        let msg = Msg::Chart {
            ask,
            vector: chart.vector().clone(),
            news: chart.news_beyond(context),
            unsettled: chart.unsettled().collect(),
            place: place.map_or(0, |place| place as u64 + 1),
        };
        self.say(to, msg, cx);
    }

    /// Takes a nurse's entry.
    fn append(&mut self, from: NodeId, (id, note, read): Request, cx: &mut Cx<'_, Node>) {
        let Some(chart) = self.chart() else { return };
        if self.config.rules.folds && chart.has(id) {
            return self.answer(from, Ask::Entry(id), &read, cx);
        }
        if self.config.waits && !chart.has_all(&read) {
            self.held.insert(from, (id, note, read));
            return cx.record(Fact::Waits(id));
        }
        let by = if self.config.has_dots { cx.me() } else { EVERYBODY };
        let context = if self.config.asks_writer { read.clone() } else { chart.vector().clone() };
        let entry = Entry { dot: chart.next_dot(by), id, context, body: note };
        if self.note(&entry, cx) {
            cx.record(Fact::Takes { id, dot: entry.dot });
            let me = cx.me();
            for peer in NodeId::first(self.config.replicas).filter(|peer| *peer != me) {
                self.say(peer, Msg::Tell(vec![entry.clone()]), cx);
            }
            self.answer(from, Ask::Entry(id), &read, cx);
            self.go_on(cx);
        }
    }

    /// Hears of entries from another replica.
    fn hear(&mut self, entries: Vec<Entry>, cx: &mut Cx<'_, Node>) {
        for entry in entries {
            let Some(chart) = self.chart() else { return };
            if !chart.is_news(&entry) {
                continue;
            }
            let (id, dot) = (entry.id, entry.dot);
            if self.config.waits && !chart.is_ready(&entry) {
                if self.early.hold(entry) {
                    cx.record(Fact::Waits(id));
                }
            } else if self.note(&entry, cx) {
                cx.record(Fact::Hears { id, dot });
                self.go_on(cx);
            }
        }
    }

    /// Takes what has waited and need not any more.
    fn go_on(&mut self, cx: &mut Cx<'_, Node>) {
        while let Some(chart) = self.kept.serving().map(LoggedState::content)
            && let Some(entry) = self.early.take_ready(chart)
            && self.note(&entry, cx)
        {
            cx.record(Fact::Hears { id: entry.id, dot: entry.dot });
        }
        let Some(chart) = self.chart() else { return };
        let ready = self.held.iter().find(|(_, (_, _, read))| chart.has_all(read));
        if let Some((from, request)) = ready.map(|(from, request)| (from, request.clone())) {
            self.held.remove(from);
            self.append(from, request, cx);
            self.go_on(cx);
        }
    }

    /// Asks the next replica for what is not here.
    fn compare(&mut self, cx: &mut Cx<'_, Node>) {
        let peer = (cx.me().0 + 1 + self.next) % self.config.replicas;
        self.next = (self.next + 1) % (self.config.replicas - 1);
        if let Some(chart) = self.chart() {
            cx.send(NodeId(peer), Msg::Compare(chart.vector().clone()));
        }
    }
}

impl Kind<Node> for Replica {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.open(cx);
        if self.config.compares {
            let first_us = cx.jitter_us(0, self.config.round_us);
            cx.set_timer(first_us, Timer::Round);
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Read(visit, context) => self.answer(from, Ask::Visit(visit), &context, cx),
            Msg::Append { id, note, context } => self.append(from, (id, note, context), cx),
            Msg::Compare(vector) => {
                let news = self.chart().map(|chart| chart.news_beyond(&vector)).unwrap_or_default();
                if !news.is_empty() {
                    self.say(from, Msg::Tell(news), cx);
                }
            }
            Msg::Tell(entries) => self.hear(entries, cx),
            Msg::Chart { .. } | Msg::NoteNow | Msg::GoTo(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Round => {
                cx.set_timer(self.config.round_us, Timer::Round);
                self.compare(cx);
            }
            Timer::Reopen => {
                if self.kept.come_back() == Due::Mount {
                    self.open(cx);
                }
            }
            Timer::Visit | Timer::Silent => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, disk| it.synced(disk, sync));
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, _| it.sync_failed(sync));
    }

    fn view(&self, _: &Disk) -> NodeView {
        view::replica(self)
    }
}
