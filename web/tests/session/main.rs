//! The engine as the page meets it, natively: every command, on every scenario.
#![allow(clippy::unwrap_used, reason = "what is not there where it must be fails the test")]

mod any;
mod compare;
mod figures;
mod film;
mod lost;
mod page;
mod time;
mod trace;
mod typing;
mod watching;

use std::collections::BTreeSet;

use faultline_core::scenario::{self, Preset};
use faultline_core::sim::{Action, Fate, InputValue, NodeId, Stream};
use faultline_core::view::CheckKind;
use faultline_web::wire::{Command, Kept, Stop, Until, Update};

use any::{any_action, any_command};
use page::Page;

/// The links of every scenario in both presets.
fn every_link() -> Vec<String> {
    let listed = scenario::all().map(|scenario| scenario.slug);
    let slugs = listed.chain(["test-panics"]);
    let both =
        |slug| Preset::ALL.map(|preset| format!("#/s/{slug}?seed=3&preset={}", preset.key()));
    slugs.flat_map(both).collect()
}

#[test]
fn any_commands_in_any_order_are_answered_and_the_link_gives_the_same_run() {
    for (link, stream_number) in every_link().iter().zip(0_u32..) {
        let mut stream = Stream::new(11, ("commands", stream_number));
        let mut page = Page::open(link);
        for nth in 0..150 {
            let command = any_command(&page, &mut stream);
            page.send(command.clone());
            assert!(!page.updates.is_empty(), "{link}: no answer to {command:?}");
            if nth % 10 == 0 {
                page.assert_link_gives_this_run();
            }
        }
    }
}

#[test]
fn a_page_that_interrupts_at_any_time_leaves_a_sound_run() {
    for (link, stream_number) in every_link().iter().zip(0_u32..) {
        let mut stream = Stream::new(12, ("interruptions", stream_number));
        let mut page = Page::open(link);
        for _ in 0..100 {
            let command = any_command(&page, &mut stream);
            let mut has_more = page.begin(command);
            for _ in 0..stream.range(0, 3) {
                has_more = has_more && page.slice(1);
            }
        }
        page.send(Command::Cancel);
        page.assert_link_gives_this_run();
    }
}

#[test]
fn acting_at_every_boundary_gives_the_run_of_the_link() {
    for (link, stream_number) in every_link().iter().zip(0_u32..) {
        let mut stream = Stream::new(13, ("boundaries", stream_number));
        let mut page = Page::open(link);
        for _ in 0..60 {
            page.send(Command::Step);
            page.assert_link_gives_this_run();
            page.send(Command::Act(vec![any_action(&page, &mut stream)]));
            page.assert_link_gives_this_run();
        }
    }
}

#[test]
fn undo_and_redo_give_back_what_was() {
    for link in every_link() {
        let mut page = Page::open(&link);
        page.send(Command::Seek { at_us: 1_000_000 });
        let before = page.frame().digest;
        page.send(Command::Act(vec![Action::Crash(NodeId(0))]));
        page.send(Command::Seek { at_us: 2_000_000 });
        let crashed = page.frame().digest;
        let actions = page.timeline().actions.len();
        page.send(Command::Undo);
        assert_eq!(page.timeline().actions.len() + 1, actions, "{link}");
        assert_ne!(page.frame().digest, crashed, "{link}");
        page.send(Command::Seek { at_us: 1_000_000 });
        assert_eq!(page.frame().digest, before, "{link}");
        page.send(Command::Redo);
        page.send(Command::Seek { at_us: 2_000_000 });
        assert_eq!(page.frame().digest, crashed, "{link}");
        page.send(Command::Undo);
        page.send(Command::Undo);
        assert_eq!(page.failure(), Some("There is nothing to undo."), "{link}");
    }
}

#[test]
fn acting_in_the_past_keeps_the_old_future_as_a_lane() {
    for link in every_link() {
        let mut page = Page::open(&link);
        page.send(Command::Seek { at_us: 3_000_000 });
        let end = page.frame().digest;
        page.send(Command::Seek { at_us: 1_000_000 });
        let fork = page.frame().digest;
        page.send(Command::Act(vec![Action::Crash(NodeId(0))]));
        assert_eq!(page.timeline().lanes.len(), 1, "{link}");
        assert!(page.timeline().known_us < 1_100_000, "{link}");
        page.send(Command::OpenLane { lane: page.lane(0) });
        assert_eq!(page.now_us(), 1_000_000, "{link}");
        assert_eq!(page.frame().digest, fork, "{link}");
        assert!(page.timeline().known_us >= 3_000_000, "{link}: its future is known again");
        assert_eq!(page.timeline().lanes.len(), 1, "{link}: the other future is kept");
        page.send(Command::Seek { at_us: 3_000_000 });
        assert_eq!(page.frame().digest, end, "{link}");
        for _ in 0..20 {
            page.send(Command::StepBack);
            page.send(Command::Act(vec![Action::Heal]));
        }
        assert_eq!(page.timeline().lanes.len(), 8, "{link}");
    }
}

