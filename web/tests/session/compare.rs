//! Two runs side by side.

use faultline_core::scenario::{self, Preset};
use faultline_core::sim::{Action, NodeId, Stream, TextLine};
use faultline_core::view::Check;
use faultline_web::wire::{
    Against, Command, Compared, Frame, Kept, Measure, Side, Since, Timeline, Update,
};

use crate::any::any_command;
use crate::page::Page;

const HARDENED: Command = Command::Compare(Some(Against::Preset(Preset::Hardened)));
const NAIVE: Command = Command::Compare(Some(Against::Preset(Preset::Naive)));

fn slugs() -> impl Iterator<Item = &'static str> {
    scenario::all().map(|scenario| scenario.slug)
}

fn compared(page: &Page) -> &Compared {
    page.compared.as_ref().unwrap()
}

fn other(page: &Page) -> &Frame {
    page.other.as_ref().unwrap()
}

#[test]
fn naive_and_hardened_part_where_the_switches_first_matter() {
    for slug in slugs() {
        let mut page = Page::open(&format!("#/s/{slug}?seed=1"));
        page.send(HARDENED);
        let found = compared(&page).clone();
        assert!(found.is_over && !found.is_stopped, "{slug}");
        assert_eq!(found.names, ["Naive".to_owned(), "Hardened".to_owned()]);
        let switches = &found.schedule.switches;
        let all = &page.opened.as_ref().unwrap().switches;
        assert_eq!(switches.len(), all.len(), "{slug}");
        assert!(switches.iter().all(|(_, side)| *side == Side::Other));
        assert!(found.schedule.actions.is_empty() && found.schedule.knobs.is_empty());

        // Before the first difference, both logs say the same; in that step, they do not. What is set
        // up otherwise at the start is said apart.
        let first = found.first.unwrap();
        let is_one_start = found.start.is_none();
        assert!(
            first.at_us > 0 && found.start.as_ref().is_none_or(|start| start.at_us == 0),
            "{slug}"
        );
        page.send(Command::to(first.step, first.at_us));
        assert_eq!(page.frame().scene.now_us, first.at_us, "{slug}");
        let is_one_step = is_one_start && first.lines.iter().all(|lines| !lines.is_empty());
        assert!(!is_one_step || other(&page).event == page.frame().event, "{slug}");
        assert_ne!(first.lines[0], first.lines[1]);
        page.send(Command::Log { events: first.step.events() + 1 });
        // Where more events make up one start than the other, those after it have other numbers.
        let is_before = |line: &&TextLine| match found.start {
            None => line.step.number() < first.step.number(),
            Some(_) => line.at_us < first.at_us,
        };
        let log = |it: &Update| {
            let (Update::Log(lines) | Update::OtherLog(lines)) = it else { return None };
            let before = lines.iter().filter(|line| line.at_us > 0).filter(is_before);
            let told = before.map(|line| (line.at_us, line.kind, line.node, line.text.clone()));
            Some(told.collect::<Vec<_>>())
        };
        let logs: Vec<_> = page.updates.iter().filter_map(log).collect();
        assert_eq!(logs.len(), 2);
        assert_eq!(logs[0], logs[1], "{slug}");

        // The default script breaks the naive design and not the hardened one.
        let is_told = |it: &faultline_web::wire::Outcome| {
            it.is_bad && it.at_us[0].is_some() && it.at_us[1].is_none()
        };
        assert!(found.outcomes.iter().any(is_told), "{slug}: {:?}", found.outcomes);
        page.send(Command::Seek { at_us: found.looked_us });
        assert!(page.frame().checks.iter().any(Check::is_violated), "{slug}");
        assert!(!other(&page).checks.iter().any(Check::is_violated), "{slug}");
    }
}

