//! A client: carries out one operation at a time, by itself.

use std::collections::{BTreeSet, VecDeque};

use super::message::{Call, Fact, Message, Tag, Timer, Version};
use super::quorums::{Order, Phase, Quorums};
use crate::sim::{Boot, Cell, Cx, NodeId, Process};
use crate::view::{NodeView, Role, Widget};

/// Whom a phase asks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Contact {
    /// Every replica; the first answers count. A write spreads beyond its quorum in time.
    Everybody,
    /// As many as are needed, drawn anew for each phase: PBS section 3.1, without what it calls
    /// expanding quorums. Who has not answered in time makes it ask all others, too.
    RandomQuorum,
}

/// How a writer finds the next tag.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Writers {
    /// It counts for itself: there is no other writer (ABD).
    One,
    /// It asks a read quorum for the newest tag first (Lynch & Shvartsman 1997).
    Many,
}

/// How a client goes about its operations.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// Whose answers are enough.
    pub quorums: Quorums,
    /// How it tells which of several answers is newest.
    pub order: Order,
    /// Whom it asks.
    pub contact: Contact,
    /// Whether it is the only writer.
    pub writers: Writers,
    /// Whether a read stores what it is about to return at a write quorum first (ABD), so
    /// that no later read returns anything older.
    pub writes_back: bool,
    /// How many nodes behind the replicas count like replicas once these have not answered in time: a
    /// sloppy quorum (Dynamo, section 4.6); 0 for strict ones.
    pub stand_ins: u16,
    /// After how long it asks those again that have not answered, if ever.
    pub resend_us: Option<u64>,
    /// After how long it gives an operation up, if ever.
    pub patience_us: Option<u64>,
}

/// What a client must not forget in a crash.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// Operations begun.
    pub operations: u64,
    /// Phases begun: an answer to an earlier one counts for nothing.
    pub rounds: u64,
    /// The greatest number in a tag of its own: two writes must not share one.
    pub written: u64,
}

/// The operation that is under way.
#[derive(Clone, Debug, Hash)]
struct Pending {
    number: u64,
    call: Call,
    phase: Phase,
    round: u64,
    /// Whom the phase asks.
    asked: BTreeSet<NodeId>,
    /// Who has answered, in order, with what it holds; after a store only that it has.
    answers: Vec<(NodeId, Version)>,
    /// Who had answered the query before the store phase.
    queried: Vec<NodeId>,
    /// What the store phase stores.
    version: Version,
}

/// An operation that has returned, and on whose word.
#[derive(Clone, Debug, Hash)]
pub struct Returned {
    /// What was asked.
    pub call: Call,
    /// What was read or written.
    pub version: Version,
    /// Who had answered its query when that ended.
    pub queried: Vec<NodeId>,
    /// Who had stored it when its store phase ended.
    pub stored: Vec<NodeId>,
    /// When, by the client's monotonic clock.
    pub at_us: u64,
}

/// A client of the register, which is its own coordinator.
#[derive(Clone, Debug, Hash)]
pub struct Client {
    config: Config,
    pending: Option<Pending>,
    waiting: VecDeque<Call>,
    last_read: Option<Returned>,
    last_write: Option<Returned>,
}

impl Client {
    /// Creates a client without anything to do.
    pub fn new(config: Config) -> Self {
        let (waiting, last_read, last_write) = (VecDeque::new(), None, None);
        Self { config, pending: None, waiting, last_read, last_write }
    }

    /// Begins an operation, after those that were asked for before it.
    pub fn call(&mut self, call: Call, cx: &mut Cx<'_, Self>) {
        self.waiting.push_back(call);
        self.begin_next(cx);
    }

