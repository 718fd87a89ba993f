//! How many copies have to answer: N, R and W as dials on a replicated register.
//!
//! A register is kept by N replicas. A write waits for W of them, a read for R. Turned low, both are fast
//! and always there, and a read can miss the write before it: with probability C(N−W, R) / C(N, R). Each
//! safeguard buys one more promise, and each is one line:
//!
//! - quorums that meet (R + W > N, and 2W > N) let a read find the latest write among what it hears;
//! - versions tell it which one that is;
//! - only the register's own replicas may be counted, or two quorums meet nobody;
//! - a read that writes back what it returns keeps a later read from returning something older;
//! - and no read-then-write on quorums is a compare-and-set: for that, acceptors have to promise.
//!
//! Gifford 1979 (weighted voting), Attiya, Bar-Noy & Dolev 1995 (ABD, sections 3 and 4), Lynch & Shvartsman
//! 1997 (many writers), `DeCandia` et al. 2007 (Dynamo, sections 4.5 and 4.6), Bailis et al. 2012 (PBS, section
//! 3.1), Lamport 2001 (Paxos). The algorithms are in [`crate::mechanism::quorum`] and
//! [`crate::mechanism::paxos`].
//!
//! Left out: anti-entropy and read repair in the background (of the row `read-repair`), and siblings: of
//! two concurrent writes one wins.

mod judge;
mod lesson;
mod node;
mod view;

use judge::History;
use node::{Msg, Node};