#[test]
fn cancelling_takes_no_longer_than_a_slice() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    page.send(Command::Seek { at_us: 500_000 });
    assert!(page.begin(Command::RunUntil { until: Until::Violation, again: true }));
    let before = page.frame().event;
    assert!(page.slice(1));
    page.begin(Command::Cancel);
    assert!(!page.slice(1), "nothing is under way any more");
    let handled = page.frame().event - before;
    assert!((1..=16).contains(&handled), "{handled} events in the shortest slice");
}

#[test]
fn what_is_meant_for_a_place_waits_until_the_run_is_there() {
    let mut page = Page::default();
    assert!(page.begin(Command::Open {
        request: 1,
        link: "#/s/g-counter?seed=1&at=2s".into(),
        default_seed: 1,
        kept: Kept::default()
    }));
    assert!(page.begin(Command::Flip(Preset::Hardened)));
    for percent in 1..20 {
        assert!(page.begin(Command::Seek { at_us: 2_000_000 + percent }));
        assert!(page.begin(Command::Set { key: "nodes".into(), value: percent.to_string() }));
    }
    assert!(page.begin(Command::Act(vec![Action::Crash(NodeId(1))])));
    while page.slice(1) {}
    assert_eq!(page.opened.as_ref().unwrap().preset, Some(Preset::Hardened));
    let actions = &page.timeline().actions;
    assert!(actions.iter().any(|it| it.sentence == "Crash N2" && it.at_us >= 2_000_000));
}

#[test]
fn an_answer_names_the_question_to_which_it_belongs() {
    let mut page = Page::default();
    let open = |request, slug: &str| Command::Open {
        request,
        link: format!("#/s/{slug}?seed=1&at=2s"),
        default_seed: 1,
        kept: Kept::default(),
    };
    let asked = |update: &Update| {
        let (Update::Opened { request, .. } | Update::Unopened { request, .. }) = update else {
            return None;
        };
        Some(*request)
    };
    page.begin(open(1, "g-counter"));
    page.begin(open(2, "nowhere"));
    assert_eq!(page.updates.iter().find_map(asked), Some(2));
    page.send(open(3, "single-leader"));
    let answers: Vec<_> = page.updates.iter().filter_map(asked).collect();
    assert_eq!(answers, [3], "the run that gave way is not told of");
}

#[test]
fn a_detour_needs_no_arrival() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    assert!(page.begin(Command::Seek { at_us: 9_000_000_000 }));
    assert!(page.slice(1));
    page.send(Command::Seek { at_us: 1_000_000 });
    assert_eq!(page.now_us(), 1_000_000);
    assert!(page.timeline().known_us < 10_000_000);
}

#[test]
fn long_work_reports_and_questions_do_not_disturb_it() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    assert!(page.begin(Command::RunUntil { until: Until::Violation, again: true }));
    let mut reports = 0;
    for _ in 0..100_000 {
        page.begin(Command::Share);
        let has_more = page.slice(1);
        reports += page.updates.iter().filter(|u| matches!(u, Update::Progress { .. })).count();
        if !has_more {
            break;
        }
    }
    assert!(reports > 0);
    assert!(matches!(page.frame().stop, Some(Stop::NotReached(_))), "{:?}", page.frame().stop);
}

#[test]
fn playing_pauses_once_at_the_first_violation_and_once_at_each_step_of_the_lesson() {
    for link in every_link() {
        let mut page = Page::open(&link);
        let horizon_us = page.opened.as_ref().unwrap().horizon_us;
        let (mut violations, mut beats) = (0, BTreeSet::new());
        while page.now_us() < horizon_us {
            page.send(Command::Advance { to_us: horizon_us, pauses: true });
            match page.frame().stop.clone() {
                Some(Stop::Violation(check)) => {
                    let check = &page.frame().checks[usize::from(check)];
                    assert!(check.is_violated(), "{link}: {check:?}");
                    assert!(matches!(check.kind, CheckKind::Invariant | CheckKind::Goal));
                    violations += 1;
                }
                Some(Stop::Beat(beat)) => assert!(beats.insert(beat), "{link}: {beat} twice"),
                Some(stop) => panic!("{link}: {stop:?}"),
                None => assert_eq!(page.now_us(), horizon_us),
            }
        }
        assert!(violations <= 1, "{link}: {violations} pauses");
        let naive = page.opened.as_ref().unwrap().preset == Some(Preset::Naive);
        let has_script = !page.opened.as_ref().unwrap().card.scripts.is_empty();
        assert_eq!(violations == 1, naive && has_script, "{link}");
    }
}

