//! What is promised, judged from outside: from what was committed, in the order of the commits, and from what
//! each transaction had read.

use super::message::{Decided, Fact, Why, Writes};
use super::node::{Config, Node};
use super::roster::{Night, count};
use crate::check::history::{Completion, History as Recorded};
use crate::check::transactions::{MicroOperation, Precedence, anomalies};
use crate::mechanism::mvcc::{Key, Overwrite, Tx};
use crate::mechanism::recent::Recent;
use crate::mechanism::small_map::SmallMap;
use crate::scenario::Setup;
use crate::sim::{NodeId, Observer, Violation, World};

/// So many of Sunday's transactions are judged together.
const JUDGED: usize = 24;
/// So many transactions are shown.
const SHOWN: usize = 12;
/// If nobody knows for so long what became of a transaction, an operator should look.
const DOUBT_US: u64 = 150_000;

/// What became of a transaction.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    Open,
    Committed,
    Stayed,
    Aborted(Why),
}

/// A transaction as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shown {
    pub(super) tx: Tx,
    pub(super) client: NodeId,
    pub(super) night: Night,
    /// How many it has read to be on call, and how many shifts.
    pub(super) seen: Option<(u64, u64)>,
    pub(super) writes: Writes,
    pub(super) outcome: Outcome,
}

/// Transactions that cannot have come one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cycle {
    /// In the order of the cycle.
    pub(super) members: Vec<Tx>,
    /// The anomaly's name.
    name: &'static str,
    moments: Vec<(u64, NodeId)>,
    /// Whose transactions they are.
    clients: Vec<NodeId>,
}

impl Cycle {
    /// Says who read what whom overwrote.
    pub(super) fn text(&self) -> String {
        let names: Vec<String> =
            self.members.iter().chain(self.members.first()).map(Tx::to_string).collect();
        format!("{} ({})", names.join(" → "), self.name)
    }
}

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a turn of its own")]
pub(super) struct History {
    /// What is committed in each row, by whom, and when.
    rows: SmallMap<Key, (Option<u64>, Tx)>,
    /// The last commits of each night: when, and whose.
    last: SmallMap<Night, [Option<(u64, NodeId)>; 2]>,
    sunday: Recent<(Decided, (u64, NodeId)), JUDGED>,
    /// The first cycle among Sunday's transactions.
    pub(super) cycle: Option<Cycle>,
    pub(super) shown: Recent<Shown, SHOWN>,
    pub(super) overwrites: Recent<Overwrite, SHOWN>,
    /// How many transactions of each night have aborted.
    aborts: SmallMap<Night, u64>,
    pub(super) commits: u64,
    last_commit_us: u64,
    /// How many had nothing to do, or must not.
    pub(super) stays: u64,
    pub(super) has_waited: bool,
    pub(super) was_dangerous: bool,
    pub(super) was_in_doubt: bool,
    pub(super) was_inserted: bool,
    /// Whose transaction has committed, and who has not heard of it.
    unheard: SmallMap<NodeId, Tx>,
    /// Somebody's transaction committed, and they forgot about it before they heard.
    pub(super) never_heard: bool,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Reads { tx, night, on_call, shifts } => {
                let seen = Some((*on_call, *shifts));
                self.show((*tx, node, *night), |it| it.seen = seen);
            }
            Fact::Stays { .. } => {
                self.stays += 1;
                self.close(node);
            }
            Fact::Aborts { tx, night, why } => {
                *self.aborts.get_or_insert(*night, 0) += 1;
                self.show((*tx, node, *night), |it| it.outcome = Outcome::Aborted(*why));
                if let Why::Dangerous(it) = *why {
                    self.was_dangerous = true;
                    self.note(Overwrite { reader: it.reader, writer: it.pivot });
                    self.note(Overwrite { reader: it.pivot, writer: it.writer });
                }
            }
            Fact::Decides(decided) => self.on_commit((at_us, node), decided),
            Fact::Waits { .. } => self.has_waited = true,
            Fact::Asks(_) => self.was_in_doubt = true,
            Fact::Returns => {
                self.never_heard |= self.unheard.get(node).is_some();
                self.unheard.remove(node);
                self.close(node);
            }
            Fact::GivesUp { .. } => self.close(node),
            Fact::HasDone { .. } => self.unheard.remove(node),
            Fact::Wants { .. } | Fact::Recovers(_) => {}
        }
    }
}

impl History {
    /// Changes a transaction as it is shown.
    fn show(&mut self, (tx, client, night): (Tx, NodeId, Night), change: impl FnOnce(&mut Shown)) {
        if !self.shown.iter().any(|it| it.tx == tx) {
            let (writes, outcome) = (Vec::new(), Outcome::Open);
            self.shown.push(Shown { tx, client, night, seen: None, writes, outcome });
        }
        if let Some(shown) = self.shown.iter_mut().find(|it| it.tx == tx) {
            change(shown);
        }
    }