#[test]
fn a_run_beside_itself_has_no_difference_up_to_the_end() {
    for slug in slugs() {
        let mut page = Page::open(&format!("#/s/{slug}?seed=2"));
        page.send(NAIVE);
        let found = compared(&page);
        assert!(found.schedule.is_same() && found.is_over, "{slug}");
        assert_eq!((&found.first, found.outcomes.len()), (&None, 0), "{slug}");
        assert_eq!(found.looked_us, page.opened.as_ref().unwrap().horizon_us);
        page.send(Command::Seek { at_us: 1_500_000 });
        assert_eq!(other(&page).digest, page.frame().digest);
        assert_eq!(other(&page).scene, page.frame().scene);
    }
}

#[test]
fn both_are_stepped_in_lock_step_and_the_way_back_is_the_same() {
    for slug in slugs() {
        let mut page = Page::open(&format!("#/s/{slug}?seed=1"));
        page.send(HARDENED);
        page.send(Command::Seek { at_us: 1_180_000 });
        let place = |page: &Page| {
            let frames = [page.frame(), other(page)];
            assert_eq!(frames[0].scene.now_us, frames[1].scene.now_us);
            (page.now_us(), frames.map(|frame| (frame.event, frame.actions, frame.digest)))
        };
        let mut way = vec![place(&page)];
        for _ in 0..60 {
            page.send(Command::Step);
            let here = place(&page);
            let before = way.last().unwrap();
            let steps = |at: usize| {
                let (now, then) = (here.1[at], before.1[at]);
                now.0 + now.1 - then.0 - then.1
            };
            assert!(steps(0) + steps(1) > 0, "{slug}: a step does something");
            assert!(steps(0) <= 1, "{slug}: no step goes over an event");
            way.push(here);
        }
        for expected in way.iter().rev().skip(1) {
            page.send(Command::StepBack);
            let here = place(&page);
            // Before the first step the cursor stood between two events.
            assert_eq!(here.1, expected.1, "{slug} at {}", here.0);
        }
    }
}

#[test]
fn where_the_other_run_stands_depends_on_the_cursor_alone() {
    let mut stream = Stream::new(21, "side by side");
    for slug in slugs() {
        let mut page = Page::open(&format!("#/s/{slug}?seed=4"));
        page.send(HARDENED);
        for _ in 0..80 {
            page.send(any_command(&page, &mut stream));
            let Some(found) = &page.compared else { panic!("{slug}: the comparison is gone") };
            assert!(found.is_over || found.is_stopped);
            let schedule = &found.schedule;
            let is_one = schedule.actions.is_empty() && schedule.knobs.is_empty();
            assert!(is_one, "{slug}: the schedules part: {schedule:?}");
            assert_eq!(page.now_us(), other(&page).scene.now_us, "{slug}");
        }
        let link = page.link();
        if link.contains("&vs=") {
            let again = Page::open(&link);
            assert_eq!(again.frame().digest, page.frame().digest, "{slug}: {link}");
            assert_eq!(other(&again).digest, other(&page).digest, "{slug}: {link}");
            assert_eq!(compared(&again).schedule, compared(&page).schedule);
        }
    }
}

#[test]
fn what_is_done_is_done_to_both_and_a_safeguard_belongs_to_one() {
    let mut page = Page::open("#/s/single-leader?seed=1");
    page.send(HARDENED);
    page.send(Command::Seek { at_us: 500_000 });
    page.send(Command::Act(vec![Action::Crash(NodeId(1))]));
    assert!(compared(&page).schedule.actions.is_empty());
    let status = |frame: &Frame| frame.scene.nodes[1].status;
    assert_eq!(status(page.frame()), status(other(&page)));
    let count = compared(&page).schedule.switches.len();
    let switch = page.opened.as_ref().unwrap().switches[0].clone();
    page.send(Command::Set { key: switch.key, value: "on".into() });
    assert_eq!(compared(&page).schedule.switches.len(), count - 1);
    // Which is neither is called by what it has.
    let mixed = format!("with {}", switch.label);
    assert_eq!(compared(&page).names, [mixed.clone(), "Hardened".to_owned()]);
    // What the other one is comes to the left: they change sides.
    page.send(Command::Flip(Preset::Hardened));
    assert_eq!(compared(&page).names, ["Hardened".to_owned(), mixed]);
    page.send(Command::Compare(None));
    assert!(page.compared.is_none());
    page.send(Command::Step);
    assert!(!page.updates.iter().any(|it| matches!(it, Update::Other(_))));
}

