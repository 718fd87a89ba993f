//! Infers who depended on whom from what clients wrote and read.
//!
//! The order of a list's versions is in the lists that were read; an element that nobody read comes
//! after the longest of them. Of a register only so much is known: the initial version comes before
//! all others, and a transaction that read or wrote one version and then wrote another put them in
//! that order ("writes follow reads" in Elle). A database could put them the other way round, but then
//! one transaction overwrote what it had read from the other: a G1c. So what is inferred from that
//! order proves what it is named or a G1c, which is forbidden by whatever forbids the former; and as it
//! cannot prove a G0, which read-uncommitted alone is about, no overwriting of a register is inferred:
//! reading from does as well. Whatever else cannot be known is left out, so that every cycle is a proof,
//! and no cycle proves little. Predicates, and with them phantoms, are left out: this is Adya's G2 for
//! items only.
//!
//! A transaction of which nobody knows whether it committed takes part if somebody read what it
//! wrote. A value names its writer: two transactions that commit must not write the same one, and one
//! that failed wrote nothing that a later attempt has written. If nobody knows of an attempt whether it
//! failed, nothing is inferred of the value.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use super::cycles::cycles;
use super::graph::Graph;
use super::keys::{Key, Version, Writer};
use super::{Anomaly, AnomalyKind, DependencyKind, MicroOperation};
use crate::check::history::{Completion, History, Operation};

/// A history whose operations are transactions: asked for, and as they happened. What the reads of
/// an input hold does not count.
pub type TransactionHistory<K, V> = History<Vec<MicroOperation<K, V>>, Vec<MicroOperation<K, V>>>;

type Transaction<K, V> = Operation<Vec<MicroOperation<K, V>>, Vec<MicroOperation<K, V>>>;

/// Which order of transactions counts besides who read and overwrote whom.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Precedence {
    /// None: as in Adya's definitions.
    Dependencies,
    /// A transaction that returned before another was invoked comes before it. Serializability then
    /// is strict; snapshot isolation is the strong one, since the commit of the former was before the
    /// start of the latter, whatever their timestamps.
    RealTime,
}

/// Two transactions that committed wrote the same value to the same key: this is no history that could
/// be judged, since a value has to name its writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateWrite {
    /// The numbers of the two, or twice the same one.
    pub transactions: [usize; 2],
    /// What they wrote, in a sentence.
    pub sentence: String,
}

impl fmt::Display for DuplicateWrite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

impl std::error::Error for DuplicateWrite {}

/// Returns everything that went wrong with transactions: first what is wrong with a single read,
/// then of each group of circular transactions one short cycle of each kind.
///
/// # Errors
///
/// Two transactions that committed wrote the same value to the same key.
pub fn anomalies<K, V>(
    history: &TransactionHistory<K, V>,
    precedence: Precedence,
) -> Result<Vec<Anomaly>, DuplicateWrite>
where
    K: Clone + Ord + Display,
    V: Clone + Ord + Display,
{
    let mut inference = Inference::new(history);
    inference.note_writers()?;
    inference.read_transactions();
    inference.judge_reads();
    inference.order_versions();
    let mut graph = inference.graph();
    let mut found = inference.found;
    found.extend(cycles(&graph, false));
    if precedence == Precedence::RealTime {
        add_real_time(&mut graph, history, &inference.part);
        let with_time = cycles(&graph, true).into_iter();
        found.extend(with_time.filter(Anomaly::needs_real_time));
    }
    Ok(found)
}

/// What a transaction has seen of a key so far.
struct Seen<'a, V> {
    /// The version that others wrote and it read first, before writing itself.
    first: Option<Version<'a, V>>,
    /// The register's version by its own reads and writes.
    register: Option<Version<'a, V>>,
    /// The part of the list that others wrote.
    list: Option<&'a [V]>,
    /// What it appended itself.
    appended: Vec<&'a V>,
}

/// What is known so far.
struct Inference<'a, K, V> {
    history: &'a TransactionHistory<K, V>,
    keys: BTreeMap<&'a K, Key<'a, V>>,
    /// Who read a version of a key and then wrote the key.
    updates: BTreeMap<(&'a K, Version<'a, V>), BTreeSet<usize>>,
    /// Which transactions take part in the graph.
    part: BTreeSet<usize>,
    found: Vec<Anomaly>,
}

