//! What scheduler and bank have in common: a journal, and answers that wait until it is durable.

use std::collections::VecDeque;

use super::message::{Fact, Msg, Timer};
use super::node::Node;
use crate::mechanism::journal::{Journal, Replayed};
use crate::mechanism::wal::{LogError, Settings, State};
use crate::sim::{Cx, NodeId, SyncId};

/// How long it waits before it opens its log again.
const REOPEN_US: u64 = 60_000;

/// How a desk keeps its journal.
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

/// A journal, and who waits for it.
#[derive(Clone, Debug, Hash)]
pub(super) struct Desk<S: Replayed> {
    config: Config,
    file: &'static str,
    /// None before the first start.
    journal: Option<Result<Journal<S>, LogError>>,
    /// Oldest first.
    waiting: VecDeque<Answer>,
}

impl<S: Replayed> Desk<S> {
    pub(super) fn new(config: Config, file: &'static str) -> Self {
        Self { config, file, journal: None, waiting: VecDeque::new() }
    }

    /// Returns the journal if its log was read, or why it was not; none before the first start.
    pub(super) fn journal(&self) -> Option<Result<&Journal<S>, &LogError>> {
        self.journal.as_ref().map(Result::as_ref)
    }

    /// Returns the journal while it takes changes.
    pub(super) fn open_journal(&self) -> Option<&Journal<S>> {
        self.journal()?.ok().filter(|it| it.state() == State::Open)
    }

    /// Opens the log; true if it is open at once.
    pub(super) fn open(&mut self, cx: &mut Cx<'_, Node>) -> bool {
        self.waiting.clear();
        let opened = Journal::open(self.config.settings, self.file, cx.disk_mut());
        if let Err(error) = &opened {
            cx.record(Fact::Refuses(error.clone()));
        }
        self.journal = Some(opened);
        self.look(State::Opening, cx)
    }

    /// Notes a change; returns which record it is, none if it cannot be noted now.
    pub(super) fn note(&mut self, record: &S::Record, cx: &mut Cx<'_, Node>) -> Option<u64> {
        let Some(Ok(journal)) = &mut self.journal else { return None };
        let before = journal.state();
        let noted = journal.note(cx.disk_mut(), record).ok();
        self.look(before, cx);
        noted
    }

    /// Gives an answer when all that is noted so far is durable.
    pub(super) fn answer(&mut self, to: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        let Some(journal) = self.open_journal() else { return };
        self.waiting.push_back(Answer { sequence: journal.last(), to, msg });
        self.look(State::Open, cx);
    }

    /// Does what is to be done after the journal has changed; true if it has just been opened.
    fn look(&mut self, before: State, cx: &mut Cx<'_, Node>) -> bool {
        let Some(Ok(journal)) = &mut self.journal else { return false };
        journal.sync(cx.disk_mut());
        let state = journal.state();
        if state == State::InDoubt && before != State::InDoubt {
            // Who waits asks again.
            self.waiting.clear();
            cx.record(Fact::Doubts);
            cx.set_timer(REOPEN_US, Timer::Reopen);
        }
        let is_new = before == State::Opening && state == State::Open;
        if is_new {
            cx.record(Fact::Serves(journal.last()));
        }
        let safe = if self.config.waits_for_sync { journal.durable() } else { journal.last() };
        while let Some(it) = self.waiting.pop_front_if(|it| it.sequence <= safe) {
            cx.send(it.to, it.msg);
        }
        is_new
    }

    /// Opens the log again, if a sync has failed; true if it is open at once.
    pub(super) fn on_timer(&mut self, cx: &mut Cx<'_, Node>) -> bool {
        // The cache cannot be believed after a failed sync: all is read and written anew.
        let is_in_doubt = matches!(&self.journal, Some(Ok(it)) if it.state() == State::InDoubt);
        is_in_doubt && self.open(cx)
    }

    /// Learns that a sync has ended; true if that has opened the log.
    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) -> bool {
        let Some(Ok(journal)) = &mut self.journal else { return false };
        let before = journal.state();
        journal.synced(cx.disk_mut(), sync);
        self.look(before, cx)
    }

    /// Learns that a sync has failed.
    pub(super) fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        let Some(Ok(journal)) = &mut self.journal else { return };
        let before = journal.state();
        journal.sync_failed(sync);
        self.look(before, cx);
    }
}
