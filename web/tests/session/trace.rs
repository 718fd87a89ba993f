//! What happened, looked at closely.

use faultline_core::scenario;
use faultline_core::sim::{EventKind, Step, TextKind};
use faultline_core::view::{CheckKind, Verdict};
use faultline_web::wire::{Command, Found, Hit, Since, SpaceTime, Told, Update, Without};

use crate::page::Page;

fn found(page: &mut Page, query: &str) -> Found {
    page.send(Command::Find { query: query.into() });
    match page.updates.as_slice() {
        [.., Update::Found(found)] => (**found).clone(),
        other => panic!("{query}: {other:?}"),
    }
}

fn told(page: &mut Page, event: u32) -> Told {
    page.send(Command::Tell { event });
    match page.updates.as_slice() {
        [Update::Told(told)] => told.clone(),
        other => panic!("event {event}: {other:?}"),
    }
}

/// A run of every scenario, two seconds long, with the cursor in the middle.
fn pages() -> impl Iterator<Item = Page> {
    let slugs: Vec<_> = scenario::all().map(|scenario| scenario.slug).collect();
    slugs.into_iter().map(|slug| {
        let mut page = Page::open(&format!("#/s/{slug}?seed=3&preset=naive"));
        page.send(Command::Seek { at_us: 2_000_000 });
        page.send(Command::Seek { at_us: 1_000_000 });
        page
    })
}

#[test]
fn a_search_goes_through_all_that_is_known_a_slice_at_a_time() {
    for mut page in pages() {
        let events = page.timeline().events;
        let all = found(&mut page, "kind:event");
        assert!(all.is_done);
        assert_eq!(all.searched, events);
        let early = found(&mut page, "at:<1s");
        let late = found(&mut page, "at:>999999us");
        assert!(early.total > 0 && late.total > 0);
        // In the order of the run: what is done to the system comes before the next event.
        let place = |hit: &Hit| match hit.step {
            Step::Event(event) => Some((event, true, 0)),
            Step::Action { index, before } => Some((before, false, index)),
            Step::Time { .. } => None,
        };
        assert!(early.hits.is_sorted_by_key(|hit| hit.step.number()));
        assert!(early.hits.iter().filter_map(place).is_sorted_by(|one, other| one < other));
        let node = page.frame().scene.nodes[0].name.clone();
        let first = found(&mut page, &format!("node:{node} starts"));
        assert_eq!(first.hits[0].step, Step::Event(0));
        let bad = found(&mut page, "node:nobody");
        assert!(bad.remark.is_some_and(|sentence| sentence.contains("nobody")));
        // A slice at a time, and the page can do something else meanwhile.
        assert!(page.begin(Command::Find { query: "kind:event".into() }));
        page.begin(Command::Step);
        while page.slice(1) {}
        assert!(matches!(page.updates.last(), Some(Update::Found(_))));
    }
}

#[test]
fn a_run_without_an_event_does_not_have_it_and_the_one_with_it_is_a_lane() {
    for mut page in pages() {
        let traced = page.traced(10_000);
        let numbered = || (0_u32..).zip(&traced.events);
        let is_late = |at_us: u64| (1_100_000..1_900_000).contains(&at_us);
        let mut tried = 0;
        let late = || numbered().filter(|(_, event)| is_late(event.at_us)).take(40);
        for (number, event) in late() {
            let before = told(&mut page, number);
            let lanes = page.timeline().lanes.len();
            page.send(Command::Without(Without::Event(number)));
            if let Err(sentence) = before.without {
                assert_eq!(page.failure(), Some(sentence.as_str()));
                continue;
            }
            tried += 1;
            assert_eq!(page.failure(), None);
            assert_eq!(page.now_us(), event.at_us);
            assert!(page.timeline().lanes.len() > lanes || lanes == 8);
            let after = told(&mut page, number);
            assert_ne!(after.lines.first(), before.lines.first(), "event {number}");
            page.assert_link_gives_this_run();
            page.send(Command::Undo);
            page.send(Command::Seek { at_us: 2_000_000 });
            assert_eq!(told(&mut page, number).lines, before.lines, "undone");
        }
        let deliveries = late().filter(|(_, event)| event.kind == EventKind::Delivered);
        assert!(tried > 0 || deliveries.count() == 0);
    }
}

