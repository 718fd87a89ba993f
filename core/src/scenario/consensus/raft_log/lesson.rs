//! The lesson: Figure 8, from (a) to (d), and what keeps it from happening.

use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::raft::Stable as _;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, NodeId, World};

/// The servers of Figure 8 that lead in turn.
const S1: NodeId = NodeId(0);

fn is_cut(world: &World<Node>) -> bool {
    world.network().cuts().next().is_some()
}

/// Returns the term of the server that leads, and which it is.
fn leader(world: &World<Node>) -> Option<(u64, NodeId)> {
    judge::leading(world).into_iter().map(|(id, term)| (term, id)).max()
}

/// S1 has entries at the end of its log that only a minority has.
fn is_copied_halfway(world: &World<Node>) -> bool {
    let last = world.disk(S1).0.get().log.last();
    let holds = |id: &NodeId| world.disk(*id).0.durable().log.holds(last);
    let copies = judge::servers(world.setup()).filter(holds).count();
    is_cut(world) && copies == 2
}

fn is_broken(world: &World<Node>, history: &History) -> bool {
    judge::leader_completeness(world, history).is_err()
}

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "One log, five disks",
        say: "A leader copies each write to all logs; what is committed, all apply in that order. The \
              promise: committed stays committed.",
        preset: Preset::Naive,
        when: judge::serves,
        bet: None,
    },
    Beat {
        title: "(a) Copied halfway",
        say: "Figure 8 of the paper. S1 leads, and is cut off with S2: its last entry is on two disks \
              of five. So far nobody was promised anything.",
        preset: Preset::Naive,
        when: |world, _| is_copied_halfway(world),
        bet: None,
    },
    Beat {
        title: "(b) Another leader",
        say: "S1 crashes. S3 and S4 elect S5 in a later term. It takes a write for the same place of \
              the log, and crashes with the only copy.",
        preset: Preset::Naive,
        when: |world, _| leader(world).is_some_and(|(_, id)| id != S1),
        bet: None,
    },
    Beat {
        title: "(c) Now on a majority",
        say: "S1 is back, leads again, and copies its old entry to S3: three disks of five. It counts \
              it as committed and applies it.",
        preset: Preset::Naive,
        when: |world, history| history.counted_old(world),
        bet: Some(Answer {
            question: "The old entry is on three disks of five. Can it still be lost?",
            options: &["No: a majority has it", "Yes: S5's log looks newer"],
            evidence: |_, _| String::new(),
            right: |world, history| {
                let is_safe = world.network().is_whole() && judge::caught_up(world, history);
                let (is_lost, is_safe) = (is_broken(world, history), is_safe);
                if is_lost { Some(1) } else { is_safe.then_some(0) }
            },
        }),
    },
    Beat {
        title: "(d) Overwritten",
        say: "S1 crashes, S5 returns. Its last entry is of a later term, so it is elected, and copies \
              its log over the others': the promise is broken.",
        preset: Preset::Naive,
        when: is_broken,
        bet: None,
    },
    Beat {
        title: "Count only your own",
        say: "Now a leader begins with a blank entry. Once a majority has that, nobody without it can \
              win, and all before it is safe: it follows from it.",
        preset: Preset::Hardened,
        when: judge::serves,
        bet: Some(Answer {
            question: "The same crashes and cuts are coming. Who leads at (c), when S1 is back?",
            options: &["S1 again", "Nobody"],
            evidence: |_, _| String::new(),
            right: |world, history| {
                let last = history.raft.last_election().filter(|(_, id)| *id == S1);
                let is_back = last.is_some_and(|(at_us, _)| at_us > 1_000_000);
                if is_back { Some(0) } else { (world.now_us() > 2_200_000).then_some(1) }
            },
        }),
    },
    Beat {
        title: "The price",
        say: "S3 and S4 have S5's blank entry, so S1 gets no majority, and all wait. Refused: giving \
              old entries new terms, which hides who wrote what.",
        preset: Preset::Hardened,
        when: |world, history| {
            history.raft.leader_changed() && judge::nobody_waits(world, history).is_err()
        },
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "The links are back: one log everywhere, retries made once. An operator watches who \
              lags. Pitfall: reading from a leader that asks nobody.",
        preset: Preset::Hardened,
        when: |world, history| {
            history.raft.leader_changed()
                && world.network().is_whole()
                && judge::caught_up(world, history)
        },
        bet: None,
    },
];
