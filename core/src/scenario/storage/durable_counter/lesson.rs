//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::mount::State;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

/// Returns true from the moment on at which the number is wrong.
fn is_wrong(world: &World<Node>, it: &History) -> bool {
    judge::the_number_is_right(world, it).is_err()
}

/// What the counter says now that it has come back.
fn says(world: &World<Node>, it: &History) -> String {
    let verdict = judge::the_number_is_right(world, it).and(judge::one_copy_is_enough(world, it));
    if let Err(violation) = verdict {
        return violation.reason;
    }
    let (asked, told) = (it.asked, it.acknowledged);
    let (_, count) = it.served.unwrap_or_default();
    format!("It came up with {count}; {told} were promised, and {asked} asked for")
}

const AFTER_ROT: Answer<Node, History> = Answer {
    question: "The power will go, and a bit of the snapshot will flip. What does Counter say when it is back?",
    options: &["The right number", "A wrong number", "That it does not know"],
    evidence: says,
    right: |world, it| {
        if is_wrong(world, it) {
            return Some(1);
        }
        if judge::one_copy_is_enough(world, it).is_err() {
            return Some(2);
        }
        judge::came_back(world, it).then_some(0)
    },
};

const STOP: Answer<Node, History> = Answer {
    question: "Some records in the log of a will be damaged. May recovery stop at the first bad one?",
    options: &["Yes: what follows cannot be trusted", "No: what follows was promised"],
    evidence: |_, it| {
        let (_, count) = it.served.unwrap_or_default();
        let told = it.acknowledged;
        format!(
            "{told} were promised when Counter came up with {count}: the bad records of a ended \
             nothing, since b has them"
        )
    },
    right: |_, it| (it.mendings > 1).then_some(1),
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "One more",
        say: "Clients ask Counter for +1. It appends a record, syncs, and says “counted”. After every \
              16 it notes the count in a snapshot.",
        preset: Preset::Naive,
        when: |_, it| it.acknowledged > 0,
        bet: Some(AFTER_ROT),
    },
    Beat {
        title: "A bit flips",
        say: "Counter is down. On its disk one bit of the snapshot a.snap has flipped: disks do that now \
              and then, and say nothing.",
        preset: Preset::Naive,
        when: |_, it| it.is_struck(),
        bet: None,
    },
    Beat {
        title: "Back, with another number",
        say: "Counter read the snapshot, believed it, and counts on from there. There was no error: the \
              number is just wrong, and stays so.",
        preset: Preset::Naive,
        when: is_wrong,
        bet: None,
    },
    Beat {
        title: "Two copies, with sums",
        say: "Now each record and snapshot lies in two areas, a and b, with its sum and its number. \
              “Counted” means: durable in both.",
        preset: Preset::Hardened,
        when: |_, it| it.acknowledged > 0,
        bet: None,
    },
    Beat {
        title: "One copy is enough",
        say: "The snapshot of a lacks its sum, so Counter took b's, went on with the records of both, and \
              wrote both copies anew.",
        preset: Preset::Hardened,
        when: |_, it| it.mendings > 0,
        bet: Some(STOP),
    },
    Beat {
        title: "A hole is no end",
        say: "Eight places in a's log were bad. Counter went by b's, and wrote a anew. Were one that it \
              needs bad in both, it would refuse, not end there.",
        preset: Preset::Hardened,
        when: |_, it| it.mendings > 1,
        bet: None,
    },
    Beat {
        title: "A sync that fails",
        say: "Counter cannot know what is on the disk now. It says so, opens its files anew, and clients \
              ask again: a question counts once.",
        preset: Preset::Hardened,
        when: |world, _| {
            let counter = judge::server(world).and_then(|server| server.counter.store());
            counter.is_some_and(|counter| counter.state() == State::InDoubt)
        },
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "All is written twice, and what is bad in both is not served. Not chosen: one copy with a \
              sum, because it can only say no.",
        preset: Preset::Hardened,
        when: |world, it| {
            judge::open_counter(world).is_some()
                && it.doubted_us.is_some_and(|at_us| world.now_us() > at_us + 500_000)
        },
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "A number out of thin air",
        task: "Make the naive counter say a number that is wrong.",
        hint: "What it reads back it believes. When does it read? Not only after a crash.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("the number is never wrong"),
        budget: &[(FaultKind::Disk, 1), (FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "Bad, and mended",
        task: "Have the hardened counter come up although one of its copies is damaged.",
        hint: "Strike a copy, and let it be read.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, it| it.mendings > 0),
        budget: &[(FaultKind::Disk, 1), (FaultKind::Crash, 1)],
        par: 2,
    },
];