/// Returns the steps of a transaction that may have happened.
fn steps<K, V>(transaction: &Transaction<K, V>) -> &[MicroOperation<K, V>] {
    match &transaction.completion {
        Completion::Answered(steps) => steps,
        Completion::Failed | Completion::Unknown => &transaction.input,
    }
}

/// Returns who is taken for the writer of a value that two wrote; `None` if both committed.
fn one_writer<K, V>(
    (first, first_writer): (&Transaction<K, V>, Writer),
    (second, second_writer): (&Transaction<K, V>, Writer),
) -> Option<Writer> {
    let doubtful = |writer: Writer| Some(Writer { is_alone: false, ..writer });
    match (&first.completion, &second.completion) {
        (Completion::Answered(_), Completion::Answered(_)) => None,
        // One attempt, which wrote the value twice.
        _ if first.number == second.number => Some(second_writer),
        (_, Completion::Failed) => Some(first_writer),
        (Completion::Failed, _) => Some(second_writer),
        (_, Completion::Answered(_)) => doubtful(second_writer),
        (_, Completion::Unknown) => doubtful(first_writer),
    }
}

fn is_committed<I, O>(transaction: &Operation<I, O>) -> bool {
    matches!(transaction.completion, Completion::Answered(_))
}

impl<'a, K: Clone + Ord + Display, V: Clone + Ord + Display> Inference<'a, K, V> {
    fn new(history: &'a TransactionHistory<K, V>) -> Self {
        let committed = history.operations().iter().filter(|it| is_committed(it));
        Self {
            history,
            keys: BTreeMap::new(),
            updates: BTreeMap::new(),
            part: committed.map(|transaction| transaction.number).collect(),
            found: Vec::new(),
        }
    }

    /// Notes who wrote what.
    fn note_writers(&mut self) -> Result<(), DuplicateWrite> {
        for transaction in self.history.operations() {
            let number = transaction.number;
            for (place, step) in steps(transaction).iter().enumerate() {
                let Some(value) = step.written() else { continue };
                let rest = &steps(transaction)[place + 1..];
                let is_last =
                    !rest.iter().any(|it| it.key() == step.key() && it.written().is_some());
                let mut writer = Writer { transaction: number, is_last, is_alone: true };
                let key = self.keys.entry(step.key()).or_default();
                if let Some(before) = key.writers.get(value) {
                    let sentence = |other| {
                        format!("T{other} and T{number} both wrote {value} to {}", step.key())
                    };
                    let other = &self.history.operations()[before.transaction];
                    let one = one_writer((other, *before), (transaction, writer));
                    writer = one.ok_or_else(|| DuplicateWrite {
                        transactions: [other.number, number],
                        sentence: sentence(other.number),
                    })?;
                }
                key.writers.insert(value, writer);
            }
        }
        Ok(())
    }

    /// Notes who read what.
    fn read_transactions(&mut self) {
        for transaction in self.history.operations().iter().filter(|it| is_committed(it)) {
            self.read_transaction(transaction.number, steps(transaction));
        }
    }

    /// Follows one committed transaction: what it read from others, and whether that agrees with what
    /// it did itself.
    fn read_transaction(&mut self, number: usize, steps: &'a [MicroOperation<K, V>]) {
        let mut seen: BTreeMap<&K, Seen<'a, V>> = BTreeMap::new();
        for step in steps {
            let name = step.key();
            let seen = seen.entry(name).or_insert_with(|| Seen {
                first: None,
                register: None,
                list: None,
                appended: Vec::new(),
            });
            let key = self.keys.entry(name).or_default();
            if let (Some(_), Some(first)) = (step.written(), seen.first)
                && key.is_certain(first)
            {
                self.updates.entry((name, first)).or_default().insert(number);
            }
            let agrees = match step {
                MicroOperation::Append(_, element) => {
                    seen.appended.push(element);
                    true
                }
                MicroOperation::Write(_, value) => {
                    if let Some(before) = seen.register.replace(Some(value)) {
                        key.order(before, value);
                    }
                    true
                }
                MicroOperation::ReadList(_, list) => seen.read_list(number, key, list),
                MicroOperation::Read(_, value) => seen.read(number, key, value.as_ref()),
            };
            if !agrees {
                let reason = format!("T{number} read {name} unlike it read or wrote it before");
                self.note(AnomalyKind::Internal, vec![number], reason);
            }
        }
    }

