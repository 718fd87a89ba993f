//! What scheduler and bank have in common: a state that is logged, and answers that wait until it is durable.

use std::collections::VecDeque;

use super::message::{Fact, Msg, Timer};
use super::node::{Disk, Node};
use crate::mechanism::logged_state::{LoggedState, Replayed};
use crate::mechanism::mount::{AGAIN_US, Due, Mount, Turn};
use crate::mechanism::wal::Settings;
use crate::sim::{Cx, NodeId, SyncId};

/// How a desk keeps its state.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// How its log behaves; none if it is kept in memory.
    pub(super) settings: Option<Settings>,
    /// Safeguard: nothing is said that a crash can undo.
    pub(super) waits_for_sync: bool,
}

/// An answer that is not given yet.
#[derive(Clone, Debug, Hash)]
struct Answer {
    /// It may be given when all up to this record is durable.
    sequence: u64,
    to: NodeId,
    msg: Msg,
}

/// A state that is logged, and who waits for it.
#[derive(Clone, Debug, Hash)]
pub(super) struct Desk<S: Replayed> {
    config: Config,
    file: &'static str,
    pub(super) kept: Mount<LoggedState<S>>,
    /// Oldest first.
    waiting: VecDeque<Answer>,
}

impl<S: Replayed> Desk<S> {
    pub(super) fn new(config: Config, file: &'static str) -> Self {
        Self { config, file, kept: Mount::default(), waiting: VecDeque::new() }
    }

    /// Opens the log; true if it is open at once.
    pub(super) fn open(&mut self, cx: &mut Cx<'_, Node>) -> bool {
        self.waiting.clear();
        let opened = LoggedState::open(self.config.settings, self.file, cx.disk_mut());
        let turn = self.kept.mount(opened);
        self.look(turn, cx)
    }

    /// Notes a change; returns which record it is, none if it cannot be noted now.
    pub(super) fn note(&mut self, record: &S::Record, cx: &mut Cx<'_, Node>) -> Option<u64> {
        let (noted, turn) = self.kept.with(cx.disk_mut(), |it, disk| it.note(disk, record))?;
        self.look(turn, cx);
        noted.ok()
    }

    /// Gives an answer when all that is noted so far is durable.
    pub(super) fn answer(&mut self, to: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        let Some(kept) = self.kept.serving() else { return };
        self.waiting.push_back(Answer { sequence: kept.last(), to, msg });
        self.with(cx, |_, _| {});
    }

    /// Lets the state do something; true if it has just been opened.
    fn with(
        &mut self,
        cx: &mut Cx<'_, Node>,
        act: impl FnOnce(&mut LoggedState<S>, &mut Disk),
    ) -> bool {
        let done = self.kept.with(cx.disk_mut(), act);
        done.is_some_and(|((), turn)| self.look(turn, cx))
    }

    /// Does what is to be done after that; true if it has just been opened.
    fn look(&mut self, turn: Turn, cx: &mut Cx<'_, Node>) -> bool {
        if let Some(error) = self.kept.refusal().filter(|_| turn.refuses) {
            cx.record(Fact::Refuses(error.clone()));
        }
        if turn.doubts {
            // Who waits asks again.
            self.waiting.clear();
            cx.record(Fact::Doubts);
        }
        if turn.wakes {
            cx.set_timer(AGAIN_US, Timer::Reopen);
        }
        let Some(kept) = self.kept.store() else { return false };
        if turn.serves {
            cx.record(Fact::Serves(kept.last()));
        }
        let safe = if self.config.waits_for_sync { kept.durable() } else { kept.last() };
        while let Some(it) = self.waiting.pop_front_if(|it| it.sequence <= safe) {
            cx.send(it.to, it.msg);
        }
        turn.serves
    }

    /// Opens the log again, if that may help; true if it is open at once.
    pub(super) fn on_timer(&mut self, cx: &mut Cx<'_, Node>) -> bool {
        self.kept.come_back() == Due::Mount && self.open(cx)
    }

    /// Learns that a sync has ended; true if that has opened the log.
    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) -> bool {
        self.with(cx, |it, disk| it.synced(disk, sync))
    }

    /// Learns that a sync has failed.
    pub(super) fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, _| it.sync_failed(sync));
    }
}
