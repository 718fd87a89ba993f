//! The timeline: actions changed on it, futures left behind, running until something is so.

use std::collections::BTreeSet;

use faultline_core::scenario::Preset;
use faultline_core::sim::{Action, NodeId, TextKind};
use faultline_core::view::{CheckKind, Verdict};
use faultline_web::wire::{Against, Bound, Command, MarkGlyph, Stop, Until, Update};

use crate::every_link;
use crate::page::Page;

/// A counter in which one node crashes at 1 s, known to 3 s, the cursor at 2 s.
fn crashed() -> Page {
    let mut page = Page::open("#/s/g-counter?seed=3&a=");
    page.send(Command::Seek { at_us: 1_000_000 });
    page.send(Command::Act(vec![Action::Crash(NodeId(0))]));
    page.send(Command::Seek { at_us: 3_000_000 });
    page.send(Command::Seek { at_us: 2_000_000 });
    page
}

fn told(page: &Page) -> Vec<(u64, &str)> {
    page.timeline().actions.iter().map(|it| (it.at_us, it.sentence.as_str())).collect()
}

#[test]
fn an_action_is_moved_changed_and_copied_and_the_old_future_kept() {
    let mut page = crashed();
    assert_eq!(told(&page), [(1_000_000, "Crash N1")]);
    let before = page.frame().digest;
    let action = Action::Pause(NodeId(2));
    let was = page.action(0);
    page.send(Command::EditAction { was, at_us: 1_500_400, action: action.clone() });
    // Rounded up to the scenario's grain.
    let moved_us = 1_501_000;
    assert_eq!(told(&page), [(moved_us, "Pause N3")]);
    assert_eq!(page.now_us(), 2_000_000, "the cursor stays");
    assert_eq!(page.timeline().known_us, 3_000_000, "what was known is known again");
    let lane = &page.timeline().lanes[0];
    assert_eq!((lane.from_us, lane.at_us, lane.known_us), (1_000_000, 2_000_000, 3_000_000));
    assert_eq!(lane.name, "with “Crash N1” at 1.000 s");
    assert_eq!(page.timeline().name, "with “Pause N3” at 1.501 s");
    assert!(lane.marks.iter().any(|mark| mark.kind == MarkGlyph::Fault), "{lane:?}");
    assert!(lane.marks.iter().all(|mark| mark.at_us >= lane.from_us));
    page.assert_link_gives_this_run();

    page.send(Command::AddAction { at_us: 2_500_000, action });
    assert_eq!(told(&page), [(moved_us, "Pause N3"), (2_500_000, "Pause N3")]);
    assert_eq!(page.timeline().lanes.len(), 2);
    page.send(Command::Undo);
    page.send(Command::Undo);
    assert_eq!(told(&page), [(1_000_000, "Crash N1")]);
    assert_eq!(page.frame().digest, before);
    assert_eq!(page.timeline().name, "the run as it was opened");
    assert!(page.timeline().lanes.iter().all(|lane| lane.name != "with “Crash N1” at 1.000 s"));
    page.send(Command::Redo);
    assert_eq!(told(&page), [(moved_us, "Pause N3")]);
    assert_eq!(page.timeline().lanes.len(), 1);
}

#[test]
fn actions_of_one_instant_keep_their_turn() {
    let mut page = Page::open("#/s/g-counter?seed=3&a=");
    for node in 0..3 {
        page.send(Command::AddAction { at_us: 1_000_000, action: Action::Crash(NodeId(node)) });
    }
    let action = Action::Pause(NodeId(1));
    page.send(Command::EditAction { was: page.action(1), at_us: 1_000_000, action });
    let sentences: Vec<_> = told(&page).into_iter().map(|it| it.1).collect();
    assert_eq!(sentences, ["Crash N1", "Pause N2", "Crash N3"]);
    assert_eq!(page.timeline().lanes, [], "nothing of it was known");
}

#[test]
fn a_lane_is_named_gone_back_to_and_forgotten() {
    let mut page = crashed();
    let with_crash = page.frame().digest;
    page.send(Command::RemoveAction(page.action(0)));
    assert_eq!(page.timeline().name, "without “Crash N1” at 1.000 s");
    page.send(Command::RenameLane { lane: page.lane(0), name: "  the bad one ".into() });
    assert_eq!(page.timeline().lanes[0].name, "the bad one");
    page.send(Command::RenameLane { lane: page.lane(0), name: "  ".into() });
    assert_eq!(page.timeline().lanes[0].name, "the bad one");
    page.send(Command::OpenLane { lane: page.lane(0) });
    assert_eq!(page.frame().digest, with_crash);
    assert_eq!(page.timeline().name, "the bad one");
    assert_eq!(page.timeline().lanes[0].name, "without “Crash N1” at 1.000 s");
    page.send(Command::RemoveLane { lane: page.lane(0) });
    assert_eq!(page.timeline().lanes, []);
}

