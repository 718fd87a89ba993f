//! A worker: it says that it is there, and serves the partitions that it is told to.

use super::message::{BeatId, Fact, Msg, Partitions, Timer};
use super::node::{Config, Kept, MONITOR, Node};
use crate::sim::{Boot, Cx};

/// A worker.
#[derive(Clone, Debug, Hash)]
pub(super) struct Worker {
    config: Config,
    /// Its place among the workers.
    place: u16,
    /// Its last heartbeat.
    pub(super) beat: BeatId,
    /// The heartbeat whose answer it follows: an older answer comes too late.
    answered: BeatId,
    /// The partitions that it serves.
    pub(super) ready: Partitions,
}

impl Worker {
    /// Says how many partitions it serves.
    pub(super) fn text(&self) -> String {
        format!("serves {}", self.ready.iter().count())
    }

    /// Makes the worker of this place, as it is before it starts.
    pub(super) fn new(place: u16, config: Config) -> Self {
        let (beat, answered) = (BeatId::default(), BeatId::default());
        Self { config, place, beat, answered, ready: Partitions::default() }
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Fresh {
            self.ready = self.config.first_share(self.place);
        }
        let Kept { incarnation, .. } = cx.disk().get();
        self.live_on(incarnation + 1, cx);
        let first_us = cx.jitter_us(0, self.config.period_us * 3 / 4);
        cx.set_timer(first_us, Timer::Beat);
    }

    /// Begins a new incarnation, which is on disk before anybody hears of it: none comes twice.
    fn live_on(&mut self, incarnation: u64, cx: &mut Cx<'_, Node>) {
        cx.disk_mut().get_mut().incarnation = incarnation;
        cx.sync();
        self.beat = BeatId { incarnation, sequence: 0 };
        cx.record(Fact::Lives(incarnation));
    }

    fn beat(&mut self, cx: &mut Cx<'_, Node>) {
        self.beat.sequence += 1;
        cx.send_after_sync(MONITOR, Msg::Beat(self.beat, self.ready));
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Beat => {
                self.beat(cx);
                cx.set_timer(self.config.period_us, Timer::Beat);
            }
            Timer::Look => {}
        }
    }

    pub(super) fn on_message(&mut self, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Own(answered, own) if answered > self.answered => {
                self.answered = answered;
                self.follow(own, cx);
            }
            Msg::Buried(incarnation) if incarnation == self.beat.incarnation => {
                // Others serve its partitions by now.
                self.ready = Partitions::default();
                self.live_on(incarnation + 1, cx);
                self.beat(cx);
            }
            Msg::Own(..) | Msg::Buried(_) | Msg::Beat(..) | Msg::Move => {}
        }
    }

    /// Gives up what belongs to others, and takes over the first partition that it lacks. That keeps
    /// it busy; its next heartbeat is the first thing it says then, and the answer brings the next.
    fn follow(&mut self, own: Partitions, cx: &mut Cx<'_, Node>) {
        self.ready = Partitions(self.ready.0 & own.0);
        let Some(partition) = own.iter().find(|&it| !self.ready.has(it)) else { return };
        self.ready = self.ready.with(partition);
        cx.work(self.config.load_us);
        cx.record(Fact::Takes(partition));
        self.beat(cx);
    }
}
