//! A client: a doctor who leaves and comes back, or the planner who inserts shifts and deletes them. Each
//! transaction reads a night at both shards, thinks, and writes a row of it.

use std::collections::VecDeque;

use super::message::{Fact, Msg, Reading, Timer, Writes};
use super::node::{Config, Disk, Node};
use super::roster::{Night, Row, Wish, change, count};
use crate::mechanism::mvcc::{Stamp, Tx};
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::NodeView;

/// When the first turn of the timetable is.
const FIRST_US: u64 = 2_600_000;
/// How long a turn is besides the thinking: longer than a transaction takes that nothing holds up.
const TURN_US: u64 = 160_000;
/// How long a client waits for an answer before it asks again.
const PATIENCE_US: u64 = 60_000;
/// How long a transaction may read.
const READING_US: u64 = 500_000;
/// Least and most time until an aborted transaction is tried again.
const AGAIN_US: (u64, u64) = (30_000, 60_000);
/// So often something is tried.
const TRIES: u32 = 6;
/// So many of the viewer's wishes wait at a client that is busy.
const QUEUE: usize = 4;

/// How far a client is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Idle,
    /// It waits for a snapshot.
    Begins,
    /// It reads at the shard of this place.
    Reads(u16),
    Thinks,
    /// It waits to hear what became of its transaction.
    Commits,
    /// It tries again soon.
    Pauses,
}

/// A client.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    config: Config,
    place: u16,
    pub(super) step: Step,
    /// Names an attempt among its own.
    attempt: u64,
    pub(super) reading: Reading,
    pub(super) rows: Vec<Row>,
    pub(super) writes: Writes,
    wish: Wish,
    /// Since when the transaction is under way, by its own clock.
    since_us: u64,
    number: u64,
    tries: u32,
    queue: VecDeque<(Night, Wish)>,
    /// Its next night by the timetable.
    next: Night,
}

impl Client {
    pub(super) fn new(place: u16, config: Config) -> Self {
        let next = Night(place % 3);
        Self {
            config,
            place,
            step: Step::Idle,
            attempt: 0,
            reading: Reading { tx: Tx(0), night: next, snapshot: 0, locks: false },
            rows: Vec::new(),
            writes: Vec::new(),
            wish: Wish::Change,
            since_us: 0,
            number: 0,
            tries: 0,
            queue: VecDeque::new(),
            next,
        }
    }

    /// Whether it is the planner.
    fn is_planner(&self) -> bool {
        self.place == self.config.doctors
    }