#[test]
fn a_run_goes_on_until_a_number_is_reached() {
    let mut page = Page::open("#/s/g-counter?seed=3");
    let metrics = page.opened.as_ref().unwrap().metrics.clone();
    let series = |page: &Page| page.timeline().series.clone();
    page.send(Command::Seek { at_us: 3_000_000 });
    let highest: Vec<i64> = series(&page)
        .iter()
        .map(|points| points.iter().map(|point| point.1).max().unwrap_or_default())
        .collect();
    let metric = highest.iter().position(|highest| *highest > 1).unwrap();
    let value = highest[metric];
    page.send(Command::Seek { at_us: 0 });
    let metric = u16::try_from(metric).unwrap();
    page.send(Command::RunUntil {
        until: Until::Metric { metric, bound: Bound::AtLeast, value },
        again: true,
    });
    let Some(Stop::Reached(sentence)) = page.frame().stop.clone() else {
        panic!("{:?}", page.frame().stop);
    };
    let label = &metrics[usize::from(metric)].label;
    assert!(sentence.contains(&format!("“{label}” is {value}")), "{sentence}");
    assert!(page.now_us() <= 3_000_000);

    let far = Until::Metric { metric, bound: Bound::AtLeast, value: i64::MAX };
    page.send(Command::RunUntil { until: far, again: true });
    let Some(Stop::NotReached(sentence)) = page.frame().stop.clone() else {
        panic!("{:?}", page.frame().stop);
    };
    assert!(sentence.contains("did not rise to") && sentence.contains("(highest: "), "{sentence}");
    page.send(Command::RunUntil {
        until: Until::Metric { metric: 99, bound: Bound::AtMost, value: 0 },
        again: true,
    });
    assert!(matches!(page.frame().stop, Some(Stop::NotReached(_))), "{:?}", page.frame().stop);
}

#[test]
fn a_run_goes_on_until_words_are_said_whether_it_is_known_or_not() {
    let until = |words: &str, kind| Command::RunUntil {
        until: Until::Words { words: words.into(), kind },
        again: true,
    };
    let mut page = Page::open("#/s/g-counter?seed=3");
    page.send(until("n3 ACKNOWLEDGES", Some(TextKind::Fact)));
    let Some(Stop::Reached(sentence)) = page.frame().stop.clone() else {
        panic!("{:?}", page.frame().stop);
    };
    assert!(sentence.contains("N3 acknowledges"), "{sentence}");
    let (event, digest) = (page.frame().event, page.frame().digest);
    page.send(Command::Seek { at_us: 4_000_000 });
    page.send(Command::Seek { at_us: 0 });
    page.send(until("n3 ACKNOWLEDGES", Some(TextKind::Fact)));
    assert_eq!((page.frame().event, page.frame().digest), (event, digest), "in the known run too");
    page.send(until("no such words", None));
    let Some(Stop::NotReached(sentence)) = page.frame().stop.clone() else {
        panic!("{:?}", page.frame().stop);
    };
    assert!(sentence.starts_with("No line of the log had “no such words” up to"), "{sentence}");
    page.assert_link_gives_this_run();
}

/// Long runs: how much has to be done again is counted, since time depends on the machine. The
/// browser's test measures milliseconds.
#[test]
fn stepping_back_and_seeking_far_into_a_long_run_does_little_again() {
    let mut page = Page::open("#/s/single-leader?seed=1&a=");
    let mut at_us = 0;
    while page.timeline().events < 1_000_000 {
        at_us += 600_000_000;
        page.send(Command::Seek { at_us });
        assert!(page.frame().event > 0);
    }
    let known = page.timeline().events;
    // One look at the clock every 16 steps: so many slices of one look a move takes.
    let looks = |page: &mut Page, command: Command| {
        let mut looks = 1_u32;
        let mut has_more = page.begin(command);
        while has_more {
            has_more = page.slice(1);
            looks += 1;
        }
        looks
    };
    for share in [1, 3, 7, 9] {
        let event = known / 10 * share;
        // 128 checkpoints, and their distance doubles.
        let most = 1_000_000 / 64 / 16 * 2;
        let seek = looks(&mut page, Command::SeekEvent { event });
        assert!(seek <= most, "{seek} looks to go to {event} of {known}");
        for _ in 0..5 {
            let back = looks(&mut page, Command::StepBack);
            assert_eq!(back, 1, "a step back is done at once");
        }
    }
    assert_eq!(page.timeline().events, known, "nothing of it was forgotten");
}