    /// Returns true while nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.pending.is_none()
    }

    /// Returns the last read that has returned since the client started.
    pub fn last_read(&self) -> Option<&Returned> {
        self.last_read.as_ref()
    }

    /// Returns the last write that has returned since the client started.
    pub fn last_write(&self) -> Option<&Returned> {
        self.last_write.as_ref()
    }

    /// Returns what the operation under way does and who has answered its phase.
    pub fn progress(&self) -> Option<(Call, Phase, impl Iterator<Item = NodeId> + '_)> {
        let pending = self.pending.as_ref()?;
        Some((pending.call, pending.phase, pending.answers.iter().map(|(id, _)| *id)))
    }

    fn begin_next(&mut self, cx: &mut Cx<'_, Self>) {
        if self.pending.is_some() {
            return;
        }
        let Some(call) = self.waiting.pop_front() else { return };
        let counts = cx.disk_mut().get_mut();
        counts.operations += 1;
        let number = counts.operations;
        cx.record(Fact::Begins { number, call });
        if let Some(patience_us) = self.config.patience_us {
            cx.set_timer(patience_us, Timer::GiveUp);
        }
        match (call, self.config.writers) {
            (Call::Read, _) | (Call::Write(_), Writers::Many) => {
                self.begin_phase(number, call, Phase::Query, Version::default(), cx);
            }
            (Call::Write(value), Writers::One) => {
                let version = next_version(Tag::default(), value, cx);
                self.begin_phase(number, call, Phase::Store, version, cx);
            }
        }
    }

    fn begin_phase(
        &mut self,
        number: u64,
        call: Call,
        phase: Phase,
        version: Version,
        cx: &mut Cx<'_, Self>,
    ) {
        let counts = cx.disk_mut().get_mut();
        counts.rounds += 1;
        let round = counts.rounds;
        let asked = self.choose(phase, cx);
        let last = self.pending.take();
        let queried = last.map(|it| it.answers.into_iter().map(|(id, _)| id).collect());
        let (answers, queried) = (Vec::new(), queried.unwrap_or_default());
        let pending = Pending { number, call, phase, round, asked, answers, queried, version };
        self.pending = Some(pending);
        self.ask(cx);
    }

    /// Draws whom to ask: as many of the replicas as [`Contact`] says, each set as likely.
    fn choose(&self, phase: Phase, cx: &mut Cx<'_, Self>) -> BTreeSet<NodeId> {
        let mut replicas: Vec<NodeId> = self.config.quorums.ids().collect();
        if self.config.contact == Contact::Everybody {
            return replicas.into_iter().collect();
        }
        let needed = usize::from(self.config.quorums.needed(phase));
        let draw = |_| {
            let place = usize::try_from(cx.choose(replicas.len() as u64)).unwrap_or(0);
            replicas.swap_remove(place)
        };
        (0..needed).map(draw).collect()
    }

    /// Asks those that have not answered.
    fn ask(&self, cx: &mut Cx<'_, Self>) {
        let Some(pending) = &self.pending else { return };
        let Pending { phase, round, version, .. } = *pending;
        let message = match phase {
            Phase::Query => Message::Query { round },
            Phase::Store => Message::Store { round, version },
        };
        let has_answered = |id: &NodeId| pending.answers.iter().any(|(it, _)| it == id);
        for replica in pending.asked.iter().filter(|id| !has_answered(id)) {
            // The counts are on disk before anybody hears of them.
            cx.send_after_sync(*replica, message);
        }
        if let Some(resend_us) = self.config.resend_us {
            cx.set_timer(resend_us, Timer::Resend);
        }
    }

    fn on_answer(&mut self, from: NodeId, round: u64, version: Version, cx: &mut Cx<'_, Self>) {
        let Some(pending) = self.pending.as_mut().filter(|it| it.round == round) else { return };
        if pending.answers.iter().any(|(id, _)| *id == from) {
            return;
        }
        pending.answers.push((from, version));
        if !self.config.quorums.are_enough(pending.phase, pending.answers.len()) {
            return;
        }
        let newest = self.config.order.choose(pending.answers.iter().map(|(_, version)| *version));
        let Pending { number, call, phase, version, .. } = *pending;
        match (phase, call) {
            (Phase::Query, Call::Write(value)) => {
                let version = next_version(newest.tag, value, cx);
                self.begin_phase(number, call, Phase::Store, version, cx);
            }
            (Phase::Query, Call::Read) if self.config.writes_back => {
                self.begin_phase(number, call, Phase::Store, newest, cx);
            }
            (Phase::Query, Call::Read) => {
                self.end(Fact::HasRead { number, version: newest }, cx);
            }
            (Phase::Store, Call::Read) => self.end(Fact::HasRead { number, version }, cx),
            (Phase::Store, Call::Write(_)) => {
                self.end(Fact::HasWritten { number, version }, cx);
            }
        }
    }

    fn end(&mut self, fact: Fact, cx: &mut Cx<'_, Self>) {
        if let Some(pending) = self.pending.take() {
            self.note(pending, &fact, cx);
        }
        cx.cancel_timer(Timer::Resend);
        cx.cancel_timer(Timer::GiveUp);
        cx.record(fact);
        self.begin_next(cx);
    }
}

