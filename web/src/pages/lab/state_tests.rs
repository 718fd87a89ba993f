//! How the lab's state changes, without a browser.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::sim::{Action, BeatView, Costs, NodeId, Step, TimedAction};
use faultline_core::view::{Check, CheckKind, Layout, Scene, Verdict};
use yew::Reducible;

use super::intent::{Intent, SideTab, StripTab};
use super::state::{LabEvent, LabState};
use super::trace::TraceIntent;
use crate::client::Trouble;
use crate::preferences::Preferences;
use crate::selection::Selection;
use crate::shared::Shared;
use crate::wire::{
    ActionView, Against, Card, Changes, Command, Compared, Figures, Frame, Kept, LaneView, Opened,
    Reproduced, Side, Since, Stop, Timeline, Until, Update,
};

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
        epoch_word: "epoch".into(),
        grain_us: 1_000,
        layout: Layout::Ring,
        zones: Vec::new(),
        guards: Vec::new(),
        on_disk: false,
        revision: "1.1".into(),
        reproduced: Reproduced::ToTheBit,
    }
}

pub(super) fn frame(now_us: u64, broken_at_us: Option<u64>, beats: [bool; 3]) -> Frame {
    let verdict = broken_at_us.map_or(Verdict::Holds, |at_us| Verdict::Broken {
        at_us,
        step: Step::Event(7),
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
        typed_up_to: 0,
    }
}

/// A lab that goes through `events` in order.
pub(super) fn after(events: impl IntoIterator<Item = LabEvent>) -> Rc<LabState> {
    // A run of the lesson's script.
    let timeline = Shared::new(Timeline { script: Some(0), ..Timeline::default() });
    let lab = Rc::new(LabState { timeline, ..LabState::new(Preferences::default()) });
    events.into_iter().fold(lab, Reducible::reduce)
}

fn told_opened(preset: Preset) -> LabEvent {
    LabEvent::Told(Update::Opened { request: 1, opened: Box::new(opened(preset)) })
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
    let past = |now_us| {
        let lab = flipped(now_us);
        lab.held().map(|broken| (broken.at_us, lab.is_over()))
    };
    assert_eq!(past(500), Some((500, false)), "the story goes on");
    assert_eq!(past(10_000), Some((500, true)));
}

#[test]
fn a_step_of_the_hardened_design_is_the_same_schedule_too() {
    let by_step = |now_us| {
        after(broken_naive().into_iter().chain([
            // Back before the breach, which is known all the same.
            LabEvent::Wanted(Intent::GoToBeat(0)),
            told(frame(100, None, [true, false, false])),
            LabEvent::Wanted(Intent::GoToBeat(2)),
            told_opened(Preset::Hardened),
            told(frame(now_us, None, [false, false, true])),
        ]))
    };
    assert!(by_step(400).held().is_none(), "it has not come so far");
    assert!(by_step(500).held().is_some());
}

#[test]
fn of_two_breaches_the_first_is_told_whichever_comes_later() {
    let both = |now_us| {
        let mut frame = frame(now_us, Some(500), [true, true, false]);
        let mut later = frame.checks[0].clone();
        later.name = "No seat is lost".into();
        if let Verdict::Broken { at_us, .. } = &mut later.verdict {
            *at_us = 700;
        }
        frame.checks.insert(0, later);
        after([told_opened(Preset::Naive), told(frame)])
    };
    assert_eq!(both(700).broken().unwrap().at_us, 500);
    assert_ne!(both(700).broken().unwrap().promise, "No seat is lost");
    let hardened =
        [LabEvent::Wanted(Intent::Flip(Preset::Hardened)), told_opened(Preset::Hardened)];
    let safe = told(frame(900, None, [false, false, true]));
    let lab = hardened.into_iter().chain([safe]).fold(both(700), Reducible::reduce);
    assert_eq!(lab.held().unwrap().at_us, 500, "without safeguards it broke there first");
}

#[test]
fn the_script_is_gone_back_to_without_beginning_the_story_anew() {
    let read = LabEvent::Wanted(Intent::GoToBeat(1));
    let lab = after(broken_naive().into_iter().chain([read]));
    let back = lab.clone().reduce(LabEvent::Wanted(Intent::BackToScript));
    assert_eq!((back.plays, &back.study.read), (false, &lab.study.read));
    assert!(lab.reduce(LabEvent::Wanted(Intent::RunScript(0))).study.read.is_empty());
}

#[test]
fn who_ends_a_comparison_is_back_at_the_tab_they_came_from() {
    let tab = |tab| LabEvent::Wanted(Intent::Strip(tab));
    let end = || LabEvent::Told(Update::Compared(None));
    let compare = || told_compared(Against::Preset(Preset::Hardened));
    let lab = after([told_opened(Preset::Naive), tab(StripTab::Faults), compare()]);
    assert_eq!(lab.strip, StripTab::Log);
    assert_eq!(lab.clone().reduce(end()).strip, StripTab::Faults);
    let chosen = lab.reduce(tab(StripTab::History)).reduce(end());
    assert_eq!(chosen.strip, StripTab::History, "what was chosen meanwhile stays");
}

#[test]
fn another_schedule_is_no_comparison() {
    for intent in [
        Intent::Do(vec![Action::Heal]),
        Intent::Reseed,
        Intent::RunScript(0),
        Intent::Ask(Command::Undo),
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

fn told_compared(against: Against) -> LabEvent {
    let compared = Compared { against: Some(against), ..Compared::default() };
    LabEvent::Told(Update::Compared(Some(Box::new(compared))))
}

fn lane() -> LaneView {
    LaneView {
        name: "without it".into(),
        link: "#/s/slug?seed=1".into(),
        muted: Vec::new(),
        from_us: 0,
        at_us: 0,
        known_us: 9,
        marks: Vec::new(),
        marks_left_out: 0,
    }
}

/// Two runs side by side, a future left behind, a muted action.
fn worked_on() -> Vec<LabEvent> {
    let heal = ActionView {
        at_us: 5,
        action: Action::Heal,
        sentence: String::new(),
        bites: None,
        is_vain: false,
    };
    let timeline = Timeline {
        name: "with it".into(),
        lanes: vec![lane()],
        muted: vec![heal],
        ..Timeline::default()
    };
    vec![
        told_opened(Preset::Naive),
        LabEvent::Told(Update::Timeline(Box::new(timeline))),
        told(frame(5, None, [false; 3])),
        told_compared(Against::Preset(Preset::Hardened)),
        told_other(),
    ]
}

/// The other run has come as far in more steps.
fn told_other() -> LabEvent {
    let other = Frame { event: 9, actions: 2, ..frame(5, None, [true; 3]) };
    LabEvent::Told(Update::Other(Box::new(other)))
}

#[test]
fn what_belongs_to_the_page_survives_its_engine_and_goes_to_the_next_one() {
    let link = "#/s/slug?seed=1&at=4s";
    let trouble = Trouble { sentence: "It fell.".into(), link: Some(link.into()), at_us: 4 };
    let lab = after(worked_on().into_iter().chain([LabEvent::Trouble(trouble)]));
    let kept = lab.kept_for(link).unwrap();
    assert_eq!((kept.name.as_str(), kept.lanes.as_slice()), ("with it", &[lane()][..]));
    assert_eq!(kept.muted, [TimedAction { at_us: 5, action: Action::Heal }]);
    assert_eq!(kept.against, Some(Against::Preset(Preset::Hardened)));
    assert_eq!(lab.kept_for("#/s/other"), None, "another run has nothing of it");
    assert!(lab.beside.is_none(), "until the next engine tells of it");
}

#[test]
fn a_run_that_was_being_opened_when_its_engine_fell_gets_what_is_its_own() {
    let link = "#/s/slug?seed=2&at=0s";
    let own = Kept { name: "the one to open".into(), ..Kept::default() };
    let trouble = Trouble { sentence: "It fell.".into(), link: Some(link.into()), at_us: 0 };
    let opening = after(worked_on().into_iter().chain([LabEvent::Opens(1, own.clone())]));
    let lost = opening.clone().reduce(LabEvent::Trouble(trouble));
    assert_eq!((lost.kept_of_lost(), lost.kept_for(link)), (own.clone(), Some(own)));
    assert_eq!(opening.kept().name, "with it", "what is on screen is still of the run before");
    let unopened =
        LabEvent::Told(Update::Unopened { request: 1, sentence: "The link is broken.".into() });
    let back = opening.clone().reduce(unopened);
    assert_eq!(back.kept_of_lost(), back.kept());
    // A command that fails meanwhile has nothing to do with that.
    let busy = opening.reduce(LabEvent::Told(Update::Failed("The engine is busy.".into())));
    assert!(busy.reduce(told_opened(Preset::Naive)).beside.is_none());
}

#[test]
fn an_answer_to_an_earlier_question_leaves_what_is_kept_for_the_later_one() {
    let own = Kept { name: "the later one".into(), ..Kept::default() };
    let both = [LabEvent::Opens(1, Kept::default()), LabEvent::Opens(2, own.clone())];
    let asked = after(worked_on().into_iter().chain(both));
    let earlier = asked.clone().reduce(told_opened(Preset::Naive));
    assert!(earlier.beside.is_none(), "another run is on screen");
    assert_eq!(earlier.kept_of_lost(), own);
    let sentence = "The link is broken.".to_owned();
    let unopened = LabEvent::Told(Update::Unopened { request: 1, sentence });
    assert_eq!(asked.reduce(unopened).kept_of_lost(), own);
    let opened = Box::new(opened(Preset::Naive));
    let later = earlier.reduce(LabEvent::Told(Update::Opened { request: 2, opened }));
    assert_eq!(later.kept_of_lost(), later.kept(), "nothing is being opened any more");
}

#[test]
fn another_world_after_as_many_events_is_another_moment() {
    let shown = LabEvent::Told(Update::Shown(Side::Other));
    let lab = after(worked_on().into_iter().chain([shown]));
    let still = |lab: &LabState| lab.moment(|| unreachable!("no film runs"));
    let timeline = LabEvent::Told(Update::Timeline(Box::default()));
    let edited = lab.clone().reduce(timeline);
    assert!(still(&edited) == still(&lab), "the other run is not there yet");
    assert!(still(&edited.reduce(told_other())) != still(&lab));
}

#[test]
fn a_link_that_cannot_be_opened_loses_nothing() {
    let open = || LabEvent::Opens(1, Kept::default());
    let failed =
        LabEvent::Told(Update::Unopened { request: 1, sentence: "The link is broken.".into() });
    let lab = after(worked_on().into_iter().chain([open(), failed]));
    assert!(lab.beside.is_some() && !lab.timeline.lanes.is_empty());
    assert_eq!(lab.notice.as_ref().map(|it| it.1), Some(true));
    // Changed afterwards, it is still the same run; opened, it is another one.
    let remade = LabEvent::Told(Update::Remade(Box::new(opened(Preset::Hardened))));
    assert!(lab.clone().reduce(remade).beside.is_some());
    let lab = lab.reduce(open()).reduce(told_opened(Preset::Naive));
    assert!(lab.beside.is_none());
}

#[test]
fn of_two_runs_the_panels_show_the_one_that_the_engine_speaks_of() {
    let told = LabEvent::Told(Update::Shown(Side::Other));
    let inside = || {
        let changes = Changes { since_us: 3, ..Changes::default() };
        LabEvent::Told(Update::Changes(changes))
    };
    let wanted = LabEvent::Wanted(Intent::ShowSide(Side::Other));
    let lab = after(worked_on().into_iter().chain([inside(), wanted]));
    assert_eq!((lab.side_shown(), lab.trace.changes.since_us), (Side::This, 3));
    let lab = lab.reduce(told);
    assert_eq!((lab.side_shown(), lab.trace.changes.since_us), (Side::Other, 0));
    let shown = lab.as_shown();
    assert_eq!(shown.frame.as_ref().unwrap().beats, [Some(5); 3]);
    let timeline = Timeline { known_us: 77, ..Timeline::default() };
    let lab = lab.reduce(LabEvent::Told(Update::OtherTimeline(Box::new(timeline))));
    assert_eq!(lab.as_shown().timeline.known_us, 77);
    assert_eq!(lab.timeline.name, "with it");
    let lab = lab.reduce(LabEvent::Told(Update::Compared(None)));
    assert_eq!((lab.side_shown(), lab.kept().against), (Side::This, None));
}

#[test]
fn a_pinned_moment_is_a_place_in_either_run_and_a_time_in_a_new_one() {
    let pin = LabEvent::Wanted(Intent::Trace(TraceIntent::Pin(true)));
    let lab = after(worked_on().into_iter().chain([pin]));
    let since = |lab: &LabState, side| lab.trace.pin.unwrap().since(side);
    for (side, place) in [(Side::This, (7, 0)), (Side::Other, (9, 2))] {
        assert_eq!(since(&lab, side), Since { at_us: 5, place: Some(place) });
    }
    let lab = lab.reduce(LabEvent::Told(Update::Remade(Box::new(opened(Preset::Hardened)))));
    assert_eq!(since(&lab, Side::Other), Since { at_us: 5, place: None });
}

#[test]
fn what_is_so_already_is_said_where_the_next_time_can_be_asked_for() {
    let stop = Stop::Already("Already so.".into(), Some(Until::Violation));
    let already = Frame { stop: Some(stop), ..frame(5, None, [false; 3]) };
    let lab = after([told_opened(Preset::Naive), told(already)]);
    assert!(lab.chooses_until);
    assert_eq!(lab.already.as_ref().and_then(|it| it.1.clone()), Some(Until::Violation));
    let again = Command::RunUntil { until: Until::Violation, again: true };
    let lab = lab.reduce(LabEvent::Wanted(Intent::Ask(again)));
    assert!(lab.already.is_none());
}

#[test]
fn who_was_led_to_another_run_can_go_back_until_something_else_is_changed() {
    let adopt = || Command::Adopt { link: "#/s/slug?seed=1".into(), name: "another".into() };
    let asked = |command| LabEvent::Wanted(Intent::Ask(command));
    let lab = after([told_opened(Preset::Hardened), asked(adopt())]);
    assert_eq!(lab.left_at_us, Some(0));
    assert!(lab.clone().reduce(LabEvent::Wanted(Intent::Play(true))).left_at_us.is_some());
    assert!(lab.clone().reduce(asked(Command::Undo)).left_at_us.is_none(), "one is back");
    assert!(lab.reduce(LabEvent::Wanted(Intent::Flip(Preset::Naive))).left_at_us.is_none());
}
