//! What is told, and what a viewer may try.

use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::quorum::Call;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

/// A client that has waited so long has not been answered by anybody whom it reaches.
const PATIENCE_US: u64 = 300_000;

/// Returns which read missed the write before it and whom it had asked, or that none did.
fn what_was_read(world: &World<Node>, history: &History) -> String {
    let (Err(violation), Some(breach)) =
        (judge::no_read_is_stale(world, history), history.answers.stale())
    else {
        let (_, counted) = history.answers.missed_of();
        return format!("All {counted} reads that came right after a write returned it");
    };
    let user = world.process(breach.client).and_then(Node::user);
    let asked = user.and_then(|user| user.register.last_read()).map(|read| &read.queried[..]);
    let asked = world.names().list(asked.unwrap_or_default().iter().copied());
    format!("{}; it had asked {asked}", violation.reason)
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
        say: "A write is done when W of the N replicas R1 to R3 have it, a read when R of them \
              answer. Here N = 3, W = 1 and R = 1: small, fast quorums.",
        preset: Preset::Naive,
        when: |_, history| history.reads > 0,
        bet: Some(Answer {
            question: "A write is acknowledged, and then a read begins. Will it return that write?",
            options: &["Yes: the write was done", "Only if it asks who has it"],
            evidence: what_was_read,
            right: judge::can_miss,
        }),
    },
    Beat {
        title: "A stale read",
        say: "Nothing failed: one replica took the write, the read asked another. Where R + W ≤ \
              N the two need not meet; here two reads in three miss.",
        preset: Preset::Naive,
        when: |world, history| judge::no_read_is_stale(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "One seat, two owners",
        say: "The two clients that the banner names asked who has the seat, heard “nobody”, took \
              it. A read and then a write are no compare-and-set.",
        preset: Preset::Naive,
        when: |world, history| judge::decided_once(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Strangers sign for it",
        say: "C1 reaches none of R1 to R3, so a stand-in, X1 or X2, signed for its write: a \
              sloppy quorum. C1 was told “done”; no reader elsewhere knows.",
        preset: Preset::Naive,
        when: |world, history| judge::is_at_home(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Quorums that meet",
        say: "Now R = 2 and W = 2 of N = 3, so R + W > N: a read hears a replica that has the \
              latest write, and its version says which one that is.",
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
        say: "One of R1 to R3 had missed a write. A read that noticed stores it there before it \
              returns, so that no later read returns anything older.",
        preset: Preset::Hardened,
        when: |_, history| history.was_repaired,
        bet: None,
    },
    Beat {
        title: "Decided once",
        say: "Paxos on the same quorums: a replica that had answered a later claim of a seat \
              refused an earlier one. C1 to C3 were told the same owner.",
        preset: Preset::Hardened,
        when: judge::was_decided,
        bet: None,
    },
    Beat {
        title: "The price",
        say: "C1 reaches no quorum, so it waits: no stand-in may sign for R1 to R3, which would \
              be a guess. C2 and C3 reach their quorums, and go on.",
        preset: Preset::Hardened,
        when: |world, history| judge::nobody_waits(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "The cut has healed, R2 is back from a crash, and reads and writes brought it up to \
              date. No read was stale; the price was that C1 waited.",
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
