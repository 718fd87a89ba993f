//! What the clients of one register are told, judged as it comes in: is it regular, is it atomic?
//!
//! Every write has a value of its own, so it is known which write a read has seen. Then both questions are
//! easy, though in general the second one is NP-complete (Gibbons & Korach 1997, "Testing Shared
//! Memories", sections 3 and 4):
//!
//! - regular (Lamport 1986; for several writers the weakest form of Shao, Pierce & Welch 2003, "Multi-writer
//!   consistency conditions for shared memory objects"): a read returns a write that is not followed by
//!   another one that had returned before the read began;
//! - atomic, that is linearizable: the operations of one value, its write and its reads, come one after
//!   the other, so of two values not each may have an operation that ends before one of the other begins.
//!
//! The general checkers ([`crate::check::history`]) judge a whole history; this one is told step by
//! step, for an invariant that is judged after every event.

use crate::mechanism::small_map::SmallMap;
use crate::sim::{LongList, NodeId};

use super::message::{Call, Fact};

/// Two writes in an order that cannot be.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Breach {
    /// Who was told the answer that does not fit.
    pub client: NodeId,
    /// The value that it was told or has written.
    pub told: u64,
    /// The other value.
    pub other: u64,
}

/// The operations of one value: one write, and the reads that returned it. Moments are counted in
/// steps.
#[derive(Clone, Debug, Default, Hash)]
struct Cluster {
    value: u64,
    write_begins: u64,
    write_ends: Option<u64>,
    /// When the first of its operations ended.
    first_end: Option<u64>,
    /// When the last of its operations that have ended began.
    last_begin: u64,
}

/// An operation under way.
#[derive(Copy, Clone, Debug, Hash)]
struct Open {
    call: Call,
    begins: u64,
    /// Of the writes that had returned when it began, the one that began last: when, and its value.
    floor: Option<(u64, u64)>,
    /// What a read must return if it is not stale, while no write has been under way.
    expects: Option<u64>,
}

/// What the clients of a register were told so far. Its first value is 0, which nobody writes.
#[derive(Clone, Debug, Hash)]
pub struct Answers {
    steps: u64,
    clusters: LongList<Cluster>,
    open: SmallMap<NodeId, Open>,
    floor: Option<(u64, u64)>,
    /// The latest write, if no other was under way at the same time.
    latest: Option<u64>,
    /// Two writes have been under way at one time, and not all of them have ended.
    is_crowded: bool,
    counted: u64,
    missed: u64,
    stale: Option<Breach>,
    inverted: Option<Breach>,
}

impl Default for Answers {
    fn default() -> Self {
        let mut clusters = LongList::default();
        let (write_ends, first_end) = (Some(0), Some(0));
        clusters.push(Cluster { write_ends, first_end, ..Cluster::default() });
        Self {
            steps: 0,
            clusters,
            open: SmallMap::default(),
            floor: None,
            latest: None,
            is_crowded: false,
            counted: 0,
            missed: 0,
            stale: None,
            inverted: None,
        }
    }
}

impl Answers {
    /// Takes note of what `client` recorded.
    pub fn on_fact(&mut self, client: NodeId, fact: &Fact) {
        self.steps += 1;
        match *fact {
            Fact::Begins { call, .. } => self.on_begin(client, call),
            Fact::HasRead { version, .. } => self.on_read(client, version.value),
            Fact::HasWritten { version, .. } => self.on_written(client, version.value),
            // It may take effect all the same, so it stays under way for ever.
            Fact::GivesUp { .. } | Fact::Adopts(_) => {}
        }
    }

    fn writes_under_way(&self) -> usize {
        self.open.values().filter(|open| matches!(open.call, Call::Write(_))).count()
    }

    fn on_begin(&mut self, client: NodeId, call: Call) {
        let is_quiet = self.writes_under_way() == 0;
        let expects = self.latest.filter(|_| is_quiet);
        let open = Open { call, begins: self.steps, floor: self.floor, expects };
        self.open.insert(client, open);
        let Call::Write(value) = call else { return };
        self.is_crowded |= !is_quiet;
        let ids: Vec<NodeId> = self.open.iter().map(|(id, _)| id).collect();
        for id in ids {
            self.open.get_mut(id).iter_mut().for_each(|open| open.expects = None);
        }
        let (write_begins, last_begin) = (self.steps, self.steps);
        self.clusters.push(Cluster { value, write_begins, last_begin, ..Cluster::default() });
    }