    fn want(&mut self, (night, wish): (Night, Wish), cx: &mut Cx<'_, Node>) {
        if self.step != Step::Idle {
            if self.queue.len() < QUEUE {
                self.queue.push_back((night, wish));
            }
            return;
        }
        (self.reading.night, self.wish, self.tries) = (night, wish, 0);
        self.number += 1;
        cx.record(Fact::Wants { number: self.number, night, wish });
        self.begin(cx);
    }

    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        self.tries += 1;
        self.attempt = cx.nonce(1 << 32);
        self.rows.clear();
        self.writes.clear();
        self.go_on(Step::Begins, cx);
    }

    fn go_on(&mut self, step: Step, cx: &mut Cx<'_, Node>) {
        self.step = step;
        self.ask(cx);
    }

    /// Asks what this step asks, for the first time or again: whoever is asked does it once.
    fn ask(&self, cx: &mut Cx<'_, Node>) {
        let (to, msg) = match self.step {
            Step::Begins => (self.config.coordinator(), Msg::Begin(self.attempt)),
            Step::Reads(shard) => (self.config.shard(shard), Msg::Read(self.reading)),
            Step::Commits => {
                let (reads, writes) = (self.rows.clone(), self.writes.clone());
                let commit = Msg::Commit { reading: self.reading, reads, writes };
                (self.config.coordinator(), commit)
            }
            Step::Idle | Step::Thinks | Step::Pauses => return,
        };
        cx.send(to, msg);
        cx.set_timer(PATIENCE_US, Timer::Late);
    }

    fn has_begun(&mut self, tx: Tx, snapshot: Stamp, cx: &mut Cx<'_, Node>) {
        let locks = self.config.locks_on(self.reading.night);
        self.reading = Reading { tx, snapshot, locks, ..self.reading };
        self.since_us = cx.now_us();
        self.go_on(Step::Reads(0), cx);
    }

    fn has_read(&mut self, shard: u16, rows: Vec<Row>, cx: &mut Cx<'_, Node>) {
        self.rows.extend(rows);
        if shard == 0 {
            return self.go_on(Step::Reads(1), cx);
        }
        self.step = Step::Thinks;
        cx.cancel_timer(Timer::Late);
        cx.set_timer(self.config.think_us, Timer::Thought);
        let (on_call, shifts) = count(self.rows.iter().map(|row| (row.key, row.value)));
        let Reading { tx, night, .. } = self.reading;
        cx.record(Fact::Reads { tx, night, on_call, shifts });
    }

    /// Writes only if enough are on call by what it has read.
    fn decide(&mut self, cx: &mut Cx<'_, Node>) {
        let night = self.reading.night;
        let who = (self.place, self.is_planner());
        let Some(write) = change(&self.rows, night, who, self.wish) else {
            self.roll_back(cx);
            cx.record(Fact::Stays { number: self.number, night });
            return self.rest(cx);
        };
        self.writes.push(write);
        if self.config.has_conflict_row && night == Night::FRIDAY {
            self.writes.push((night.conflict(), Some(self.reading.tx.0)));
        }
        self.go_on(Step::Commits, cx);
    }

    fn roll_back(&self, cx: &mut Cx<'_, Node>) {
        for shard in self.config.shards() {
            cx.send(shard, Msg::Rollback(self.reading.tx));
        }
    }

    fn rest(&mut self, cx: &mut Cx<'_, Node>) {
        self.step = Step::Idle;
        cx.cancel_timer(Timer::Late);
        if let Some(next) = self.queue.pop_front() {
            self.want(next, cx);
        }
    }

    /// Its transaction is aborted: it tries again with a new snapshot.
    fn try_again(&mut self, cx: &mut Cx<'_, Node>) {
        cx.cancel_timer(Timer::Late);
        if self.tries >= TRIES {
            let (number, night) = (self.number, self.reading.night);
            cx.record(Fact::GivesUp { number, night });
            return self.rest(cx);
        }
        self.step = Step::Pauses;
        let after_us = cx.jitter_us(AGAIN_US.0, AGAIN_US.1);
        cx.set_timer(after_us, Timer::Again);
    }

    fn on_late(&mut self, cx: &mut Cx<'_, Node>) {
        let is_reading = matches!(self.step, Step::Reads(_));
        if is_reading && cx.now_us().saturating_sub(self.since_us) > READING_US {
            self.roll_back(cx);
            return self.try_again(cx);
        }
        self.ask(cx);
    }
}

impl Kind<Node> for Client {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::Returns);
        }
        let turn_us = TURN_US + self.config.think_us;
        let first_us = if boot == Boot::Fresh { FIRST_US } else { 0 };
        cx.set_timer(first_us + turn_us * u64::from(self.place), Timer::Turn);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match (msg, self.step) {
            (Msg::Do(night, wish), _) => self.want((night, wish), cx),
            (Msg::Began { attempt, tx, snapshot }, Step::Begins) if attempt == self.attempt => {
                self.has_begun(tx, snapshot, cx);
            }
            (Msg::Rows { tx, rows }, Step::Reads(shard))
                if tx == self.reading.tx && from == self.config.shard(shard) =>
            {
                self.has_read(shard, rows, cx);
            }
            (Msg::Denied { tx, why }, Step::Reads(_)) if tx == self.reading.tx => {
                cx.record(Fact::Aborts { tx, night: self.reading.night, why });
                self.roll_back(cx);
                self.try_again(cx);
            }
            (Msg::Done { tx, why: None }, Step::Commits) if tx == self.reading.tx => {
                cx.record(Fact::HasDone { number: self.number, tx });
                self.rest(cx);
            }
            (Msg::Done { tx, why: Some(why) }, Step::Commits) if tx == self.reading.tx => {
                cx.record(Fact::Aborts { tx, night: self.reading.night, why });
                self.try_again(cx);
            }
            // An answer to what is no longer asked.
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match (timer, self.step) {
            (Timer::Turn, step) => {
                let turns = u64::from(self.config.doctors) + 1;
                cx.set_timer((TURN_US + self.config.think_us) * turns, Timer::Turn);
                if step == Step::Idle {
                    let night = self.next;
                    self.next = night.next();
                    self.want((night, Wish::Change), cx);
                }
            }
            (Timer::Late, _) => self.on_late(cx),
            (Timer::Thought, Step::Thinks) => self.decide(cx),
            (Timer::Again, Step::Pauses) => self.begin(cx),
            (Timer::Thought | Timer::Again | Timer::Look, _) => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        self.show()
    }
}