    /// Judges every value that was read: nobody's, aborted, or not the last word.
    fn judge_reads(&mut self) {
        let mut found = Vec::new();
        for (name, key) in &self.keys {
            let mut first_reader: BTreeMap<&V, usize> = BTreeMap::new();
            for (reader, list) in &key.lists {
                list.iter().for_each(|element| _ = first_reader.entry(element).or_insert(*reader));
            }
            for (reader, version) in &key.reads {
                if let Some(value) = version {
                    first_reader.entry(value).or_insert(*reader);
                }
            }
            for (value, reader) in first_reader {
                let Some(author) = key.writer(Some(value)).map(|writer| writer.transaction) else {
                    let reason = format!("T{reader} read {value} in {name}, which nobody wrote");
                    found.push((AnomalyKind::GarbageRead, vec![reader], reason));
                    continue;
                };
                if !key.is_certain(Some(value)) {
                    continue;
                }
                let reason =
                    format!("T{reader} read {value} in {name}, which T{author} wrote and aborted");
                match self.history.operations()[author].completion {
                    Completion::Answered(_) => {}
                    Completion::Unknown => _ = self.part.insert(author),
                    Completion::Failed => {
                        found.push((AnomalyKind::G1a, vec![author, reader], reason));
                    }
                }
            }
            for (reader, version) in &key.reads {
                let (Some(value), Some(writer)) = (version, key.writer(*version)) else { continue };
                let author = writer.transaction;
                if !writer.is_last && writer.is_alone && author != *reader {
                    let reason = format!(
                        "T{reader} read {value} in {name}, which T{author} wrote and then replaced"
                    );
                    found.push((AnomalyKind::G1b, vec![author, *reader], reason));
                }
            }
        }
        for (kind, about, reason) in found {
            self.note(kind, about, reason);
        }
        let lost = self.updates.iter().filter(|(_, by)| by.len() > 1);
        let lost: Vec<_> = lost
            .map(|((name, version), by)| {
                let read = version.map_or_else(|| "nothing".into(), V::to_string);
                let reason = format!("each read {read} in {name} and then wrote {name}");
                (by.iter().copied().collect(), reason)
            })
            .collect();
        for (by, why) in lost {
            self.note(AnomalyKind::LostUpdate, by, why);
        }
    }

    /// Finds out which versions of each key came after which.
    fn order_versions(&mut self) {
        let mut found = Vec::new();
        for (name, key) in &mut self.keys {
            let part = &self.part;
            let takes_part =
                |writer: &Writer| writer.is_alone && part.contains(&writer.transaction);
            let writers = key.writers.iter().filter(|(_, writer)| takes_part(writer));
            let written: Vec<&'a V> = writers.map(|(value, _)| *value).collect();
            let Some((reader, longest, others)) = key.longest_list() else {
                for value in written {
                    key.order(None, value);
                }
                continue;
            };
            for other in others {
                let reason = format!("T{reader} and T{other} read {name} in different orders");
                found.push((vec![reader, other], reason));
            }
            let is_written = |value: &&V| key.writers.get(value).is_some_and(takes_part);
            let chain: Vec<&'a V> = longest.iter().filter(is_written).collect();
            let observed: BTreeSet<&V> = key.lists.iter().flat_map(|(_, list)| *list).collect();
            let mut last = None;
            for value in chain {
                key.order(last.replace(value), value);
            }
            let unobserved = written.into_iter().filter(|value| !observed.contains(value));
            unobserved.for_each(|value| key.order(last, value));
        }
        let kind = AnomalyKind::IncompatibleOrder;
        for (about, reason) in found {
            self.note(kind, about, reason);
        }
    }

