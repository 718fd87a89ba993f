//! The five properties of Figure 3 and what clients were told, judged from outside: from the world, the
//! disks and the facts.

use super::node::{Done, Fact, Node, Question, register};
use super::server::Server;
use crate::check::history::{Call, Register, RegisterAnswer, RegisterCall, SeenAs};
use crate::mechanism::raft::{self, Index, Log, Stable as _, Term, leading};
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::{self, Fact as WriterFact, Receipt, Receipts, Write};
use crate::scenario::Setup;
use crate::sim::{Action, Aside, LongList, NodeId, Observer, SeenObject, Violation, World};

/// A disturbed group has settled after this many longest election timeouts.
const TIMEOUTS_TO_SETTLE: u64 = 10;
/// A receipt this old is due everywhere.
const DUE_US: u64 = 250_000;
/// A member whose log is so many entries shorter than another's is worth it, too.
const LONG_LAG: u64 = 10;

/// The end of a log: its place, and a digest of all up to it.
type End = (Index, u64);
/// When something happened, in true time, and at which node.
type Moment = (u64, NodeId);
/// The number of a write, and when somebody was told of it.
type Known = (u32, Moment);

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sight of its own")]
pub(super) struct History {
    /// The servers' elections.
    pub(super) raft: raft::History,
    /// What the writers have been told.
    pub(super) receipts: Receipts,
    /// The furthest that a leader of each term has appended.
    appended: SmallMap<Term, End>,
    /// The furthest that a leader of each term has counted as committed.
    committed: SmallMap<Term, End>,
    /// When a leader of each term last appended, and last counted something as committed, and which.
    appended_at: Aside<SmallMap<Term, Moment>>,
    committed_at: Aside<SmallMap<Term, Moment>>,
    /// The log up to each place, as first applied, and when and by whom.
    applied: LongList<Option<(u64, Moment)>>,
    /// The first place to which two servers gave different entries, and when each did.
    diverged: Option<(Index, [Moment; 2])>,
    /// For each register, the latest write that somebody has been told of.
    known: SmallMap<u16, Known>,
    /// For each reader that waits, since when, and what was known when it asked.
    asked: SmallMap<NodeId, (u64, Option<Known>)>,
    /// The first answer that was older than what was known when it was asked for, and that; and when
    /// it came.
    stale: Option<(NodeId, Question, u32, Known)>,
    stale_at: Aside<Option<Moment>>,
    pub(super) was_recognised: bool,
    pub(super) has_installed: bool,
    pub(super) has_changed: bool,
    pub(super) has_read: bool,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Raft(fact) => {
                self.has_installed |= matches!(fact, raft::Fact::Installs { .. });
                self.raft.on_fact(at_us, node, fact);
            }
            Fact::Writer(fact) => {
                self.receipts.on_fact(at_us, node, fact);
                if let WriterFact::Holds(receipt) | WriterFact::HoldsLate(receipt) = fact {
                    self.learn(receipt.write.client, receipt.write.number, (at_us, node));
                }
            }
            Fact::Appends { term, index, digest } => {
                self.appended.insert(*term, (*index, *digest));
                self.appended_at.0.insert(*term, (at_us, node));
            }
            Fact::Vouches { led_in, index, digest } => {
                self.committed.insert(*led_in, (*index, *digest));
                self.committed_at.0.insert(*led_in, (at_us, node));
            }
            Fact::Applies(done) => self.on_applied((at_us, node), done),
            Fact::Restores { index, digest } => {
                self.note_applied((at_us, node), *index, *digest);
            }
            Fact::Asks(question) => {
                let known = self.known.get(question.of).copied();
                self.asked.insert(node, (at_us, known));
            }
            Fact::IsTold { question, value } => self.on_told((at_us, node), *question, *value),
            Fact::Recognises { .. } => self.was_recognised = true,
            Fact::Changes { .. } => self.has_changed = true,
            Fact::Recovers | Fact::Declines(_) | Fact::AsksElsewhere { .. } => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        self.raft.lanes.on_action(at_us, action);
    }

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&REGISTERS)
    }
}

