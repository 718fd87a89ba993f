//! The lesson: a change that a watcher never hears of, and what a number is good for.

use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, World};

fn is_cut(world: &World<Node>) -> bool {
    world.network().cuts().next().is_some()
}

fn is_wrong(world: &World<Node>, history: &History) -> bool {
    judge::no_cache_is_wrong(world, history).is_err()
}

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "One store, many caches",
        say: "Every change of the store gets the next number, its revision. Watchers keep a copy. The \
              promise: no change passes them by.",
        preset: Preset::Naive,
        when: |world, history| {
            judge::serves(world, history) && judge::caches_are_right(world, history)
        },
        bet: None,
    },
    Beat {
        title: "A server is gone",
        say: "S3 is cut off, and W1 watched there. In this moment P2 turns the flag off. W1 hears \
              nothing, and will go on at another server.",
        preset: Preset::Naive,
        when: |world, _| is_cut(world),
        bet: Some(Answer {
            question: "W1 watches at S1 from now on. What will it show?",
            options: &["“off”, a little late", "“on”, for ever"],
            evidence: |_, _| String::new(),
            right: |world, history| history.went_on.map(|_| u8::from(is_wrong(world, history))),
        }),
    },
    Beat {
        title: "Between two servers",
        say: "The flag was turned off after W1's last word from S3 and before its watch at S1. W1 sees \
              all that is new, and shows “on”.",
        preset: Preset::Naive,
        when: |world, history| {
            judge::every_revision(world, history).is_err() && is_wrong(world, history)
        },
        bet: None,
    },
    Beat {
        title: "Nobody notices",
        say: "All is connected again, all servers agree, W1 gets every change, and its flag is wrong. \
              No log has an error: only a comparison shows it.",
        preset: Preset::Naive,
        when: |world, history| {
            let is_over = !is_cut(world) && judge::no_server_lags(world, history).is_ok();
            is_over && is_wrong(world, history)
        },
        bet: None,
    },
    Beat {
        title: "Say where you are",
        say: "Now a watch asks for what follows the last revision that was seen. All servers have the \
              same numbers, so any of them can go on.",
        preset: Preset::Hardened,
        when: |world, history| is_cut(world) && history.has_moved,
        bet: Some(Answer {
            question: "W1 was away for a fifth of a second. What does S1 send it first?",
            options: &["All that it has missed", "Only what is new", "The whole store"],
            evidence: |_, _| String::new(),
            right: |_, history| history.went_on.map(|without_gap| u8::from(!without_gap)),
        }),
    },
    Beat {
        title: "In order, once",
        say: "A batch says what it follows: a lost one shows as a gap, a doubled one changes nothing. \
              A cache only goes forward.",
        preset: Preset::Hardened,
        when: |world, history| {
            is_cut(world) && history.has_moved && judge::caches_are_right(world, history)
        },
        bet: None,
    },
    Beat {
        title: "The price",
        say: "The past must be kept, and is compacted in the end. Who is away too long lists all anew. \
              Refused: polling, which misses what comes and goes.",
        preset: Preset::Hardened,
        when: |world, _| {
            let compacted = |it: &super::server::Server| it.store.compacted() > 0;
            judge::furthest(world).is_some_and(compacted)
        },
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "S3 has caught up. A cache without a server still answers, from an old revision. Operators \
              watch cursors. Pitfall: a list from one behind.",
        preset: Preset::Hardened,
        when: |world, history| {
            let is_over = history.has_moved && !is_cut(world);
            is_over && judge::caches_are_right(world, history)
        },
        bet: None,
    },
];
