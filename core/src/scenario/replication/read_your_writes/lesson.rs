//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::message::record_text;
use super::node::Node;
use super::{AT_FIRST, clients};
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, NodeId, Puzzle, PuzzleGoal, World};

/// Returns a client by its number, from 1.
fn client(world: &World<Node>, number: usize) -> Option<NodeId> {
    clients(world.setup()).nth(number - 1)
}

fn is_of(world: &World<Node>, number: usize, of: Option<NodeId>) -> bool {
    of.is_some() && of == client(world, number)
}

/// Returns true if C1 missed its own write.
fn is_missed(world: &World<Node>, it: &History) -> bool {
    judge::reads_see_own_writes(world, it).is_err()
}

/// Returns true if C1 waits for more than half a second.
fn first_waits(world: &World<Node>, it: &History) -> bool {
    let Some(session) = client(world, 1).and_then(|id| it.sessions.get(id)) else { return false };
    session.open.is_some_and(|(since_us, _)| world.now_us() > since_us + judge::IN_TIME_US)
}

/// Returns true if C2 was just shown an old value of a record whose home is Washington.
fn is_shown_old(world: &World<Node>, it: &History) -> bool {
    it.marked.is_some_and(|(_, id, record, _)| is_of(world, 2, Some(id)) && record < AT_FIRST)
}

fn is_cut(world: &World<Node>) -> bool {
    !world.network().is_whole()
}

fn first_is_in_london(world: &World<Node>) -> bool {
    let node = client(world, 1).and_then(|id| world.process(id)?.client());
    node.is_some_and(|it| it.at == 1)
}

const IN_LONDON: Answer<Node, History> = Answer {
    question: "C1 writes, flies to London and reads its own record. What does it see?",
    options: &["What it wrote last", "Something older"],
    evidence: |world, it| match judge::reads_see_own_writes(world, it) {
        Err(violation) => violation.reason,
        Ok(()) => "C1 has read in London, and saw all that it had written".into(),
    },
    right: |world, it| is_missed(world, it).then_some(1),
};

const MEANWHILE: Answer<Node, History> = Answer {
    question: "C2 chose to be available. What does it get while Washington is away?",
    options: &["No answer either", "An old answer without a word", "An old answer that says so"],
    evidence: |world, it| match it.marked {
        Some((_, id, record, number)) => {
            let (name, text) = (&world.names()[id], record_text(record, number));
            format!("{name} is shown {text}, with a mark that it may be old")
        }
        None => "Nobody is answered".into(),
    },
    right: |world, it| is_shown_old(world, it).then_some(2),
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "A copy on each continent",
        say: "A client writes at its record's home and reads where it is. The home ships its log to the \
              other regions later.",
        preset: Preset::Naive,
        when: |_, it| it.taken_over > 0,
        bet: None,
    },
    Beat {
        title: "A cable breaks",
        say: "Washington's clients still write there, but London and Tokyo hear nothing of it: their copies \
              fall behind.",
        preset: Preset::Naive,
        when: |world, it| is_cut(world) && judge::copies_are_close(world, it).is_err(),
        bet: Some(IN_LONDON),
    },
    Beat {
        title: "My write is gone",
        say: "C1 is in London now, and London shows it a value older than its own last write. Nobody has \
              noticed: neither compares what C1 has seen.",
        preset: Preset::Naive,
        when: is_missed,
        bet: None,
    },
    Beat {
        title: "A token in the pocket",
        say: "Now C1 carries a token: how much it has seen of each region's log. London compares, and knows \
              that it lacks something.",
        preset: Preset::Hardened,
        when: |world, it| {
            first_is_in_london(world) && is_of(world, 1, it.waited.map(|it| it.1)) && is_cut(world)
        },
        bet: Some(MEANWHILE),
    },
    Beat {
        title: "Strict: no answer",
        say: "C1 chose strict: rather no answer than a wrong one. Only Washington has what it needs, and \
              nobody reaches that any more.",
        preset: Preset::Hardened,
        when: |world, it| first_is_in_london(world) && first_waits(world, it),
        bet: None,
    },
    Beat {
        title: "Available: an old answer",
        say: "C2 chose to be answered. London gives it what it has, and says that it may be old (State, by \
              client). Its writes are refused.",
        preset: Preset::Hardened,
        when: is_shown_old,
        bet: None,
    },
    Beat {
        title: "Queue: write later",
        say: "C3 keeps its write in its pocket, to be sent later (State, by client). It sees it itself; nobody \
              else does.",
        preset: Preset::Hardened,
        when: |world, it| is_of(world, 3, it.queued.map(|it| it.1)),
        bet: None,
    },
    Beat {
        title: "The cable is mended",
        say: "Logs flow again: C1 is answered, and what was in C3's pocket is stored. Nobody had to do \
              anything.",
        preset: Preset::Hardened,
        when: |world, it| {
            let is_drained = it.drained.is_some_and(|it| is_of(world, 3, Some(it.1)));
            let are_served = [1, 3].into_iter().all(|number| {
                client(world, number).is_some_and(|id| judge::is_served_again(world, it, id))
            });
            is_drained && are_served
        },
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "What the cut held up is everywhere. Strict paid with waiting, available with age: see State. Always \
              asking home would be slow every day.",
        preset: Preset::Hardened,
        when: |world, it| it.drained.is_some() && judge::all_is_well_again(world, it),
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "A vector that lies",
        task: "Have a region of the naive store claim a part of a log that it does not have.",
        hint: "What was shipped into a broken cable is shipped again, but later: what comes first meanwhile?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("a region has all that its vector says"),
        budget: &[(FaultKind::Cut, 1)],
        par: 1,
    },
    Puzzle {
        title: "Safe is not served",
        task: "Let a client of the hardened store wait for more than half a second.",
        hint: "A strict client, and the one region that has what it needs.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, it| judge::nobody_waits(world, it).is_err()),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
