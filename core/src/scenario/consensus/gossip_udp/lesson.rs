//! What is told while it runs, and what a viewer is asked to bring about.

use super::FOURTH;
use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, NodeId, Puzzle, PuzzleGoal, World};

fn is_cut(world: &World<Node>) -> bool {
    world.network().cuts().next().is_some()
}

/// Whether the sides of the cut have met again, a node is back, and all directories are right.
fn is_healed(world: &World<Node>, history: &History) -> bool {
    history.has_come_back && world.network().is_whole() && judge::stale(world, history).0 == 0
}

const AFTER_THE_FREEZE: Answer<Node, History> = Answer {
    question: "Every third node freezes, full of news, and wakes up 0.8 s later. Then what?",
    options: &["The others take its old news over", "Its old news is ignored"],
    evidence: judge::relapse_in_words,
    right: |world, history| match history.relapse {
        Some(_) => Some(0),
        None => is_cut(world).then_some(1),
    },
};

const IN_THE_END: Answer<Node, History> = Answer {
    question: "The sides cannot hear each other. What do the directories say once they meet again?",
    options: &["All the same, and right", "Some of them stay wrong"],
    evidence: |world, history| match judge::stale(world, history) {
        (0, all) => format!("All {all} entries are what their nodes said last"),
        (stale, all) => format!("{stale} of {all} entries are not what their nodes said last"),
    },
    right: |world, history| {
        let is_over = judge::is_quiet(world, history);
        if is_healed(world, history) { Some(0) } else { is_over.then_some(1) }
    },
};

/// The lesson, in the order in which it is told.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Pass it on",
        say: "Who hears where a node serves tells others at random. Big number: addresses it \
              knows. Below: rumors it tells; “+6”: six more than shown.",
        preset: Preset::Naive,
        when: |_, history| history.spreading.by_rumor > 0,
        bet: Some(AFTER_THE_FREEZE),
    },
    Beat {
        title: "Old news wins",
        say: "N2, N5 and N8 woke and told old news, and what is heard last wins. “4 old”: four \
              addresses in that directory are not the latest any more.",
        preset: Preset::Naive,
        when: |_, history| history.relapse.is_some(),
        bet: None,
    },
    Beat {
        title: "No end to it",
        say: "No change is under way, and directories still differ: old and new addresses chase \
              each other, and whoever a rumor missed is never told.",
        preset: Preset::Naive,
        when: |world, history| judge::all_agree_in_the_end(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Newer wins",
        say: "An address has a version, which only its own node counts up. A directory now has replaced \
              one by a newer one; an older one replaces nothing.",
        preset: Preset::Hardened,
        when: |_, history| history.has_replaced,
        bet: None,
    },
    Beat {
        title: "The dead stay dead",
        say: "N4 has withdrawn its address. † is a tombstone, which has a version: had the entry been \
              deleted, any old copy would look like news.",
        preset: Preset::Hardened,
        when: |_, history| history.has_buried(Some(FOURTH)),
        bet: None,
    },
    Beat {
        title: "Cut in two",
        say: "The network is cut in two. Nobody waits: each side goes on with what it can hear, and of the \
              other side each has the addresses from before.",
        preset: Preset::Hardened,
        when: |world, _| is_cut(world),
        bet: Some(IN_THE_END),
    },
    Beat {
        title: "A new generation",
        say: "N10 is back and remembers one number, its generation: how often it has started. \
              That grew, so its new word wins against all its old ones.",
        preset: Preset::Hardened,
        when: |_, history| history.has_come_back,
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "All directories are right. Rumors had died out, but comparing all entries now and then \
              has found every difference, and nobody repaired any.",
        preset: Preset::Hardened,
        when: is_healed,
        bet: None,
    },
    Beat {
        title: "The price",
        say: "Nothing went back to an older address, and no central list can fail. The price: a look-up \
              may be old, and nobody knows when all have heard.",
        preset: Preset::Hardened,
        when: judge::is_quiet,
        bet: None,
    },
];

/// Returns true if a node that is down is known to all others by the address that it had, or by none.
fn is_down_and(world: &World<Node>, shows: impl Fn(&Node, NodeId) -> bool) -> bool {
    let mut down = world.ids().filter(|id| world.process(*id).is_none());
    down.any(|owner| {
        let mut others = world.up().peekable();
        others.peek().is_some() && others.all(|(_, node)| shows(node, owner))
    })
}

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Nobody at home",
        task: "Gossip spreads what was said, not whether it still holds: let all directories list an \
               address at which nobody serves.",
        hint: "Who would have to withdraw the address of a node that can say nothing?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| {
            is_down_and(world, |node, owner| {
                judge::is_right(history, node, owner)
                    && node.directory.get(owner).is_some_and(|entry| !entry.is_deleted)
            })
        }),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "Said to nobody",
        task: "Let a node announce something of which no other node ever hears.",
        hint: "A rumor is told first in the next round, one datagram at a time. What if there is none?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| {
            is_down_and(world, |node, owner| {
                history.last_word(owner).is_some_and(|word| node.directory.get(owner) != Some(word))
            })
        }),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