    /// A client has nothing under way any more.
    fn close(&mut self, client: NodeId) {
        let is_its = |it: &&mut Shown| it.client == client && it.outcome == Outcome::Open;
        self.shown.iter_mut().filter(is_its).for_each(|it| it.outcome = Outcome::Stayed);
    }

    fn note(&mut self, overwrite: Overwrite) {
        if !self.overwrites.iter().any(|it| *it == overwrite) {
            self.overwrites.push(overwrite);
        }
    }

    fn on_commit(&mut self, at: (u64, NodeId), decided: &Decided) {
        self.commits += 1;
        self.last_commit_us = at.0;
        self.unheard.insert(decided.client, decided.tx);
        self.show((decided.tx, decided.client, decided.night), |it| {
            (it.outcome, it.writes) = (Outcome::Committed, decided.writes.clone());
        });
        for (key, value) in &decided.writes {
            self.was_inserted |= *key == decided.night.extra() && value.is_some();
            self.rows.insert(*key, (*value, decided.tx));
        }
        decided.overwrites.iter().for_each(|it| self.note(*it));
        let last = self.last.get_or_insert(decided.night, [None; 2]);
        *last = [last[1], Some(at)];
        if decided.night == Night::SUNDAY {
            self.sunday.push((decided.clone(), at));
            if self.cycle.is_none() {
                self.cycle = self.find_cycle();
            }
        }
    }

    /// Has the kernel's checker judge Sunday's last transactions by what each read and wrote.
    fn find_cycle(&self) -> Option<Cycle> {
        let judged: Vec<&(Decided, (u64, NodeId))> = self.sunday.iter().collect();
        let is_judged = |tx: Tx| judged.iter().any(|(it, _)| it.tx == tx);
        let mut recorded = Recorded::new();
        for (number, (it, _)) in (0..).zip(&judged) {
            // Of a version whose writer is forgotten nothing is said; the first ones have none.
            let reads = it.reads.iter().filter(|row| row.by == Tx(0) || is_judged(row.by));
            let reads = reads.map(|row| {
                MicroOperation::Read(name_of(row.key), (row.by != Tx(0)).then_some(row.by))
            });
            let writes =
                it.writes.iter().map(|(key, _)| MicroOperation::Write(name_of(*key), it.tx));
            let steps: Vec<_> = reads.chain(writes).collect();
            recorded.invoke(number, steps.clone()).ok()?;
            recorded.complete(number, Completion::Answered(steps)).ok()?;
        }
        let found = anomalies(&recorded, Precedence::Dependencies).ok()?;
        let anomaly = found.into_iter().next()?;
        let members = anomaly.transactions.iter().filter_map(|number| judged.get(*number));
        let mut cycle =
            Cycle { members: vec![], name: anomaly.kind.name(), moments: vec![], clients: vec![] };
        for (it, at) in members {
            cycle.members.push(it.tx);
            cycle.moments.push(*at);
            cycle.clients.push(it.client);
        }
        Some(cycle)
    }

    /// Counts who is on call in a night, and its shifts, by what is committed.
    pub(super) fn count(&self, night: Night, config: Config) -> (u64, u64) {
        let keys = (0..2).flat_map(|shard| night.read_at(shard, config.doctors));
        count(keys.map(|key| (key, self.value(key))))
    }

    /// Returns what is committed in a row.
    pub(super) fn value(&self, key: Key) -> Option<u64> {
        let first = key.table.is_multiple_of(3).then_some(1);
        self.rows.get(key).map_or(first, |(value, _)| *value)
    }

    /// Returns how many transactions of a night have aborted.
    pub(super) fn aborts(&self, night: Night) -> u64 {
        self.aborts.get(night).copied().unwrap_or_default()
    }

    /// Whether two transactions of a night have read that two are on call, and neither is decided.
    pub(super) fn two_have_read(&self, night: Night) -> bool {
        let is_open =
            |it: &&Shown| it.night == night && it.outcome == Outcome::Open && it.seen.is_some();
        self.shown.iter().filter(is_open).count() > 1
    }

    /// Says that a night is not covered: those who are off, and the commits that led to it.
    fn violation(&self, night: Night, config: Config, reason: String) -> Violation {
        let moments = self.last.get(night).into_iter().flatten().flatten().copied();
        let is_off = |place: &u16| self.value(night.doctor(*place)) == Some(0);
        Violation::new(reason, (0..config.doctors).filter(is_off).map(NodeId)).of(moments)
    }
}

/// Returns a row's name: where a shift may be inserted counts as a row.
fn name_of(key: Key) -> String {
    format!("{}.{}", key.table, key.row)
}

/// Says that too few are on call in a night, if it has more shifts than `enough` allows for.
fn lacks_doctors(
    night: Night,
    (world, history): (&World<Node>, &History),
    enough: impl Fn(u64, u64) -> bool,
) -> Result<(), Violation> {
    let config = super::config(world.setup());
    let reason = match history.count(night, config) {
        (on_call, shifts) if enough(on_call, shifts) => return Ok(()),
        (0, _) => format!("nobody is on call on {}", night.name()),
        (on_call, shifts) => {
            format!("{} has {shifts} shifts, and only {on_call} on call", night.name())
        }
    };
    Err(history.violation(night, config, reason))
}

