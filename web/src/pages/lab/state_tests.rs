//! How the lab's state changes, without a browser.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::sim::{Action, BeatView, Costs, NodeId};
use faultline_core::view::{Check, CheckKind, Layout, Scene, Verdict};
use yew::Reducible;

use super::intent::{Intent, SideTab};
use super::state::{LabEvent, LabState};
use crate::preferences::Preferences;
use crate::selection::Selection;
use crate::wire::{Card, Command, Figures, Frame, Opened, Reproduced, Stop, Update};

pub(super) fn opened(preset: Preset) -> Opened {
    let beat = |preset| BeatView { title: String::new(), say: String::new(), preset, bet: None };
    Opened {
        card: Card {
            slug: "slug".into(),
            title: String::new(),
            family: String::new(),
            seeds: Vec::new(),
            question: String::new(),
            promise: String::new(),
            constraint: String::new(),
            guarantee: String::new(),
            naive: String::new(),
            hardened: String::new(),
            breaks: String::new(),
            survives: String::new(),
            requirements: Vec::new(),
            faced: Vec::new(),
            saturates_first: String::new(),
            pitfalls: Vec::new(),
            primitives: Vec::new(),
            sources: Vec::new(),
            fidelity: Default::default(),
            boxes: Vec::new(),
            arrows: Vec::new(),
            scripts: Vec::new(),
        },
        seed: 1,
        preset: Some(preset),
        knobs: Vec::new(),
        switches: Vec::new(),
        commands: Vec::new(),
        lesson: vec![beat(Preset::Naive), beat(Preset::Naive), beat(Preset::Hardened)],
        puzzles: Vec::new(),
        glossary: Vec::new(),
        metrics: Vec::new(),
        horizon_us: 10_000,
        grain_us: 1_000,
        layout: Layout::Ring,
        zones: Vec::new(),
        guards: Vec::new(),
        revision: "1.1".into(),
        reproduced: Reproduced::ToTheBit,
    }
}

pub(super) fn frame(now_us: u64, broken_at_us: Option<u64>, beats: [bool; 3]) -> Frame {
    let verdict = broken_at_us.map_or(Verdict::Holds, |at_us| Verdict::Broken {
        at_us,
        event: 7,
        reason: "Two clerks sold one seat.".into(),
        nodes: vec![NodeId(1)],
        moments: Vec::new(),
    });
    let name = "One seat, one buyer".into();
    Frame {
        event: 7,
        actions: 0,
        next_at_us: Some(now_us + 1),
        scene: Scene {
            now_us,
            nodes: Vec::new(),
            messages: Vec::new(),
            fallen: Vec::new(),
            cuts: Vec::new(),
            holds: Vec::new(),
            loss_percent: 0,
            duplicate_percent: 0,
            panels: Vec::new(),
        },
        checks: vec![Check { name, kind: CheckKind::Invariant, verdict, judged: 7 }],
        beats: beats.map(|is_reached| is_reached.then_some(now_us)).to_vec(),
        answers: vec![None; 3],
        grades: Vec::new(),
        costs: Costs::default(),
        figures: Figures::default(),
        digest: 0,
        last: None,
        caption: Vec::new(),
        stop: None,
        heard: None,
    }
}

/// A lab that goes through `events` in order.
pub(super) fn after(events: impl IntoIterator<Item = LabEvent>) -> Rc<LabState> {
    let lab = Rc::new(LabState::new(Preferences::default()));
    events.into_iter().fold(lab, Reducible::reduce)
}

fn told_opened(preset: Preset) -> LabEvent {
    LabEvent::Told(Update::Opened(Box::new(opened(preset))))
}

fn told(frame: Frame) -> LabEvent {
    LabEvent::Told(Update::Frame(Box::new(frame)))
}

fn broken_naive() -> [LabEvent; 3] {
    [
        told_opened(Preset::Naive),
        LabEvent::Wanted(Intent::Play(true)),
        told(Frame {
            stop: Some(Stop::Violation(0)),
            ..frame(500, Some(500), [true, true, false])
        }),
    ]
}

#[test]
fn a_breach_stops_the_film_and_says_why() {
    let lab = after(broken_naive());
    assert!(!lab.plays);
    let broken = lab.broken().unwrap();
    assert_eq!((broken.at_us, broken.nodes), (500, vec![NodeId(1)]));
    assert_eq!(lab.held(), None);
}