/// Clients see a register a writer, which holds the number of its last write.
static REGISTERS: SeenAs<Register<u32>, Fact> = SeenAs {
    name: "a register for each writer",
    specification: Register { initial: 0 },
    read: |asks, answer| {
        if let Fact::Writer(WriterFact::Begins(Write { client, number })) = asks {
            let output = answer.map(|_| RegisterAnswer::Written);
            return Some(Call {
                key: register(*client),
                input: RegisterCall::Write(*number),
                output,
            });
        }
        let Fact::Asks(Question { of, .. }) = asks else { return None };
        let value = answer
            .and_then(|it| if let Fact::IsTold { value, .. } = it { Some(*value) } else { None });
        let output = value.map(RegisterAnswer::Value);
        Some(Call { key: register(*of), input: RegisterCall::Read, output })
    },
};

impl History {
    /// Somebody has been told that a register has come so far.
    fn learn(&mut self, client: u16, number: u32, moment: Moment) {
        let known = self.known.get_or_insert(client, (number, moment));
        if number > known.0 {
            *known = (number, moment);
        }
    }

    fn on_told(&mut self, moment: Moment, question: Question, value: u32) {
        self.has_read = true;
        let (_, reader) = moment;
        let known = self.asked.get(reader).and_then(|(_, known)| *known);
        self.asked.remove(reader);
        if let Some(known) = known.filter(|(number, _)| value < *number) {
            self.stale.get_or_insert((reader, question, value, known));
            self.stale_at.0.get_or_insert(moment);
        }
        self.learn(question.of, value, moment);
    }

    fn on_applied(&mut self, moment: Moment, done: &[Done]) {
        for done in done {
            self.note_applied(moment, done.index, done.digest);
            if let Some(write) = done.write {
                self.receipts.on_applied(moment, write, done.index);
            }
        }
    }

    fn note_applied(&mut self, moment: Moment, index: Index, digest: u64) {
        while self.applied.len() as u64 <= index {
            self.applied.push(None);
        }
        let Ok(place) = usize::try_from(index) else { return };
        let Some(first) = self.applied.get_mut(place) else { return };
        let (known, before) = *first.get_or_insert((digest, moment));
        if known != digest {
            self.diverged.get_or_insert((index, [before, moment]));
        }
    }

    /// Returns whether an entry is another than the one that was first applied in its place.
    pub(super) fn contradicts(&self, index: Index, digest: u64) -> bool {
        let first = usize::try_from(index).ok().and_then(|place| self.applied.get(place));
        first.is_some_and(|first| first.is_some_and(|(known, _)| known != digest))
    }

    /// Returns the furthest place that any leader has counted as committed.
    pub(super) fn furthest_committed(&self) -> End {
        self.committed.values().copied().max().unwrap_or_default()
    }

    /// Returns true if nobody who is up has the end of what some leader has counted as committed.
    pub(super) fn is_overwritten(&self, world: &World<Node>) -> bool {
        let lacks = |id, end| is_missing(&world.disk(id).0.durable().log, end);
        let is_lost = |end: &End| up(world).all(|(id, _)| lacks(id, *end));
        self.committed.values().any(is_lost)
    }

    /// Returns true if a writer was told that a write is safe which no server that is up has.
    pub(super) fn has_broken_its_word(&self, world: &World<Node>) -> bool {
        let logs: Vec<_> = up(world).map(|(id, _)| log(world, id)).collect();
        self.receipts.lost(&logs).is_some()
    }

    /// Returns true if a leader has counted as committed the last entry, which is of an older term.
    pub(super) fn counted_old(&self, world: &World<Node>) -> bool {
        let is_old = |(term, (index, digest)): (Term, &End)| {
            let of_disk = |id| {
                let log = &world.disk(id).0.get().log;
                let is_it = log.digest_at(*index) == Some(*digest);
                log.term_at(*index).filter(|_| is_it)
            };
            servers(world.setup()).filter_map(of_disk).any(|of| of < term)
        };
        self.committed.iter().any(is_old)
    }
}

/// Returns the servers, in order.
pub(super) fn servers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("nodes"))
}