#[test]
fn two_forks_differ_by_what_was_done() {
    let mut page = Page::open("#/s/g-counter?seed=1&a=");
    page.send(Command::Seek { at_us: 3_000_000 });
    page.send(Command::Seek { at_us: 1_000_000 });
    page.send(Command::Act(vec![Action::Crash(NodeId(0))]));
    assert_eq!(page.timeline().lanes.len(), 1);
    let lane = page.timeline().lanes[0].clone();
    let against = Against::Run { name: lane.name, link: lane.link };
    page.send(Command::Compare(Some(against)));
    let found = compared(&page).clone();
    assert!(found.names[0].starts_with("with “"), "{:?}", found.names);
    assert!(found.names[1].starts_with("without “"), "{:?}", found.names);
    assert!(found.schedule.switches.is_empty());
    assert_eq!(found.schedule.actions.len(), 1);
    assert_eq!(found.schedule.actions[0].0, Side::This);
    let first = found.first.unwrap();
    assert_eq!(first.at_us, found.schedule.actions[0].1);
    // What is done now is done to both; the fork stays the only difference.
    page.send(Command::Seek { at_us: 2_000_000 });
    page.send(Command::Act(vec![Action::Crash(NodeId(2))]));
    assert_eq!(compared(&page).schedule.actions.len(), 1);
    let elsewhere = ["nonsense", "#/s/single-leader?seed=1"];
    for link in elsewhere {
        let against = Against::Run { name: String::new(), link: link.into() };
        page.send(Command::Compare(Some(against)));
        assert!(page.failure().is_some_and(|it| it.ends_with('.')), "{:?}", page.updates);
        assert_eq!(compared(&page).schedule.actions.len(), 1, "the comparison stays");
    }
}

#[test]
fn the_search_can_be_cancelled_and_says_how_far_it_got() {
    let mut page = Page::open("#/s/g-counter?seed=1");
    page.begin(NAIVE);
    for _ in 0..3 {
        assert!(page.slice(1), "the search is done in slices");
    }
    page.begin(Command::Cancel);
    page.settle();
    let found = compared(&page);
    assert!(found.is_stopped && !found.is_over);
    assert!(found.looked_us < page.opened.as_ref().unwrap().horizon_us);
    // Another schedule is looked through anew.
    page.send(Command::Reseed(3));
    assert!(compared(&page).is_over);
}

#[test]
fn what_is_told_is_bounded() {
    for slug in slugs() {
        let mut page = Page::open(&format!("#/s/{slug}?seed=1"));
        page.send(HARDENED);
        for nth in 0..30 {
            page.send(Command::Act(vec![Action::Crash(NodeId(nth % 3))]));
            let told = page.updates.iter().filter(|it| matches!(it, Update::Compared(_)));
            let most = told.map(length).max().unwrap();
            assert!(most < 20_000, "{slug}: {most} bytes");
            page.send(Command::Step);
        }
    }
}

fn length(update: &Update) -> usize {
    faultline_web::engine::Letter::Updates(vec![update.clone()]).bytes().len()
}

#[test]
fn a_compared_view_is_a_link() {
    let mut page = Page::open("#/s/single-leader?seed=1&vs=hardened&at=1s");
    page.settle();
    assert_eq!(compared(&page).names[1], "Hardened");
    assert_eq!(other(&page).scene.now_us, 1_000_000);
    assert!(page.link().ends_with("&vs=hardened"));
    page.send(Command::Compare(None));
    assert!(!page.link().contains("&vs="));
    let mut broken = Page::default();
    broken.send(Command::Open {
        request: 1,
        link: "#/s/g-counter?vs=both".into(),
        default_seed: 1,
        kept: Kept::default(),
    });
    assert_eq!(broken.failure(), Some("The link's “vs” must be naive or hardened, not “both”."));
}