#[test]
fn an_action_is_known_by_what_it_is_and_never_another_one_hit() {
    let mut page = Page::open("#/s/g-counter?seed=3&a=");
    for node in 0..3 {
        let at_us = 1_000_000 + u64::from(node);
        page.send(Command::AddAction { at_us, action: Action::Crash(NodeId(node)) });
    }
    page.send(Command::Seek { at_us: 3_000_000 });
    // The list is remade while more of what was shown before is hit: twice the first, then the last.
    let [first, last] = [0, 2].map(|index| page.action(index));
    assert!(page.begin(Command::RemoveAction(first.clone())));
    page.begin(Command::RemoveAction(first.clone()));
    let moved = Command::EditAction { was: first, at_us: 2_000_000, action: Action::Heal };
    page.begin(moved);
    page.begin(Command::RemoveAction(last));
    page.settle();
    let failures = page.updates.iter().filter(|it| matches!(it, Update::Failed(_))).count();
    assert_eq!(failures, 2, "{:?}", page.updates);
    assert_eq!(page.failure(), Some("This action is not there any more: the list has changed."));
    let sentences: Vec<_> = told(&page).into_iter().map(|it| it.1).collect();
    assert_eq!(sentences, ["Crash N2"]);
}

#[test]
fn a_muted_action_is_not_in_the_run_and_can_be_put_back() {
    let mut page = crashed();
    let with_crash = page.frame().digest;
    page.send(Command::MuteAction(page.action(0)));
    let muted = |page: &Page| -> Vec<String> {
        page.timeline().muted.iter().map(|it| it.sentence.clone()).collect()
    };
    assert_eq!((told(&page), muted(&page)), (vec![], vec!["Crash N1".to_owned()]));
    assert_ne!(page.frame().digest, with_crash);
    page.assert_link_gives_this_run();
    page.send(Command::Undo);
    assert_eq!((told(&page).len(), muted(&page).len()), (1, 0));
    page.send(Command::Redo);
    assert_eq!((told(&page).len(), muted(&page).len()), (0, 1));
    let timed = page.timeline().muted[0].timed();
    page.send(Command::Unmute { muted: timed.clone(), is_back: true });
    assert_eq!(told(&page), [(1_000_000, "Crash N1")]);
    assert_eq!(page.frame().digest, with_crash);
    page.send(Command::Unmute { muted: timed.clone(), is_back: true });
    assert!(page.failure().is_some(), "it is not muted any more");
    page.send(Command::MuteAction(page.action(0)));
    page.send(Command::Unmute { muted: timed, is_back: false });
    assert!(told(&page).is_empty() && muted(&page).is_empty());
    page.send(Command::Undo);
    assert_eq!(muted(&page).len(), 1, "to forget it can be undone as well");
}

#[test]
fn what_was_known_is_known_again_after_undo_and_redo() {
    let mut page = crashed();
    page.send(Command::RemoveAction(page.action(0)));
    assert_eq!(page.timeline().known_us, 3_000_000);
    for command in [Command::Undo, Command::Redo, Command::Undo] {
        page.send(command.clone());
        assert_eq!(
            (page.now_us(), page.timeline().known_us),
            (2_000_000, 3_000_000),
            "{command:?}"
        );
    }
    // What is done in the past cuts the future off; undone, that is there again.
    page.send(Command::Act(vec![Action::Heal]));
    assert!(page.timeline().known_us < 2_100_000);
    page.send(Command::Undo);
    assert_eq!((page.now_us(), page.timeline().known_us), (2_000_000, 3_000_000));
}

#[test]
fn what_has_nothing_to_do_with_the_cursor_leaves_a_run_until_going() {
    let mut page = crashed();
    page.send(Command::MuteAction(page.action(0)));
    let until = Until::Words { words: "no such words".into(), kind: None };
    let (lane, muted) = (page.lane(0), page.timeline().muted[0].timed());
    assert!(page.begin(Command::RunUntil { until, again: false }));
    assert!(page.slice(1));
    for command in [
        Command::Watch(Some(NodeId(0))),
        Command::RenameLane { lane: lane.clone(), name: "the bad one".into() },
        Command::RemoveLane { lane },
        Command::Unmute { muted, is_back: false },
    ] {
        assert!(page.begin(command.clone()), "{command:?} ends it");
        assert!(page.slice(1), "{command:?} ends it");
    }
    page.settle();
    assert!(matches!(page.frame().stop, Some(Stop::NotReached(_))), "{:?}", page.frame().stop);
    assert!(page.timeline().lanes.is_empty() && page.timeline().muted.is_empty());
}