#[test]
fn a_hardened_run_holds_once_it_has_got_past_the_breach() {
    let flipped = |now_us| {
        after(broken_naive().into_iter().chain([
            LabEvent::Wanted(Intent::Flip(Preset::Hardened)),
            told_opened(Preset::Hardened),
            told(frame(now_us, None, [true, true, true])),
        ]))
    };
    assert_eq!(flipped(499).held(), None);
    let past = |now_us| flipped(now_us).held().map(|(broken, is_over)| (broken.at_us, is_over));
    assert_eq!(past(500), Some((500, false)), "the story goes on");
    assert_eq!(past(10_000), Some((500, true)));
}

#[test]
fn another_schedule_is_no_comparison() {
    for intent in [
        Intent::Do(vec![Action::Heal]),
        Intent::Reseed,
        Intent::RunScript(0),
        Intent::Ask(Command::Undo),
        Intent::Flip(Preset::Naive),
    ] {
        let lab = after(broken_naive().into_iter().chain([
            LabEvent::Wanted(Intent::Flip(Preset::Hardened)),
            told_opened(Preset::Hardened),
            LabEvent::Wanted(intent),
            told(frame(900, None, [true, true, true])),
        ]));
        assert_eq!(lab.held(), None);
    }
}

#[test]
fn the_lesson_follows_the_run_within_the_preset() {
    let lab = |preset, beats| after([told_opened(preset), told(frame(5, None, beats))]);
    assert_eq!(lab(Preset::Naive, [true, true, true]).beat, 1);
    assert_eq!(lab(Preset::Hardened, [true, true, true]).beat, 2);
    assert_eq!(lab(Preset::Naive, [true, false, false]).beat, 0);
}

#[test]
fn a_beat_that_was_chosen_stays_until_the_viewer_moves_on() {
    let chosen = || {
        [
            told_opened(Preset::Naive),
            LabEvent::Wanted(Intent::GoToBeat(0)),
            told(frame(5, None, [true, true, false])),
        ]
    };
    assert_eq!(after(chosen()).beat, 0);
    let moved_on =
        [LabEvent::Wanted(Intent::Play(true)), told(frame(6, None, [true, true, false]))];
    assert_eq!(after(chosen().into_iter().chain(moved_on)).beat, 1);
}

#[test]
fn the_film_ends_at_the_horizon_and_can_go_on() {
    let up_to_horizon = || {
        [
            told_opened(Preset::Naive),
            LabEvent::Wanted(Intent::Play(true)),
            told(frame(9_000, None, [false; 3])),
            told(frame(10_000, None, [false; 3])),
        ]
    };
    assert!(!after(up_to_horizon()).plays);
    let beyond = [LabEvent::Wanted(Intent::Play(true)), told(frame(11_000, None, [false; 3]))];
    assert!(after(up_to_horizon().into_iter().chain(beyond)).plays);
}

#[test]
fn whatever_is_inspected_stands_still() {
    let node = Selection::Node(NodeId(0));
    let lab = after([
        told_opened(Preset::Naive),
        LabEvent::Wanted(Intent::Play(true)),
        LabEvent::Wanted(Intent::Select(Some(node))),
    ]);
    assert!(!lab.plays);
    assert_eq!((lab.selected, lab.side), (Some(node), SideTab::Inspect));
}

#[test]
fn leaving_closes_one_thing_at_a_time() {
    let leave = || LabEvent::Wanted(Intent::Leave);
    let node = Selection::Node(NodeId(0));
    let menu = || [told_opened(Preset::Naive), LabEvent::Wanted(Intent::Menu(node, 1.0, 2.0))];
    assert_eq!(after(menu()).menu_at, Some((1.0, 2.0)));
    let once = after(menu().into_iter().chain([leave()]));
    assert_eq!((once.menu_at, once.selected), (None, Some(node)));
    assert_eq!(after(menu().into_iter().chain([leave(), leave()])).selected, None);
}

#[test]
fn what_a_link_gave_is_said_until_the_run_moves_on() {
    let lab = after([told_opened(Preset::Naive), told(frame(5, None, [false; 3]))]);
    assert_eq!(lab.reproduced, Reproduced::ToTheBit);
    let lab = after([told_opened(Preset::Naive), LabEvent::Wanted(Intent::Play(true))]);
    assert_eq!(lab.reproduced, Reproduced::NotAsked);
}