    fn on_read(&mut self, client: NodeId, value: u64) {
        let Some(open) = self.open.get(client).copied() else { return };
        self.open.remove(client);
        if let Some(expected) = open.expects {
            self.counted += 1;
            self.missed += u64::from(expected != value);
        }
        let Some(place) = self.place_of(value) else { return };
        let Some(cluster) = self.clusters.get_mut(place) else { return };
        cluster.first_end.get_or_insert(self.steps);
        cluster.last_begin = cluster.last_begin.max(open.begins);
        let ends = cluster.write_ends;
        if let Some((begins, other)) = open.floor.filter(|(at, _)| ends.is_some_and(|it| it < *at))
        {
            debug_assert!(begins > 0 && other != value);
            self.stale.get_or_insert(Breach { client, told: value, other });
        }
        self.judge(client, place);
    }

    fn on_written(&mut self, client: NodeId, value: u64) {
        let Some(open) = self.open.get(client).copied() else { return };
        self.open.remove(client);
        let Some(place) = self.place_of(value) else { return };
        let Some(cluster) = self.clusters.get_mut(place) else { return };
        cluster.write_ends = Some(self.steps);
        cluster.first_end.get_or_insert(self.steps);
        self.floor = self.floor.max(Some((open.begins, value)));
        if self.writes_under_way() == 0 {
            self.latest = Some(value).filter(|_| !self.is_crowded);
            self.is_crowded = false;
        }
        self.judge(client, place);
    }

    /// Finds a value; those read are mostly recent.
    fn place_of(&self, value: u64) -> Option<usize> {
        let is_it = |place: &usize| self.clusters.get(*place).is_some_and(|it| it.value == value);
        (0..self.clusters.len()).rev().find(is_it)
    }

    /// Looks for a value of which some operation ends before one of this value begins, and the other way
    /// round. Operations only ever join a value's, so what was found stays true.
    fn judge(&mut self, client: NodeId, place: usize) {
        if self.inverted.is_some() {
            return;
        }
        let Some(this) = self.clusters.get(place) else { return };
        let ends_before =
            |a: &Cluster, b: &Cluster| a.first_end.is_some_and(|it| it < b.last_begin);
        let crosses = |it: &&Cluster| ends_before(it, this) && ends_before(this, it);
        let mut others = self.clusters.iter().filter(|it| it.value != this.value);
        let other = others.find(crosses).map(|it| it.value);
        let told = this.value;
        self.inverted = other.map(|other| Breach { client, told, other });
    }

    /// Returns the first read that was not regular: what it returned, and a write that it missed.
    pub fn stale(&self) -> Option<Breach> {
        self.stale
    }

    /// Returns the first answer by which no order of operations is left, with the other value.
    pub fn inverted(&self) -> Option<Breach> {
        self.inverted
    }