/// Returns the writers, in order.
pub(super) fn writers(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("nodes"), setup.count("clients"))
}

/// Returns the readers, in order.
pub(super) fn readers(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("nodes") + setup.count("clients"), setup.count("readers"))
}

/// Returns the servers that are up.
pub(super) fn up(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Server)> {
    world.up().filter_map(|(id, node)| Some((id, node.server()?)))
}

/// Leader Append-Only (§5.3): what a leader of a term has appended stays in the log of that term's
/// leader.
pub(super) fn leader_append_only(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let lost = |(leader, term): (NodeId, Term)| {
        let end = history.appended.get(term)?;
        is_missing(log(world, leader), *end).then_some((leader, term, end.0))
    };
    let Some((leader, term, index)) = leading(world).into_iter().find_map(lost) else {
        return Ok(());
    };
    let name = &world.names()[leader];
    let reason = format!("{name} leads term {term} without entry {index}, appended in that term");
    let moments = history.appended_at.0.get(term).copied();
    Err(Violation::new(reason, [leader]).of(moments))
}

/// Leader Completeness (§5.4): what is committed in a term is in the logs of all later leaders. What a
/// leader no longer keeps it has applied, and [`state_machine_safety`] judges that.
pub(super) fn leader_completeness(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let lacks = |(leader, term): (NodeId, Term)| {
        let log = log(world, leader);
        let earlier = history.committed.iter().filter(|(led_in, _)| *led_in < term);
        let missing = earlier.map(|(led_in, end)| (led_in, *end)).find(|it| is_missing(log, it.1));
        missing.map(|(led_in, (index, _))| (leader, term, led_in, index))
    };
    let Some((leader, term, led_in, index)) = leading(world).into_iter().find_map(lacks) else {
        return Ok(());
    };
    let committed = history.committed_at.0.get(led_in).copied();
    let (names, log) = (world.names(), log(world, leader));
    let is_it = |it: &Receipt| it.led_in == led_in && it.index > log.base().index;
    let told = history.receipts.lost(&[log]).filter(is_it);
    let promise = told.map_or(format!("a leader counted entry {index} as safe"), |it| {
        let client = NodeId(world.setup().count("nodes") + it.write.client);
        format!("{} was told that its write {} is safe", &names[client], it.write.number)
    });
    let reason = format!(
        "{promise}; {} leads without it (term {term} lacks entry {index}, committed in term {led_in})",
        &names[leader]
    );
    let moments = committed.into_iter().chain(history.raft.beginning(term, leader));
    Err(Violation::new(reason, [leader]).of(moments))
}

/// State Machine Safety (§5.4.3): where one server has applied an entry, no other applies another.
pub(super) fn state_machine_safety(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    let Some((index, moments)) = history.diverged else { return Ok(()) };
    let [first, second] = moments.map(|(_, server)| server);
    let names = world.names();
    let reason = format!(
        "{} has applied another log up to entry {index} than {}",
        &names[second], &names[first]
    );
    Err(Violation::new(reason, [first, second]).of(moments))
}

/// A read sees every write that somebody knew of before it began.
pub(super) fn reads_are_fresh(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((reader, question, value, (known, moment))) = history.stale else { return Ok(()) };
    let (name, what) = (&world.names()[reader], register(question.of));
    let reason = format!("{name} was told that {what} is {value}, long after it was {known}");
    Err(Violation::new(reason, [reader]).of([moment].into_iter().chain(history.stale_at.0)))
}

/// Log Matching: see [`raft::log_matching`].
pub(super) fn log_matching(world: &World<Node>, history: &History) -> Result<(), Violation> {
    raft::log_matching(world, &history.raft, world.setup().count("nodes"))
}

/// A write is made once, at one place of the log, however often it was asked for.
pub(super) fn made_once(world: &World<Node>, history: &History) -> Result<(), Violation> {
    history.receipts.made_once(world.names(), NodeId(world.setup().count("nodes")))
}

fn log(world: &World<Node>, id: NodeId) -> &Log<Write> {
    &world.disk(id).0.get().log
}

