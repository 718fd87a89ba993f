//! What is told, and what a viewer may try.

use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::quorum::Call;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

/// A client that has waited so long has not been answered by anybody whom it reaches.
const PATIENCE_US: u64 = 300_000;

/// Returns how many reads have missed the write before them.
fn how_many_missed(world: &World<Node>, history: &History) -> String {
    let (missed, counted) = history.answers.missed_of();
    let formula = (super::closed_form_permille(super::quorums(world.setup())) + 5) / 10;
    format!(
        "{missed} of the {counted} reads that came right after a write missed it; by the formula \
         {formula} in a hundred do"
    )
}

/// The first client waits for an answer, out of reach of all replicas; returns for how long.
fn cut_off_us(world: &World<Node>, history: &History) -> Option<u64> {
    let client = super::clients(world.setup()).next()?;
    let is_cut = super::replicas(world.setup()).all(|id| !world.network().reaches(client, id));
    history.wait_us(client, world.now_us()).filter(|_| is_cut)
}

/// Returns what became of a write of the first client's, out of reach of all replicas.
fn what_became(world: &World<Node>, history: &History) -> String {
    if let Err(violation) = judge::is_at_home(world, history) {
        return violation.reason;
    }
    let client = super::clients(world.setup()).next().unwrap_or_default();
    let user = world.process(client).and_then(Node::user);
    let call = user.and_then(|user| user.register.progress()).map(|(call, ..)| call);
    let what = match call {
        Some(Call::Write(value)) => format!("write {value}"),
        Some(Call::Read) | None => "its next operation".into(),
    };
    let ms = cut_off_us(world, history).unwrap_or_default() / 1_000;
    let name = &world.names()[client];
    format!("After {ms} ms {what} of {name} still waits, and no replica has answered")
}

/// The lesson: small quorums first, then those that meet.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "A few answers are enough",
        say: "A write is done when W of N replicas have it, and a read asks R of them. Small quorums are \
              fast, and up as long as a few replicas are.",
        preset: Preset::Naive,
        when: |_, history| history.reads > 0,
        bet: Some(Answer {
            question: "A write was acknowledged. How many of the next reads will miss it?",
            options: &["Hardly any", "About one in three", "About two in three"],
            evidence: how_many_missed,
            right: judge::how_many_miss,
        }),
    },
    Beat {
        title: "A stale read",
        say: "The write went to some replicas, and the read went by others. Nothing failed: where \
              R + W ≤ N the two need not meet.",
        preset: Preset::Naive,
        when: |world, history| judge::no_read_is_stale(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "One seat, two owners",
        say: "Two clients asked who has the seat, both heard “nobody”, both took it. A read and then a \
              write are no compare-and-set.",
        preset: Preset::Naive,
        when: |world, history| judge::decided_once(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Strangers sign for it",
        say: "C1 reaches no replica, and stand-ins took its write: a sloppy quorum. It was told that all \
              is well; no reader elsewhere can know.",
        preset: Preset::Naive,
        when: |world, history| judge::is_at_home(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Quorums that meet",
        say: "Now R + W > N: a read hears at least one replica that has the latest write, and its version \
              says which one that is.",
        preset: Preset::Hardened,
        when: |_, history| history.reads > 0,
        bet: Some(Answer {
            question: "C1 will be cut off from all replicas again. What becomes of its writes?",
            options: &["Stand-ins take them", "They wait until the cut heals"],
            evidence: what_became,
            right: |world, history| {
                let waits = cut_off_us(world, history).is_some_and(|it| it > PATIENCE_US);
                let is_sloppy = judge::is_at_home(world, history).is_err();
                if is_sloppy { Some(0) } else { waits.then_some(1) }
            },
        }),
    },
    Beat {
        title: "Read twice to be sure",
        say: "A replica had missed a write. A read that noticed stores it there before it returns, so \
              that no later read returns anything older.",
        preset: Preset::Hardened,
        when: |_, history| history.was_repaired,
        bet: None,
    },
    Beat {
        title: "Decided once",
        say: "Paxos on the same quorums: a replica that had answered a later claim refused an earlier one. \
              All clients were told the same owner.",
        preset: Preset::Hardened,
        when: judge::was_decided,
        bet: None,
    },
    Beat {
        title: "The price",
        say: "Who reaches no quorum waits. Refused: guessing, as stand-ins do. What still works: \
              whoever reaches R and W replicas goes on.",
        preset: Preset::Hardened,
        when: |world, history| judge::nobody_waits(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "The cut has healed. Reads and writes bring every replica that has missed something up to \
              date. An operator only watches the waits.",
        preset: Preset::Hardened,
        when: |world, history| {
            history.came_back && world.network().is_whole() && judge::all_served(world, history)
        },
        bet: None,
    },
];

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Signed for by a stranger",
        task: "Have a write acknowledged that none of the register's own replicas has.",
        hint: "A stand-in is asked only when a replica does not answer in time, and then it may be faster than \
               the others.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("a write returns when W of its own replicas have it"),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "Safe is not served",
        task: "The safeguards guess nothing, so they may let a client wait: for more than half a second.",
        hint: "Two replicas of three are a quorum. And one?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| judge::nobody_waits(world, history).is_err()),
        budget: &[(FaultKind::Pause, 2)],
        par: 2,
    },
];