    /// Returns how many reads began after a write that nobody disputed and met no other, and how many
    /// of these missed it: what PBS section 3.1 has a formula for.
    pub fn missed_of(&self) -> (u64, u64) {
        (self.missed, self.counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::history::{
        Completion, Finding, History, Register, RegisterAnswer, RegisterCall, linearizable,
    };
    use crate::mechanism::quorum::Version;
    use crate::sim::Stream;

    /// What clients were told at random: some of it could be true.
    fn drawn(stream: &mut Stream) -> Vec<(NodeId, Fact)> {
        let (mut facts, mut open) = (Vec::new(), [None; 3]);
        let mut written = 0;
        for _ in 0..14 {
            let place = stream.index(open.len());
            let client = NodeId(u16::try_from(place).expect("a few"));
            let number = 0;
            let fact = match open[place].take() {
                None => {
                    let is_write = stream.chance(40);
                    written += u64::from(is_write);
                    let call = if is_write { Call::Write(written) } else { Call::Read };
                    open[place] = Some(call);
                    Fact::Begins { number, call }
                }
                Some(Call::Write(value)) => {
                    Fact::HasWritten { number, version: Version { value, ..Version::default() } }
                }
                Some(Call::Read) => {
                    // Mostly recent: all else is soon impossible.
                    let value = written.saturating_sub(stream.range(0, 2));
                    Fact::HasRead { number, version: Version { value, ..Version::default() } }
                }
            };
            facts.push((client, fact));
        }
        facts
    }

    fn is_linearizable(facts: &[(NodeId, Fact)]) -> bool {
        let mut history = History::new();
        for (client, fact) in facts {
            let process = u64::from(client.0);
            let heard = match *fact {
                Fact::Begins { call: Call::Read, .. } => {
                    history.invoke(process, RegisterCall::Read)
                }
                Fact::Begins { call: Call::Write(value), .. } => {
                    history.invoke(process, RegisterCall::Write(value))
                }
                Fact::HasRead { version, .. } => history
                    .complete(process, Completion::Answered(RegisterAnswer::Value(version.value))),
                Fact::HasWritten { .. } => {
                    history.complete(process, Completion::Answered(RegisterAnswer::Written))
                }
                Fact::GivesUp { .. } | Fact::Adopts(_) => continue,
            };
            heard.expect("one thing at a time");
        }
        let report = linearizable(&Register { initial: 0 }, &history, 1_000_000);
        matches!(report.finding, Finding::Possible(_))
    }

    /// The definition, read by read: a write that returned before the read began and began after
    /// the write that was read had returned.
    fn is_regular(facts: &[(NodeId, Fact)]) -> bool {
        let span = |client: NodeId, from: usize| {
            let rest = facts.iter().enumerate().skip(from + 1);
            rest.filter(|(_, (id, _))| *id == client).map(|(at, _)| at).next()
        };
        let writes: Vec<(u64, usize, Option<usize>)> = facts
            .iter()
            .enumerate()
            .filter_map(|(at, (client, fact))| {
                let Fact::Begins { call: Call::Write(value), .. } = fact else { return None };
                Some((*value, at, span(*client, at)))
            })
            .collect();
        let reads = facts.iter().enumerate().filter_map(|(at, (client, fact))| {
            let Fact::HasRead { version, .. } = fact else { return None };
            let before = facts[..at].iter().rposition(|(id, _)| id == client)?;
            Some((before, version.value))
        });
        let mut reads = reads;
        reads.all(|(begins, value)| {
            let read = writes.iter().find(|it| it.0 == value);
            let follows = |at: usize| match read {
                None => true,
                Some((.., ends)) => ends.is_some_and(|ends| ends < at),
            };
            !writes.iter().any(|(_, at, ends)| follows(*at) && ends.is_some_and(|it| it < begins))
        })
    }

    #[test]
    fn it_says_what_the_definitions_say() {
        let mut stream = Stream::new(1, "answers");
        let mut seen = [[0; 2]; 2];
        for _ in 0..20_000 {
            let facts = drawn(&mut stream);
            let mut answers = Answers::default();
            for (client, fact) in &facts {
                answers.on_fact(*client, fact);
            }
            let (regular, atomic) = (answers.stale().is_none(), answers.inverted().is_none());
            assert_eq!(regular, is_regular(&facts), "{facts:?}");
            assert_eq!(atomic, is_linearizable(&facts), "{facts:?}");
            assert!(regular || !atomic, "atomic is the stronger one: {facts:?}");
            seen[usize::from(regular)][usize::from(atomic)] += 1;
        }
        assert!(seen[0][0] > 500 && seen[1][0] > 500 && seen[1][1] > 500, "{seen:?}");
    }

    #[test]
    fn a_read_beside_a_write_is_not_counted() {
        let version = |value| Version { value, ..Version::default() };
        let (a, b, number) = (NodeId(1), NodeId(2), 0);
        let facts = [
            (a, Fact::Begins { number, call: Call::Write(1) }),
            (a, Fact::HasWritten { number, version: version(1) }),
            (b, Fact::Begins { number, call: Call::Read }),
            (b, Fact::HasRead { number, version: version(0) }),
            (b, Fact::Begins { number, call: Call::Read }),
            (a, Fact::Begins { number, call: Call::Write(2) }),
            (b, Fact::HasRead { number, version: version(0) }),
        ];
        let mut answers = Answers::default();
        for (client, fact) in &facts {
            answers.on_fact(*client, fact);
        }
        assert_eq!(answers.missed_of(), (1, 1));
        assert_eq!(answers.stale(), Some(Breach { client: b, told: 0, other: 1 }));
    }
}
