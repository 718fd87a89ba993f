//! The lesson: Figure 8, from (a) to (d), and what keeps it from happening.

use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::raft::{Stable as _, leading};
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, NodeId, World};
use crate::view::instant;

/// The server of Figure 8 that leads first.
const S1: NodeId = NodeId(0);

/// Returns the server of Figure 8 that leads between: the last.
fn s5(world: &World<Node>) -> NodeId {
    judge::servers(world.setup()).next_back().unwrap_or_default()
}

fn is_up(world: &World<Node>, id: NodeId) -> bool {
    world.process(id).is_some()
}

/// S1 has entries at the end of its log that only a minority has.
fn is_copied_halfway(world: &World<Node>) -> bool {
    let last = world.disk(S1).0.get().log.last();
    let holds = |id: &NodeId| world.disk(*id).0.durable().log.holds(last);
    let copies = judge::servers(world.setup()).filter(holds).count();
    !world.network().is_whole() && copies == 2
}

/// S1 and S5 are down, and have different entries in the last place of S1's log.
fn is_forked(world: &World<Node>) -> bool {
    let (s1, s5) = (S1, s5(world));
    let last = world.disk(s1).0.durable().log.last();
    let other = world.disk(s5).0.durable().log.term_at(last.index);
    !is_up(world, s1) && !is_up(world, s5) && other.is_some_and(|term| term > last.term)
}

/// S1 is back, without S5, and for so long nobody leads.
fn nobody_leads_for(world: &World<Node>, us: u64) -> bool {
    is_up(world, S1)
        && !is_up(world, s5(world))
        && leading(world).is_empty()
        && world.now_us() >= world.disturbed_at_us() + us
}

/// Returns how long a server waits at most before it asks to be elected.
fn timeout_us(world: &World<Node>) -> u64 {
    super::election_timeout_us(world.setup()).1
}

/// Returns in words where a server's log ends.
fn end(world: &World<Node>, id: NodeId) -> String {
    let last = world.disk(id).0.durable().log.last();
    format!("entry {} of term {}", last.index, last.term)
}

/// Returns who was elected though it lacks what was committed, and by whom.
fn who_overwrites(world: &World<Node>, history: &History) -> String {
    let Err(violation) = judge::leader_completeness(world, history) else {
        return format!("All members have applied the entry by {}", instant(world.now_us()));
    };
    let (s5, names) = (s5(world), world.names());
    let others = history.raft.votes.iter().filter(|(id, _)| *id != s5);
    let why = if world.setup().is_on("up-to-date") { "" } else { ", comparing no logs" };
    let voters = others.filter(|(_, (granted, to, _))| *granted && *to == s5).map(|(id, _)| id);
    format!(
        "{}. The log of {} ends with {}, and {} voted for it{why}",
        violation.reason,
        &names[s5],
        end(world, s5),
        names.list(voters)
    )
}

/// Returns why S1 is not elected, or that it is.
fn why_not_s1(world: &World<Node>, _: &History) -> String {
    if let Some((_, term)) = leading(world).into_iter().find(|(id, _)| *id == S1) {
        return format!("S1 leads term {term}");
    }
    let last = |id: NodeId| world.disk(id).0.durable().log.last();
    let is_newer = |id: &NodeId| last(*id).term > last(S1).term;
    let newer: Vec<NodeId> = judge::up(world).map(|(id, _)| id).filter(is_newer).collect();
    let their = newer.first().map_or(String::new(), |id| end(world, *id));
    let ms = (world.now_us() - world.disturbed_at_us()) / 1_000;
    format!(
        "{ms} ms after its return S1 does not lead: its log ends with {}, and {} have {their} and vote for \
         nothing older",
        end(world, S1),
        world.names().list(newer)
    )
}

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "One log, five disks",
        say: "A leader copies each write to all logs. Below a server: the end of its log, dashed \
              until this server knows that the entry is committed.",
        preset: Preset::Naive,
        when: judge::serves,
        bet: None,
    },
    Beat {
        title: "(a) Copied halfway",
        say: "Figure 8 of the paper. S1 leads, and is cut off with S2: its last entry, C1's \
              write, is on two disks of five. C1 has not been told “done”.",
        preset: Preset::Naive,
        when: |world, _| is_copied_halfway(world),
        bet: None,
    },
    Beat {
        title: "(b) Another leader",
        say: "S1 crashed. S3 and S4 elected S5 in a later term. It took a write for the same place of \
              the log, and crashed with the only copy.",
        preset: Preset::Naive,
        when: |world, _| is_forked(world),
        bet: None,
    },
    Beat {
        title: "(c) Now on a majority",
        say: "S1 came back, led again, and copied its old entry to S3: three disks of five. It \
              counted it as committed and applied it.",
        preset: Preset::Naive,
        when: |world, history| history.counted_old(world),
        bet: Some(Answer {
            question: "The old entry is on three disks of five. Can it still be lost?",
            options: &["No: a majority has it", "Yes: S5 can win without it"],
            evidence: who_overwrites,
            right: |world, history| {
                let is_safe = world.network().is_whole() && judge::caught_up(world, history);
                let is_lost = judge::leader_completeness(world, history).is_err();
                if is_lost { Some(1) } else { is_safe.then_some(0) }
            },
        }),
    },
    Beat {
        title: "(d) Overwritten",
        say: "C1 was told “done”. S1 crashed, S5 returned and was elected: even to voters that \
              compare logs, its own looks newer. C1's write is replaced.",
        preset: Preset::Naive,
        when: |world, history| history.is_overwritten(world) && history.has_broken_its_word(world),
        bet: None,
    },
    Beat {
        title: "Count only your own",
        say: "Section 5.4.2: a leader counts copies only of entries of its own term. So it \
              begins with a blank one, and commits with it all before it.",
        preset: Preset::Hardened,
        when: judge::serves,
        bet: Some(Answer {
            question: "The same crashes and cuts are coming. Who leads at (c), when S1 is back?",
            options: &["S1 again", "Nobody"],
            evidence: why_not_s1,
            right: |world, _| {
                let leads = leading(world).iter().any(|(id, _)| *id == S1);
                let is_back = leads && !is_up(world, s5(world));
                let is_stuck = nobody_leads_for(world, timeout_us(world) * 3 / 2);
                if is_back { Some(0) } else { is_stuck.then_some(1) }
            },
        }),
    },
    Beat {
        title: "The price",
        say: "S3 and S4 have S5's blank entry and don't vote for S1, so all wait. We do not give \
              S1's entry a new term: that hides who wrote it when.",
        preset: Preset::Hardened,
        when: |world, history| {
            nobody_leads_for(world, timeout_us(world) * 2)
                && judge::nobody_waits(world, history).is_err()
        },
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "The links are back: S1 to S5 hold one log, and nothing that was committed is lost. \
              The price was the wait: for seconds nobody was served.",
        preset: Preset::Hardened,
        when: |world, history| {
            history.raft.leader_changed()
                && world.network().is_whole()
                && judge::caught_up(world, history)
        },
        bet: None,
    },
];