#[test]
fn every_step_of_a_lesson_can_be_gone_to_from_either_preset() {
    for link in every_link() {
        let mut page = Page::open(&link);
        let lesson = page.opened.as_ref().unwrap().lesson.clone();
        for (index, beat) in lesson.iter().enumerate().rev() {
            page.send(Command::GoToBeat { beat: u16::try_from(index).unwrap() });
            let at_us = page.frame().beats[index];
            assert_eq!(at_us, Some(page.now_us()), "{link}: {}", beat.title);
            assert_eq!(page.opened.as_ref().unwrap().preset, Some(beat.preset));
        }
    }
}

#[test]
fn interesting_places_are_the_same_both_ways() {
    for link in every_link() {
        let mut page = Page::open(&link);
        let mut forth = vec![(page.frame().event, page.frame().actions)];
        for _ in 0..30 {
            page.send(Command::NextInteresting);
            if page.frame().stop.is_some() {
                page.send(Command::Seek { at_us: 0 });
                page.send(Command::SeekEvent { event: forth.last().unwrap().0 - 1 });
                break;
            }
            forth.push((page.frame().event, page.frame().actions));
        }
        // The start is where the run began to be shown, of note or not.
        for expected in forth.iter().skip(1).rev().skip(1) {
            page.send(Command::PreviousInteresting);
            assert_eq!((page.frame().event, page.frame().actions), *expected, "{link}");
        }
    }
}

#[test]
fn the_diagram_draws_one_arrow_for_each_delivery() {
    for (link, stream_number) in every_link().iter().zip(0_u32..) {
        let mut stream = Stream::new(14, ("diagram", stream_number));
        let mut page = Page::open(link);
        page.send(Command::ClearActions);
        for _ in 0..20 {
            page.send(Command::Act(vec![any_action(&page, &mut stream)]));
            let to_us = page.now_us() + 20_000;
            page.send(Command::Advance { to_us, pauses: false });
        }
        // Whatever was frozen thaws, so that all that is due has arrived.
        for node in 0..page.frame().scene.nodes.len() {
            page.send(Command::Act(vec![Action::Resume(NodeId(u16::try_from(node).unwrap()))]));
        }
        let now_us = page.now_us();
        page.send(Command::Advance { to_us: now_us, pauses: false });
        page.send(Command::Undo);
        page.send(Command::Redo);
        let (delivered, fallen) = (page.frame().costs.delivered, page.frame().costs.fallen);
        let traced = page.traced(10_000);
        assert_eq!((traced.first, traced.more), (0, 0), "{link}");
        let messages = || traced.events.iter().filter_map(|event| event.message);
        let arrived = messages().filter(|message| message.fate == Fate::Carried);
        assert_eq!(arrived.count() as u64, delivered, "{link}");
        let ended_badly = messages().filter(|message| message.fate != Fate::Carried).count();
        let loose = traced.loose.iter().filter(|message| message.fate != Fate::Carried).count();
        assert_eq!((ended_badly + loose) as u64, fallen, "{link}");
    }
}

#[test]
fn what_is_sent_stays_bounded() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    page.send(Command::Seek { at_us: 600_000_000 });
    let events = page.timeline().events;
    let traced = page.traced(50_000);
    // The stretch begins at one of a few places, so that it does not move with every step.
    let sent = u32::try_from(traced.events.len()).unwrap();
    assert!((9_000..=10_000).contains(&sent), "{sent}");
    assert_eq!(traced.first + sent + traced.more, events);
    assert!(page.timeline().series.iter().all(|points| points.len() <= 400));
    page.send(Command::Seek { at_us: 100_000_000 });
    let traced = page.traced(2_000);
    let (first, last) = (traced.events.first().unwrap(), traced.events.last().unwrap());
    assert!((first.at_us..last.at_us).contains(&100_000_000), "the stretch follows the cursor");
}