#[test]
fn whatever_ends_a_run_until_the_page_is_told_where_it_got_to() {
    let compare = |preset| Command::Compare(Some(Against::Preset(preset)));
    for command in [
        Command::GoToBeat { beat: 99 },
        compare(Preset::Hardened),
        Command::Compare(None),
        Command::Cancel,
    ] {
        let mut page = Page::open("#/s/single-leader?seed=3&preset=naive");
        page.send(compare(Preset::Hardened));
        let before = page.frame().event;
        let until = Until::Words { words: "no such words".into(), kind: None };
        assert!(page.begin(Command::RunUntil { until, again: false }));
        assert!(page.slice(1));
        page.send(command.clone());
        assert!(page.frame().event > before, "{command:?}");
        let (here_us, event) = (page.now_us(), page.frame().event);
        if page.compared.is_some() {
            assert_eq!(page.other.as_ref().unwrap().scene.now_us, here_us, "{command:?}");
        }
        page.send(Command::Watch(None));
        assert_eq!(page.frame().event, event, "{command:?}");
    }
}

#[test]
fn a_goal_that_was_reached_can_be_run_until_again_and_an_alert_rings() {
    let mut seen = BTreeSet::new();
    for link in every_link() {
        let mut page = Page::open(&link);
        let horizon_us = page.opened.as_ref().unwrap().horizon_us;
        page.send(Command::Seek { at_us: horizon_us });
        let checks = page.frame().checks.clone();
        for (index, check) in (0..).zip(&checks) {
            let until = |again| Command::RunUntil { until: Until::Check(index), again };
            match (check.kind, &check.verdict) {
                (CheckKind::Goal, Verdict::Reached { at_us }) => {
                    page.send(Command::Seek { at_us: *at_us });
                    page.send(until(false));
                    let stop = page.frame().stop.clone();
                    let Some(Stop::Already(sentence, Some(_))) = &stop else { panic!("{stop:?}") };
                    assert!(sentence.ends_with("is reached."), "{sentence}");
                    page.send(until(true));
                    let stop = page.frame().stop.clone();
                    let Some(Stop::NotReached(sentence) | Stop::Reached(sentence)) = &stop else {
                        panic!("{stop:?}")
                    };
                    let is_told = sentence.contains("was not missed up to");
                    assert!(is_told || sentence.ends_with("is missed."), "{sentence}");
                    assert!(page.now_us() > *at_us, "it plays on");
                    seen.insert("goal");
                }
                (CheckKind::Alert, Verdict::Broken { .. }) => {
                    page.send(Command::Seek { at_us: 0 });
                    page.send(until(false));
                    let stop = page.frame().stop.clone();
                    let Some(Stop::Reached(sentence)) = &stop else { panic!("{stop:?}") };
                    assert!(sentence.ends_with("rings."), "{sentence}");
                    seen.insert("alert");
                }
                _ => {}
            }
        }
    }
    assert_eq!(seen, ["alert", "goal"].into());
}

#[test]
fn a_future_that_has_a_name_keeps_it_when_it_is_left() {
    let mut page = crashed();
    page.send(Command::RemoveAction(page.action(0)));
    page.send(Command::RenameLane { lane: page.lane(0), name: "the bad one".into() });
    page.send(Command::OpenLane { lane: page.lane(0) });
    assert_eq!(page.timeline().name, "the bad one");
    let action = Action::Pause(NodeId(2));
    page.send(Command::EditAction { was: page.action(0), at_us: 1_500_000, action });
    let names: Vec<&str> = page.timeline().lanes.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["without “Crash N1” at 1.000 s", "the bad one"]);
    assert_eq!(page.timeline().name, "with “Pause N3” at 1.500 s");
}

#[test]
fn what_is_so_already_is_said_and_the_next_time_can_be_asked_for() {
    let mut page = Page::open("#/s/single-leader?seed=3&preset=naive");
    page.send(Command::RunUntil { until: Until::Violation, again: false });
    assert!(matches!(page.frame().stop, Some(Stop::Violation(_))), "{:?}", page.frame().stop);
    let here = page.now_us();
    let broken = page.frame().checks.iter().position(faultline_core::view::Check::is_violated);
    let check = Until::Check(u16::try_from(broken.unwrap()).unwrap());
    for (until, can_be_again) in [(Until::Violation, true), (check, false)] {
        page.send(Command::RunUntil { until: until.clone(), again: false });
        let Some(Stop::Already(sentence, again)) = page.frame().stop.clone() else {
            panic!("{:?}", page.frame().stop);
        };
        assert!(sentence.starts_with("Already so at ") && sentence.ends_with('.'), "{sentence}");
        assert!(sentence.contains("is broken"), "{sentence}");
        assert_eq!(again, can_be_again.then_some(until));
        assert_eq!(page.now_us(), here, "the cursor stays");
    }
    let at_least = Until::Metric { metric: 0, bound: Bound::AtLeast, value: i64::MIN };
    page.send(Command::RunUntil { until: at_least.clone(), again: false });
    assert!(matches!(&page.frame().stop, Some(Stop::Already(..))), "{:?}", page.frame().stop);
    page.send(Command::RunUntil { until: at_least, again: true });
    assert!(matches!(&page.frame().stop, Some(Stop::NotReached(..))), "{:?}", page.frame().stop);
}