#[test]
fn changes_are_those_between_two_moments_and_nothing_between_one_and_itself() {
    for mut page in pages() {
        let (events, actions) = (page.frame().event, page.frame().actions);
        page.send(Command::Changes {
            since: Some(Since { at_us: 0, place: Some((events, actions)) }),
        });
        let Some(Update::Changes(none)) = page.updates.last() else { panic!("no answer") };
        assert_eq!(none.lines, []);
        page.send(Command::Changes { since: Some(Since { at_us: 0, place: Some((0, 0)) }) });
        let Some(Update::Changes(all)) = page.updates.last() else { panic!("no answer") };
        assert!(!all.lines.is_empty());
        assert!(all.lines.iter().all(|line| line.before != line.after));
    }
}

#[test]
fn every_node_can_be_looked_into_and_no_other() {
    for mut page in pages() {
        for node in page.frame().scene.nodes.clone() {
            page.send(Command::LookInto { node: node.id });
            let Some(Update::Inside(Some(inside))) = page.updates.last() else { panic!("nothing") };
            assert_eq!(inside.id, node.id);
            let listed = u32::try_from(inside.waiting.len()).unwrap();
            assert_eq!(listed + inside.waiting_more, node.load.inbox);
        }
        page.send(Command::LookInto { node: faultline_core::sim::NodeId(9_999) });
        assert_eq!(page.updates, [Update::Inside(None)]);
    }
}

/// Every break of the default script, told from its sides: faults first, and nothing twice.
#[test]
fn why_a_promise_broke_is_told_with_what_was_done_and_all_of_its_sides() {
    let mut sides = 0;
    for slug in scenario::all().map(|row| row.slug) {
        let mut page = Page::open(&format!("#/s/{slug}?seed=3&preset=naive"));
        page.send(Command::RunScript { script: 0, at_us: 0 });
        page.send(Command::Seek { at_us: 6_000_000 });
        let checks = page.frame().checks.clone();
        for check in checks.iter().filter(|check| check.is_violated()) {
            let Verdict::Broken { step, ref moments, .. } = check.verdict else { continue };
            page.send(Command::Why { step });
            let [Update::Why(why)] = page.updates.as_slice() else { panic!("no answer") };
            assert!(why.story.of.is_some(), "{slug}: {}", check.name);
            // No event led to what did not happen in time.
            let is_late = check.kind == CheckKind::Goal;
            assert!(is_late || !why.story.threads.is_empty(), "{slug}: {}", check.name);
            assert!(why.story.done.iter().all(|line| line.kind == TextKind::Action));
            let told: Vec<u32> = why.story.threads.iter().map(|it| it.head.step.number()).collect();
            assert!(told.is_sorted_by(|a, b| a < b), "{slug}: {told:?}");
            // What an action broke is told of the action.
            let last = why.story.threads.last().map(|it| it.head.step);
            assert!(is_late || last == Some(step), "{slug}: {}", check.name);
            sides += usize::from(!moments.is_empty() && why.story.threads.len() > 1);
        }
    }
    assert!(sides > 0, "some row names what its violations are made of");
}

/// Wherever the stretch begins, an event belongs to the same request.
#[test]
fn events_belong_to_the_request_that_they_are_part_of() {
    let mut count = 0;
    for mut page in pages() {
        let whole = page.traced(10_000);
        assert_eq!(whole.first, 0);
        assert!(whole.requests.is_sorted_by_key(|it| it.event));
        let of = |traced: &SpaceTime, request: Option<u16>| {
            request.map(|it| traced.requests[usize::from(it)])
        };
        count += whole.events.iter().filter(|event| event.request.is_some()).count();
        let part = page.traced(100);
        for (event, number) in part.events.iter().zip(part.first..) {
            let same = of(&whole, whole.events[number as usize].request);
            assert_eq!(of(&part, event.request), same, "event {number}");
        }
    }
    assert!(count > 1_000, "{count}");
}

/// What the page is told of epochs has the row's own word.
#[test]
fn epochs_are_called_what_the_row_calls_them() {
    for mut page in pages() {
        page.send(Command::Seek { at_us: 2_000_000 });
        let word = page.opened.as_ref().unwrap().epoch_word.clone();
        assert!(!word.is_empty());
        let begin = word.chars().next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
        for mark in &page.timeline().marks {
            if let faultline_web::wire::MarkGlyph::Epoch(_) = mark.kind {
                assert!(mark.text.starts_with(&begin) && mark.text.contains(&word[1..]));
            }
        }
    }
}