/// Returns true if a log that keeps entries so far back does not come to this end there.
fn is_missing(log: &Log<Write>, (index, digest): End) -> bool {
    index >= log.base().index && log.digest_at(index) != Some(digest)
}

/// Returns how long a disturbed group may take to settle.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    TIMEOUTS_TO_SETTLE * super::election_timeout_us(setup).1
}

/// Returns the members, as the leader of the latest term knows them.
pub(super) fn members(world: &World<Node>) -> Option<&[NodeId]> {
    let (id, _) = leading(world).into_iter().max_by_key(|(_, term)| *term)?;
    Some(world.process(id)?.server()?.raft.members())
}

/// A server leads, and a majority of the members knows no other leader.
pub(super) fn leader_exists(world: &World<Node>, _: &History) -> bool {
    let leads = |leader: NodeId| {
        let follow = up(world).filter(|(_, server)| server.raft.leader() == Some(leader));
        let members = members(world).unwrap_or_default();
        let follow = follow.filter(|(id, _)| members.contains(id)).count();
        2 * follow > members.len()
    };
    leading(world).into_iter().any(|(id, _)| leads(id))
}

/// A write has been acknowledged in the last tenth of a second, and since the last disturbance.
pub(super) fn serves(world: &World<Node>, history: &History) -> bool {
    let is_new = |at_us| at_us + 100_000 > world.now_us() && at_us >= world.disturbed_at_us();
    history.receipts.last_us().is_some_and(is_new)
}

/// Every member has applied what was acknowledged a quarter of a second ago.
pub(super) fn caught_up(world: &World<Node>, history: &History) -> bool {
    let due = history.receipts.furthest_older_than(DUE_US, world.now_us());
    let applied = |id: &NodeId| {
        let server = world.process(*id).and_then(Node::server);
        server.is_some_and(|server| server.raft.applied() >= due)
    };
    members(world).is_some_and(|members| members.iter().all(applied))
}

/// What was counted as committed is on a majority of disks.
pub(super) fn is_on_majority(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let end = history.furthest_committed();
    let ids: Vec<NodeId> = servers(world.setup()).collect();
    let holds = |id: &&NodeId| !is_missing(&world.disk(**id).0.durable().log, end);
    let (count, of) = (ids.iter().filter(holds).count(), ids.len());
    // A group can be smaller than all servers.
    let members = members(world).map_or(of, <[NodeId]>::len);
    if 2 * count > members.min(of) {
        return Ok(());
    }
    let reason = format!("entry {} was committed, and is on {count} of {of} disks", end.0);
    let moments = history.committed_at.0.values().copied().max();
    Err(Violation::new(reason, []).of(moments))
}

/// No client waits long.
pub(super) fn nobody_waits(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let reading = history.asked.iter().map(|(id, (at_us, _))| (id, world.now_us() - at_us));
    let longest = history.receipts.longest_wait(world.now_us()).into_iter().chain(reading);
    writer::nobody_waits(world.names(), longest.max_by_key(|(_, wait_us)| *wait_us))
}

/// No member that is up is far behind.
pub(super) fn nobody_lags(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let ends = || up(world).map(|(id, _)| (log(world, id).last().index, id));
    let (Some(first), Some(last)) = (ends().max(), ends().min()) else { return Ok(()) };
    let behind = first.0 - last.0;
    if behind <= LONG_LAG {
        return Ok(());
    }
    let reason = format!("{} is {behind} entries behind", &world.names()[last.1]);
    Err(Violation::new(reason, [last.1]))
}

/// Returns how many writes were acknowledged in the last second.
pub(super) fn acknowledged_a_second(world: &World<Node>, history: &History) -> i64 {
    i64::try_from(history.receipts.in_last_second(world.now_us())).unwrap_or(i64::MAX)
}

/// Returns how many entries of the longest log no leader has counted as committed.
pub(super) fn uncommitted(world: &World<Node>, history: &History) -> i64 {
    let ends = servers(world.setup()).map(|id| log(world, id).last().index);
    let last = ends.max().unwrap_or_default();
    i64::try_from(last.saturating_sub(history.furthest_committed().0)).unwrap_or(i64::MAX)
}