use crate::mechanism::majority::majority;
use crate::mechanism::quorum::{self, Contact, Order, Quorums, Writers};
use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// How many nodes stand by for replicas that do not answer.
const STAND_INS: u16 = 2;
/// How long a client waits before it asks again, and others too.
const RESEND_US: u64 = 100_000;
/// Least and most time between two operations of a client.
const THINK_US: (u64, u64) = (20_000, 80_000);
/// How often every client claims the next seat; all at the same time, to be unkind.
const CLAIM_US: u64 = 600_000;
/// How long it may take after the last fault until everybody is served.
const SETTLE_US: u64 = 1_500_000;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "quorum-dial",
    seeds: &["403"],
    revision: 1,
    title: "How many copies have to answer",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &[],
    question: "A value has N copies: how many must a write reach, and how many must a read ask?",
    promise: "A read returns the latest acknowledged write, and two who claim one seat are never \
              both told that they have it.",
    constraint: "No copy may be waited for, since any of them may be down or cut off; and nobody knows \
                 which copies the others have heard.",
    guarantee: "Strong: the register is linearizable and a seat is decided once. Whoever cannot reach \
                R and W of the N replicas waits.",
    naive: "Bare quorums, each as small as the dials say: a write is done when W nodes have it, a read \
            when R have answered. No versions: what comes last counts. Stand-ins count, too. A seat is \
            taken by looking whether it is free, and then taking it.",
    hardened: "Quorums that meet, of the register's own replicas; versions that order all writes; reads \
               that write back what they return; and Paxos on the same quorums for the seats.",
    breaks: "Nothing needs to fail: R + W ≤ N misses writes by chance, and two claims cross. A cut then \
             lets a client write to stand-ins of which no reader hears.",
    survives: Faults {
        victims: |setup| stage(setup).collect(),
        down_at_once: |setup| (setup.count("replicas") - 1) / 2,
        drift_ppm: 100_000,
        slow_us: 5_000,
        claim: "Safety needs no timing and no clock: crashes with restart (disks survive), pauses, cuts \
                in both or one direction that stay or come and go, held links, loss, duplication and \
                reordering. An answer needs R and W replicas that run and are reached.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Any client reads and writes the register; an operation returns when its quorum has answered.",
        "A read returns the latest acknowledged write or one that is under way, and no later read \
         returns anything older.",
        "Of all claims of one seat one wins, and everybody who claims it is told the same winner.",
        "1.5 s after the last fault every client has had an answer.",
        "Out of scope: more than one register, changing the set of replicas, servers that lie.",
    ],
    faced: &[
        ("replay", "Faced: an answer names its round, and a version is stored once."),
        ("late data", "Faced: an older version that comes late is not taken over."),
        (
            "partial writes",
            "Faced: a write that reached few replicas is finished by whoever reads it.",
        ),
        ("partitions", "Faced: who reaches no quorum waits, instead of guessing."),
        ("retries", "Faced: a store sent again is the same version; a replica has it already."),
        ("clocks", "Faced: versions are numbers that a quorum was asked for, not times."),
        ("lossy networks", "Faced: who has not answered is asked again, and the others too."),
        ("dying machines", "Faced: as many replicas may be down as the quorums can spare."),
    ],
    saturates_first: "The slowest of the quorum: an operation waits for the R-th or W-th answer, so each \
                      more that has to answer lengthens the tail, and at W = N one dead replica stops \
                      every write.",
    pitfalls: &[
        "Taking R + W > N for linearizable: without a write-back two reads may see new, then old.",
        "Counting hinted handoffs as members of the quorum: the two sets need not meet any more.",
        "Ordering versions by wall clocks: a writer with a slow clock loses its writes silently.",
        "Building a lock from a quorum read and a quorum write: two can find it free.",
        "Choosing W = N to be safe: one replica that is down, and nobody writes.",
    ],
    primitives: &[
        Primitive::SequenceNumbers,
        Primitive::VersionVectors,
        Primitive::ConflictResolution,
        Primitive::WriteAheadLog,
    ],
    sources: &[
        "Gifford 1979, “Weighted Voting for Replicated Data”",
        "Attiya, Bar-Noy & Dolev 1995, “Sharing Memory Robustly in Message-Passing Systems”",
        "Lynch & Shvartsman 1997, “Robust emulation of shared memory using dynamic \
         quorum-acknowledged broadcasts”",
        "DeCandia et al. 2007, “Dynamo: Amazon’s Highly Available Key-value Store”, sections 4.5, 4.6",
        "Bailis et al. 2012, “Probabilistically Bounded Staleness for Practical Partial Quorums”, \
         section 3.1",
        "Lamport 2001, “Paxos Made Simple”, section 2; Howard, Malkhi & Spiegelman 2016, “Flexible Paxos”",
        "Gibbons & Korach 1997, “Testing Shared Memories”: how the promise is judged",
    ],
    fidelity: Fidelity {
        modelled: &[
            "reads and writes in two phases each, with tags ordered by number and writer",
            "quorums drawn at random of exactly R and W replicas; who is silent makes a client ask all",
            "sloppy quorums with stand-ins that hand off what they took",
            "single-decree Paxos with the read and write quorums as its two phases",
            "versions, votes and counts on disk before anybody hears of them",
        ],
        simplified: &[
            "one register; stores keep many, each with replicas of its own",
            "clients are their own coordinators",
            "a stand-in offers what it took to all replicas, not to the one it stood in for",
        ],
        omitted: &[
            "read repair in the background and anti-entropy: the row read-repair",
            "siblings: of two concurrent writes the one with the greater tag wins",
            "operators and automation: nothing here acts on its own but the stand-ins",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Replicas", Role::Storage, 1),
            ("Stand-ins", Role::Queue, 2),
        ],
        arrows: &[
            (0, 1, "write to W, read from R"),
            (1, 0, "version, stored"),
            (0, 1, "prepare, accept"),
            (0, 2, "write, if a replica is silent"),
            (2, 1, "hand off"),
        ],
    },
    knobs: &[
        Knob::count("replicas", "Replicas N", 3, 3..=9),
        Knob::count("read", "Read quorum R", 1, 1..=9),
        Knob::count("write", "Write quorum W", 1, 1..=9),
        Knob::count("clients", "Clients", 3, 2..=6),
        Knob::percent("writes", "Share of writes", 40, 5..=95),
    ],
    switches: &[
        Switch {
            key: "strict",
            label: "Quorums that meet",
            help: "W is raised to more than half of N, and R to more than N − W: any two quorums share \
                   a replica.",
        },
        Switch {
            key: "home",
            label: "Only its own replicas count",
            help: "A stand-in's answer does not count: whoever reaches no quorum waits.",
        },
        Switch {
            key: "versions",
            label: "Versions",
            help: "Writers number their writes, replicas and readers go by the number; otherwise by \
                   what came last, and by what most say.",
        },
        Switch {
            key: "write-back",
            label: "Reads write back",
            help: "A read has a write quorum store what it is about to return.",
        },
        Switch {
            key: "promises",
            label: "Acceptors promise",
            help: "Who has answered a later claim of a seat accepts no earlier one: Paxos, instead of \
                   looking first and taking then.",
        },
    ],
    scripts: &[
        Script {
            label: "A sloppy quorum: a client without replicas",
            help: "C1 and the stand-ins are cut off from all replicas for 1.7 s. Watch from 1.5 s on who takes \
                   C1's writes, and who reads them. Later R2 restarts.",
            settings: &[],
            actions: cut_and_restart,
        },
        Script {
            label: "And then: two replicas are hard to hear",
            help: "R1 hears nobody for a while, and R2 is heard by nobody after that.",
            settings: &[],
            actions: deaf_then_mute,
        },
        Script {
            label: "And then: lost and doubled",
            help: "For 2 s a fifth of all messages is lost, and a fifth comes twice.",
            settings: &[],
            actions: lossy,
        },
    ],
    horizon_us: 6_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn replicas(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("replicas"))
}