#[test]
fn a_bad_link_or_value_gives_a_sentence_and_leaves_the_run() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    page.send(Command::Seek { at_us: 1_000_000 });
    let digest = page.frame().digest;
    let bad = [
        Command::Open { request: 1, link: String::new(), default_seed: 1, kept: Kept::default() },
        Command::Open {
            request: 1,
            link: "#/s/test-panics?a=!!".into(),
            default_seed: 1,
            kept: Kept::default(),
        },
        Command::Open {
            request: 1,
            link: "#/s/test-panics?at=99999999999s".into(),
            default_seed: 1,
            kept: Kept::default(),
        },
        Command::Set { key: "x".into(), value: "y".into() },
        Command::RunScript { script: 9, at_us: 0 },
        Command::RemoveAction(page.action(9)),
        Command::MuteAction(page.action(9)),
        Command::EditAction { was: page.action(9), at_us: 0, action: Action::Heal },
        Command::Unmute { muted: page.action(9).timed, is_back: true },
        Command::RenameLane { lane: page.lane(9), name: "x".into() },
        Command::RemoveLane { lane: page.lane(9) },
        Command::GoToBeat { beat: 9 },
        Command::OpenLane { lane: page.lane(9) },
    ];
    for command in bad {
        page.send(command.clone());
        let sentence = page.failure().unwrap_or_else(|| panic!("{command:?} was taken"));
        assert!(sentence.ends_with('.'), "{sentence}");
    }
    page.send(Command::Seek { at_us: 1_000_000 });
    assert_eq!(page.frame().digest, digest);
}

#[test]
fn nothing_can_be_done_before_a_run_is_open() {
    let mut page = Page::default();
    page.send(Command::Step);
    assert_eq!(page.failure(), Some("No run is open yet."));
    assert_eq!(page.session.take_changed_link(), None);
}

#[test]
fn the_link_is_handed_out_once_a_change() {
    let mut page = Page::open("#/s/test-panics?seed=1");
    assert!(page.session.take_changed_link().is_some());
    assert_eq!(page.session.take_changed_link(), None);
    page.send(Command::Seek { at_us: 1_000_000 });
    assert_eq!(page.session.take_changed_link(), None);
    page.send(Command::Act(vec![Action::Crash(NodeId(1))]));
    let link = page.session.take_changed_link().unwrap();
    let other = Page::open(&link);
    let act =
        |page: &Page| page.timeline().actions.first().map(|act| (act.at_us, act.sentence.clone()));
    assert_eq!(act(&other), act(&page));
    assert_eq!(other.now_us(), page.now_us());
}

#[test]
fn the_last_step_is_told_in_words() {
    for link in every_link() {
        let mut page = Page::open(&link);
        page.send(Command::Seek { at_us: 500_000 });
        page.send(Command::Step);
        let first = page.frame().caption.first().unwrap_or_else(|| panic!("{link}: no caption"));
        assert_eq!(first.step.events(), page.frame().event, "{link}: {first:?}");
        page.send(Command::Act(vec![Action::Crash(NodeId(0))]));
        let caption = &page.frame().caption;
        assert!(caption.first().is_some_and(|line| line.text.starts_with("Crash")), "{caption:?}");
    }
}

#[test]
fn commands_take_what_is_given_and_can_be_undone() {
    let mut page = Page::open("#/s/g-counter?seed=1&a=&at=500ms");
    let given = |number| Action::CommandWith {
        command: 0,
        node: NodeId(1),
        value: InputValue::Number(number),
    };
    page.send(Command::Offer { request: 5, actions: vec![given(20), given(21)] });
    let offers = page.updates.iter().find_map(|update| {
        let Update::Offers { reasons, .. } = update else { return None };
        Some(reasons.clone())
    });
    let offers = offers.unwrap();
    assert!(offers[0].is_none() && offers[1].is_some(), "{offers:?}");
    page.send(Command::Act(vec![given(20)]));
    assert_eq!(page.timeline().actions[0].sentence, "Increment by 20 at N2");
    page.assert_link_gives_this_run();
    page.send(Command::Undo);
    assert!(page.timeline().actions.is_empty());
}

#[test]
fn grades_follow_the_run() {
    let mut page = Page::open("#/s/g-counter?seed=1&a=");
    assert_eq!(page.opened.as_ref().unwrap().puzzles.len(), page.frame().grades.len());
    assert!(page.frame().grades[0].is_set_up && !page.frame().grades[0].is_solved());
    page.send(Command::Seek { at_us: 500_000 });
    page.send(Command::Act(vec![Action::Crash(NodeId(0))]));
    assert!(!page.frame().grades[0].is_within_budget());
    page.send(Command::Undo);
    assert!(page.frame().grades[0].is_within_budget());
    page.send(Command::Flip(Preset::Hardened));
    assert!(!page.frame().grades[0].is_set_up && page.frame().grades[1].is_set_up);
}