impl Client {
    /// Keeps what has returned, and on whose word.
    fn note(&mut self, pending: Pending, fact: &Fact, cx: &Cx<'_, Self>) {
        let answered = pending.answers.into_iter().map(|(id, _)| id).collect();
        let (queried, stored) = match pending.phase {
            Phase::Query => (answered, Vec::new()),
            Phase::Store => (pending.queried, answered),
        };
        let (call, at_us) = (pending.call, cx.now_us());
        let returned = |version| Some(Returned { call, version, queried, stored, at_us });
        match *fact {
            Fact::HasRead { version, .. } => self.last_read = returned(version),
            Fact::HasWritten { version, .. } => self.last_write = returned(version),
            Fact::Begins { .. } | Fact::GivesUp { .. } | Fact::Adopts(_) => {}
        }
    }

    /// Asks those again that have not answered, and everybody who may answer in their stead.
    fn ask_more(&mut self, cx: &mut Cx<'_, Self>) {
        let Quorums { replicas, .. } = self.config.quorums;
        let Some(pending) = &mut self.pending else { return };
        // Without the safeguard: whoever is there will do.
        pending.asked.extend(NodeId::first(replicas.saturating_add(self.config.stand_ins)));
        self.ask(cx);
    }
}

/// Makes the version that follows `newest` and all of this writer's own.
fn next_version(newest: Tag, value: u64, cx: &mut Cx<'_, Client>) -> Version {
    let writer = cx.me();
    let counts = cx.disk_mut().get_mut();
    counts.written = counts.written.max(newest.number) + 1;
    Version { tag: Tag { number: counts.written, writer }, value }
}

impl Process for Client {
    type Msg = Message;
    type Timer = Timer;
    type Disk = Cell<Counts>;
    type Fact = Fact;

    fn on_start(&mut self, _: Boot, _: &mut Cx<'_, Self>) {}

    fn on_message(&mut self, from: NodeId, msg: Message, cx: &mut Cx<'_, Self>) {
        match msg {
            Message::Holds { round, version } => self.on_answer(from, round, version, cx),
            Message::Stored { round } => self.on_answer(from, round, Version::default(), cx),
            Message::Call(call) => self.call(call, cx),
            Message::Query { .. } | Message::Store { .. } => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match timer {
            Timer::Resend => self.ask_more(cx),
            Timer::HandOff => {}
            Timer::GiveUp => {
                let Some(Pending { number, phase, answers, .. }) = &self.pending else { return };
                let answers = u16::try_from(answers.len()).unwrap_or(u16::MAX);
                self.end(Fact::GivesUp { number: *number, phase: *phase, answers }, cx);
            }
        }
    }

    fn view(&self, _: &Cell<Counts>) -> NodeView {
        let Quorums { read, write, .. } = self.config.quorums;
        let label = self.pending.as_ref().map(|pending| match pending.call {
            Call::Read => format!("reads, R = {read}"),
            Call::Write(value) => format!("writes {value}, W = {write}"),
        });
        let pips = self.pending.as_ref().map(|pending| {
            let gained = u32::try_from(pending.answers.len()).unwrap_or(u32::MAX);
            (gained, u32::from(self.config.quorums.needed(pending.phase)))
        });
        let read = self.last_read.as_ref().map(|read| read.version.value);
        let view = NodeView::new(Role::Client, label.unwrap_or_else(|| "idle".into()));
        NodeView { value: read.map(|value| value.to_string()), pips, ..view }
            .with(read.map(|value| Widget::field("last read", value)))
    }
}
