//! What is told, and what a viewer may try.

use super::judge::{self, History, Taken};
use super::node::Node;
use super::{Style, alike};
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};
use crate::view::instant;

/// Returns true if the highest bully leads again after a crash, and in the other groups nobody made way
/// for who came back.
fn is_taken_back(world: &World<Node>, it: &History) -> bool {
    let top = alike(world.setup(), 1);
    let is_top = |style: Style| it.of(style).writer() == Some(top[style as usize]);
    it.has_recovered
        && is_top(Style::Bully)
        && !is_top(Style::Lease)
        && judge::all_are_written(world, it)
        && judge::leading(world, Style::Bully).len() == 1
}

/// In each group the highest server no longer reaches the next one.
fn are_cut(world: &World<Node>) -> bool {
    let mut links = alike(world.setup(), 1).into_iter().zip(alike(world.setup(), 2));
    links.all(|(from, to)| !world.network().reaches(from, to))
}

/// Returns who leads in each group, and in which epoch.
fn who_leads(world: &World<Node>, _: &History) -> String {
    let names = world.names();
    let group = |style: Style| {
        let leading = judge::leading(world, style).into_iter();
        let leading = leading.map(|(id, epoch)| format!("{} (epoch {epoch})", &names[id]));
        let leading: Vec<String> = leading.collect();
        let leading = if leading.is_empty() { "nobody".into() } else { leading.join(" and ") };
        format!("{leading} in {}", style.title())
    };
    format!("At {} these lead: {}", instant(world.now_us()), Style::ALL.map(group).join(", "))
}

/// Returns whose write the bully group's store took last, and whose before.
fn whose_writes(world: &World<Node>, it: &History) -> String {
    let names = world.names();
    let taken = &it.of(Style::Bully).taken;
    let say = |taken: &Taken| {
        let ((epoch, by), at) = (taken.reign, instant(taken.at_us));
        format!("one of {} in epoch {epoch} at {at}", &names[by])
    };
    let last: Vec<String> = taken.iter().rev().take(2).map(say).collect();
    let store = &names[super::store(world.setup(), Style::Bully)];
    format!("{store}'s last two writes, latest first: {}", last.join(", and "))
}

/// The lesson: who believes silence elects two; who asks a majority may still be restless.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Three rules for one lead",
        say: "The same servers three times. Bully: the highest number leads. Lease: who holds \
              it, until it ends. Raft: who has a majority's votes.",
        preset: Preset::Naive,
        when: judge::all_are_written,
        bet: None,
    },
    Beat {
        title: "One link, one way",
        say: "B5, L5 and R5 lead. Each no longer reaches number 4 of its group. All else works: \
              4 still reaches 5, and all reach the store.",
        preset: Preset::Naive,
        when: |world, _| are_cut(world),
        bet: Some(Answer {
            question: "Number 4 hears nothing from the leader any more. In which group will two lead?",
            options: &["Bully", "Lease", "Raft"],
            evidence: who_leads,
            right: |world, _| {
                judge::divided(world).filter(|_| are_cut(world)).map(|style| style as u8)
            },
        }),
    },
    Beat {
        title: "Silence taken for death",
        say: "B4 asked B5, heard no answer, and made itself coordinator in the next epoch. B5 \
              never stopped. Bully trusts that no message is lost.",
        preset: Preset::Naive,
        when: |world, it| {
            let next = alike(world.setup(), 2)[Style::Bully as usize];
            judge::divided(world) == Some(Style::Bully)
                && it.of(Style::Bully).writer() == Some(next)
        },
        bet: None,
    },
    Beat {
        title: "Two pens, one page",
        say: "Store B takes what B5 and B4 write in turn. The lease's keeper L1 and Raft's \
              majority still heard L5 and R5: nothing moved there.",
        preset: Preset::Naive,
        when: |world, it| judge::no_writes_overlap(world, it).is_err(),
        bet: None,
    },
    Beat {
        title: "Back, and boss again",
        say: "B4 and B5 ousted each other, one epoch each time: see Store B. B5 is back from a \
              crash, forgot that, and leads in 1. L5 and R5 follow.",
        preset: Preset::Naive,
        when: is_taken_back,
        bet: None,
    },
    Beat {
        title: "A majority and a number",
        say: "Now a majority must accept each leader, and each reign has an epoch that is given once. The \
              store refuses earlier ones.",
        preset: Preset::Hardened,
        when: judge::all_are_written,
        bet: Some(Answer {
            question: "The same link will go. Will the bully group still change its leader?",
            options: &["No, a majority hears B5", "Yes, but never two at the store"],
            evidence: whose_writes,
            right: |world, it| {
                let is_over = it.has_recovered && it.of(Style::Bully).changes == 0;
                if are_cut(world) && it.of(Style::Bully).changes > 0 {
                    Some(1)
                } else {
                    is_over.then_some(0)
                }
            },
        }),
    },
    Beat {
        title: "Safe, and restless",
        say: "B4 claims the lead, B5 claims it back, again and again. Each claim is a new epoch \
              that a majority accepts. Safe, but little gets done.",
        preset: Preset::Hardened,
        when: |_, it| it.of(Style::Bully).changes >= 3,
        bet: None,
    },
    Beat {
        title: "Refused at the store",
        say: "What a deposed B5 or B4 still sent came with an epoch that is over, and Store B refused it. \
              No clock was asked.",
        preset: Preset::Hardened,
        when: |world, it| {
            let last = it.of(Style::Bully).last_refused;
            last.is_some_and(|(at_us, _)| at_us == world.now_us())
        },
        bet: None,
    },
    Beat {
        title: "The bill",
        say: "Each try used up an epoch, won or not: B4's and B5's in turn, and L4's while L5 \
              still had the lease. Raft first asks who would vote for it.",
        preset: Preset::Hardened,
        when: is_taken_back,
        bet: None,
    },
];

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Two pens by standing still",
        task: "Have two servers of a group write in turn. The network stays whole, and nobody crashes.",
        hint: "A bully that stands still for a while does not know that it was replaced.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks(super::ONE_AFTER_THE_OTHER),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
    Puzzle {
        title: "Two changes by one crash",
        task: "With all safeguards on, make a group change its leader twice. You have one crash.",
        hint: "In which group does it matter who comes back?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, it| {
            it.has_recovered && Style::ALL.into_iter().any(|style| it.of(style).changes >= 2)
        }),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