    /// Makes the graph of who must come before whom.
    fn graph(&self) -> Graph {
        let mut graph = Graph::new(self.history.operations().len());
        for (name, key) in &self.keys {
            let part = |version: Option<&V>| {
                let author = key.writer(version).filter(|writer| writer.is_alone);
                author.map(|writer| writer.transaction).filter(|it| self.part.contains(it))
            };
            // Who overwrote whom is known of lists alone.
            let is_list = !key.lists.is_empty();
            let mut readers: BTreeMap<Option<&V>, Vec<usize>> = BTreeMap::new();
            for (reader, version) in &key.reads {
                readers.entry(*version).or_default().push(*reader);
                let (Some(author), Some(value)) = (part(*version), version) else { continue };
                graph.add((author, *reader), DependencyKind::WriteRead, || {
                    format!("T{reader} read {value} in {name}, which T{author} wrote")
                });
            }
            for (before, later) in &key.later {
                for (after, later_author) in
                    later.iter().filter_map(|it| Some((it, part(Some(it))?)))
                {
                    if let (Some(author), Some(value), true) = (part(*before), before, is_list) {
                        graph.add((author, later_author), DependencyKind::WriteWrite, || {
                            format!("T{author} wrote {value} to {name}, and T{later_author} later {after}")
                        });
                    }
                    for reader in readers.get(before).into_iter().flatten() {
                        let value = before.map_or_else(|| "nothing".into(), V::to_string);
                        graph.add((*reader, later_author), DependencyKind::ReadWrite, || {
                            format!("T{reader} read {value} in {name}, and T{later_author} later wrote {after}")
                        });
                    }
                }
            }
        }
        graph
    }

    fn note(&mut self, kind: AnomalyKind, transactions: Vec<usize>, reason: String) {
        self.found.push(Anomaly { kind, transactions, cycle: Vec::new(), reasons: vec![reason] });
    }
}

impl<'a, V: Ord> Seen<'a, V> {
    /// Takes in what a transaction read of a register; whether it agrees with what it saw before.
    fn read(&mut self, reader: usize, key: &mut Key<'a, V>, version: Option<&'a V>) -> bool {
        let is_own = key.writer(version).is_some_and(|writer| writer.transaction == reader);
        if !is_own && key.is_certain(version) {
            key.reads.push((reader, version));
            if self.register.is_none() {
                self.first = Some(version);
            }
        }
        self.register.replace(version).is_none_or(|before| before == version)
    }

    /// Takes in what a transaction read of a list; whether it agrees with what it saw before.
    fn read_list(&mut self, reader: usize, key: &mut Key<'a, V>, list: &'a [V]) -> bool {
        let own = self.appended.len();
        let (others, rest) = list.split_at(list.len().saturating_sub(own));
        let is_own = rest.iter().eq(self.appended.iter().copied());
        let version = if is_own { others.last() } else { list.last() };
        key.lists.push((reader, list));
        if key.is_certain(version) {
            key.reads.push((reader, version));
        }
        if own == 0 {
            self.first.get_or_insert(version);
        }
        is_own && **self.list.get_or_insert(others) == *others
    }
}

/// Adds who had returned before whom was invoked: only between neighbours, since the rest follows.
fn add_real_time<I, O>(graph: &mut Graph, history: &History<I, O>, part: &BTreeSet<usize>) {
    let transactions = history.operations().iter().filter(|it| part.contains(&it.number));
    let mut events: BTreeMap<usize, (usize, bool)> = BTreeMap::new();
    for transaction in transactions {
        events.insert(transaction.invoked, (transaction.number, true));
        events.extend(transaction.returned.map(|event| (event, (transaction.number, false))));
    }
    let mut newest: BTreeSet<usize> = BTreeSet::new();
    let mut before: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (number, begins) in events.into_values() {
        if begins {
            for earlier in &newest {
                graph.add((*earlier, number), DependencyKind::RealTime, || {
                    format!("T{earlier} had returned before T{number} was invoked")
                });
            }
            before.insert(number, newest.clone());
        } else {
            let superseded = before.remove(&number).unwrap_or_default();
            newest.retain(|earlier| !superseded.contains(earlier));
            newest.insert(number);
        }
    }
}
