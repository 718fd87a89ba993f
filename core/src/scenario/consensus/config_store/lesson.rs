//! The lesson: a change that a watcher never hears of, and what a number is good for.

use super::judge::{self, FirstWord, History};
use super::message::{FLAG, value_shown};
use super::node::Node;
use super::server::Server;
use crate::mechanism::revisions::Revision;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, World};

fn is_cut(world: &World<Node>) -> bool {
    world.network().cuts().next().is_some()
}

fn is_wrong(world: &World<Node>, history: &History) -> bool {
    judge::no_cache_is_wrong(world, history).is_err()
}

/// The store has the flag off, and the first watcher still shows it on.
fn is_late(world: &World<Node>) -> bool {
    let shows = |items: &[_]| value_shown(items, FLAG);
    let store = judge::furthest(world).map(|it| shows(&it.store.items()));
    let cache = judge::watching(world).next().map(|(_, it)| shows(it.informer.items()));
    (store.as_deref(), cache.as_deref()) == (Some("off"), Some("on"))
}

fn first_word(world: &World<Node>, history: &History) -> String {
    let Some(FirstWord { watcher, server, had, first, last, .. }) = history.first_word.0 else {
        return "Nobody has gone elsewhere".into();
    };
    let names = world.names();
    let what = if first == last { format!("{first}") } else { format!("{first} to {last}") };
    format!("{} had revision {had}, and {} sent it {what} first", &names[watcher], &names[server])
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
        say: "S3 is cut off, and W1 watches there. Meanwhile P2 has turned the flag off. W1 \
              hears nothing, shows “on”, and looks for another server.",
        preset: Preset::Naive,
        when: |world, _| is_cut(world) && is_late(world),
        bet: Some(Answer {
            question: "W1 asks S1 next. What will it show after that?",
            options: &["“off”, a little late", "“on”, for ever"],
            evidence: |world, history| match judge::every_revision(world, history) {
                Err(violation) => violation.reason,
                Ok(()) => first_word(world, history),
            },
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
            !is_cut(world) && judge::servers_agree(world) && is_wrong(world, history)
        },
        bet: None,
    },
    Beat {
        title: "The same gap again",
        say: "S3 was cut off, the flag turned off, and W1 has gone to S1. But all servers give each \
              change the same number, and W1 knows its last one.",
        preset: Preset::Hardened,
        when: |world, history| is_cut(world) && history.has_moved && is_late(world),
        bet: Some(Answer {
            question: "W1 has missed changes. What does S1 send it first?",
            options: &["All that it has missed", "Only what is new", "The whole store"],
            evidence: first_word,
            right: |_, history| history.went_on.map(|without_gap| u8::from(!without_gap)),
        }),
    },
    Beat {
        title: "Say where you are",
        say: "W1 asked for what follows its last revision. A batch says what it follows: a lost one \
              shows as a gap, a doubled one changes nothing.",
        preset: Preset::Hardened,
        when: |world, history| {
            let was_told = history.first_word.0.is_some_and(|it| it.at_us < world.now_us());
            was_told && !is_late(world) && judge::caches_are_right(world, history)
        },
        bet: None,
    },
    Beat {
        title: "The price",
        say: "The past must be kept: “from” below S1 says since when. Who is away longer lists \
              anew. We do not poll: that misses what is between.",
        preset: Preset::Hardened,
        when: |world, _| {
            let has_compacted = |it: &Server| it.store.compacted() > Revision::default();
            judge::furthest(world).is_some_and(has_compacted)
        },
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "S3 has caught up, and W1 heard of every change. The price: cut off, it showed an \
              old flag for a while, and said as of which revision.",
        preset: Preset::Hardened,
        when: |world, history| {
            let is_over = history.has_moved && !is_cut(world) && judge::servers_agree(world);
            is_over && judge::caches_are_right(world, history)
        },
        bet: None,
    },
];
