//! The lesson, and what a viewer is asked to bring about.

use super::judge::{self, History};
use super::node::Node;
use super::{BURST_US, DIES, FROZEN};
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};
use crate::view::instant;

/// When the first bet is settled: a second after the burst.
const SETTLED_US: u64 = BURST_US.1 + 1_000_000;

fn is_in_burst(world: &World<Node>, _: &History) -> bool {
    world.network().loss_percent() > 0
}

/// The beats, in order.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "I am here",
        say: "W1 to W5 send heartbeats to M. Who misses one is declared dead, and others take over its \
              partitions: that keeps them busy for a while.",
        preset: Preset::Naive,
        when: judge::all_are_served,
        bet: None,
    },
    Beat {
        title: "A burst of losses",
        say: "Most messages get lost now, for 0.4 s only. Nobody dies.",
        preset: Preset::Naive,
        when: is_in_burst,
        bet: Some(Answer {
            question: "How often is a living worker declared dead until a second after the burst?",
            options: &["Never", "Once or twice", "Again and again"],
            evidence: |_, history| {
                format!("M had declared living workers dead {} times", history.false_deaths)
            },
            right: |world, history| {
                let answer = match history.false_deaths {
                    0 => 0,
                    1 | 2 => 1,
                    _ => 2,
                };
                (world.now_us() > SETTLED_US).then_some(answer)
            },
        }),
    },
    Beat {
        title: "Dead for one lost message",
        say: "M has declared a worker dead (†) that is alive: its heartbeat was lost, and M gave \
              its work away. From outside, lost and dead look the same.",
        preset: Preset::Naive,
        when: |world, history| history.moves > 0 && judge::is_one_buried_alive(world),
        bet: None,
    },
    Beat {
        title: "The storm",
        say: "The network is fine; who takes work over is busy, its heartbeat late: dead (†), \
              too. A partition that no worker shows is served by nobody.",
        preset: Preset::Naive,
        when: |world, history| judge::calm_brings_everybody_back(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Suspicion is not death",
        say: "M suspects a worker (?): φ, which says how unlikely its silence is, grew too \
              large. It gets no new work. Only several misses are a death.",
        preset: Preset::Hardened,
        when: |_, history| history.suspicions > 0,
        bet: None,
    },
    Beat {
        title: "Forgiven",
        say: "W2 froze for half a second. M suspected it, heard it again and trusts it again. No \
              partition was moved, so nobody was late for it.",
        preset: Preset::Hardened,
        when: |_, history| judge::is_trusted_since(history, FROZEN.0, FROZEN.1),
        bet: None,
    },
    Beat {
        title: "And a death",
        say: "Now W3 has crashed. To M it looks the same at first: W3 says nothing.",
        preset: Preset::Hardened,
        when: |world, _| world.process(DIES.0).is_none(),
        bet: Some(Answer {
            question: "When does W3's work go to the others?",
            options: &["At its first missing heartbeat", "After all its misses", "When it is back"],
            evidence: |world, history| match judge::replaced_after_us(world, history, DIES.0) {
                Some(us) => format!(
                    "W3 had given no sign for {} when it was declared dead and its partitions got other \
                     owners",
                    instant(us)
                ),
                None => "W3 was back, and nobody had got its partitions".into(),
            },
            right: |world, history| {
                let burst_us = judge::burst_us(world.setup());
                match judge::replaced_after_us(world, history, DIES.0) {
                    Some(gone_us) => Some(u8::from(gone_us > burst_us)),
                    None => (world.now_us() > DIES.2).then_some(2),
                }
            },
        }),
    },
    Beat {
        title: "The price",
        say: "M declares W3 dead. Until now nobody did W3's work: fewer mistakes cost time. φ warned much \
              earlier; to act on that would be the storm.",
        preset: Preset::Hardened,
        when: |world, history| judge::replaced_after_us(world, history, DIES.0).is_some(),
        bet: None,
    },
    Beat {
        title: "Back as somebody new",
        say: "W3 serves again, in a new incarnation. No burst or pause was taken for a death; \
              the price is time in which nobody does a dead one's work.",
        preset: Preset::Hardened,
        when: |world, history| {
            history.has_rejoined
                && judge::all_are_listed(world, history)
                && judge::all_are_served(world, history)
                && judge::serves(world, DIES.0)
        },
        bet: None,
    },
];

/// The puzzles.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "One message, one death",
        task: "Have a living worker declared dead: lose a single message.",
        hint: "Not every message is a sign of life.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Shows(|world, history| {
            !history.has_moved_first && judge::nobody_dies_in_a_burst(world, history).is_err()
        }),
        budget: &[(FaultKind::Drop, 1)],
        par: 1,
    },
    Puzzle {
        title: "Buried alive",
        task: "With all safeguards, have a worker declared dead that is alive.",
        hint: "What looks like death for longer than any burst?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, history| history.false_deaths > 0),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
];
