//! A node: a replica of the log, or a nurse who writes in it, and what each keeps on its disk.

use super::message::{Fact, Msg, Note, Timer};
use super::nurse::{Nurse, Pocket};
use super::replica::Replica;
use crate::mechanism::causal_log::{CausalLog, Dot, Line, Rules};
use crate::mechanism::wal::{Log, LogError, Settings};
use crate::scenario::Setup;
use crate::sim::{Cell, Files, NodeId, kinds};

/// What a replica keeps.
pub(super) type Chart = CausalLog<Note>;
/// A record of it.
pub(super) type Entry = crate::mechanism::causal_log::Entry<Note>;

/// What survives a crash: a replica's files, and what a nurse knows.
pub(super) type Disk = (Files, Cell<Pocket>);

/// The file that a replica's log is in.
pub(super) const FILE: &str = "chart.log";

/// Who counts where a name is no more than a place in the log: nobody's own number, so none of the nodes.
pub(super) const EVERYBODY: NodeId = NodeId(10);

/// How the nodes of a world go about it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub(super) struct Config {
    /// An entry is named by its replica and that one's count, not by its place.
    pub(super) has_dots: bool,
    /// It is on disk before anybody hears of it.
    pub(super) is_durable: bool,
    /// It carries what its writer has read, not what its replica has.
    pub(super) asks_writer: bool,
    /// It waits for its past.
    pub(super) waits: bool,
    /// How it is shown.
    pub(super) rules: Rules,
    /// Replicas ask each other for what they lack.
    pub(super) compares: bool,
    pub(super) replicas: u16,
    pub(super) round_us: u64,
}

impl Config {
    pub(super) fn of(setup: &Setup) -> Self {
        Self {
            has_dots: setup.is_on("dots"),
            is_durable: setup.is_on("disk"),
            asks_writer: setup.is_on("context"),
            waits: setup.is_on("causal"),
            rules: Rules { is_by_past: setup.is_on("order"), folds: setup.is_on("once") },
            compares: setup.is_on("entropy"),
            replicas: setup.count("replicas"),
            round_us: setup.knob("round") * 1_000,
        }
    }

    /// Returns how a replica's log file behaves; none if there is none.
    pub(super) fn settings(&self) -> Option<Settings> {
        let settings = Settings { is_summed: true, refuses_damage: true, sectors_tear: true };
        self.is_durable.then_some(settings)
    }

    /// Lists the entries of a log by place; where they have names of their own, in the order in which they
    /// are shown.
    pub(super) fn slots<'a>(&self, chart: &'a Chart) -> Vec<Option<&'a Line>> {
        let lines = chart.lines();
        let at = |place| lines.iter().find(|line| line.dots.iter().any(|it| it.number == place));
        if self.has_dots {
            return lines.iter().map(Some).collect();
        }
        (1..=chart.vector().total()).map(at).collect()
    }

    /// Lists the entries that lie on a replica's disk, as it would find them.
    pub(super) fn ids_on(&self, disk: &Disk) -> Result<Vec<Dot>, LogError> {
        let Some(settings) = self.settings() else { return Ok(Vec::new()) };
        let records = Log::<Entry>::records_on(settings, FILE, &disk.0)?;
        Ok(records.into_iter().map(|entry| entry.id).collect())
    }
}

kinds! {
    /// One node.
    Node in "entry" {
        /// Keeps the log.
        Replica(Replica),
        /// Writes in it.
        Nurse(Nurse),
    }
}

impl Node {
    /// Returns the replica that it is, if it is one.
    pub(super) fn replica(&self) -> Option<&Replica> {
        if let Self::Replica(replica) = self { Some(replica) } else { None }
    }

    /// Returns the log that it keeps, if it has one now.
    pub(super) fn chart(&self) -> Option<&Chart> {
        Some(self.replica()?.kept.store()?.content())
    }
}