/// Each shift of a night has a doctor.
fn is_covered(night: Night, world: &World<Node>, history: &History) -> Result<(), Violation> {
    lacks_doctors(night, (world, history), |on_call, shifts| on_call >= shifts)
}

/// What the conflict row promises: everybody writes it, the planner too.
pub(super) fn friday_is_covered(world: &World<Node>, history: &History) -> Result<(), Violation> {
    is_covered(Night::FRIDAY, world, history)
}

/// What `FOR UPDATE` promises. Of a shift that is inserted it does not know.
pub(super) fn saturday_is_served(world: &World<Node>, history: &History) -> Result<(), Violation> {
    lacks_doctors(Night::SATURDAY, (world, history), |on_call, _| on_call > 0)
}

/// What serializability promises.
pub(super) fn sunday_is_covered(world: &World<Node>, history: &History) -> Result<(), Violation> {
    is_covered(Night::SUNDAY, world, history)
}

/// Every night each shift has a doctor.
pub(super) fn all_shifts(world: &World<Node>, history: &History) -> Result<(), Violation> {
    Night::ALL.into_iter().try_for_each(|night| is_covered(night, world, history))
}

/// Sunday's transactions can have come one after the other.
pub(super) fn sunday_is_serializable(_: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some(cycle) = &history.cycle else { return Ok(()) };
    let reason = format!("{} have no order: {}", list(&cycle.members), cycle.text());
    let clients = cycle.clients.iter().copied();
    Err(Violation::new(reason, clients).of(cycle.moments.iter().copied()))
}

fn list(members: &[Tx]) -> String {
    let names: Vec<String> = members.iter().map(Tx::to_string).collect();
    names.join(" and ")
}

/// No shard waits for long to hear what became of a transaction.
pub(super) fn nothing_is_in_doubt(world: &World<Node>, _: &History) -> Result<(), Violation> {
    for id in super::config(world.setup()).shards() {
        let store = world.disk(id).0.get();
        let since_us =
            world.process(id).and_then(Node::shard).and_then(|it| it.in_doubt_since_us(store));
        let now_us = world.clock(id).monotonic_us(world.now_us());
        let doubt_us = since_us.map_or(0, |since_us| now_us.saturating_sub(since_us));
        if doubt_us > DOUBT_US {
            let reason = format!("{} is in doubt for {} ms", &world.names()[id], doubt_us / 1_000);
            return Err(Violation::new(reason, [id]));
        }
    }
    Ok(())
}

/// Returns how long it may take until a transaction commits: after a round of the timetable everybody has
/// come back or left.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    2_000_000 + (160_000 + setup.knob("think") * 1_000) * (setup.knob("doctors") + 1) * 4
}

/// A transaction has committed since the last disturbance.
pub(super) fn commits(world: &World<Node>, history: &History) -> bool {
    history.commits > 0 && history.last_commit_us > world.disturbed_at_us()
}

/// Returns what became of Friday's two: both left (0), or one was refused (1).
pub(super) fn what_became_of_friday(world: &World<Node>, history: &History) -> Option<u8> {
    let is_deserted = history.count(Night::FRIDAY, super::config(world.setup())).0 == 0;
    if is_deserted { Some(0) } else { (history.aborts(Night::FRIDAY) > 0).then_some(1) }
}

/// Says what became of a night's two.
fn in_words(night: Night, world: &World<Node>, history: &History) -> String {
    let names = world.names();
    let of_night = history.shown.iter().filter(|it| it.night == night);
    let told = of_night.map(|it| {
        let became = match it.outcome {
            Outcome::Committed => "committed",
            Outcome::Aborted(_) => "aborted",
            Outcome::Open => "is not decided",
            Outcome::Stayed => "stayed",
        };
        format!("{} of {} {became}", it.tx, &names[it.client])
    });
    told.take(2).collect::<Vec<_>>().join(", ")
}

/// Says what became of Friday's two.
pub(super) fn friday_in_words(world: &World<Node>, history: &History) -> String {
    in_words(Night::FRIDAY, world, history)
}

/// Returns what became of Sunday's two: both left (0), one aborted (1), or both (2).
pub(super) fn what_became_of_sunday(world: &World<Node>, history: &History) -> Option<u8> {
    let is_deserted = history.count(Night::SUNDAY, super::config(world.setup())).0 == 0;
    let of_sunday = || history.shown.iter().filter(|it| it.night == Night::SUNDAY);
    let is_open = of_sunday().any(|it| it.outcome == Outcome::Open);
    match history.aborts(Night::SUNDAY) {
        _ if is_deserted => Some(0),
        0 => None,
        _ if is_open => None,
        _ => Some(if of_sunday().any(|it| it.outcome == Outcome::Committed) { 1 } else { 2 }),
    }
}

/// Says what became of Sunday's two.
pub(super) fn sunday_in_words(world: &World<Node>, history: &History) -> String {
    in_words(Night::SUNDAY, world, history)
}
