//! A thermometer: it reads, and sends what it has read until it is told that it is kept.

use std::collections::VecDeque;
use std::rc::Rc;

use super::message::{Fact, Msg, STORE, Timer, reading};
use super::node::{Disk, Node};
use crate::mechanism::time_series::Point;
use crate::mechanism::time_series::probe::Probe;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::{Datum, NodeView, Role, Tone, Widget};

/// So many readings at least, and at most, go in one batch.
const BATCH: (usize, usize) = (4, 16);
/// How many readings it has room for.
const ROOM: usize = 400;
/// How long it waits for an answer.
const PATIENCE_US: u64 = 100_000;
/// How long it waits before it sends what was not taken.
const AGAIN_US: u64 = 60_000;
/// One reading in so many takes a millisecond longer.
const SLOW_ONE_IN: u64 = 40;
/// Set points of the rooms: a fridge, a freezer, ice water, and so on again.
const DEGREES: [i16; 3] = [4, -18, 0];

/// A thermometer.
#[derive(Clone, Debug, Hash)]
pub(super) struct Sensor {
    probe: Probe,
    period_us: u64,
    /// The last reading.
    last: Option<Point>,
    /// What is not known to be kept, oldest first; the batch under way is its beginning.
    backlog: VecDeque<Point>,
    /// The batch under way.
    batch: Option<Rc<[Point]>>,
    /// How many batches there have been.
    batches: u32,
    /// How many readings were refused since they came too late.
    late: u32,
}

impl Sensor {
    pub(super) fn new(series: u16, period_us: u64) -> Self {
        let room = DEGREES[usize::from(series) % DEGREES.len()];
        Self {
            probe: Probe::new(room),
            period_us,
            last: None,
            backlog: VecDeque::new(),
            batch: None,
            batches: 0,
            late: 0,
        }
    }

    fn read(&mut self, bits: u64, cx: &mut Cx<'_, Node>) {
        let slow = cx.choose(SLOW_ONE_IN) == 0;
        // Times grow, whatever the clock says: one time has one reading.
        let least = self.last.map_or(0, |it| it.at + 1);
        let at = (cx.wall_us() / 1_000 + u64::from(slow)).max(least);
        let point = Point { at, bits };
        self.last = Some(point);
        self.backlog.push_back(point);
        if self.backlog.len() > ROOM {
            // What is under way is still sent, and is no longer waited for.
            self.backlog.pop_front();
            cx.record(Fact::Drops(1));
        }
        self.send(cx);
    }

    /// Sends the next batch, if none is under way.
    fn send(&mut self, cx: &mut Cx<'_, Node>) {
        if self.batch.is_some() || self.backlog.len() < BATCH.0 {
            return;
        }
        let batch: Rc<[Point]> = self.backlog.iter().take(BATCH.1).copied().collect();
        self.batches += 1;
        cx.record(Fact::Sends(self.batches, Rc::clone(&batch)));
        cx.send(STORE, Msg::Write(self.batches, Rc::clone(&batch)));
        self.batch = Some(batch);
        cx.set_timer(PATIENCE_US, Timer::GiveUp);
    }
}

impl Kind<Node> for Sensor {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(1_000, self.period_us);
        cx.set_timer(after_us, Timer::Next);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Taken(number, refused) if number == self.batches => {
                let Some(batch) = self.batch.take() else { return };
                self.backlog.retain(|it| batch.iter().all(|sent| sent.at != it.at));
                self.late += u32::try_from(refused.len()).unwrap_or_default();
                cx.record(Fact::IsTold(number, refused));
                cx.cancel_timer(Timer::GiveUp);
                self.send(cx);
            }
            Msg::NotTaken(number, _) if number == self.batches => {
                cx.set_timer(AGAIN_US, Timer::GiveUp);
            }
            Msg::Read(degrees) => {
                let degrees = i16::try_from(degrees).unwrap_or_default();
                self.read(f64::from(degrees).to_bits(), cx);
            }
            // It is told of a batch again, or of nothing of its own.
            Msg::Taken(..)
            | Msg::NotTaken(..)
            | Msg::Write(..)
            | Msg::Ask(..)
            | Msg::Answer(..)
            | Msg::NoAnswer(..)
            | Msg::AskNow(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Next => {
                cx.set_timer(self.period_us, Timer::Next);
                let bits = self.probe.read(|options| cx.choose(options));
                self.read(bits, cx);
            }
            Timer::GiveUp => {
                let Some(batch) = &self.batch else { return };
                cx.record(Fact::SendsAgain(self.batches));
                cx.send(STORE, Msg::Write(self.batches, Rc::clone(batch)));
                cx.set_timer(PATIENCE_US, Timer::GiveUp);
            }
            Timer::ReadOn | Timer::Again => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        let label = self.last.map_or_else(|| "starts".into(), |it| reading(it.bits));
        let waiting = u32::try_from(self.backlog.len()).unwrap_or_default();
        NodeView::new(Role::Client, label)
            .showing(waiting)
            .meaning("readings that nobody has said are kept")
            .with([Widget::field(
                "refused as too late",
                Datum::count(self.late.into(), Tone::Warn),
            )])
    }
}