/// Returns the replicas and the stand-ins.
fn stage(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("replicas") + STAND_INS)
}

fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("replicas") + STAND_INS, setup.count("clients"))
}

fn cut_and_restart(setup: &Setup) -> Vec<TimedAction> {
    let stand_ins = stage(setup).skip(usize::from(setup.count("replicas")));
    let side = stand_ins.chain(clients(setup).next()).collect();
    let second = NodeId(1);
    vec![
        at(1_500_000, Action::Partition(side)),
        at(3_200_000, Action::Heal),
        at(3_800_000, Action::Crash(second)),
        at(4_400_000, Action::Restart(second)),
    ]
}

fn deaf_then_mute(setup: &Setup) -> Vec<TimedAction> {
    let cut = |at_us, from, to| at(at_us, Action::Cut { from, to });
    let (deaf, mute) = (NodeId(0), NodeId(1));
    let deaf = clients(setup).map(|id| cut(4_500_000, id, deaf));
    let mute = clients(setup).map(|id| cut(6_000_000, mute, id));
    let heal = |at_us| [at(at_us, Action::Heal)];
    deaf.chain(heal(5_900_000)).chain(mute).chain(heal(7_400_000)).collect()
}

fn lossy(_: &Setup) -> Vec<TimedAction> {
    vec![
        at(4_000_000, Action::Lose { percent: 20 }),
        at(4_000_000, Action::Duplicate { percent: 20 }),
        at(6_000_000, Action::Heal),
    ]
}

/// Returns the quorums, as the dials and the safeguard say.
fn quorums(setup: &Setup) -> Quorums {
    let replicas = setup.count("replicas");
    let (read, write) = (setup.count("read").min(replicas), setup.count("write").min(replicas));
    if !setup.is_on("strict") {
        return Quorums { replicas, read, write };
    }
    let more_than_half = u16::try_from(majority(u32::from(replicas))).unwrap_or(replicas);
    let write = write.max(more_than_half);
    Quorums { replicas, read: read.max(replicas + 1 - write), write }
}

/// Returns the share of reads that miss the write before them, in a thousand: C(N−W, R) / C(N, R)
/// (PBS section 3.1, equation 1), for quorums drawn at random and writes sent to exactly W. Writers that
/// order their writes by what R ≤ N − W replicas say are stale a little more often: they, too, miss the
/// latest version, and number their own behind it.
fn closed_form_permille(quorums: Quorums) -> u64 {
    let Quorums { replicas, read, write } = quorums;
    let without = replicas - write.min(replicas);
    // One replica asked after the other: none of them has the write.
    let miss = |share: (u64, u64), nth: u16| {
        (share.0 * u64::from(without.saturating_sub(nth)), share.1 * u64::from(replicas - nth))
    };
    let (some, all) = (0..read.min(replicas)).fold((1, 1), miss);
    (1_000 * some + all / 2) / all
}

/// How the nodes of a world go about it.
struct Config {
    client: quorum::Config,
    promises: bool,
    writes_percent: u8,
}