#[test]
fn what_is_asked_is_told_of_the_run_that_is_shown() {
    let mut page = Page::open("#/s/single-leader?seed=1&at=2s");
    page.send(HARDENED);
    let mut alone = Page::open("#/s/single-leader?seed=1&preset=hardened&at=2s");
    let (from, to) = (0, u64::MAX);
    let questions = [
        Command::LookInto { node: NodeId(0) },
        Command::LookInto { node: NodeId(1) },
        Command::Changes { since: None },
        Command::Changes { since: Some(Since { at_us: 1_000_000, place: None }) },
        Command::Offer { request: 3, actions: vec![Action::Crash(NodeId(0)), Action::Heal] },
        Command::ListOperations { measure: Measure::Took, from, to },
    ];
    page.send(Command::Show(Side::Other));
    assert!(page.updates.contains(&Update::Shown(Side::Other)), "{:?}", page.updates);
    let told = page.updates.iter().find_map(|it| {
        if let Update::OtherTimeline(timeline) = it { Some((**timeline).clone()) } else { None }
    });
    let told: Timeline = told.unwrap();
    assert_eq!(told.series, alone.timeline().series, "charts are of that run as well");
    assert_eq!(other(&page).figures, alone.frame().figures);
    let mut differ = 0;
    for question in questions {
        page.send(Command::Show(Side::Other));
        page.send(question.clone());
        alone.send(question.clone());
        assert_eq!(page.updates, alone.updates, "{question:?}");
        page.send(Command::Show(Side::This));
        page.send(question.clone());
        differ += usize::from(page.updates != alone.updates);
    }
    assert!(differ > 0, "the open run has answers of its own");
}

#[test]
fn a_moment_is_the_same_one_in_both_runs() {
    let mut page = Page::open("#/s/single-leader?seed=1&at=1s");
    page.send(HARDENED);
    let places = [page.frame(), other(&page)].map(|frame| Some((frame.event, frame.actions)));
    assert_ne!(places[0], places[1]);
    page.send(Command::Seek { at_us: 2_000_000 });
    for (side, place) in Side::BOTH.into_iter().zip(places) {
        page.send(Command::Show(side));
        page.send(Command::Changes { since: Some(Since { at_us: 1_000_000, place: None }) });
        let by_time = page.updates.clone();
        assert!(matches!(&by_time[..], [Update::Changes(it)] if !it.lines.is_empty()));
        page.send(Command::Changes { since: Some(Since { at_us: 0, place }) });
        let [Update::Changes(told)] = &page.updates[..] else { panic!("no changes") };
        let [Update::Changes(by_time)] = &by_time[..] else { panic!("no changes") };
        assert_eq!(told.lines, by_time.lines, "{side:?}");
    }
}

#[test]
fn a_broken_link_to_what_stands_beside_says_so_and_opens_the_run() {
    let mut page = Page::default();
    let against = Some(Against::Run { name: "x".into(), link: "#/s/nowhere".into() });
    let kept = Kept { against, ..Kept::default() };
    page.send(Command::Open {
        request: 1,
        link: "#/s/g-counter?seed=1".into(),
        default_seed: 1,
        kept,
    });
    let notes = page.updates.iter().filter(|it| matches!(it, Update::Note(_)));
    assert_eq!(notes.count(), 1, "{:?}", page.updates);
    assert!(page.opened.is_some() && page.compared.is_none());

    // A link that cannot be opened leaves both runs as they are.
    page.send(HARDENED);
    let before = other(&page).clone();
    for link in ["#/s/g-counter?vs=both", "#/s/g-counter?at=now", "nonsense"] {
        page.send(Command::Open {
            request: 1,
            link: link.into(),
            default_seed: 1,
            kept: Kept::default(),
        });
        assert!(
            matches!(&page.updates[..], [Update::Unopened { .. }]),
            "{link}: {:?}",
            page.updates
        );
        page.send(Command::Seek { at_us: 0 });
        assert_eq!(other(&page).digest, before.digest, "{link}");
    }
}