fn config(setup: &Setup) -> Config {
    let (order, writers) = if setup.is_on("versions") {
        (Order::ByTag, Writers::Many)
    } else {
        (Order::ByArrival, Writers::One)
    };
    let client = quorum::Config {
        quorums: quorums(setup),
        order,
        contact: Contact::RandomQuorum,
        writers,
        writes_back: setup.is_on("write-back"),
        stand_ins: if setup.is_on("home") { 0 } else { STAND_INS },
        resend_us: Some(RESEND_US),
        patience_us: None,
    };
    let writes_percent = u8::try_from(setup.knob("writes")).unwrap_or(100);
    Config { client, promises: setup.is_on("promises"), writes_percent }
}

fn names(setup: &Setup) -> Vec<String> {
    let replicas = (1..=setup.knob("replicas")).map(|n| format!("R{n}"));
    let stand_ins = (1..=STAND_INS).map(|n| format!("X{n}"));
    replicas.chain(stand_ins).chain((1..=setup.knob("clients")).map(|n| format!("C{n}"))).collect()
}

/// Whether the viewer can ask this node.
fn is_client(id: NodeId, setup: &Setup) -> bool {
    clients(setup).any(|client| client == id)
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn: |me, setup| Node::new(me, &config(setup)),
    environment: |_| Environment::uniform((2_000, 10_000), (1_000, 3_000)),
    commands: &[
        Command {
            label: "Read",
            accepts: is_client,
            input: Input::Nothing,
            say: |_, _, _| Msg::Ask { is_write: false },
        },
        Command {
            label: "Write",
            accepts: is_client,
            input: Input::Nothing,
            say: |_, _, _| Msg::Ask { is_write: true },
        },
        Command {
            label: "Claim the next seat",
            accepts: is_client,
            input: Input::Nothing,
            say: |_, _, _| Msg::Claim,
        },
    ],
    invariants: &[
        Invariant {
            name: "a read returns the latest acknowledged write, or one under way",
            check: judge::no_read_is_stale,
        },
        Invariant {
            name: "reads and writes take effect one at a time",
            check: judge::one_at_a_time,
        },
        Invariant {
            name: "a write returns when W of its own replicas have it",
            check: judge::is_at_home,
        },
        Invariant { name: "a seat has one owner", check: judge::decided_once },
    ],
    goals: &[
        Goal {
            name: "every client has an answer",
            within_us: |_| SETTLE_US,
            reached: judge::all_served,
        },
        Goal {
            name: "every client is told whose a seat is",
            within_us: |_| 2 * SETTLE_US,
            reached: judge::seats_are_told,
        },
    ],
    sometimes: &[
        Sometimes {
            name: "a replica learns of a write after it was acknowledged",
            seen: |_, history| history.was_repaired,
        },
        Sometimes {
            name: "an acceptor refuses an earlier claim",
            seen: |_, history| history.was_refused,
        },
        Sometimes {
            name: "a stand-in's answer counts",
            seen: |world, history| judge::is_at_home(world, history).is_err(),
        },
    ],
    alerts: &[
        Alert { name: "a client waits longer than 500 ms", check: judge::nobody_waits },
        Alert { name: "more than 25 % of reads are stale", check: judge::few_are_stale },
    ],
    metrics: &[
        Metric {
            label: "reads that missed the write before them",
            unit: "%",
            read: |_, history| judge::stale_percent(history).unwrap_or_default().cast_signed(),
        },
        Metric { label: "answers", unit: "per second", read: judge::answered_a_second },
        Metric { label: "longest wait of a client", unit: "ms", read: judge::longest_wait_ms },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: Bailis et al. 2012 (PBS), section 3.1, and the binomials by hand. Exact.
    #[test]
    fn the_closed_form_is_the_published_one() {
        let of = |replicas, read, write| closed_form_permille(Quorums { replicas, read, write });
        assert_eq!([of(3, 1, 1), of(3, 2, 1), of(3, 1, 2)], [667, 333, 333]);
        assert_eq!([of(5, 2, 2), of(5, 1, 3), of(3, 2, 2)], [300, 400, 0]);
        assert_eq!([of(9, 4, 3), of(9, 9, 9), of(9, 1, 1)], [119, 0, 889]);
    }
}
